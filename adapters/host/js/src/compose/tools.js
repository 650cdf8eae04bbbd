/**
 * tools.js - binaryen's programs: found, run, their complaints passed on
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.js';

const run = promisify(execFile);

/** ISTHMUS_HOME is the build folder (build/bin/isthmus sets it). */
export const home = () => process.env.ISTHMUS_HOME ?? '';

function find(tool) {
    const places = [join(home(), 'npm', 'node_modules', '.bin'), ...(process.env.PATH ?? '').split(delimiter)];
    const found = places.map((place) => join(place, tool)).find((path) => existsSync(path));
    if (!found) throw new UsageError(`${tool} of binaryen is missing: run make setup-compose, or npm install binaryen and put its programs on the PATH`);
    return found;
}

/** What modules may contain; binaryen writes none of it that they do not. */
const FEATURES = ['multimemory', 'bulk-memory', 'bulk-memory-opt', 'simd', 'sign-ext', 'nontrapping-float-to-int', 'mutable-globals', 'reference-types', 'multivalue',
    'tail-call', 'exception-handling', 'extended-const', 'call-indirect-overlong'].map((f) => `--enable-${f}`);

export async function binaryen(tool, args) {
    await run(find(tool), [...args, ...FEATURES], { maxBuffer: 1 << 24 }).catch((error) => {
        if (error instanceof UsageError) throw error;
        throw new UsageError(`${tool}: ${(error.stderr || error.message).trim().split('\n').slice(-3).join(' ')}`);
    });
}
