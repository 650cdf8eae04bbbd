// mosquitto_pub and mosquitto_sub, in sandboxes, through a real broker on the loopback
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { B, isthmus, ok, run, start, scratch, freePort, done } from '../lib/tap.mjs';

const folder = scratch(), port = await freePort();
writeFileSync(join(folder, 'conf'), `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
await start('mosquitto', ['-c', join(folder, 'conf')], { port });
const client = (name, ...args) => run(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', join(B, 'programs/mosquitto', `mosquitto_${name}.wasm`),
  '-h', '10.9.0.2', '-p', `${port}`, ...args]);

let r = await client('pub', '-t', 'kept', '-r', '-q', '2', '-m', 'retained');
ok(r.status === 0, 'a message is published with quality 2, to be kept', r.err);
r = await client('sub', '-t', 'kept', '-C', '1');
ok(r.status === 0 && r.out === 'retained\n', 'and found by who comes later', r.out + r.err);

const waiting = client('sub', '-t', 'live/#', '-q', '1', '-C', '3', '-v');
let told;
for (let i = 0; i < 100 && !told; i++) {
  await client('pub', '-t', 'live/a', '-q', '1', '-m', `message ${i}`);
  told = await Promise.race([waiting, new Promise((go) => setTimeout(() => go(null), 50))]);
}
r = await waiting;
ok(r.status === 0 && /^(live\/a message \d+\n){3}$/.test(r.out), 'three messages reach a subscriber while it waits', r.out + r.err);

r = await run(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', join(B, 'programs/mosquitto/mosquitto_pub.wasm'), '-h', '10.9.0.2', '-p', `${await freePort()}`, '-t', 'x', '-m', 'y']);
ok(r.status !== 0 && /refused/i.test(r.err), 'no broker: refused, in words', r.err);
await done();
