// The simulator's share of `make test`: a fixed range of seeds, natively and under the sanitizers; that a seed is the same
// world twice; and that the oracle can fail.
import { join } from 'node:path';
import { B, ok, done, run } from '../lib/tap.mjs';

const sim = (variant, ...args) => run(join(B, variant, 'sim/sim'), [...args, join(B, variant, 'sim/stack.so')], { timeout: 280_000 });
const tail = (r) => r.out.trim().split('\n').slice(-30).join('\n') + r.err;

for (const [variant, first, count] of [['native', 1, 1200], ['asan', 100_001, 210]]) {
  const r = await sim(variant, '--seed', first, '--count', count);
  ok(r.status === 0 && r.out.includes(`${count} passed, 0 failed`), `${count} worlds from seed ${first} on, ${variant}: nothing is lost`, tail(r));
  const harm = /^of the frames: (.*)$/m.exec(r.out)?.[1] ?? '';
  ok(harm.split(', ').length === 7 && !/(^|, )0 /.test(harm), 'and every harm was done to frames', harm);
  for (const line of r.out.trim().split('\n').slice(-3, -1)) console.log(`# ${line}`);
}

const worlds = async (...args) => (await sim('native', '-v', '--count', 20, ...args)).out;
const first = await worlds('--seed', 50), again = await worlds('--seed', 50, '--jobs', 2), other = await worlds('--seed', 51);
const digests = (out) => [...out.matchAll(/^seed (\d+).*(digest \w+)$/gm)].map((m) => m[0]).sort().join('\n');
ok(digests(first) && digests(first) === digests(again), 'the same seeds give the same worlds, frame by frame', digests(first) + digests(again));
ok(digests(first) !== digests(other), 'other seeds give others');

const lied = await sim('native', '--seed', 1, '--count', 20, '--lies', 20_000);
ok(lied.status === 1 && /FAILED  seed \d+, [\w-]+: .*(not what was sent|is wrong|hangs|end of the stream)/.test(lied.out), 'a link that lies is found out', tail(lied));
ok(/again: make sim SEED=\d+ COUNT=1/.test(lied.out) && /at step \d+, [\d.]+ s of the world/.test(lied.out), 'and the report says when, and how to repeat it');
await done();
