/**
 * component.js - a host of components: isthmus:link (adapters/api/component/wit/isthmus-link.wit) as jco calls it, and running a command
 *
 * The exchange of exchange.js works on a guest's memory. A component shows none, so one is kept here: struct ist_link, and behind it
 * what is sent, what arrives, the grant's text and the note.
 */
import { readFileSync } from 'node:fs';
import { createComponentWasi, Exit } from './component-wasi.js';
import { AT, FLAG, MAGIC, RESULT, SIZE, VERSION, WANT } from './layout.js';

const OUTCOMES = new Map([[RESULT.OK, 'ok'], [RESULT.CLOSED, 'closed'], [RESULT.LAYOUT, 'layout'], [RESULT.NO_LINK, 'no-link'], [RESULT.SMALL, 'small']]);
const KINDS = ['ip', 'ethernet', 'udp', 'service'];
const TEXT_MAX = 65536; // bytes of a grant, at first
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * createComponentLink() - the interface isthmus:link/link for one instance
 * @param exchange  what createExchange() returned, with a doorbell: a component's host must be able to wait
 */
export function createComponentLink(exchange) {
    let memory = { buffer: new ArrayBuffer(0) }, view, bytes;

    /** Places for what a turn needs; a new memory when they do not fit, which exchange() notices. */
    function layOut(tx, rx, text, note) {
        const end = SIZE + tx + rx + text + note;
        if (end > memory.buffer.byteLength) {
            memory = { buffer: new ArrayBuffer(end + 65536) };
            view = new DataView(memory.buffer);
            bytes = new Uint8Array(memory.buffer);
            view.setUint32(0, MAGIC, true);
            view.setUint16(AT.version, VERSION, true);
            view.setUint16(AT.size, SIZE, true);
        }
        for (const [field, at, length] of [['tx', SIZE, tx], ['rx', SIZE + tx, rx], ['text', SIZE + tx + rx, text], ['note', SIZE + tx + rx + text, note]]) {
            view.setUint32(AT[field], at, true);
            view.setUint32(AT[field] + 4, length, true);
        }
    }

    const u32 = (at) => view.getUint32(at, true), u64 = (at) => view.getBigUint64(at, true);

    function turn({ link, want, deadline, room, frames, note }, text) {
        const said = encoder.encode(note);
        layOut(frames.length, room, want.grant ? text : 0, said.length);
        view.setUint32(AT.link, link, true);
        view.setUint32(AT.want, (want.grant ? WANT.GRANT : 0) | (want.entropy ? WANT.ENTROPY : 0), true);
        view.setBigUint64(AT.deadline, deadline, true);
        bytes.set(frames, u32(AT.tx));
        bytes.set(said, u32(AT.note));
        const result = exchange(memory, 0);
        if (want.grant && u32(AT.text_len) > text) return turn({ link, want, deadline: 0n, room: 0, frames: [], note: '' }, u32(AT.text_len));
        return result;
    }

    const granted = () => ({
        kind: KINDS[u32(AT.kind) - 1], mtu: u32(AT.mtu), frameMax: u32(AT.frame_max), links: u32(AT.n_links),
        text: decoder.decode(bytes.subarray(u32(AT.text), u32(AT.text) + u32(AT.text_len))),
    });

    const status = (flags) => ({
        up: (flags & FLAG.UP) !== 0, more: (flags & FLAG.MORE) !== 0, grantChanged: (flags & FLAG.GRANT_CHANGED) !== 0,
        rxSummed: (flags & FLAG.RX_SUMMED) !== 0, txSumFree: (flags & FLAG.TX_SUM_FREE) !== 0, exclusive: (flags & FLAG.EXCLUSIVE) !== 0,
    });

    return {
        exchange(asked) {
            const result = turn(asked, TEXT_MAX);
            return {
                outcome: OUTCOMES.get(result), status: status(u32(AT.flags)), taken: u32(AT.tx_taken), ready: u64(AT.ready),
                monotonic: u64(AT.monotonic), realtime: u64(AT.realtime), instance: [u64(AT.instance), u64(AT.instance + 8)],
                frames: bytes.subarray(u32(AT.rx), u32(AT.rx) + (result === RESULT.OK ? u32(AT.rx_len) : 0)),
                grant: asked.want.grant && result !== RESULT.LAYOUT && u32(AT.kind) !== 0 ? granted() : undefined,
                entropy: asked.want.entropy ? [0, 8, 16, 24].map((at) => u64(AT.entropy + at)) : undefined,
            };
        },
    };
}

/**
 * runComponent() - runs a command to its end; returns its exit status
 * @param component  { entry: URL of what jco transpiled with instantiation "sync", shim: URL of preview2-shim }
 * @param link       what createComponentLink() returned
 * @param options    those of createComponentWasi()
 */
export async function runComponent({ entry, shim }, link, options) {
    const [{ instantiate }, wasi] = await Promise.all([import(entry), import(shim)]);
    const core = (path) => new WebAssembly.Module(readFileSync(new URL(path, entry)));
    const { run } = instantiate(core, { ...createComponentWasi(wasi, options), 'isthmus:link/link': link });
    try {
        run.run();
        return 0;
    } catch (error) {
        if (error instanceof Exit) return error.status;
        if (error?.payload === undefined && error?.constructor?.name === 'ComponentError') return 1;
        throw error;
    }
}
