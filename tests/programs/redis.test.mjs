// redis-cli and redis-benchmark, in sandboxes, against a real redis-server on the loopback
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, ok, run, start, scratch, freePort, done } from '../lib/tap.mjs';

const folder = scratch(), port = await freePort(), data = join(folder, 'redis');
mkdirSync(data);
await start('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', data, '--save', ''], { port });
const sandboxed = (name, at, args, options) => run(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', '--dir', `${folder}::/data`,
  join(B, 'programs/redis', `${name}.wasm`), '-h', '10.9.0.2', '-p', `${at}`, ...args], options);
const cli = (args, input) => sandboxed('redis-cli', port, args, { input });
const benchmark = (...args) => sandboxed('redis-benchmark', port, args);
const detail = (r) => `status ${r.status}\n${r.out.slice(0, 500)}${r.err}`;

let r = await cli([], 'set n 41\nincr n\nrpush list a "b c"\nlrange list 0 -1\nnonsense\n');
ok(r.status === 0 && /^OK\n42\n2\na\nb c\nERR unknown command/.test(r.out), 'commands by standard input, one of them refused by the server', detail(r));
r = await cli(['--csv', 'lrange', 'list', '0', '-1']);
ok(r.out === '"a","b c"\n', 'a list as --csv', detail(r));
const pipe = Array.from({ length: 20_000 }, (_, i) => `SET key:${i} ${'v'.repeat(1 + i % 100)}\r\n`).join('');
r = await cli(['--pipe'], pipe);
ok(r.status === 0 && /errors: 0, replies: 20000/.test(r.out), '--pipe: 20,000 commands', detail(r));
const big = 'x'.repeat(3_000_000);
r = await cli(['-x', 'set', 'big'], big);
ok(r.out === 'OK\n' && (await cli(['get', 'big'])).out === `${big}\n`, '3 MB from standard input, and back', detail(r));
writeFileSync(join(folder, 'script.lua'), 'return {KEYS[1], ARGV[1], redis.call("get", KEYS[1])}');
r = await cli(['--eval', '/data/script.lua', 'n', ',', 'given']);
ok(r.out === 'n\ngiven\n42\n', '--eval reads a script from a folder', detail(r));
r = await cli(['--scan', '--pattern', 'key:1999?']);
ok(r.out.trim().split('\n').sort().join() === Array.from({ length: 10 }, (_, i) => `key:1999${i}`).join(), '--scan', detail(r));
r = await cli(['-r', '3', '-i', '0.05', 'incr', 'n']);
ok(r.out === '43\n44\n45\n', 'a command repeated with pauses', detail(r));

const listener = await start(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', join(B, 'programs/redis/redis-cli.wasm'),
  '-h', '10.9.0.2', '-p', `${port}`, 'subscribe', 'news'], { until: /subscribe\nnews\n1/ });
r = await cli(['publish', 'news', 'something']);
for (let i = 0; i < 200 && !/something/.test(listener.out); i++) await new Promise((go) => setTimeout(go, 50));
ok(r.out === '1\n' && /message\nnews\nsomething\n/.test(listener.out), 'a subscriber waits and is told', detail(r) + listener.out);

r = await benchmark('-q', '-n', '20000', '-c', '50', '-P', '16', '-t', 'set,get,lpush');
ok(r.status === 0 && ['SET', 'GET', 'LPUSH'].every((t) => new RegExp(`${t}: \\d+\\.\\d+ requests per second`).test(r.out)), 'redis-benchmark: 50 connections, pipelined', detail(r));
r = await benchmark('--csv', '-n', '500', '-d', '20000', '-t', 'set,get');
ok(r.status === 0 && /^"SET","[1-9]/m.test(r.out) && /^"GET","[1-9]/m.test(r.out), 'and with large values, as --csv', detail(r));
r = await benchmark('-q', '-n', '10', '--threads', '2', '-t', 'set');
ok(r.status === 1 && /Failed to start thread/.test(r.err), 'threads there are none: in words', detail(r));
r = await sandboxed('redis-cli', await freePort(), ['ping']);
ok(r.status === 1 && /Connection refused/.test(r.err), 'no server: refused, in words', detail(r));
await done();
