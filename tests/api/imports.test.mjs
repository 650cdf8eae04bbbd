// A module imports isthmus.exchange and only those WASI functions that the program itself uses: the programs of imports/ against
// tests/expect/api-*.imports. `node tests/api/imports.test.mjs --write` renews the lists.
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, run, has, skip, done } from '../lib/tap.mjs';

const out = join(B, 'test/api/imports');
mkdirSync(out, { recursive: true });

for (const source of readdirSync('tests/api/imports').filter((f) => f.endsWith('.c'))) {
  const name = source.replace(/\.c$/, '');
  const expected = `tests/expect/api-${name}.imports`;
  for (const flags of [[], ['--no-simd', '-O0']]) {
    const module = join(out, `${name}${flags.length}.wasm`);
    const built = await run(join(B, 'bin/isthmus-cc'), [...flags, '-Wall', '-Werror', '-Wl,--fatal-warnings', join('tests/api/imports', source), '-o', module]);
    if (!ok(built.status === 0, `${name} is built${flags.map((f) => ` ${f}`).join('')}`, built.err)) continue;
    const list = WebAssembly.Module.imports(await WebAssembly.compile(readFileSync(module))).map((i) => `${i.module}.${i.name}\n`).sort().join('');
    if (process.argv.includes('--write')) writeFileSync(expected, list);
    ok(existsSync(expected) && list === readFileSync(expected, 'utf8'), `${name}${flags.map((f) => ` ${f}`).join('')} imports what ${expected} says`, list);
    if (!flags.length) continue;
    if (!has('wasm-objdump')) skip(`${name} without SIMD has no vector instruction`, 'wabt is not installed');
    else ok(!/v128|i8x16|i32x4/.test((await run('wasm-objdump', ['-d', module])).out), `${name} without SIMD has no vector instruction`);
  }
}
await done();
