// A Python program, made a component by componentize-py, composed and run on Node and on wasmtime (make check-programs; minutes on a slow machine)
import { copyFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { atEnd, B, done, freePort, isthmus, ok, run, scratch, skip } from '../lib/tap.mjs';

const extra = join(B, 'extra'), wit = join(extra, 'npm/node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12');
if (![join(extra, 'py/bin/componentize-py'), wit].every(existsSync)) {
  if (process.env.CI) ok(false, 'a Python program gets the network', 'under CI the extras are there: make setup-extra');
  else skip('a Python program gets the network', 'componentize-py and jco are extras: make setup-extra');
  await done();
}

const folder = scratch(), at = (name) => join(folder, name), limit = { timeout: 280_000 };
copyFileSync('tests/compose/python/app.py', at('app.py'));
const texts = ['io', 'clocks', 'random', 'filesystem', 'sockets', 'cli'].flatMap((name) => ['-d', join(wit, `wasi-${name}`)]);
const made = await run(join(extra, 'py/bin/componentize-py'), ['-q', ...texts, '-w', 'wasi:cli/command@0.2.12', 'componentize', '-p', folder, 'app', '-o', at('app.wasm')], limit);
ok(made.status === 0, 'a Python program with socket and http.client becomes a component', made.out + made.err);
const composed = await run(isthmus, ['compose', at('app.wasm'), '-o', at('app.net.wasm')], limit);
ok(composed.status === 0, 'it is composed', composed.out + composed.err);

const big = Buffer.alloc(1 << 20, 'x');
const server = createServer((q, r) => (q.url === '/missing' ? r.writeHead(404).end('no') : r.end(big))).listen(0, '127.0.0.1');
atEnd(() => server.close());
await new Promise((listens) => server.once('listening', listens));
const port = String(server.address().port), nobody = String(await freePort());
const said = 'socket: HTTP/1.1 200 OK\nhttp.client: 200 1048576\nhttp.client: 404 2\n';
const passt = ['--address', '10.9.0.2', '--netmask', '24', '--gateway', '10.9.0.1'];

const hosts = {
  Node: (...args) => run(isthmus, ['run', '--link', 'passt:address=10.9.0.2/24,gateway=10.9.0.1', at('app.net.wasm'), ...args], limit),
  wasmtime: (...args) => run(join(extra, 'py/bin/python'), [resolve('adapters/host/wasmtime/run.py'), ...passt, '--', at('app.net.wasm'), ...args], limit),
};
for (const [host, on] of Object.entries(hosts)) {
  const r = await on('10.9.0.1', port);
  ok(r.status === 0 && r.out === said, `${host}: its socket and its http.client talk to a server on this machine`, r.out + r.err);
  const none = await on('10.9.0.1', nobody);
  ok(none.status === 1 && none.out === 'ConnectionRefusedError: [Errno 14] Connection refused\n', `${host}: nobody listens: ConnectionRefusedError`, none.out + none.err);
}
await done();
