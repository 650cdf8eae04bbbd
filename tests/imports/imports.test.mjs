// The import list of every module we ship is the one in tests/expect/. `node tests/imports/imports.test.mjs --write` renews them.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done } from '../lib/tap.mjs';

const modules = readdirSync(join(B, 'demos'), { withFileTypes: true }).filter((d) => d.isDirectory())
  .flatMap((d) => readdirSync(join(B, 'demos', d.name)).filter((f) => f.endsWith('.wasm')).map((f) => ['demos', d.name, f]))
  .concat(existsSync(join(B, 'wasm/stack.wasm')) ? [['wasm', 'stack.wasm']] : []);

for (const parts of modules) {
  const module = await WebAssembly.compile(readFileSync(join(B, ...parts)));
  const list = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}\n`).sort().join('');
  const expected = join('tests/expect', `${parts.at(-1).replace(/\.wasm$/, '')}.imports`);
  if (process.argv.includes('--write')) writeFileSync(expected, list);
  ok(existsSync(expected) && list === readFileSync(expected, 'utf8'), `${parts.join('/')} imports what ${expected} says`, list);
}
ok(modules.length >= 6, 'all modules were looked at', modules.join('\n'));
await done();
