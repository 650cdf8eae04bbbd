/**
 * merge.js - a preview1 module and the engine become one module whose only network import is isthmus.exchange
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { match, PREVIEW1 } from './dialects.js';
import { GROW, zeroGrowth } from './growth.js';
import { KIND, parse, write } from './sections.js';
import { shim } from './shim.js';
import { binaryen, home } from './tools.js';

const ENTRY = 'isthmus_client_entry';

/** What cannot be merged, and why. */
function check(client) {
    const foreign = client.imports.find((i) => i.module === 'isthmus');
    if (foreign) throw new UsageError('it imports isthmus.exchange: it is composed already, or built with isthmus-cc');
    const old = client.imports.find((i) => /^(wasi_unstable|wasix|wasi_snapshot_preview2)/.test(i.module));
    if (old) throw new UsageError(`it imports ${old.module}.${old.name}: only WASI preview1 (${PREVIEW1}) can be merged`);
    const memories = [...client.imports.filter((i) => i.kind === KIND.memory).map((i) => i.limits), ...client.memories];
    if (memories.length !== 1) throw new UsageError(`it has ${memories.length} memories: one is what can be merged`);
    if (memories[0].shared) throw new UsageError('its memory is shared: threads cannot be merged');
    if (memories[0].is64) throw new UsageError('its memory has 64-bit addresses: the link knows 32-bit ones only');
    if (!client.exports.some((e) => e.name === 'memory' && e.kind === KIND.memory)) throw new UsageError('it exports no memory of the name "memory"');
    if (client.memories.length === 0) throw new UsageError('it imports its memory: the host could not find it behind the merge');
}

function adapt(client, served) {
    const entry = ['_start', '_initialize'].find((name) => client.exports.some((e) => e.name === name && e.kind === KIND.func));
    const imports = client.imports.map((i) => (served.has(i) ? { ...i, module: 'engine', name: served.get(i) } : i));
    const exports = client.exports.map((e) => (e.name === entry ? { ...e, name: ENTRY } : e));
    return { entry, bytes: write({ ...client, imports, exports }) };
}

/** Keeps what the client exported, and what a host of ours looks for. */
function trim(bytes, client, entry, lowered) {
    const merged = parse(bytes);
    const wanted = new Set(client.exports.map((e) => e.name));
    const exports = merged.exports.filter((e) => (wanted.has(e.name) && e.name !== entry) || e.name === 'ist_pump' || e.name === GROW)
        .concat(merged.exports.filter((e) => e.name === 'isthmus_entry').map((e) => ({ ...e, name: entry })));
    const mine = merged.exports.find((e) => e.name === 'memory').index;
    const other = merged.exports.find((e) => e.kind === KIND.memory && e.index !== mine);
    if (!lowered) exports.push({ name: 'isthmus_memory', kind: KIND.memory, index: other.index });
    return write({ ...merged, exports });
}

/**
 * @param {Buffer} bytes of the client
 * @param {{ dialect: string, multiMemory: boolean, listeners: Buffer[], simd: boolean }} plan
 * @returns {Promise<{ bytes: Buffer, dialect: string, served: string[], left: string[] }>}
 */
export async function merge(bytes, plan) {
    let client;
    try {
        client = parse(bytes);
    } catch (error) {
        throw new UsageError(`it cannot be read: ${error.message}`);
    }
    check(client);
    const { dialect, served, left } = match(client.imports, plan.dialect);
    if (![...served.keys()].some((i) => i.name.startsWith('sock_'))) {
        throw new UsageError(`it imports no call on sockets: there is nothing to compose (its imports: ${left.concat([...served.keys()]).map((i) => i.name).join(', ') || 'none'})`);
    }
    const engine = join(home(), plan.simd ? 'wasm' : 'wasm-nosimd', 'engine.wasm');
    if (!existsSync(engine)) throw new UsageError(`the engine is missing (${engine}): run make, and use build/bin/isthmus`);
    const opensFiles = client.imports.some((i) => i.name === 'path_open');
    const lowered = !plan.multiMemory, { entry, bytes: adapted } = adapt(client, served);
    if (plan.listeners.length && !entry) throw new UsageError('--listen: it exports neither _start nor _initialize, so nothing could listen before it');
    const dir = await mkdtemp(join(tmpdir(), 'isthmus-compose-'));
    const file = (name) => join(dir, name);
    try {
        await writeFile(file('client.wasm'), adapted);
        await writeFile(file('shim.wat'), shim({ lowered, listeners: plan.listeners, opensFiles, entry }));
        await binaryen('wasm-merge', [file('client.wasm'), 'client', engine, 'engine', file('shim.wat'), 'isthmus_shim', '--rename-export-conflicts', '-o', file('merged.wasm')]);
        await writeFile(file('trimmed.wasm'), trim(await readFile(file('merged.wasm')), client, entry, lowered));
        await binaryen('wasm-opt', [file('trimmed.wasm'), '--strip-dwarf', '--remove-unused-module-elements', ...(lowered ? ['--multi-memory-lowering'] : []), '-o', file('out.wasm')]);
        const names = (list) => list.map((i) => `${i.module}.${i.name}`);
        const out = await readFile(file('out.wasm'));
        return { bytes: lowered ? zeroGrowth(out) : out, dialect, served: names([...served.keys()]), left: names(left) };
    } finally {
        await rm(dir, { recursive: true });
    }
}
