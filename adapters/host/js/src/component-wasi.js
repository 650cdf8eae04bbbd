/**
 * component-wasi.js - WASI 0.2 for a component in a worker: jco's shim, and what it does otherwise than `isthmus run` promises
 *
 * Ours are the standard streams (the shim's go through the event loop of a thread that never gets to it), the terminals, the folders (the
 * shim gives the whole disk), arguments, variables and the exit. Of wasi:io the provider calls what stands here, and nothing else.
 */
import { readSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

const WRITE_MAX = 65536n; // what check-write permits
const READ_MAX = 1n << 20n;
const WRITE_RETRY_MS = 2;
const PARTS = ['cli', 'clocks', 'filesystem', 'io', 'random'];

/** How a component ends early. */
export class Exit {
    constructor(status) {
        this.status = status;
    }
}

/** The interfaces of jco's preview2-shim by the names under which a transpiled component looks for them. */
export function wasiImports(shim) {
    const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return Object.fromEntries(PARTS.flatMap((part) => Object.entries(shim[part]).map(([name, value]) => [`wasi:${part}/${kebab(name)}`, value])));
}

/** The stream-error that a failed call of the host is. */
function failed({ error }, cause) {
    return cause.code === 'EPIPE' ? { tag: 'closed' } : { tag: 'last-operation-failed', val: new error.Error(cause) };
}

/** Standard input: a descriptor that never blocks, or what the main thread reads. */
function inputOf(io, { fd, reader, bell }) {
    class Arrived extends io.poll.Pollable {
        ready() {
            reader?.start();
            return reader === null || reader.readable;
        }
    }
    const fill = (bytes) => {
        try {
            return readSync(fd, bytes);
        } catch (cause) {
            throw failed(io, cause);
        }
    };
    return new class extends io.streams.InputStream {
        read(len) {
            const bytes = new Uint8Array(Number(len < READ_MAX ? len : READ_MAX));
            if (bytes.length === 0) return bytes;
            reader?.start();
            const over = reader === null || reader.ended;
            const n = reader ? reader.read(bytes) : fill(bytes);
            if (n === 0 && over) throw { tag: 'closed' };
            return bytes.subarray(0, n);
        }
        blockingRead(len) {
            reader?.start();
            while (reader && len !== 0n) {
                const rung = Atomics.load(bell, 0);
                if (reader.readable) break;
                Atomics.wait(bell, 0, rung);
            }
            return this.read(len);
        }
        subscribe() {
            return new Arrived();
        }
    }();
}

/** Standard output or error. @param put  writes all of some bytes */
function outputOf(io, put) {
    class Ready extends io.poll.Pollable {
        ready() {
            return true;
        }
    }
    const write = (bytes) => {
        try {
            put(bytes);
        } catch (cause) {
            throw failed(io, cause);
        }
    };
    return new class extends io.streams.OutputStream {
        checkWrite() {
            return WRITE_MAX;
        }
        write(bytes) {
            write(bytes);
        }
        blockingWriteAndFlush(bytes) {
            write(bytes);
        }
        writeZeroes(len) {
            write(new Uint8Array(Number(len)));
        }
        blockingWriteZeroesAndFlush(len) {
            write(new Uint8Array(Number(len)));
        }
        flush() {}
        blockingFlush() {}
        subscribe() {
            return new Ready();
        }
    }();
}

/** Writes to a descriptor of the host, which Node may have made non-blocking. */
function writeAll(fd, bytes, bell) {
    for (let at = 0; at < bytes.length;) {
        try {
            at += writeSync(fd, bytes, at);
        } catch (error) {
            if (error.code !== 'EAGAIN') throw error;
            Atomics.wait(bell, 0, Atomics.load(bell, 0), WRITE_RETRY_MS);
        }
    }
}

const CHANGES = ['setSize', 'setTimes', 'setTimesAt', 'createDirectoryAt', 'linkAt', 'removeDirectoryAt', 'renameAt', 'symlinkAt', 'unlinkFileAt'];
const guarded = new WeakSet(); // descriptors of folders that may only be read

const refuse = () => {
    throw 'read-only';
};

/** A descriptor of the shim by which, and by those opened from it, nothing can be changed. */
function readOnly(descriptor) {
    for (const name of CHANGES) descriptor[name] = refuse;
    descriptor.openAt = function (how, path, opening, flags) {
        if (opening.create || opening.truncate || flags.write || flags.mutateDirectory) refuse();
        return readOnly(Object.getPrototypeOf(this).openAt.call(this, how, path, opening, flags));
    };
    guarded.add(descriptor);
    return descriptor;
}

/** What is linked or renamed into a folder comes by another descriptor. */
function guardTargets(prototype) {
    for (const name of ['linkAt', 'renameAt']) {
        const real = prototype[name];
        prototype[name] = function (...args) {
            return args.some((arg) => guarded.has(arg)) ? refuse() : real.apply(this, args);
        };
    }
}

/**
 * createComponentWasi() - what a transpiled component imports of WASI, for the worker's only one
 * @param {object} shim  the module preview2-shim
 * @param {object} o     { args, env, preopens, readOnly, reader, outputs, bell, post } as of createWasi(); stdin: { fd, terminal }
 */
export function createComponentWasi(shim, { args, env, preopens, readOnly: shut, stdin, reader, outputs, bell, post }) {
    const { cli, filesystem, io } = shim;
    const put = (fd) => (outputs[fd - 1] === 'function'
        ? (bytes) => bytes.length !== 0 && post({ op: 'output', fd, bytes: bytes.slice() })
        : (bytes) => writeAll(outputs[fd - 1], bytes, bell));
    const terminal = (out) => (out !== 'function' && isatty(out) ? new cli.terminalOutput.TerminalOutput() : undefined);
    const leave = (status) => {
        throw new Exit(status);
    };

    for (const name of ['ready', 'block']) delete io.poll.Pollable.prototype[name][Symbol.for('cabiLower')]; // they know the shim's own only
    filesystem._setPreopens(preopens);
    guardTargets(filesystem.types.Descriptor.prototype);
    for (const [descriptor, path] of filesystem.preopens.getDirectories()) if (shut.includes(path)) readOnly(descriptor);
    return {
        ...wasiImports(shim),
        'wasi:cli/environment': { getArguments: () => args, getEnvironment: () => Object.entries(env), initialCwd: () => undefined },
        'wasi:cli/exit': { exit: ({ tag }) => leave(tag === 'err' ? 1 : 0), exitWithCode: leave },
        'wasi:cli/stdin': { getStdin: () => inputOf(io, { fd: stdin.fd, reader, bell }) },
        'wasi:cli/stdout': { getStdout: () => outputOf(io, put(1)) },
        'wasi:cli/stderr': { getStderr: () => outputOf(io, put(2)) },
        'wasi:cli/terminal-stdin': { getTerminalStdin: () => (stdin.terminal ? new cli.terminalInput.TerminalInput() : undefined) },
        'wasi:cli/terminal-stdout': { getTerminalStdout: () => terminal(outputs[0]) },
        'wasi:cli/terminal-stderr': { getTerminalStderr: () => terminal(outputs[1]) },
    };
}
