/**
 * ring.js - bytes between threads
 *
 * A ring lies in a SharedArrayBuffer: a header of words, then a power of two of bytes. Frames stand in it as they stand in
 * a batch (u32 BE length, bytes), so a run of frames moves with one copy, two where the ring wraps.
 *
 * Engines copy to and from shared memory by words where source and target are alike modulo 8, else by bytes, seven times
 * slower. So a run of frames may be preceded by a GAP (a word no length can be, the low bits its bytes) that gives it the alignment of
 * the batch it comes from; batches begin aligned, so the reader's copy is by words as well.
 *
 * One reader, any number of writers. HEAD and TAIL are positions that never wrap back to 0 (modulo 2^32). A writer holds
 * LOCK (its owner's id) while it copies, and publishes with TAIL last: an owner that is terminated in mid-copy has published
 * nothing, and the main thread frees its lock (release()).
 *
 * Nobody is woken who does not sleep. Two flags, each set before the last look at the positions, so that no wake-up is lost:
 *   EMPTY  the reader found nothing: whoever writes next wakes it
 *   FULL   a writer found no room: the reader wakes writers when the ring is half empty again
 * STALLED and WATCHED belong to switch-port.js: a reader that does not read must not hold up the others for ever.
 */
const HEAD = 0, TAIL = 16, LOCK = 17, LOCK_WAITERS = 18, EMPTY = 32, FULL = 33, STALLED = 34, WATCHED = 35, STATE = 36;
const COUNTERS_AT = 256; // three doubles: frames, bytes, dropped; written with the lock held
const HEADER = 320;
const SPINS = 200;
const GAP = 0x80000000;
const GAP_MAX = 11; // a word and 0 to 7 bytes
const RUN_LARGE = 8192; // worth a read of its own, so that the next one is aligned too
const LOCK_WAIT_MS = 2; // a wake-up that a terminated owner never sent

export const UP = 1, CLOSED = 2; // bits of STATE

export class Ring {
    /** @param {SharedArrayBuffer} shared  made by Ring.allocate() */
    constructor(shared) {
        this.shared = shared;
        this.words = new Int32Array(shared, 0, HEADER / 4);
        this.counters = new Float64Array(shared, COUNTERS_AT, 3);
        this.bytes = new Uint8Array(shared, HEADER);
        this.capacity = this.bytes.length;
        this.mask = this.capacity - 1;
    }

    /** @param {number} capacity  at least this many bytes; rounded up to a power of two */
    static allocate(capacity) {
        return new SharedArrayBuffer(HEADER + 2 ** Math.ceil(Math.log2(capacity)));
    }

    get used() {
        return (Atomics.load(this.words, TAIL) - Atomics.load(this.words, HEAD)) >>> 0;
    }

    get free() {
        return this.capacity - this.used;
    }

    /** Bytes that writeRun() is sure to find room for. */
    get room() {
        return Math.max(0, this.free - GAP_MAX);
    }

    get head() {
        return Atomics.load(this.words, HEAD);
    }

    get tail() {
        return Atomics.load(this.words, TAIL);
    }

    // The reader.

    /** Whether there is something to read; if not, the next write wakes the reader. */
    get readable() {
        const { words } = this;
        if (Atomics.load(words, TAIL) !== words[HEAD]) return true;
        Atomics.store(words, EMPTY, 1);
        return Atomics.load(words, TAIL) !== words[HEAD];
    }

    /** Copies whole frames out, as many as fit and at most one large run; returns the bytes. */
    readFrames(into) {
        const tail = Atomics.load(this.words, TAIL);
        let head = this.words[HEAD], filled = 0;
        for (let full = false; !full && head !== tail && filled < RUN_LARGE;) {
            let length = 0, next = this.#lengthAt(head);
            if (next >= GAP) {
                head = (head + 4 + (next & 7)) | 0;
                next = this.#lengthAt(head);
            }
            for (;;) {
                full = filled + length + 4 + next > into.length;
                if (full) break;
                length += 4 + next;
                if (((head + length) | 0) === tail || (next = this.#lengthAt(head + length)) >= GAP) break;
            }
            this.#copyOut(head, into, filled, length);
            head = (head + length) | 0;
            filled += length;
        }
        if (filled !== 0) Atomics.store(this.words, HEAD, head);
        return filled;
    }

    /** Copies bytes out, for a ring that carries no frames. */
    readBytes(into) {
        const head = this.words[HEAD], length = Math.min(this.used, into.length);
        if (length === 0) return 0;
        this.#copyOut(head, into, 0, length);
        Atomics.store(this.words, HEAD, (head + length) | 0);
        return length;
    }

    /** After a read: whether writers wait that are to be woken now. */
    relieved() {
        const { words } = this;
        if (Atomics.load(words, FULL) === 0 || this.free < this.capacity / 2) return false;
        Atomics.store(words, STALLED, 0);
        return Atomics.exchange(words, FULL, 0) !== 0;
    }

    #copyOut(head, into, filled, length) {
        const at = head & this.mask, first = Math.min(length, this.capacity - at);
        into.set(this.bytes.subarray(at, at + first), filled);
        if (first < length) into.set(this.bytes.subarray(0, length - first), filled + first);
    }

    #lengthAt(position) {
        const { bytes, mask } = this;
        return ((bytes[position & mask] << 24) | (bytes[(position + 1) & mask] << 16) |
            (bytes[(position + 2) & mask] << 8) | bytes[(position + 3) & mask]) >>> 0;
    }

    // A writer.

    lock(owner) {
        const { words } = this;
        for (let spins = 0; Atomics.compareExchange(words, LOCK, 0, owner) !== 0; spins++) {
            if (spins < SPINS) continue;
            const holder = Atomics.load(words, LOCK);
            if (holder === 0) continue;
            Atomics.add(words, LOCK_WAITERS, 1);
            Atomics.wait(words, LOCK, holder, LOCK_WAIT_MS);
            Atomics.sub(words, LOCK_WAITERS, 1);
        }
    }

    unlock() {
        Atomics.store(this.words, LOCK, 0);
        if (Atomics.load(this.words, LOCK_WAITERS) !== 0) Atomics.notify(this.words, LOCK, 1);
    }

    /** Frees the lock of an owner that is gone. */
    release(owner) {
        if (Atomics.compareExchange(this.words, LOCK, owner, 0) === owner) Atomics.notify(this.words, LOCK);
    }

    /** Copies from[start, end) in and publishes it. The writer holds the lock, if there are others, and has looked at `free`. */
    write(from, start, end, frames) {
        this.#copyIn(this.words[TAIL], from, start, end, frames);
    }

    /** The same for a run of frames, aligned as it is in `from`; the writer has looked at `room`. */
    writeRun(from, start, end, frames) {
        const tail = this.words[TAIL], gap = (from.byteOffset + start - tail) & 7;
        if (gap === 0) return this.#copyIn(tail, from, start, end, frames);
        const filler = (gap - 4) & 7, word = GAP | filler;
        for (let i = 0; i < 4; i++) this.bytes[(tail + i) & this.mask] = word >>> (24 - 8 * i);
        return this.#copyIn(tail + 4 + filler, from, start, end, frames);
    }

    #copyIn(tail, from, start, end, frames) {
        const { counters } = this, at = tail & this.mask, length = end - start;
        const first = Math.min(length, this.capacity - at);
        this.bytes.set(from.subarray(start, start + first), at);
        if (first < length) this.bytes.set(from.subarray(start + first, end));
        counters[0] += frames;
        counters[1] += length - 4 * frames;
        Atomics.store(this.words, TAIL, (tail + length) | 0);
    }

    /** After a write: whether the reader waits and is to be woken. */
    awaited() {
        return Atomics.load(this.words, EMPTY) !== 0 && Atomics.exchange(this.words, EMPTY, 0) !== 0;
    }

    /** Whether a refused writer may go on; if not, the reader wakes it. */
    get writable() {
        if (this.free >= this.capacity / 2 || this.stalled) return true;
        Atomics.store(this.words, FULL, 1);
        return this.free >= this.capacity / 2;
    }

    drop(frames) {
        this.counters[2] += frames;
    }

    // Both.

    get stalled() {
        return Atomics.load(this.words, STALLED) !== 0;
    }

    set stalled(on) {
        Atomics.store(this.words, STALLED, on ? 1 : 0);
    }

    /** True once for the one who shall watch; unwatch() lets the next one in. */
    watch() {
        return Atomics.exchange(this.words, WATCHED, 1) === 0;
    }

    unwatch() {
        Atomics.store(this.words, WATCHED, 0);
    }

    get up() {
        return (Atomics.load(this.words, STATE) & UP) !== 0;
    }

    get closed() {
        return (Atomics.load(this.words, STATE) & CLOSED) !== 0;
    }

    set(bit) {
        Atomics.or(this.words, STATE, bit);
    }

    clear(bit) {
        Atomics.and(this.words, STATE, ~bit);
    }

    get statistics() {
        const [frames, bytes, dropped] = this.counters;
        return { frames, bytes, dropped };
    }
}
