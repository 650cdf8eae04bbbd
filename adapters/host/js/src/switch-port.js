/**
 * switch-port.js - an instance's end of the in-process switch, in its worker
 *
 * The sender's worker copies a frame straight into the ring of the receiver: no thread between them. A unicast frame for a
 * full ring is refused, which is the back-pressure that keeps TCP from losing packets. Two things are dropped and counted
 * instead: copies of flooded frames, which would let one slow reader hold up a whole network, and frames for a reader that
 * has not read for a while (STALLED, set by the main thread, cleared by the reader itself).
 */
import { ring as ringBell } from './blocking.js';
import { MacTable } from './mac-table.js';
import { Ring } from './ring.js';

const LEARN_MAX = 256; // addresses at one port; the frames of further ones are flooded
const CACHE_MAX = 1024;
const ETHERNET_MIN = 14;
const TWO_32 = 4294967296;

export class SwitchPort {
    #peers = []; // by slot: { ring, doorbell }, a hole where nobody is
    #cache = new Map(); // address -> slot
    #generation = -1; // of the table, when the cache was filled
    #learned = 0;
    #source = -1; // the address last learned here
    #blocked = null; // the peer that refused last
    #view = null;
    #buffer = null;

    /** @param {object} d  from Switch: slot, owner, ring, table, counters, mtu, grant...
     *  @param {{ sync: () => void, post: (message: object) => void }} control */
    constructor(d, control) {
        this.kind = d.kind;
        this.mtu = d.mtu;
        this.frameMax = d.frameMax;
        this.closed = false;
        this.up = true;
        this.slot = d.slot;
        this.owner = d.owner;
        this.id = d.id;
        this.ring = new Ring(d.ring);
        this.table = new MacTable(d.table);
        this.sent = new Float64Array(d.sent); // frames, bytes, dropped
        this.control = control;
        this.grantText = d.grant;
        this.version = 1;
        for (const peer of d.peers) this.join(peer);
    }

    // What the main thread announces.

    join({ slot, ring, doorbell }) {
        this.#peers[slot] = { slot, ring: new Ring(ring), doorbell };
    }

    leave({ slot }) {
        if (this.#blocked === this.#peers[slot]) this.#blocked = null;
        delete this.#peers[slot];
    }

    regrant(text) {
        this.grantText = text;
        this.version++;
    }

    // What exchange asks.

    get grant() {
        return this.grantText;
    }

    get grantVersion() {
        this.control.sync();
        return this.version;
    }

    get readable() {
        return this.ring.readable;
    }

    get writable() {
        this.control.sync();
        return this.#blocked === null || this.#blocked.ring.writable;
    }

    give(into) {
        const length = this.ring.readFrames(into);
        if (length !== 0 && this.ring.relieved()) {
            for (const peer of this.#peers) if (peer !== undefined) ringBell(peer.doorbell);
        }
        return length;
    }

    take(batch) {
        this.control.sync();
        this.#blocked = null;
        if (this.table.generation !== this.#generation) this.#forgetCache();
        if (batch.buffer !== this.#buffer) {
            this.#buffer = batch.buffer;
            this.#view = new DataView(batch.buffer);
        }
        const base = batch.byteOffset;
        let at = 0;
        while (at < batch.length) {
            const length = this.#view.getUint32(base + at);
            if (length < ETHERNET_MIN) {
                this.sent[2]++;
                at += 4 + length;
                continue;
            }
            const high = this.#view.getUint16(base + at + 4), low = this.#view.getUint32(base + at + 6);
            this.#learn(base + at + 10);
            const peer = (high & 0x100) !== 0 ? null : this.#lookUp(high * TWO_32 + low);
            const next = peer === null ? this.#flood(batch, at, length) : this.#unicast(batch, at, peer, high, low);
            if (next === at) break;
            at = next;
        }
        return at;
    }

    /** Copies the run of frames from `at` on for one receiver, as many as fit; returns where it ended. */
    #unicast(batch, at, peer, high, low) {
        const view = this.#view, base = batch.byteOffset, { ring } = peer;
        let end = at, frames = 0, full = false;
        if (peer.slot === this.slot) return at + 4 + view.getUint32(base + at); // its own address: nobody else has it
        ring.lock(this.owner);
        const { room } = ring;
        while (end < batch.length) {
            const length = view.getUint32(base + end);
            if (length < ETHERNET_MIN || view.getUint16(base + end + 4) !== high || view.getUint32(base + end + 6) !== low) break;
            if (end - at + 4 + length > room) {
                full = true;
                break;
            }
            if (frames !== 0) this.#learn(base + end + 10);
            frames++;
            end += 4 + length;
        }
        if (frames !== 0) ring.writeRun(batch, at, end, frames);
        if (full && end === at && ring.stalled) {
            ring.drop(1);
            end = at + 4 + view.getUint32(base + at);
            full = false;
        }
        ring.unlock();
        this.sent[0] += frames;
        this.sent[1] += frames === 0 ? 0 : end - at - 4 * frames;
        if (frames !== 0 && ring.awaited()) ringBell(peer.doorbell);
        if (full && end === at) {
            this.#blocked = peer;
            if (ring.watch()) this.control.post({ op: 'watch', id: this.id, slot: peer.slot });
        }
        return end;
    }

    #flood(batch, at, length) {
        const end = at + 4 + length;
        for (const peer of this.#peers) {
            if (peer === undefined || peer.slot === this.slot) continue;
            const { ring } = peer;
            ring.lock(this.owner);
            if (ring.room >= 4 + length) ring.writeRun(batch, at, end, 1);
            else ring.drop(1);
            ring.unlock();
            if (ring.awaited()) ringBell(peer.doorbell);
        }
        this.sent[0]++;
        this.sent[1] += length;
        return end;
    }

    /** The receiver of a unicast address; null: flood. */
    #lookUp(mac) {
        let slot = this.#cache.get(mac);
        if (slot === undefined) {
            slot = this.table.find(mac);
            if (slot < 0) return null;
            if (this.#cache.size >= CACHE_MAX) this.#cache.clear();
            this.#cache.set(mac, slot);
        }
        return this.#peers[slot] ?? null;
    }

    #learn(at) {
        const mac = this.#view.getUint16(at) * TWO_32 + this.#view.getUint32(at + 2);
        if (mac === this.#source) return;
        this.#source = mac;
        if (Math.floor(mac / TWO_32) & 0x100) return; // a group is no sender
        const known = this.table.find(mac);
        if (known === this.slot || (known < 0 && this.#learned >= LEARN_MAX)) return;
        this.#learned++;
        this.table.learn(mac, this.slot);
    }

    #forgetCache() {
        this.#generation = this.table.generation;
        this.#cache.clear();
        this.#source = -1;
    }
}
