// The in-process switch: frames between sandboxes, learning and flooding, back-pressure, readers that do not read.
import { join } from 'node:path';
import { B, ok, done, run, isthmus } from '../lib/tap.mjs';

const frames = join(B, 'test/host/frames.wasm');
const A = '020000000001', C = '020000000002', D = '020000000003', ALL = 'ffffffffffff', NOBODY = '0200000000ff';

/** Runs instances of frames.wasm on one switch: { name: commands }; a name with a leading * is in the background. */
async function lan(scripts, { link = 'switch:lan', options = [], ...rest } = {}) {
  const args = Object.entries(scripts).flatMap(([name, commands], i) => [...(i ? ['--'] : options), '--link', link,
    ...(name.startsWith('*') ? ['--background', '--name', name.slice(1)] : ['--name', name]), frames, ...commands]);
  return run(isthmus, ['run', ...args], rest);
}
const stats = (r, name) => {
  const [, received, dropped, sent] = new RegExp(`${name} switch:lan: received (\\d+) frames, \\d+ bytes(?:, (\\d+) dropped)?; sent (\\d+)`).exec(r.err) ?? [];
  return { received: Number(received), dropped: Number(dropped ?? 0), sent: Number(sent) };
};

let r = await lan({ a: ['grant'], '*b': ['sleep:60000'] });
ok(r.status === 0 && /^kind 2 mtu 1500 frame_max 1514 n_links 1$/m.test(r.out), 'the grant says Ethernet with an MTU of 1500', r.out + r.err);
ok(/^address=10\.\d+\.0\.1\/16$/m.test(r.out) && /^address=fd00:[0-9a-f:]+::1\/64$/m.test(r.out) && /^hostname=a$/m.test(r.out), 'the grant has an IPv4 and an IPv6 address and the name', r.out);
ok(/^host=10\.\d+\.0\.2 b$/m.test(r.out) && /^host=fd00:[0-9a-f:]+::2 b$/m.test(r.out), 'the grant has the names of the others', r.out);
r = await lan({ a: ['grant'] }, { link: 'switch:lan?mtu=9000&address=192.0.2.7/24&gateway=192.0.2.1&dns=192.0.2.53', options: ['--grant', 'search=test'] });
ok(/mtu 9000 frame_max 9014/.test(r.out) && r.out.includes('\naddress=192.0.2.7/24\n') && !/address=10\./.test(r.out), 'the link URL sets MTU and address', r.out);
ok(['gateway=192.0.2.1', 'dns=192.0.2.53', 'search=test', 'host=192.0.2.7 a'].every((l) => r.out.includes(`\n${l}\n`)), 'further lines reach the grant', r.out);
r = await lan({ a: ['grant'] }, { link: 'switch:lan?address=none' });
ok(r.status === 0 && !/address=/.test(r.out), 'address=none grants no address', r.out);

r = await lan({ a: [`send:${C}:${A}:5:100:7`], b: ['receive:5'] });
ok(r.status === 0 && (r.out.match(new RegExp(`from ${A} to ${C} length 100 tag \\d+$`, 'gm')) ?? []).length === 5, 'frames reach the other instance, whole', r.out + r.err);
ok(/received 5 of 5, 500 bytes, 0 wrong, 0 out of order/.test(r.out), 'and in order', r.out);

// a is heard first, so that c's answer to a is not flooded to b.
r = await lan({ a: [`send:${ALL}:${A}:1:60`, 'receive:1'], b: ['receive:1', 'quiet:700'], c: ['receive:1', `send:${A}:${D}:1:60`, 'quiet:300'] });
ok(r.status === 0 && (r.out.match(new RegExp(`from ${A} to ${ALL}`, 'g')) ?? []).length === 2, 'a broadcast reaches all others', r.out + r.err);
ok(new RegExp(`from ${D} to ${A}`).test(r.out) && (r.out.match(/quiet/g) ?? []).length === 2, 'a frame to a known address reaches its owner only', r.out);
r = await lan({ a: [`send:${NOBODY}:${A}:1:60`, 'quiet:200'], b: ['receive:1'], c: ['receive:1'] });
ok((r.out.match(/received 1 of 1/g) ?? []).length === 2 && /quiet/.test(r.out), 'a frame to an unknown address is flooded, not returned', r.out);
// b is at the address C first; when it has got its frame it says so, and c takes the address.
r = await lan({ a: ['receive:1', `send:${C}:${A}:1:60:1`, 'receive:2', `send:${C}:${A}:1:60:2`], b: [`send:${ALL}:${C}:1:60`, 'receive:1', `send:${ALL}:${D}:1:60`, 'receive:1', 'quiet:300'],
  c: ['receive:2', `send:${ALL}:${C}:1:60`, 'receive:1'] });
ok(/to 020000000002 length 60 tag 1/.test(r.out) && /to 020000000002 length 60 tag 2/.test(r.out) && /quiet/.test(r.out), 'an address that moves is found at its new place, and there only', r.out);
r = await lan({ a: [`send:${C}:${A}:3:13`, `send:${C}:${A}:1:60`], b: ['receive:1'] });
ok(/sent 3, left 0/.test(r.out) && /received 1 of 1, 60 bytes/.test(r.out), 'a frame too short for Ethernet is dropped', r.out);
r = await lan({ a: [`send:${C}:${A}:1:1515`, `send:${C}:${A}:1:1514`], b: ['receive:1'] });
ok(/received 1 of 1, 1514 bytes/.test(r.out), 'a frame over frame_max is dropped', r.out);

// Back-pressure: far more than a ring holds, to a reader that is slow to start.
r = await lan({ a: [`send:${C}:${A}:3:1515:1`, `send:${C}:${A}:1:1514:1`] }, { options: ['--stats'] });
ok(/a: 3 frames dropped that were longer/.test(r.err), '--stats counts what a guest sends that is longer than its link carries', r.err);
r = await lan({ a: ['receive:1', `send:${C}:${A}:30000:1514:1`], b: [`send:${ALL}:${C}:1:60`, 'sleep:150', 'count:30000:20000'] }, { options: ['--stats'] });
ok(/received 30000 of 30000, 45420000 bytes, 0 wrong, 0 out of order/.test(r.out), '45 MB arrive whole and in order: a full ring refuses', r.out + r.err);
r = await lan({ a: ['receive:1', `send:${C}:${A}:2000:65534:1`], b: [`send:${ALL}:${C}:1:60`, 'count:2000:20000'] }, { link: 'switch:lan?mtu=65520' });
ok(/received 2000 of 2000, 131068000 bytes, 0 wrong, 0 out of order/.test(r.out), 'the same with frames of 65,534 bytes', r.out + r.err);
r = await lan({ a: ['receive:1', `send:${D}:${A}:20000:1000:1`], b: ['receive:1', `send:${D}:${C}:20000:1000:1`], c: [`send:${ALL}:${D}:1:60`, 'count:40000:20000'] });
ok(/received 40000 of 40000, 40000000 bytes, 0 wrong/.test(r.out), 'two senders to one reader lose nothing', r.out + r.err);

// A reader that never reads: its frames are dropped, those for others get through.
r = await lan({ a: ['receive:2', `send:${D}:${A}:5000:1500:1`, `send:${C}:${A}:100:100:1`], b: [`send:${ALL}:${C}:1:60`, 'count:100:9000'],
  '*stuck': [`send:${ALL}:${D}:1:60`, 'spin'] }, { options: ['--stats'] });
ok(r.status === 0 && /sent 5000, left 0/.test(r.out), 'a reader that never reads does not hold up a sender for ever', r.out + r.err);
ok(/received 10[01] of 100|received 100 of 100/.test(r.out), 'others are served meanwhile', r.out);
ok(stats(r, 'stuck').dropped > 1000, 'what is dropped is counted', r.err);
// c floods a ring that nobody reads: the flood is not held up.
r = await lan({ a: [`send:${ALL}:${A}:3000:1500:1`], '*stuck': ['spin'] }, { options: ['--stats'] });
ok(/sent 3000, left 0/.test(r.out) && stats(r, 'stuck').dropped > 1000, 'a broadcast never waits for a full ring', r.out + r.err);

// Workers that are terminated while they send: nothing of theirs stays locked.
let good = 0;
for (let i = 0; i < 5; i++) {
  r = await lan({ '*x': ['receive:1', `send:${C}:${A}:10000000:60:1`], '*y': ['receive:1', `send:${C}:${D}:10000000:60:1`], b: [`send:${ALL}:${C}:1:60`, 'count:20000'],
    c: ['receive:1', `send:${C}:0200000000cc:1000:60:1`] });
  if (r.status === 0 && /sent 1000, left 0/.test(r.out) && /received 20000 of 20000/.test(r.out)) good++;
}
ok(good === 5, 'senders that are terminated in mid-transfer leave no lock behind', r.out + r.err);

r = await lan({ a: ['regrant:late', 'grant'], b: ['sleep:100'], late: ['sleep:100'] });
ok(/granted late/.test(r.out), 'the names of all are there', r.out);
r = await run(isthmus, ['run', '--link', 'switch:one', '--link', 'switch:two', '--name', 'router', frames, 'grant', 'receive:1', 'link:1', 'grant', `send:${ALL}:${A}:1:60`,
  '--', '--link', 'switch:one', frames, `send:${ALL}:${C}:1:60`, '--', '--link', 'switch:two', frames, 'receive:1']);
ok(r.status === 0 && (r.out.match(/n_links 2/g) ?? []).length === 2 && (r.out.match(/received 1 of 1/g) ?? []).length === 2 &&
  new Set(r.out.match(/^address=10\S+/gm)).size === 2, 'an instance with two links stands on two networks', r.out + r.err);
await done();
