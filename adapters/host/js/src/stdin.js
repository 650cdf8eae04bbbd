/**
 * stdin.js - fd 0 of a guest, served so that a key press wakes a wait
 *
 * A pipe, a terminal or an embedder's stream is read by the main thread's event loop into a ring of bytes, from the moment
 * that the guest first asks: a program that never reads leaves the input to others. Regular files and /dev/null never block;
 * they are read by node:wasi itself.
 */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { ring as ringBell } from './blocking.js';
import { CLOSED, Ring } from './ring.js';

const CAPACITY = 1 << 16;
const STARTED = 2; // word of the bell
const START_MS = 1000; // then a zero-timeout poll answers with what is known

/** Whether reading a descriptor of the host never blocks: 'direct'; else 'ring'; null: it is not open. */
export function stdinMode(fd) {
    try {
        const stat = fstatSync(fd);
        return stat.isFIFO() || stat.isSocket() || (stat.isCharacterDevice() && isatty(fd)) ? 'ring' : 'direct';
    } catch {
        return null;
    }
}

/** The main thread's side. */
export class StdinFeed {
    #stream = null;
    #rest = null; // what the ring had no room for

    /** @param {() => import('node:stream').Readable} open  called when the guest first asks */
    constructor(open, bell) {
        Object.assign(this, { open, bell });
        this.ring = new Ring(Ring.allocate(CAPACITY));
    }

    onMessage({ op }) {
        if (op === 'stdin') this.#start();
        else if (op === 'stdin-room') this.#push();
    }

    /** What is there already is in the ring when the guest goes on: the event loop has polled once by the second immediate. */
    #start() {
        if (this.#stream) return;
        this.#stream = this.open();
        this.#stream.on('data', this.onData);
        for (const event of ['end', 'error', 'close']) this.#stream.on(event, this.onEnd);
        setImmediate(() => setImmediate(() => {
            Atomics.store(this.bell, STARTED, 1);
            Atomics.notify(this.bell, STARTED);
        }));
    }

    onData = (chunk) => {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        this.#rest = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
        this.#push();
    };

    onEnd = () => {
        this.ended = true;
        this.#push();
    };

    #push() {
        while (this.#rest && (this.ring.free > 0)) {
            const n = Math.min(this.ring.free, this.#rest.length);
            this.ring.write(this.#rest, 0, n, 0);
            this.#rest = n < this.#rest.length ? this.#rest.subarray(n) : null;
        }
        if (this.#rest) {
            this.#stream.pause();
            if (this.ring.writable) setImmediate(() => this.#push()); // it has been read meanwhile
        } else if (this.ended) {
            this.ring.set(CLOSED);
        } else if (this.#stream.isPaused()) {
            this.#stream.resume();
        }
        ringBell(this.bell);
    }

    stop() {
        if (!this.#stream) return;
        this.#stream.off('data', this.onData);
        for (const event of ['end', 'error', 'close']) this.#stream.off(event, this.onEnd);
        this.#stream.on('error', () => {}); // nobody reads it any more
        this.#stream.pause();
        this.#stream.unref?.();
    }
}

/** The worker's side. */
export class StdinReader {
    #started = false;
    #told = -1; // the arrival that has ended a wait

    constructor(shared, bell, post) {
        this.ring = new Ring(shared);
        Object.assign(this, { bell, post });
    }

    /** Asks the main thread to read, and waits until it has looked once. */
    start() {
        if (this.#started) return;
        this.#started = true;
        this.post({ op: 'stdin' });
        Atomics.wait(this.bell, STARTED, 0, START_MS);
    }

    get available() {
        return this.ring.used;
    }

    get ended() {
        return this.ring.closed && this.ring.used === 0;
    }

    get readable() {
        return this.ring.used !== 0 || this.ring.closed;
    }

    read(into) {
        const n = this.ring.readBytes(into);
        if (n !== 0 && this.ring.relieved()) this.post({ op: 'stdin-room' });
        return n;
    }

    /** A wait of exchange ends once for each arrival that the guest has not read yet. */
    news() {
        if (!this.#started || !this.readable) return false;
        const arrival = (this.ring.tail >>> 0) * 2 + (this.ring.closed ? 1 : 0);
        if (arrival === this.#told) return false;
        this.#told = arrival;
        return true;
    }
}
