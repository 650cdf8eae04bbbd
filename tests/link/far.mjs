/**
 * far.mjs - the far side of the links under check: obeys the commands of far.h
 */
import { webcrypto as crypto } from 'node:crypto';
import { KIND } from '../../adapters/host/js/src/layout.js';

const OP = { ECHO: 1, INJECT: 2, LIMIT: 3, CLOSE: 4, GRANT: 5, UP: 6, INSTANCE: 7, WAKE: 8, COUNT: 9, CLOCK: 10, ENTROPY: 11 };
const HEAD = { [KIND.IP]: 0, [KIND.ETHERNET]: 18, [KIND.UDP]: 20, [KIND.SERVICE]: 5 };
const ANY = 0xffffffff;

class FarPort {
    grant = 'name=check\n';
    grantVersion = 0;
    exclusive = false;
    dropped = 0;
    limit = ANY; // bytes
    refused = 0; // bytes of the frame refused last
    count = { frames: 0, bytes: 0, sum: 2166136261 };
    #far; #queue = []; #injected = 0; #up = true; #closed = false;

    constructor(far, kind, mtu) {
        this.#far = far;
        this.kind = kind;
        this.setMtu(mtu);
    }

    setMtu(mtu) {
        this.mtu = mtu;
        this.frameMax = mtu + HEAD[this.kind];
    }

    setUp(up) { this.#up = up; }
    close() { this.#closed = true; }
    get up() { this.#far.turn(); return this.#up; }
    get closed() { this.#far.turn(); return this.#closed; }
    get writable() { this.#far.turn(); return this.limit >= this.refused; }

    get readable() {
        this.#far.turn();
        while (this.#queue.length && this.#queue[0].length > 4 + this.frameMax) {
            this.#queue.shift();
            this.dropped++;
        }
        return this.#queue.length > 0;
    }

    /** @param frame with its length */
    push(frame) { this.#queue.push(frame); }

    inject(length, count) {
        for (let i = 0; i < count; i++) {
            const frame = new Uint8Array(4 + length);
            new DataView(frame.buffer).setUint32(0, length);
            const first = 31 * this.#injected++;
            for (let k = 0; k < length; k++) frame[4 + k] = first + k;
            this.push(frame);
        }
    }

    give(into) {
        let at = 0;
        while (this.readable && this.#queue[0].length <= into.length - at) {
            const frame = this.#queue.shift();
            into.set(frame, at);
            at += frame.length;
        }
        return at;
    }

    take(batch) {
        const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
        let at = 0;
        while (at < batch.length) {
            const size = 4 + view.getUint32(at);
            if (size > this.limit) {
                this.refused = size;
                break;
            }
            if (this.limit !== ANY) this.limit -= size;
            const frame = batch.subarray(at, at + size);
            this.count.frames++;
            this.count.bytes += size;
            for (const byte of frame) this.count.sum = Math.imul(this.count.sum ^ byte, 16777619) >>> 0;
            if (this.kind === KIND.SERVICE) this.push(this.#far.obey(frame));
            at += size;
        }
        return at;
    }
}

/**
 * @param later  (ms, action): runs the action in ms, and makes the host look
 * @param turn   runs what is due before anything is looked at
 */
export class Far {
    back = 0; // ns that the clock has stepped back
    entropy = true;
    woken = false; // a reason of the host's own
    host = null; // the exchange under check
    #later;

    constructor({ later, turn = () => {} }) {
        this.#later = later;
        this.turn = turn;
        this.ports = [
            new FarPort(this, KIND.SERVICE, 1024), new FarPort(this, KIND.ETHERNET, 1500), new FarPort(this, KIND.IP, 1400),
            new FarPort(this, KIND.UDP, 1472), new FarPort(this, KIND.IP, 65535), new FarPort(this, KIND.IP, 65535),
            new FarPort(this, KIND.IP, 1400),
        ];
    }

    /** Options of createExchange() for these links. */
    options(onNote) {
        return {
            ports: this.ports, onNote,
            clock: { monotonic: () => performance.now() * 1e6 + 1e9 - this.back, realtime: () => Date.now() * 1e6 },
            entropy: (into) => (this.entropy ? crypto.getRandomValues(into) : into.fill(0)),
            early: () => this.woken && !(this.woken = false),
        };
    }

    /** Obeys one request frame; returns the answer as a frame. */
    obey(frame) {
        const view = new DataView(frame.slice().buffer);
        const op = view.getUint8(8);
        const [link, a, b, ms] = [9, 13, 17, 21].map((at) => view.getUint32(at, true));
        const port = this.ports[link];
        let words = [link, a, b, ms];
        if (op === OP.COUNT) words = [port.count.frames, port.count.bytes, port.count.sum, port.dropped, this.host.dropped];
        else if (op !== OP.ECHO && ms === 0) this.#act(op, port, a, b);
        else if (op !== OP.ECHO) this.#later(ms, () => this.#act(op, port, a, b));
        const answer = new Uint8Array(4 + 5 + 20);
        answer.set(frame.subarray(4, 9), 4);
        const out = new DataView(answer.buffer);
        out.setUint32(0, 25);
        words.forEach((word, i) => out.setUint32(9 + 4 * i, word, true));
        return answer;
    }

    #act(op, port, a, b) {
        switch (op) {
        case OP.INJECT: port.inject(a, b); break;
        case OP.LIMIT: port.limit = a; break;
        case OP.CLOSE: port.close(); break;
        case OP.UP: port.setUp(a !== 0); break;
        case OP.INSTANCE: this.host.renew(crypto.getRandomValues(new Uint8Array(16))); break;
        case OP.WAKE: this.woken = true; break;
        case OP.CLOCK: this.back += a * 1e6; break;
        case OP.ENTROPY: this.entropy = a !== 0; break;
        case OP.GRANT:
            port.grant = a ? `x=${'a'.repeat(a - 3)}\n` : '';
            if (b) port.setMtu(b);
            port.grantVersion++;
            break;
        default: throw new Error(`no such command: ${op}`);
        }
    }
}
