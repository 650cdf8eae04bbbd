/**
 * module.js - a file that shall run: is it one that can?
 */
import { readFile } from 'node:fs/promises';
import { reason, UsageError } from './errors.js';
import { wasiNames } from './wasi.js';

const MAGIC = 0x6d736100; // "\0asm"
const CORE = 1, COMPONENT = 0x1000d;

/** The bytes of a path, or those given: a core module or a component. */
export async function readWasm(source, label = String(source)) {
    let bytes = source;
    if (typeof source === 'string' || source instanceof URL) {
        bytes = await readFile(source).catch((error) => {
            throw new UsageError(`${label}: cannot be read: ${reason(error)}`);
        });
    }
    const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(8, bytes.byteLength));
    if (head.length < 8 || head.readUInt32LE(0) !== MAGIC) throw new UsageError(`${label}: not a WebAssembly module`);
    if (![CORE, COMPONENT].includes(head.readUInt32LE(4))) throw new UsageError(`${label}: an unknown version of WebAssembly`);
    return bytes;
}

/** Of what readWasm() returned. */
export const isComponent = (bytes) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true) === COMPONENT;

/** Compiles a path, bytes or a module; returns { module, imports } where imports is the list "module.name". */
export async function loadModule(source, label = String(source)) {
    const module = source instanceof WebAssembly.Module ? source : await compile(source, label);
    return { module, imports: WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`) };
}

async function compile(source, label) {
    const bytes = await readWasm(source, label);
    if (isComponent(bytes)) throw new UsageError(`${label}: a component; transpile() makes of it what spawn() runs`);
    return WebAssembly.compile(bytes).catch((error) => {
        throw new UsageError(`${label}: not a valid WebAssembly module: ${error.message.replace(/^WebAssembly\.compile\(\): /, '')}`);
    });
}

/** Whether a module can run as a command with so many links. */
export async function checkCommand({ module, imports }, label, nLinks) {
    const given = new Set([...(await wasiNames()).map((name) => `wasi_snapshot_preview1.${name}`), 'isthmus.exchange']);
    const unknown = imports.filter((name) => !given.has(name));
    if (unknown.length !== 0) throw new UsageError(`${label}: it imports what nobody here provides: ${[...new Set(unknown)].join(', ')}`);
    const exports = new Map(WebAssembly.Module.exports(module).map((e) => [e.name, e.kind]));
    if (exports.get('_start') !== 'function') throw new UsageError(`${label}: not a command: it exports no function _start`);
    if (exports.get('memory') !== 'memory') throw new UsageError(`${label}: it exports no memory of the name "memory"`);
    if (nLinks !== 0 && !imports.includes('isthmus.exchange')) {
        throw new UsageError(`${label}: it has a link but does not import isthmus.exchange: it opens no socket, or was not built with isthmus-cc`);
    }
}
