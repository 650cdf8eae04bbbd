/**
 * outside-port.js - an instance's end of a link that the main thread serves, in its worker
 *
 * Two rings, one each way. The main thread sleeps in its event loop: it is woken by a message, and only if it said so.
 */
import { Ring } from './ring.js';

export class OutsidePort {
    #view = null;
    #buffer = null;

    /** @param {object} d  from OutsideLink: rings, kind, mtu, frameMax, grant
     *  @param {{ sync: () => void, post: (message: object) => void }} control */
    constructor(d, control) {
        this.kind = d.kind;
        this.mtu = d.mtu;
        this.frameMax = d.frameMax;
        this.id = d.id;
        this.inward = new Ring(d.inward);
        this.outward = new Ring(d.outward);
        this.control = control;
        this.grant = d.grant;
        this.version = 1;
    }

    regrant(text) {
        this.grant = text;
        this.version++;
    }

    get grantVersion() {
        this.control.sync();
        return this.version;
    }

    get up() {
        return this.inward.up;
    }

    get closed() {
        return this.inward.closed;
    }

    get readable() {
        return this.inward.readable;
    }

    get writable() {
        return this.outward.writable;
    }

    give(into) {
        const length = this.inward.readFrames(into);
        if (length !== 0 && this.inward.relieved()) this.control.post({ op: 'room', id: this.id });
        return length;
    }

    take(batch) {
        if (batch.buffer !== this.#buffer) {
            this.#buffer = batch.buffer;
            this.#view = new DataView(batch.buffer);
        }
        const room = this.outward.free, base = batch.byteOffset;
        let end = 0, frames = 0;
        while (end < batch.length) {
            const next = end + 4 + this.#view.getUint32(base + end);
            if (next > room) break;
            frames++;
            end = next;
        }
        if (frames === 0) return 0;
        this.outward.write(batch, 0, end, frames);
        if (this.outward.awaited()) this.control.post({ op: 'frames', id: this.id });
        return end;
    }
}
