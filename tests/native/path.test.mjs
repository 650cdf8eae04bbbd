// A connection over a simulated path, two copies of libisthmus.so in virtual time: the same at every run, so the goals of `make bench` are tests.
import { join } from 'node:path';
import { B, ok, done, run } from '../lib/tap.mjs';
import { path, rows } from '../bench/path.mjs';

for (const [name, mbit, against, of, goal] of await rows())
  ok(mbit / of >= goal, `${name}: at least ${goal} of ${against}`, `${mbit} of ${of} Mbit/s`);
ok(await path({ seconds: 1 }) === await path({ seconds: 1 }), 'the same path twice: the same figure');
ok(await path({ lost: 10_000, seconds: 1 }) < await path({ seconds: 1 }), 'losses cost');
const library = join(B, 'native/libisthmus.so');
const r = await run(join(B, 'bench/path'), [library, library, '100', '50', '0', '0', '1', '1']);
ok(r.status === 1 && /one file twice/.test(r.err), 'one library is one stack: twice the same file is refused', r.err);
await done();
