/**
 * tools.js - binaryen's programs and wasm-tools: found, run, their complaints passed on
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.js';

const run = promisify(execFile);

/** ISTHMUS_HOME is the build folder (build/bin/isthmus sets it). */
export const home = () => process.env.ISTHMUS_HOME ?? '';

export function findTool(tool, folder, advice) {
    const places = [join(home(), folder), ...(process.env.PATH ?? '').split(delimiter)];
    const found = places.map((place) => join(place, tool)).find((path) => existsSync(path));
    if (!found) throw new UsageError(`${tool} is missing: ${advice}`);
    return found;
}

async function call(path, args, name) {
    return run(path, args, { maxBuffer: 1 << 28 }).catch((error) => {
        throw new UsageError(`${name}: ${(error.stderr || error.message).trim().split('\n').slice(-3).join(' ')}`);
    });
}

/** What modules may contain; binaryen writes none of it that they do not. */
const FEATURES = ['multimemory', 'bulk-memory', 'bulk-memory-opt', 'simd', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'reference-types', 'multivalue',
    'tail-call', 'exception-handling', 'extended-const', 'call-indirect-overlong'].map((f) => `--enable-${f}`);

export async function binaryen(tool, args) {
    await call(findTool(tool, 'npm/node_modules/.bin', 'run make setup-compose, or npm install binaryen and put its programs on the PATH'), [...args, ...FEATURES], tool);
}

/** Returns what it prints. */
export async function wasmTools(args) {
    const path = findTool('wasm-tools', 'extra/py/bin', 'run make setup-extra, or install wasm-tools and put it on the PATH');
    return (await call(path, args, 'wasm-tools')).stdout;
}
