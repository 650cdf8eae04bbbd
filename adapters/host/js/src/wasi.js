/**
 * wasi.js - preview1 for one instance: node:wasi, and what it does not do well enough
 *
 * Ours are: fd 0 (stdin.js), poll_oneoff (poll.js), outputs that go to an embedder's function, read-only folders, and
 * closing of descriptors 0 to 2, which node:wasi would take from the whole process.
 */
import { openSync } from 'node:fs';
import { ERRNO } from './errno.js';
import { createPoll } from './poll.js';

const NONBLOCK = 4; // fdflags
const STDIO = 3; // descriptors 0, 1, 2
const WRITE_RETRY_MS = 2;
const FDSTAT = 24; // bytes
const FD_READ = 1n << 1n, FD_SEEK = 1n << 2n, FD_TELL = 1n << 5n, FD_ADVISE = 1n << 7n, PATH_OPEN = 1n << 13n, FD_READDIR = 1n << 14n,
    PATH_READLINK = 1n << 15n, PATH_FILESTAT_GET = 1n << 18n, FD_FILESTAT_GET = 1n << 21n, POLL = 1n << 27n;
const READ_ONLY = FD_READ | FD_SEEK | FD_TELL | FD_ADVISE | PATH_OPEN | FD_READDIR | PATH_READLINK | PATH_FILESTAT_GET |
    FD_FILESTAT_GET | POLL;

/** node:wasi without its warning: that it may change is our business, not the user's. */
async function loadWasi() {
    const { emitWarning } = process;
    process.emitWarning = () => {};
    try {
        const { WASI } = await import('node:wasi');
        return (options) => {
            process.emitWarning = () => {};
            try {
                return new WASI({ version: 'preview1', returnOnExit: true, ...options });
            } finally {
                process.emitWarning = emitWarning;
            }
        };
    } finally {
        process.emitWarning = emitWarning;
    }
}

/**
 * createWasi() - { imports, start(instance) -> exit status }
 * @param {object} o
 * @param {Record<string, string>} o.preopens  guest folder -> host folder
 * @param {string[]} o.readOnly     those of the guest folders that may only be read
 * @param {number | null} o.stdin   descriptor that node:wasi serves; null: `reader` does
 * @param {import('./stdin.js').StdinReader | null} o.reader
 * @param {(number | 'function')[]} o.outputs  descriptors of 1 and 2, or 'function': post() carries the bytes
 * @param {Int32Array} o.bell
 */
export async function createWasi({ args, env, preopens, readOnly, stdin, reader, outputs, bell, post }) {
    const sink = () => openSync('/dev/null', 'r+');
    const [out, err] = outputs.map((o) => (o === 'function' ? sink() : o));
    const wasi = (await loadWasi())({ args, env, preopens, stdin: reader ? sink() : stdin, stdout: out, stderr: err });
    const real = wasi.wasiImport;
    const own = {};
    const shut = [false, false, false];
    const nonblock = [false, false, false];
    let memory = null, stdinFd = 0;

    const isOpen = (fd, scratch) => (shut[fd] ? ERRNO.BADF : real.fd_fdstat_get(fd, scratch));
    own.poll_oneoff = createPoll({
        memory: () => memory, bell, isOpen,
        stdin: {
            get fd() { return stdinFd; },
            ready() {
                reader?.start();
                return reader === null || reader.readable;
            },
            get available() { return reader === null ? 1 : reader.available; },
            get hangup() { return reader !== null && reader.ended; },
        },
    });

    own.fd_read = (fd, vectors, count, result) => {
        if (shut[fd]) return ERRNO.BADF;
        if (fd !== stdinFd || reader === null) return real.fd_read(fd, vectors, count, result);
        const list = iovecs(memory, vectors, count, result);
        if (list === null) return ERRNO.FAULT;
        reader.start();
        if (nonblock[fd] && !reader.readable) return ERRNO.AGAIN;
        let total = 0;
        if (list.some((v) => v.length !== 0)) {
            for (;;) {
                const rung = Atomics.load(bell, 0);
                if (reader.readable) break;
                Atomics.wait(bell, 0, rung);
            }
            for (const into of list) {
                const n = reader.read(into);
                total += n;
                if (n < into.length) break;
            }
        }
        new DataView(memory.buffer).setUint32(result >>> 0, total, true);
        return ERRNO.SUCCESS;
    };

    own.fd_write = (fd, vectors, count, result) => {
        if (shut[fd]) return ERRNO.BADF;
        if (outputs[fd - 1] !== 'function') {
            // Node may have made the host's own descriptor non-blocking; that is no business of a guest that did not ask for it.
            for (;;) {
                const status = real.fd_write(fd, vectors, count, result);
                if (status !== ERRNO.AGAIN || fd >>> 0 >= STDIO || nonblock[fd]) return status;
                Atomics.wait(bell, 0, Atomics.load(bell, 0), WRITE_RETRY_MS);
            }
        }
        const list = iovecs(memory, vectors, count, result);
        if (list === null) return ERRNO.FAULT;
        const bytes = new Uint8Array(list.reduce((sum, v) => sum + v.length, 0));
        let at = 0;
        for (const v of list) {
            bytes.set(v, at);
            at += v.length;
        }
        if (at !== 0) post({ op: 'output', fd, bytes });
        new DataView(memory.buffer).setUint32(result >>> 0, at, true);
        return ERRNO.SUCCESS;
    };

    own.fd_fdstat_get = (fd, at) => {
        const result = isOpen(fd, at);
        if (result === ERRNO.SUCCESS && fd >>> 0 < STDIO) {
            const view = new DataView(memory.buffer), flags = (at >>> 0) + 2;
            view.setUint16(flags, (view.getUint16(flags, true) & ~NONBLOCK) | (nonblock[fd] ? NONBLOCK : 0), true);
        }
        return result;
    };
    own.fd_fdstat_set_flags = (fd, flags) => {
        if (shut[fd]) return ERRNO.BADF;
        // Never on the host's descriptor: a terminal's output has the same flags.
        if (fd >>> 0 >= STDIO) return real.fd_fdstat_set_flags(fd, flags);
        nonblock[fd] = (flags & NONBLOCK) !== 0;
        return ERRNO.SUCCESS;
    };
    own.fd_close = (fd) => {
        if (shut[fd]) return ERRNO.BADF;
        if (fd >>> 0 >= STDIO) return real.fd_close(fd);
        shut[fd] = true;
        if (fd === stdinFd) stdinFd = -1;
        return ERRNO.SUCCESS;
    };
    own.fd_renumber = (from, to) => {
        if (shut[from]) return ERRNO.BADF;
        return from < STDIO || to < STDIO ? ERRNO.NOTSUP : real.fd_renumber(from, to);
    };

    /** Takes from a folder, and from what will be opened in it, all but reading. node:wasi answers into guest memory: borrow some. */
    function dropRights(fd) {
        const stat = new DataView(memory.buffer, 0, FDSTAT), kept = new Uint8Array(memory.buffer, 0, FDSTAT).slice();
        let result = real.fd_fdstat_get(fd, 0);
        const base = stat.getBigUint64(8, true), inherited = stat.getBigUint64(16, true);
        result ||= real.fd_fdstat_set_rights(fd, base & READ_ONLY, inherited & READ_ONLY);
        new Uint8Array(memory.buffer).set(kept);
        if (result !== ERRNO.SUCCESS) throw new Error(`a folder cannot be made read-only: WASI error ${result}`);
    }

    return {
        imports: { ...real, ...own },
        start(instance) {
            ({ memory } = instance.exports);
            // start() gives node:wasi the memory and calls _start: between the two the rights are taken away.
            const _start = () => {
                const folders = Object.keys(preopens);
                for (const folder of readOnly) dropRights(STDIO + folders.indexOf(folder));
                instance.exports._start();
            };
            return wasi.start({ exports: { memory, _start } });
        },
    };
}

/** The guest's buffers; null when one is out of range, or the result's place is. */
function iovecs(memory, vectors, count, result) {
    const { buffer } = memory, view = new DataView(buffer), end = buffer.byteLength;
    const [from, n] = [vectors >>> 0, count >>> 0];
    if (from + 8 * n > end || (result >>> 0) + 4 > end) return null;
    const list = [];
    for (let i = 0; i < n; i++) {
        const at = view.getUint32(from + 8 * i, true), length = view.getUint32(from + 8 * i + 4, true);
        if (at + length > end) return null;
        list.push(new Uint8Array(buffer, at, length));
    }
    return list;
}

/** The names that preview1 has here. */
export async function wasiNames() {
    return Object.keys((await loadWasi())({}).wasiImport);
}
