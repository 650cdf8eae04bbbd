/**
 * mac-table.js - which port of a switch has which address, shared by all workers
 *
 * Open addressing in a SharedArrayBuffer. An entry is one 64-bit word, 48 bits of address and 16 of port + 1, so that it is
 * read and written whole. GENERATION counts changes: a port caches what it looked up until the number moves.
 */
const SLOTS = 8192, PROBES = 16;
const GENERATION = 0, HEADER = 64;
const PORT_BITS = 16n, PORT_MASK = 0xffffn;

export class MacTable {
    /** @param {SharedArrayBuffer} shared  made by MacTable.allocate() */
    constructor(shared) {
        this.shared = shared;
        this.words = new Int32Array(shared, 0, HEADER / 4);
        this.entries = new BigUint64Array(shared, HEADER, SLOTS);
    }

    static allocate() {
        return new SharedArrayBuffer(HEADER + 8 * SLOTS);
    }

    get generation() {
        return Atomics.load(this.words, GENERATION);
    }

    /** The port of an address; -1: unknown. `mac` is the address as a number below 2^48. */
    find(mac) {
        const wanted = BigInt(mac), first = slotOf(mac);
        for (let i = 0; i < PROBES; i++) {
            const entry = Atomics.load(this.entries, (first + i) % SLOTS);
            if (entry >> PORT_BITS === wanted && entry !== 0n) return Number(entry & PORT_MASK) - 1;
        }
        return -1;
    }

    /** An address has been seen at a port. Where all places are taken the first is given up: its owner is flooded to. */
    learn(mac, port) {
        const fresh = (BigInt(mac) << PORT_BITS) | BigInt(port + 1), first = slotOf(mac);
        let place = -1;
        for (let i = 0; i < PROBES; i++) {
            const at = (first + i) % SLOTS, entry = Atomics.load(this.entries, at);
            if (entry === fresh) return;
            if (entry !== 0n && entry >> PORT_BITS === BigInt(mac)) {
                place = at;
                break;
            }
            if (entry === 0n && place < 0) place = at;
        }
        Atomics.store(this.entries, place < 0 ? first : place, fresh);
        Atomics.add(this.words, GENERATION, 1);
    }

    /** Forgets all addresses of a port. */
    forget(port) {
        for (let i = 0; i < SLOTS; i++) {
            const entry = Atomics.load(this.entries, i);
            if (entry !== 0n && Number(entry & PORT_MASK) - 1 === port) Atomics.compareExchange(this.entries, i, entry, 0n);
        }
        Atomics.add(this.words, GENERATION, 1);
    }
}

function slotOf(mac) {
    return (Math.imul(mac >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(mac / 4294967296), 0x85ebca6b)) >>> 19; // 13 bits
}
