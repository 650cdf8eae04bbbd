/**
 * dialects.js - which import of a preview1 module the engine serves with which of its exports
 *
 * The import module is wasi_snapshot_preview1 for all; what differs are names and numbers of parameters. docs/compose.md lists them.
 */
import { UsageError } from '../errors.js';

export const PREVIEW1 = 'wasi_snapshot_preview1';

/** Calls on descriptors: ours or the host's. */
const DESCRIPTORS = {
    fd_close: 1, fd_read: 4, fd_write: 4, fd_fdstat_get: 2, fd_fdstat_set_flags: 2, fd_filestat_get: 2, fd_seek: 4, fd_tell: 2, fd_renumber: 2, fd_prestat_get: 2,
    path_open: 9, poll_oneoff: 4, proc_exit: 1,
};
const SOCKETS = { sock_recv: 6, sock_send: 5, sock_accept: 3, sock_shutdown: 2 };

const EDGE = {
    sock_open: { 3: 'edge_open' }, sock_bind: { 3: 'edge_bind' }, sock_connect: { 3: 'edge_connect' }, sock_listen: { 2: 'edge_listen' },
    sock_send_to: { 7: 'edge_send_to' }, sock_recv_from: { 8: 'edge_recv_from_8' },
    sock_getsockopt: { 5: 'edge_getsockopt' }, sock_setsockopt: { 5: 'edge_setsockopt' }, sock_getaddrinfo: { 8: 'edge_getaddrinfo' },
};
const EDGE1 = {
    ...EDGE, sock_accept: { 2: 'edge_accept_2' }, sock_recv_from: { 7: 'edge_recv_from_7', 8: 'edge_recv_from_8' },
    sock_getlocaladdr: { 4: 'edge_getlocaladdr_4' }, sock_getpeeraddr: { 4: 'edge_getpeeraddr_4' },
};
const LATER = { ...EDGE, sock_getlocaladdr: { 3: 'edge_getlocaladdr_3' }, sock_getpeeraddr: { 3: 'edge_getpeeraddr_3' } };
/* The second shape also goes by names of its own, sock_open_v2 and so on. */
const EDGE2 = {
    ...LATER, ...Object.fromEntries(Object.entries(LATER).map(([name, by]) => [`${name}_v2`, by])),
    sock_accept_v2: { 3: 'p1_sock_accept' }, sock_recv_v2: { 6: 'p1_sock_recv' }, sock_send_v2: { 5: 'p1_sock_send' },
};

const pair = (name, params = 2) => [[`sock_set_${name}`, { [params]: `wamr_set_${name}` }], [`sock_get_${name}`, { [params]: `wamr_get_${name}` }]];
const none = (name) => [[`sock_set_${name}`, { 2: 'wamr_unsupported' }], [`sock_get_${name}`, { 2: 'wamr_unsupported' }]];
const WAMR = {
    sock_open: { 4: 'wamr_open' }, sock_bind: { 2: 'wamr_bind' }, sock_connect: { 2: 'wamr_connect' }, sock_listen: { 2: 'edge_listen' },
    sock_close: { 1: 'p1_fd_close' }, sock_addr_local: { 2: 'wamr_addr_local' }, sock_addr_remote: { 2: 'wamr_addr_remote' },
    sock_addr_resolve: { 6: 'wamr_addr_resolve' }, sock_recv_from: { 6: 'wamr_recv_from' }, sock_send_to: { 6: 'wamr_send_to' },
    ...Object.fromEntries([
        ...['reuse_addr', 'keep_alive', 'broadcast', 'recv_buf_size', 'send_buf_size', 'tcp_no_delay', 'tcp_keep_idle', 'tcp_keep_intvl', 'ip_ttl',
            'ip_multicast_ttl', 'ipv6_only', 'recv_timeout', 'send_timeout'].flatMap((name) => pair(name)),
        ...['linger', 'ip_multicast_loop'].flatMap((name) => pair(name, 3)),
        ['sock_set_ip_add_membership', { 3: 'wamr_set_ip_add_membership' }], ['sock_set_ip_drop_membership', { 3: 'wamr_set_ip_drop_membership' }],
        ...['reuse_port', 'tcp_fastopen_connect', 'tcp_quick_ack'].flatMap(none),
    ]),
};

const own = (table) => Object.fromEntries(Object.entries(table).map(([name, params]) => [name, { [params]: `p1_${name}` }]));
const COMMON = { ...own(DESCRIPTORS), ...own(SOCKETS) };
export const DIALECTS = {
    p1: COMMON, wasmedge: { ...COMMON, ...EDGE1 }, wasmedge2: { ...COMMON, ...EDGE2 }, wamr: { ...COMMON, ...WAMR },
};

const isSocket = (i) => i.module === PREVIEW1 && i.name.startsWith('sock_');

/** The dialect whose calls have the shape of all imports on sockets. */
function detect(imports) {
    const sockets = imports.filter(isSocket);
    const fits = (table) => sockets.every((i) => table[i.name]?.[i.params]);
    return ['p1', 'wasmedge2', 'wasmedge', 'wamr'].find((name) => fits(DIALECTS[name]));
}

/** { dialect, served: Map(import -> export of the engine), left: [imports of the host] }. Throws when an import on sockets fits nobody. */
export function match(imports, wanted) {
    const dialect = wanted === 'auto' ? detect(imports) : wanted;
    const table = DIALECTS[dialect ?? 'p1'], served = new Map(), left = [];
    for (const item of imports) {
        const name = item.module === PREVIEW1 && item.kind === 0 ? table[item.name]?.[item.params] : undefined;
        if (name) served.set(item, name);
        else left.push(item);
    }
    const strange = left.filter(isSocket);
    if (strange.length) {
        throw new UsageError(`it imports ${strange.map((i) => `${i.module}.${i.name} with ${i.params} parameters`).join(', ')}: ${
            dialect ? `--dialect ${dialect} has no such call` : `no dialect has these calls together (known: ${Object.keys(DIALECTS).join(', ')})`}`);
    }
    return { dialect, served, left };
}
