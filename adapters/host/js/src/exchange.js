/**
 * exchange.js - the one import, for any number of links
 *
 * Rules and layout stand in docs/link.md. Everything that moves frames is a Port:
 *
 *   kind, mtu, frameMax   numbers
 *   grant                 the text, lines key=value
 *   grantVersion          number; another value means that kind, mtu, frameMax or grant have changed
 *   up, closed            booleans; closed is for good, what is still readable is given first
 *   take(batch)           Uint8Array of whole frames with their lengths, each 1..frameMax bytes, valid during the call;
 *                         returns the bytes taken: whole frames from the front. A frame that is dropped counts as taken
 *   give(into)            writes whole frames with their lengths into a Uint8Array of at least 4 + frameMax bytes, as
 *                         many as fit; returns the bytes. Drops and counts frames over frameMax
 *   readable              give() has a frame
 *   writable              take() would now take at least one of the frames that it refused last
 *   exclusive, rxSummed, txSumFree    optional booleans, the flags of these names
 *   move()                optional, for a port on which something happens at a time (fault-port.js): does what is due, returns
 *                         when it wants to be called next, in ns of the clock
 *
 * Whoever changes one of these from outside rings the doorbell afterwards (ring() of blocking.js), or on an event loop
 * calls wake().
 */
import { AT, FLAG, LINKS_MAX, MAGIC, RESULT, SIZE, SIZE_MIN, VERSION, WANT } from './layout.js';

const crypto = globalThis.crypto ?? (await import('node:crypto')).webcrypto; // Node 18 has no global one
const TWO_32 = 4294967296;
const SPINS = 1000;

/** Times in ns as numbers: exact to the nanosecond for 104 days of monotonic, to 256 ns for realtime. */
export const systemClock = {
    monotonic: () => performance.now() * 1e6,
    realtime: () => Date.now() * 1e6,
};

/** What a link is remembered by between two calls. */
class State {
    called = false; // a link that the guest has never served ends no wait
    wanted = false; // its last call had room for frames
    refused = false; // its last call left frames behind
    up = false; // as last reported
    grant = NaN; // version last reported
    closed = false; // reported
    fetched = NaN; // version last fetched whole; NaN is no version
}

/**
 * createExchange() - the import's function for one instance
 * @param ports     Port[]; may grow, never shrink; at most 64 count
 * @param doorbell  Int32Array over a SharedArrayBuffer, word 0 counts wake-ups; null = this host cannot wait
 * @param clock     { monotonic(), realtime() } in ns
 * @param entropy   (Uint8Array[32]) => void; null = the host has none
 * @param instance  Uint8Array[16], random
 * @param onNote    (text, link) => void
 * @param onDropped () => void, for each frame over frameMax that the guest sent
 * @param early     () => boolean: a reason of the host's own to end a wait now
 *
 * Returns exchange(memory, x) with: deadline, the last non-zero one in ns; pending(), whether rule 5 would end a wait; move(), of
 * all ports; now(); renew(bytes), for a new instance; dropped, the number of frames over frameMax that the guest sent.
 */
export function createExchange({
    ports, doorbell = null, clock = systemClock, entropy = (into) => crypto.getRandomValues(into),
    instance = crypto.getRandomValues(new Uint8Array(16)), onNote = null, early = null, onDropped = null,
}) {
    const states = [];
    const random = new Uint8Array(32);
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    let identity = instance.slice(0, 16);
    let renewed = false; // the identity has changed and no call has said so
    let last = 0; // monotonic as last reported
    let buffer, bytes, view; // of the guest's memory: anew when it has grown

    function now() {
        const time = clock.monotonic();
        return time > last ? (last = Math.floor(time)) : last;
    }

    function remember(link) {
        while (states.length <= link) states.push(new State());
        return states[link];
    }

    /** UP, GRANT_CHANGED or CLOSED on a link that no call on it has reported. */
    function news(port, state) {
        return isUp(port) !== state.up || port.grantVersion !== state.grant || (!state.closed && isGone(port));
    }

    /** Whether link i has something to say. */
    function isReady(i) {
        const state = remember(i);
        if (!state.called) return false;
        const port = ports[i];
        return (state.wanted && port.readable) || (state.refused && !port.closed && port.writable) || news(port, state);
    }

    function pending() {
        for (let i = 0, n = Math.min(ports.length, LINKS_MAX); i < n; i++) if (isReady(i)) return true;
        return renewed || (early !== null && early());
    }

    /** Lets the ports do what is due; returns when the next thing is. */
    function move() {
        let next = Infinity;
        for (let i = 0, n = Math.min(ports.length, LINKS_MAX); i < n; i++) {
            if (ports[i].move !== undefined) next = Math.min(next, ports[i].move());
        }
        return next;
    }

    /** Sum of a batch's oversize frames; -1 when it is broken. */
    function checkBatch(at, end, frameMax) {
        let oversize = 0;
        while (at < end) {
            if (end - at < 4) return -1;
            const length = view.getUint32(at);
            if (length === 0 || length > end - at - 4) return -1;
            if (length > frameMax) oversize++;
            at += 4 + length;
        }
        return oversize;
    }

    /** Takes from [at, end) what the port takes; frames over frameMax are dropped on the way. Returns bytes. */
    function take(port, at, end, oversize) {
        if (port.closed || at === end) return 0;
        if (oversize === 0) return port.take(bytes.subarray(at, end));
        const start = at;
        while (at < end) {
            let good = at; // the run of frames that are small enough
            let length = 0;
            while (good < end && (length = view.getUint32(good)) <= port.frameMax) good += 4 + length;
            if (good > at) {
                at += port.take(bytes.subarray(at, good));
                if (at < good) break;
            }
            if (at < end) {
                exchange.dropped++;
                onDropped?.();
                at += 4 + length;
            }
        }
        return at - start;
    }

    function put32(x, size, at, value) {
        if (at + 4 <= size) view.setUint32(x + at, value, true);
    }

    function put64(x, size, at, low, high) {
        if (at + 8 > size) return;
        view.setUint32(x + at, low, true);
        view.setUint32(x + at + 4, high, true);
    }

    function putTime(x, size, at, ns) {
        const high = Math.floor(ns / TWO_32);
        put64(x, size, at, ns - high * TWO_32, high);
    }

    /** Answers WANT_GRANT; `port` may be missing. Returns the bytes that the text needs. */
    function grant(x, size, port, state, text, textCap) {
        const version = port?.grantVersion;
        const encoded = port ? encoder.encode(port.grant) : new Uint8Array(0);
        if (encoded.length !== 0 && encoded.length <= textCap) bytes.set(encoded, text);
        put32(x, size, AT.kind, port?.kind ?? 0);
        put32(x, size, AT.mtu, port?.mtu ?? 0);
        put32(x, size, AT.frame_max, port?.frameMax ?? 0);
        put32(x, size, AT.n_links, Math.min(ports.length, LINKS_MAX));
        if (port && encoded.length <= textCap && size >= SIZE) state.fetched = version;
        return encoded.length;
    }

    /** The flags of a link; what they say counts as reported. */
    function report(port, state) {
        state.called = true;
        state.up = isUp(port);
        state.grant = port.grantVersion;
        return (state.up ? FLAG.UP : 0) | (state.grant === state.fetched ? 0 : FLAG.GRANT_CHANGED) |
            (port.rxSummed ? FLAG.RX_SUMMED : 0) | (port.txSumFree ? FLAG.TX_SUM_FREE : 0) | (port.exclusive ? FLAG.EXCLUSIVE : 0);
    }

    /** Writes all answers, so that a guest's overlapping ranges cannot confuse what is still to be read. */
    function answer(x, size, want, link, port, state, text, textCap, taken, given, more) {
        let flags = (doorbell === null ? FLAG.NOWAIT : 0) | (more ? FLAG.MORE : 0);
        put32(x, size, AT.tx_taken, taken);
        put32(x, size, AT.rx_len, given);
        put32(x, size, AT.text_len, want & WANT.GRANT ? grant(x, size, port, state, text, textCap) : 0);
        if (port) flags |= report(port, state);
        put32(x, size, AT.flags, flags);
        let low = 0, high = 0;
        for (let i = 0, n = Math.min(ports.length, LINKS_MAX); i < n; i++) {
            if (!isReady(i)) continue;
            if (i < 32) low |= 1 << i;
            else high |= 1 << (i - 32);
        }
        put64(x, size, AT.ready, low, high);
        putTime(x, size, AT.monotonic, now());
        putTime(x, size, AT.realtime, Math.max(0, clock.realtime()));
        if (AT.instance + 16 <= size) bytes.set(identity, x + AT.instance);
        renewed = false;
        if (want & WANT.ENTROPY && AT.entropy + 32 <= size) {
            if (entropy) entropy(random);
            bytes.set(random, x + AT.entropy);
            random.fill(0);
        }
    }

    function exchange(guest, address) {
        const x = address >>> 0;
        if (guest.buffer !== buffer) {
            buffer = guest.buffer;
            bytes = new Uint8Array(buffer);
            view = new DataView(buffer);
        }
        // Check. Every field is read once; sums of two u32 are exact in a number.
        const end = bytes.length;
        if (x % 8 !== 0 || x + 8 > end || view.getUint32(x, true) !== MAGIC) return RESULT.LAYOUT;
        const size = view.getUint16(x + AT.size, true);
        if (view.getUint16(x + AT.version, true) !== VERSION || size < SIZE_MIN || x + size > end) return RESULT.LAYOUT;
        const link = view.getUint32(x + AT.link, true), want = view.getUint32(x + AT.want, true);
        const deadlineLow = view.getUint32(x + AT.deadline, true), deadlineHigh = view.getUint32(x + AT.deadline + 4, true);
        const tx = view.getUint32(x + AT.tx, true), txLen = view.getUint32(x + AT.tx_len, true);
        const rx = view.getUint32(x + AT.rx, true), rxCap = view.getUint32(x + AT.rx_cap, true);
        const text = view.getUint32(x + AT.text, true), textCap = view.getUint32(x + AT.text_cap, true);
        const note = view.getUint32(x + AT.note, true), noteLen = view.getUint32(x + AT.note_len, true);
        if ((txLen && tx + txLen > end) || (rxCap && rx + rxCap > end) || (textCap && text + textCap > end) ||
            (noteLen && note + noteLen > end)) return RESULT.LAYOUT;
        const port = link < LINKS_MAX && link < ports.length ? ports[link] : null;
        const oversize = txLen ? checkBatch(tx, tx + txLen, port ? port.frameMax : 0) : 0;
        if (oversize < 0) return RESULT.LAYOUT;

        // A TextDecoder refuses shared memory, so a copy.
        if (noteLen && onNote) onNote(decoder.decode(bytes.slice(note, note + noteLen)), link);
        const state = port ? remember(link) : null;
        if (port === null || (rxCap !== 0 && rxCap < 4 + port.frameMax)) {
            answer(x, size, want, link, port, state, text, textCap, 0, 0, false);
            return port ? RESULT.SMALL : RESULT.NO_LINK;
        }
        const deadline = deadlineLow === 0xffffffff && deadlineHigh === 0xffffffff ? Infinity : deadlineHigh * TWO_32 + deadlineLow;
        if (deadline !== 0) exchange.deadline = deadline;
        if (!state.called) report(port, state); // what holds at a link's first call is no news

        // Take, give, wait, take, give.
        move();
        const room = rxCap ? bytes.subarray(rx, rx + rxCap) : null;
        state.wanted = rxCap !== 0;
        let taken = take(port, tx, tx + txLen, oversize);
        state.refused = taken < txLen;
        let given = 0;
        for (;;) {
            const rung = doorbell === null ? 0 : Atomics.load(doorbell, 0);
            if (room !== null && port.readable) given = port.give(room);
            if (given !== 0 || doorbell === null || deadline === 0 || pending()) break;
            const next = Math.min(deadline, move()), time = now();
            if (time >= deadline) break;
            const left = Math.max(0, next - time);
            // What comes within microseconds is not slept for: going to sleep and being woken costs ten times that.
            for (let spins = SPINS; spins > 0 && Atomics.load(doorbell, 0) === rung; spins--);
            Atomics.wait(doorbell, 0, rung, left / 1e6);
        }
        if (given === 0) {
            // Checked anew: the guest may have made rx overlap tx, and a port may have scribbled there.
            if (state.refused && !port.closed && port.writable) {
                const over = checkBatch(tx + taken, tx + txLen, port.frameMax);
                if (over >= 0) taken += take(port, tx + taken, tx + txLen, over);
                state.refused = taken < txLen;
            }
            if (room !== null && port.readable) given = port.give(room);
        }

        const gone = given === 0 && isGone(port);
        state.closed ||= gone;
        answer(x, size, want, link, port, state, text, textCap, taken, given, room !== null && port.readable);
        return gone ? RESULT.CLOSED : RESULT.OK;
    }

    exchange.deadline = 0;
    exchange.dropped = 0;
    exchange.now = now;
    exchange.pending = pending;
    exchange.move = move;
    exchange.renew = (fresh) => {
        identity = fresh.slice(0, 16);
        renewed = true;
    };
    return exchange;
}

function isUp(port) {
    return port.up && !port.closed;
}

/** Closed, and all that it held has been given. */
function isGone(port) {
    return port.closed && !port.readable;
}

/**
 * guestMemory() - the memory that addresses in struct ist_link refer to
 *
 * A merged module exports its network side's memory under a name of its own, beside the program's.
 */
export function guestMemory(exports) {
    const memory = exports.isthmus_memory ?? exports.memory;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('the module exports no memory ("isthmus_memory" or "memory")');
    return memory;
}
