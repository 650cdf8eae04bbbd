// The two stacks of `make bench` in one thread do their work, natively and in Node: a little of each; no figure is judged.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { B, ok, done, scratch, run } from '../lib/tap.mjs';

const copy = join(scratch(), 'pair.so'), at = (name) => join(B, 'bench', name);
copyFileSync(at('pair.so'), copy);
const sides = { natively: [at('pair-native'), [at('pair.so'), copy]],
  'in Node': [process.execPath, [fileURLToPath(new URL('../bench/pair.mjs', import.meta.url)), at('pair.wasm')]] };
for (const [where, [command, args]] of Object.entries(sides)) {
  for (const what of ['bulk 1500 8', 'bulk 9000 8', 'bulk 65535 8', 'rr 10 200', 'rr 300 200', 'connects 50', ...(where === 'in Node' ? ['idle 300'] : [])]) {
    const r = await run(command, [...args, ...what.split(' ')], { timeout: 30_000 });
    ok(r.status === 0 && Number(r.out) > 0, `two stacks in one thread ${where}: ${what}`, r.err + r.out);
  }
}
const r = await run(at('pair-native'), [at('pair.so'), join(B, 'bench/none.so'), 'connects', '1']);
ok(r.status === 1 && /none\.so/.test(r.err), 'a library that is not there is told', r.err);
await done();
