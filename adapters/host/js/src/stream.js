/**
 * stream.js - a link over a stream socket in QEMU's framing: passt, gvproxy, QEMU
 *
 * The framing is that of the rings, so whole runs of frames are passed on as they are. Each direction stops when the other
 * side is full: the socket is paused when the guest's ring has no room, the ring is left alone until the socket drains.
 */
import { connect } from 'node:net';
import { reason, UsageError } from './errors.js';
import { KIND } from './layout.js';
import { OutsideLink } from './outside.js';
import { checkMtu, ETHERNET_HEADER } from './switch.js';

const RUN_MAX = 65536; // bytes given to the ring at once
const FRAME_SANE = 1 << 24; // a longer frame means that this is not the framing
const CONNECT_MS = 10_000;
const FLUSH_MS = 2000, GOODBYE_MS = 300; // at the end: to send the rest, then for the other side to close

/** Serves a link with a connected socket. onBroken(text) is told why the link ended, unless it ended by itself. */
export class StreamLink extends OutsideLink {
    #socket;
    #pending = Buffer.alloc(0); // from the socket, not yet given
    #draining = false;
    #ended = false; // the socket is
    #finishing = false; // the guest is: what it sent goes out, then the end

    constructor(socket, { label, mtu = 1500, grant = [], onBroken = () => {} }) {
        super({ kind: KIND.ETHERNET, mtu: checkMtu(mtu), frameMax: mtu + ETHERNET_HEADER, label, grant });
        this.#socket = socket;
        this.onBroken = onBroken;
        this.onFrames = () => this.#send();
        this.onRoom = () => this.#give();
        this.onDetach = () => this.stop();
        socket.on('data', (chunk) => {
            this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
            this.#give();
        });
        socket.on('drain', () => {
            this.#draining = false;
            this.#send();
        });
        socket.on('error', (error) => this.onBroken(`${label}: ${reason(error)}`));
        socket.on('close', () => this.#end());
        this.closed = new Promise((resolve) => socket.once('close', resolve));
    }

    destroy() {
        this.#socket.destroy();
    }

    /** Sends what the guest has sent, then closes; gives up on a peer that does not take it. */
    async stop() {
        if (!this.#finishing) {
            this.#finishing = true;
            this.#send();
            const socket = this.#socket, destroy = () => socket.destroy();
            let timer = setTimeout(destroy, FLUSH_MS);
            socket.once('finish', () => {
                clearTimeout(timer);
                timer = setTimeout(destroy, GOODBYE_MS);
            });
            this.closed.then(() => clearTimeout(timer));
        }
        await this.closed;
    }

    #send() {
        while (!this.#draining && this.#socket.writable) {
            const frames = this.read();
            if (frames === null) {
                if (this.#finishing) this.#socket.end();
                return;
            }
            this.#draining = !this.#socket.write(Buffer.from(frames));
        }
    }

    /** Moves whole frames from the socket's bytes to the guest's ring. */
    #give() {
        const bytes = this.#pending;
        let at = 0;
        for (;;) {
            const { end, frames, skip } = this.#run(bytes, at);
            if (end > at && !this.write(bytes.subarray(at, end), frames)) {
                this.#socket.pause();
                break;
            }
            if (end === at && skip === 0) {
                if (this.#socket.isPaused()) this.#socket.resume();
                break;
            }
            at = end + skip;
        }
        this.#pending = bytes.subarray(at);
        if (this.#ended) this.#end();
    }

    /** The run of good frames from `at`; skip: bytes of a bad one behind it. */
    #run(bytes, at) {
        let end = at, frames = 0;
        while (end - at < RUN_MAX && bytes.length - end >= 4) {
            const length = bytes.readUInt32BE(end);
            if (length > FRAME_SANE) {
                this.onBroken(`${this.label}: what came is not QEMU's stream framing`);
                this.#socket.destroy();
                return { end, frames, skip: 0 };
            }
            if (bytes.length - end - 4 < length) break;
            if (length === 0 || length > this.frameMax) {
                this.drop(1);
                return { end, frames, skip: 4 + length };
            }
            if (frames !== 0 && end - at + 4 + length > RUN_MAX) break;
            end += 4 + length;
            frames++;
        }
        return { end, frames, skip: 0 };
    }

    /** The socket is gone: CLOSED, behind the last frame that it brought. */
    #end() {
        const bytes = this.#pending;
        this.#ended = true;
        if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0) && bytes.readUInt32BE(0) <= FRAME_SANE) return; // onRoom goes on
        this.close();
    }
}

/**
 * streamLink() - connects to { path } or { host, port }
 * Rejects with a UsageError when nobody answers.
 */
export function streamLink({ path, host, port, ...options }) {
    const label = path === undefined ? `tcp:${host}:${port}` : `unix:${path}`;
    return new Promise((resolve, reject) => {
        const socket = path === undefined ? connect({ host, port, noDelay: true }) : connect({ path });
        const fail = (why) => {
            clearTimeout(timer);
            socket.destroy();
            reject(new UsageError(`${label}: cannot connect: ${why}`));
        };
        const timer = setTimeout(() => fail('no answer'), CONNECT_MS);
        const failed = (error) => fail(reason(error));
        socket.once('error', failed);
        socket.once('connect', () => {
            clearTimeout(timer);
            socket.off('error', failed);
            try {
                resolve(new StreamLink(socket, { label, ...options }));
            } catch (error) {
                socket.destroy();
                reject(error);
            }
        });
    });
}
