/**
 * poll.js - poll_oneoff, because node:wasi's fails on files and cannot be woken by the main thread
 *
 * Clocks and stdin are waited for on the doorbell. Every other open descriptor of a preview1 program is a file or an output,
 * which never waits in poll(): it is ready.
 *
 * Source: WASI preview1, poll_oneoff
 */
import { ERRNO } from './errno.js';

const SUBSCRIPTION = 48, EVENT = 32;
const TAG = { clock: 0, read: 1, write: 2 };
const CLOCK = { realtime: 0, monotonic: 1 };
const ABSOLUTE = 1, HANGUP = 1;

const clocks = {
    [CLOCK.realtime]: () => BigInt(Date.now()) * 1000000n,
    [CLOCK.monotonic]: () => process.hrtime.bigint(),
};

/**
 * createPoll() - the import poll_oneoff
 * @param memory    () => WebAssembly.Memory
 * @param bell      doorbell of the instance
 * @param stdin     { fd, ready(), hangup, available }: what is known of standard input
 * @param isOpen    (fd, scratch) => errno; scratch is an address of 24 bytes that may be written
 */
export function createPoll({ memory, bell, stdin, isOpen }) {
    /** What a subscription waits for: { error }, { now, deadline }, { stdin } or { fd }. */
    function parse(view, at) {
        const userdata = view.getBigUint64(at, true), tag = view.getUint8(at + 8);
        if (tag === TAG.clock) {
            const now = clocks[view.getUint32(at + 16, true)], timeout = view.getBigUint64(at + 24, true);
            if (now === undefined) return { userdata, tag, error: ERRNO.NOTSUP };
            const absolute = view.getUint16(at + 40, true) & ABSOLUTE;
            return { userdata, tag, now, deadline: absolute ? timeout : now() + timeout };
        }
        if (tag !== TAG.read && tag !== TAG.write) return { userdata, tag, error: ERRNO.INVAL };
        const fd = view.getUint32(at + 16, true);
        if (tag === TAG.read && fd === stdin.fd) return { userdata, tag, stdin: true };
        return { userdata, tag, fd };
    }

    function isReady(wish) {
        if (wish.deadline !== undefined) return wish.now() >= wish.deadline;
        return wish.stdin === undefined || stdin.ready();
    }

    function write(view, at, wish) {
        view.setBigUint64(at, wish.userdata, true);
        view.setUint16(at + 8, wish.error ?? ERRNO.SUCCESS, true);
        view.setUint8(at + 10, wish.tag);
        const data = wish.stdin ? stdin.available : 1;
        view.setBigUint64(at + 16, wish.tag === TAG.clock || wish.error ? 0n : BigInt(data), true);
        view.setUint16(at + 24, wish.stdin && stdin.hangup ? HANGUP : 0, true);
    }

    return function poll(subscriptions, events, count, countAt) {
        const view = new DataView(memory().buffer), end = view.byteLength;
        const [from, into, n, result] = [subscriptions >>> 0, events >>> 0, count >>> 0, countAt >>> 0];
        if (n === 0) return ERRNO.INVAL;
        if (from + n * SUBSCRIPTION > end || into + n * EVENT > end || result + 4 > end) return ERRNO.FAULT;
        const wishes = [];
        // The events may overlay the subscriptions: all are read before anything is written.
        for (let i = 0; i < n; i++) wishes.push(parse(view, from + i * SUBSCRIPTION));
        for (const wish of wishes) if (wish.fd !== undefined) wish.error = isOpen(wish.fd, into);
        for (;;) {
            const rung = Atomics.load(bell, 0);
            const ready = wishes.filter((wish) => wish.error !== undefined || isReady(wish));
            if (ready.length !== 0) {
                ready.forEach((wish, i) => write(view, into + i * EVENT, wish));
                view.setUint32(result, ready.length, true);
                return ERRNO.SUCCESS;
            }
            let wait = Infinity;
            for (const { now, deadline } of wishes) if (now) wait = Math.min(wait, Number(deadline - now()) / 1e6);
            Atomics.wait(bell, 0, rung, wait);
        }
    };
}
