/**
 * outside.js - a link that the main thread serves: the main thread's side
 *
 * Frames cross between the event loop and the worker through two rings. passt, a Unix or TCP stream and an embedder's own
 * code are all of this kind.
 */
import { tell } from './control.js';
import { ring as ringBell } from './blocking.js';
import { UsageError } from './errors.js';
import { checkLine, toText } from './grant.js';
import { CLOSED, Ring, UP } from './ring.js';

const RING_MIN = 1 << 20;
const checkLines = (lines) => lines.map(checkLine).filter((line) => line !== 'address=none');

export class OutsideLink {
    worker = null;
    bell = null;
    #ended = false;

    /**
     * @param {object} o
     * @param {number} o.kind      of link.h
     * @param {string} o.label     for messages and captures
     * @param {string[]} o.grant   lines key=value
     */
    constructor({ kind, mtu, frameMax, label, grant = [] }) {
        Object.assign(this, { kind, mtu, frameMax, label, lines: checkLines(grant) });
        const capacity = Math.max(RING_MIN, 16 * frameMax);
        this.inward = new Ring(Ring.allocate(capacity));
        this.outward = new Ring(Ring.allocate(capacity));
        this.batch = new Uint8Array(Math.max(65536, 4 + frameMax));
        this.inward.set(UP);
        this.onFrames = null; // the guest has sent: read() it
        this.onRoom = null; // what write() refused fits now
        this.onDetach = null; // the instance has ended
    }

    /** @param {{ name: string, owner: number, bell: Int32Array, link: number }} instance */
    attach({ bell, link }) {
        if (this.bell !== null) throw new UsageError(`${this.label}: a link serves one instance`);
        Object.assign(this, { bell, link });
        return {
            type: 'outside', kind: this.kind, mtu: this.mtu, frameMax: this.frameMax, grant: toText(this.lines), id: link,
            inward: this.inward.shared, outward: this.outward.shared,
        };
    }

    started(worker) {
        this.worker = worker;
        if (this.outward.readable) this.onFrames?.();
    }

    detach() {
        this.worker = null;
        if (this.#ended) return;
        this.#ended = true;
        this.onFrames?.(); // the last frames of an instance that has ended
        this.onDetach?.();
    }

    onMessage({ op }) {
        if (op === 'frames') this.onFrames?.();
        else if (op === 'room') this.onRoom?.();
    }

    /** The guest's next frames with their lengths, whole ones; null: none, and onFrames tells of the next. The array is reused. */
    read() {
        if (!this.outward.readable) return null;
        const length = this.outward.readFrames(this.batch);
        if (this.outward.relieved()) this.#wake();
        return this.batch.subarray(0, length);
    }

    /** Gives the guest whole frames with their lengths: all of them or, false, none; onRoom tells when there is room. */
    write(bytes, frames) {
        if (this.inward.free < bytes.length) {
            if (!this.inward.writable) return false;
            if (this.inward.free < bytes.length) throw new RangeError('more bytes than the ring can hold');
        }
        this.inward.write(bytes, 0, bytes.length, frames);
        if (this.inward.awaited()) this.#wake();
        return true;
    }

    drop(frames) {
        this.inward.drop(frames);
    }

    /** Up or down. */
    set up(on) {
        if (on) this.inward.set(UP);
        else this.inward.clear(UP);
        this.#wake();
    }

    /** The other side is gone for good. The guest still gets what was written. */
    close() {
        this.inward.set(CLOSED);
        this.#wake();
    }

    set grant(lines) {
        this.lines = checkLines(lines);
        if (this.worker) tell(this.worker, this.bell, { op: 'regrant', link: this.link, value: toText(this.lines) });
    }

    get statistics() {
        return { received: this.inward.statistics, sent: this.outward.statistics };
    }

    #wake() {
        if (this.bell !== null) ringBell(this.bell);
    }
}
