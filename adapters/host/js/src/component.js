/**
 * component.js - a host of components: isthmus:link (adapters/api/component/wit/isthmus-link.wit) as jco calls it, and running a command
 *
 * The exchange of exchange.js works on a guest's memory. A component shows none, so one is kept here: struct ist_link, and behind it
 * what is sent, what arrives, the grant's text and the note.
 */
import { readFileSync } from 'node:fs';
import { copyAtOnce } from './component-copies.js';
import { createComponentWasi, Exit } from './component-wasi.js';
import { AT, FLAG, MAGIC, RESULT, SIZE, VERSION, WANT } from './layout.js';

const OUTCOMES = new Map([[RESULT.OK, 'ok'], [RESULT.CLOSED, 'closed'], [RESULT.LAYOUT, 'layout'], [RESULT.NO_LINK, 'no-link'], [RESULT.SMALL, 'small']]);
const STATUS_LOW = 31, STATUS_EXCLUSIVE = 32; // the flags of `status`: those below lie as in link.h
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

    function turn(link, want, deadline, room, frames, note, text) {
        layOut(frames.length, room, want & WANT.GRANT ? text : 0, note.length);
        view.setUint32(AT.link, link, true);
        view.setUint32(AT.want, want, true);
        view.setBigUint64(AT.deadline, deadline, true);
        bytes.set(frames, u32(AT.tx));
        bytes.set(note, u32(AT.note));
        const result = exchange(memory, 0);
        if (want & WANT.GRANT && u32(AT.text_len) > text) return turn(link, want, 0n, 0, [], [], u32(AT.text_len));
        return result;
    }

    const received = (result) => bytes.subarray(u32(AT.rx), u32(AT.rx) + (result === RESULT.OK ? u32(AT.rx_len) : 0));
    const fresh = (want, result) => (want & WANT.ENTROPY) !== 0 && result !== RESULT.LAYOUT;
    const granted = (want, result) => (want & WANT.GRANT) !== 0 && result !== RESULT.LAYOUT && u32(AT.kind) !== 0;
    const grantText = () => bytes.subarray(u32(AT.text), u32(AT.text) + u32(AT.text_len));

    const status = (flags) => ({
        up: (flags & FLAG.UP) !== 0, more: (flags & FLAG.MORE) !== 0, grantChanged: (flags & FLAG.GRANT_CHANGED) !== 0,
        rxSummed: (flags & FLAG.RX_SUMMED) !== 0, txSumFree: (flags & FLAG.TX_SUM_FREE) !== 0, exclusive: (flags & FLAG.EXCLUSIVE) !== 0,
    });

    function exchangeTurn({ link, want, deadline, room, frames, note }) {
        const wanted = (want.grant ? WANT.GRANT : 0) | (want.entropy ? WANT.ENTROPY : 0);
        const result = turn(link, wanted, deadline, room, frames, encoder.encode(note), TEXT_MAX);
        return {
            outcome: OUTCOMES.get(result), status: status(u32(AT.flags)), taken: u32(AT.tx_taken), ready: u64(AT.ready),
            monotonic: u64(AT.monotonic), realtime: u64(AT.realtime), instance: [u64(AT.instance), u64(AT.instance + 8)],
            frames: received(result),
            grant: granted(wanted, result)
                ? { kind: KINDS[u32(AT.kind) - 1], mtu: u32(AT.mtu), frameMax: u32(AT.frame_max), links: u32(AT.n_links), text: decoder.decode(grantText()) }
                : undefined,
            entropy: fresh(wanted, result) ? [0, 8, 16, 24].map((at) => u64(AT.entropy + at)) : undefined,
        };
    }

    /** The same as a core function, which jco takes instead with the bindings "hybrid": no object, no task, a copy less. */
    exchangeTurn[Symbol.for('cabiLower')] = ({ memory: own, realloc }) => {
        let guest = new Uint8Array(0), out; // views of the component's memory, anew when it has grown

        function look() {
            if (guest.buffer === own.buffer) return;
            guest = new Uint8Array(own.buffer);
            out = new DataView(own.buffer);
        }
        function list(at, length) {
            if (at + length > guest.length) throw new RangeError('a list lies outside of the memory');
            return guest.subarray(at, at + length);
        }
        function give(at, from) {
            const to = realloc(0, 0, 1, from.length) >>> 0;
            look();
            guest.set(from, to);
            out.setUint32(at, to, true);
            out.setUint32(at + 4, from.length, true);
        }

        return (link, want, deadline, room, frames, framesLen, note, noteLen, result) => {
            const at = result >>> 0;
            look();
            const r = turn(link >>> 0, want, BigInt.asUintN(64, deadline), room >>> 0, list(frames >>> 0, framesLen >>> 0), list(note >>> 0, noteLen >>> 0), TEXT_MAX);
            const flags = u32(AT.flags), hasGrant = granted(want, r), hasEntropy = fresh(want, r);
            out.setUint8(at, -r);
            out.setUint8(at + 1, flags & STATUS_LOW | (flags & FLAG.EXCLUSIVE ? STATUS_EXCLUSIVE : 0));
            out.setUint32(at + 4, u32(AT.tx_taken), true);
            guest.set(bytes.subarray(AT.ready, AT.ready + 40), at + 8); // ready, monotonic, realtime, instance
            give(at + 48, received(r));
            out.setUint8(at + 56, hasGrant);
            if (hasGrant) {
                out.setUint8(at + 60, u32(AT.kind) - 1);
                guest.set(bytes.subarray(AT.mtu, AT.n_links + 4), at + 64); // mtu, frame-max, links
                give(at + 76, grantText());
            }
            out.setUint8(at + 88, hasEntropy);
            if (hasEntropy) guest.set(bytes.subarray(AT.entropy, AT.entropy + 32), at + 96);
        };
    };
    return { exchange: exchangeTurn };
}

/**
 * runComponent() - runs a command to its end; returns its exit status
 * @param component  { entry: URL of what jco transpiled with instantiation "sync", shim: URL of preview2-shim }
 * @param link       what createComponentLink() returned
 * @param options    those of createComponentWasi()
 */
export async function runComponent({ entry, shim }, link, options) {
    process.env = { ...process.env }; // which jco's code reads at every call: a plain object answers at once
    const [{ instantiate }, wasi] = await Promise.all([import(entry), import(shim)]);
    const core = (path) => new WebAssembly.Module(copyAtOnce(readFileSync(new URL(path, entry))));
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
