/**
 * fault-port.js - a port around a port, on which things go wrong as a seed says
 *
 * Theory of Operation: each direction is a lane. A frame that enters it draws its fate: always the same number of draws, so that
 * the n-th frame of a direction meets the same fate whenever the seed is the same. Lost: it goes no further. Corrupted: one of
 * its bits is flipped. Reordered: it is held until some of those behind it have passed, or HOLD_NS. Then it waits for its turn
 * at the rate, then for the delay; a duplicate follows at once. What is due is given, or taken by the port below.
 *
 * Nothing is dropped that was not drawn: a lane that is full refuses, as a ring does.
 */
import { systemClock } from './exchange.js';
import { KIND } from './layout.js';

const HOLD_NS = 10e6; // for a reordered frame that nobody overtakes
const BACKLOG_NS = 50e6; // frames waiting for their turn at the rate
const BYTES_MAX = 8 << 20; // in a lane
const BATCH = 65536;
const FLUSH_NS = 1e9; // after the guest's end, beyond the last delay
const ETHERNET_TYPE = 12, ARP = 0x0806;
const PROTECTED = { [KIND.IP]: 0, [KIND.ETHERNET]: 14, [KIND.UDP]: 20, [KIND.SERVICE]: 0 }; // headers that no bit is flipped in
const COUNTED = ['lost', 'duplicated', 'corrupted', 'reordered'];

/** Counters that worker and main thread share. */
export class FaultCounters {
    static allocate() {
        return new SharedArrayBuffer(2 * 8 * COUNTED.length);
    }

    constructor(shared) {
        this.received = new Float64Array(shared, 0, COUNTED.length);
        this.sent = new Float64Array(shared, 8 * COUNTED.length, COUNTED.length);
    }

    get statistics() {
        const plain = (counts) => Object.fromEntries(COUNTED.map((key, i) => [key, counts[i]]));
        return { received: plain(this.received), sent: plain(this.sent) };
    }
}

/** Numbers in [0, 1) from a text: sfc32, by Chris Doty-Humphrey, its state from FNV-1a. */
function generator(text) {
    const state = [0x811c9dc5, 0x9e3779b9, 0x243f6a88, 1];
    for (let word = 0; word < 3; word++) {
        for (const byte of new TextEncoder().encode(text)) state[word] = Math.imul(state[word] ^ byte, 0x01000193);
    }
    let [a, b, c, d] = state;
    const draw = () => {
        const t = (((a + b) | 0) + d) | 0;
        d = (d + 1) | 0;
        a = b ^ (b >>> 9);
        b = (c + (c << 3)) | 0;
        c = (((c << 21) | (c >>> 11)) + t) | 0;
        return (t >>> 0) / 4294967296;
    };
    for (let i = 0; i < 16; i++) draw(); // until the seed has spread
    return draw;
}

/** One direction. Frames are Uint8Arrays with their lengths in front. Times in ns. */
class Lane {
    #queue = []; // { bytes, due }: in the order in which they leave
    #first = 0;
    #held = []; // { bytes, copies, after: number of the frame that it follows, until }
    #entered = 0;
    #bytes = 0;
    #busy = 0; // until then the frames before it are on the wire
    #stopped = false;

    constructor(faults, kind, counts, draw) {
        Object.assign(this, { faults, kind, counts, draw });
    }

    get empty() {
        return this.#first === this.#queue.length && this.#held.length === 0;
    }

    /** Takes a frame in; `frame` stays the caller's. */
    enter(frame, now) {
        const { faults, draw, counts } = this, number = ++this.#entered;
        const lost = draw() < faults.loss, twice = draw() < faults.duplicate, corrupt = draw() < faults.corrupt, where = draw();
        const moved = draw() < faults.reorder, distance = 1 + Math.floor(draw() * faults.reorderBy);
        if (lost) counts[0]++;
        else {
            const bytes = frame.slice();
            const good = !corrupt || this.#corrupt(bytes, where);
            if (good && twice) counts[1]++;
            if (corrupt) counts[2]++;
            if (good && moved) this.#hold({ bytes, copies: twice ? 2 : 1, after: number + distance, until: now + HOLD_NS });
            else if (good) this.#send(bytes, twice ? 2 : 1, now);
        }
        this.settle(now);
    }

    #hold(frame) {
        this.counts[3]++;
        this.#bytes += frame.bytes.length;
        this.#held.push(frame);
    }

    /** Lets go those held that have been passed, or have waited long enough. */
    settle(now) {
        for (let i = 0; i < this.#held.length;) {
            const { bytes, copies, after, until } = this.#held[i];
            if (after > this.#entered && until > now) {
                i++;
                continue;
            }
            this.#held.splice(i, 1);
            this.#bytes -= bytes.length;
            this.#send(bytes, copies, now);
        }
    }

    #send(bytes, copies, now) {
        for (; copies > 0; copies--) {
            this.#busy = Math.max(this.#busy, now) + ((bytes.length - 4) * 8e9) / this.faults.rate;
            this.#queue.push({ bytes, due: this.#busy + this.faults.delayMs * 1e6 });
            this.#bytes += bytes.length;
        }
    }

    /**
     * Flips a bit behind the link's own header. False: the frame is not to go on, since no checksum would find it out; a network
     * card's would have.
     */
    #corrupt(bytes, where) {
        const start = 4 + PROTECTED[this.kind];
        if (bytes.length <= start) return false;
        if (this.kind === KIND.ETHERNET && ((bytes[4 + ETHERNET_TYPE] << 8) | bytes[5 + ETHERNET_TYPE]) === ARP) return false;
        const bit = Math.floor(where * (bytes.length - start) * 8);
        bytes[start + (bit >> 3)] ^= 1 << (bit & 7);
        return true;
    }

    /** The next frame that is due, or null. */
    head(now) {
        const next = this.#queue[this.#first];
        return next !== undefined && next.due <= now ? next.bytes : null;
    }

    shift() {
        this.#bytes -= this.#queue[this.#first].bytes.length;
        this.#queue[this.#first++] = undefined;
        if (this.#first === this.#queue.length || this.#first === 1024) {
            this.#queue.splice(0, this.#first);
            this.#first = 0;
        }
    }

    clear() {
        this.#queue.length = this.#held.length = this.#first = this.#bytes = 0;
    }

    /** Whether nothing may enter: from a full lane to a half-empty one. */
    full(now) {
        const part = this.#stopped ? 2 : 1;
        this.#stopped = this.#busy - now > BACKLOG_NS / part || this.#bytes > BYTES_MAX / part;
        return this.#stopped;
    }

    /** When something happens of itself after `now`. */
    next(now) {
        let next = this.#stopped && this.#busy - BACKLOG_NS / 2 > now ? this.#busy - BACKLOG_NS / 2 : Infinity;
        const head = this.#queue[this.#first];
        if (head !== undefined && head.due > now) next = Math.min(next, head.due);
        for (const { until } of this.#held) next = Math.min(next, until);
        return next;
    }

    /** When the last of what is in it will have left. */
    get last() {
        return Math.max(this.#queue.at(-1)?.due ?? 0, this.#busy + HOLD_NS + this.faults.delayMs * 1e6);
    }
}

/** A Port of exchange.js around another. */
export class FaultPort {
    #port;
    #clock;
    #inward;
    #outward;
    #batch = new Uint8Array(BATCH);
    #blocked = false; // the port below has refused a frame that is due

    /**
     * @param port      Port
     * @param faults    as checkFaults() returns them
     * @param label     text; ports with the same seed and another label draw other numbers
     * @param clock     that of the exchange
     * @param counters  FaultCounters.allocate(), if somebody wants to see them
     */
    constructor(port, faults, { label = '', clock = systemClock, counters = FaultCounters.allocate() } = {}) {
        const counts = new FaultCounters(counters);
        this.#port = port;
        this.#clock = clock;
        this.#inward = new Lane(faults, port.kind, counts.received, generator(`${faults.seed} in ${label}`));
        this.#outward = new Lane(faults, port.kind, counts.sent, generator(`${faults.seed} out ${label}`));
    }

    get kind() {
        return this.#port.kind;
    }

    get mtu() {
        return this.#port.mtu;
    }

    get frameMax() {
        return this.#port.frameMax;
    }

    get grant() {
        return this.#port.grant;
    }

    get grantVersion() {
        return this.#port.grantVersion;
    }

    get up() {
        return this.#port.up;
    }

    get exclusive() {
        return this.#port.exclusive;
    }

    // rxSummed and txSumFree stay unsaid: here checksums are what finds the flipped bits.

    get closed() {
        if (!this.#port.closed) return false;
        this.#pull(this.#now());
        return this.#inward.empty && !this.#port.readable;
    }

    get readable() {
        const now = this.#now();
        this.#pull(now);
        return this.#inward.head(now) !== null;
    }

    get writable() {
        const now = this.#now();
        this.#push(now);
        return !this.#blocked && !this.#outward.full(now);
    }

    take(batch) {
        const now = this.#now(), view = new DataView(batch.buffer, batch.byteOffset, batch.length);
        let at = 0;
        this.#push(now);
        while (at < batch.length && !this.#blocked && !this.#outward.full(now)) {
            const end = at + 4 + view.getUint32(at);
            this.#outward.enter(batch.subarray(at, end), now);
            at = end;
        }
        this.#push(now);
        return at;
    }

    give(into) {
        const now = this.#now();
        let at = 0;
        this.#pull(now);
        for (let frame; (frame = this.#inward.head(now)) !== null && at + frame.length <= into.length;) {
            if (frame.length <= 4 + this.frameMax) {
                into.set(frame, at);
                at += frame.length;
            }
            this.#inward.shift(); // longer than a frame may be since the grant has changed: dropped
        }
        return at;
    }

    /** Does what is due; returns when it wants to be called next, in ns. */
    move() {
        const now = this.#now();
        this.#inward.settle(now);
        this.#push(now);
        const below = this.#port.move?.() ?? Infinity;
        return Math.min(below, this.#inward.next(now), this.#outward.next(now));
    }

    /** Nothing of what was taken is left here. */
    get idle() {
        return this.#outward.empty && (this.#port.idle ?? true);
    }

    get last() {
        return Math.max(this.#outward.last, this.#port.last ?? 0);
    }

    #now() {
        return this.#clock.monotonic();
    }

    #pull(now) {
        this.#inward.settle(now);
        if (this.#batch.length < 4 + this.frameMax) this.#batch = new Uint8Array(4 + this.frameMax);
        const batch = this.#batch, view = new DataView(batch.buffer);
        while (!this.#inward.full(now) && this.#port.readable) {
            const length = this.#port.give(batch);
            for (let at = 0, end; at < length; at = end) {
                end = at + 4 + view.getUint32(at);
                this.#inward.enter(batch.subarray(at, end), now);
            }
        }
    }

    #push(now) {
        const lane = this.#outward;
        lane.settle(now);
        if (this.#port.closed) lane.clear();
        if (this.#blocked && !this.#port.writable) return;
        this.#blocked = false;
        for (let frame; !this.#blocked && (frame = lane.head(now)) !== null;) {
            if (this.#port.take(frame) === 0) this.#blocked = true;
            else lane.shift();
        }
    }
}

/** In a worker whose module has ended: waits until what it sent has left the port. */
export function drain(port, doorbell, clock) {
    const limit = port.last + FLUSH_NS;
    for (;;) {
        const rung = Atomics.load(doorbell, 0), next = Math.min(port.move(), limit);
        if (port.idle || clock.monotonic() >= limit) return;
        Atomics.wait(doorbell, 0, rung, Math.max(0, next - clock.monotonic()) / 1e6);
    }
}
