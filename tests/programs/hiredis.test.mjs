// hiredis's own example and tests, in a sandbox, against a real redis-server on the loopback
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { B, isthmus, ok, run, start, scratch, freePort, done } from '../lib/tap.mjs';

const folder = scratch(), port = await freePort(), data = join(folder, 'redis');
mkdirSync(data);
await start('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', data, '--save', ''], { port });
// passt maps its gateway to this machine's loopback; behind the second link is the address at which the tests expect nobody.
const links = ['--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', '--link', 'switch:hole?address=192.168.254.1/24'];
const hiredis = (name, ...args) => run(isthmus, ['run', ...links, join(B, 'programs/hiredis', `${name}.wasm`), ...args]);

let r = await hiredis('example', '10.9.0.2', `${port}`);
ok(r.status === 0 && /RPUSH reply: 10/.test(r.out) && /PING: PONG/.test(r.out), 'the example', r.out + r.err);

r = await hiredis('tests', '-h', '10.9.0.2', '-p', `${port}`, '--skip-throughput');
const lines = r.out.split('\n').map((l) => l.replace(/\x1b\[[0-9;]*m/g, ''));
const named = (word) => lines.filter((l) => new RegExp(`^#.*${word}`).test(l));
ok(named('PASSED').length >= 108, `${named('PASSED').length} of its tests pass`, r.out + r.err);
const failed = named('FAILED');
ok(failed.every((l) => /TCP_USER_TIMEOUT/.test(l)), 'and only the one of TCP_USER_TIMEOUT fails, which the stack has not', failed.join('\n'));
await done();
