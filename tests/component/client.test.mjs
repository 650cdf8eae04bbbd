// A C program for wasm32-wasip2, compiled without anything of ours, is joined with the provider and talks to a server in another sandbox
import { join } from 'node:path';
import { B, done, ok, run, scratch } from '../lib/tap.mjs';
import { componentFrom, importsOf, plug } from './plug.mjs';
import { available, transpiled } from './provider.mjs';

if (!available('a wasip2 program in C, joined with the provider')) await done();

const folder = scratch();
const client = join(folder, 'client.wasm');
await componentFrom(join(B, 'test/component/echo_client.core.wasm'), client);
const wanted = await importsOf(client);
ok(['tcp@', 'network@', 'ip-name-lookup@'].every((i) => wanted.some((name) => name.startsWith(`wasi:sockets/${i}`))), 'the program imports wasi:sockets', wanted.join(' '));

for (const profile of ['full', 'sealed']) {
  const whole = join(folder, `${profile}.wasm`);
  await plug(join(B, 'component', `${profile}.wasm`), client, whole);
  const left = await importsOf(whole);
  ok(left.includes('isthmus:link/link@0.1.0') && !left.some((name) => /wasi:sockets/.test(name)), `${profile}: joined, the link is its only network import`, left.join(' '));
  if (profile === 'sealed') ok(!left.some((name) => /wasi:(io|filesystem|cli.std)/.test(name)), 'sealed: and nothing of wasi:io or the filesystem is left', left.join(' '));
  const entry = await transpiled(whole, `echo-client-${profile}`);
  const r = await run(process.execPath, ['tests/component/run.mjs', entry, join(B, 'demos/echo/echo-server.wasm'), '7', '--', 'server', '7', '3', '300000'], { timeout: 120_000 });
  ok(r.status === 0 && r.out.includes('3 connections, 300000 bytes each\n'), `${profile}: a name is looked up, three connections echo 300,000 bytes each, and the program's output comes out`, r.out + r.err);
  const refused = await run(process.execPath, ['tests/component/run.mjs', entry, '--', 'client', '9', '1', '1'], { timeout: 120_000 });
  ok(refused.status === 1 && /connect: Connection refused/.test(refused.out), `${profile}: nobody listens: connection refused`, refused.out + refused.err);
}
await done();
