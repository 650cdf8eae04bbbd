// isthmus compose on components: a C program for wasm32-wasip2, compiled without anything of ours, is joined with the provider and talks to a
// server in another sandbox; what cannot be joined is refused with its reason
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { atEnd, B, done, freePort, isthmus, ok, run, scratch, skip } from '../lib/tap.mjs';
import { available, transpiled } from '../component/provider.mjs';
import { componentFrom } from './wasip2.mjs';

const tools = join(B, 'extra/py/bin/wasm-tools');
if (!available('isthmus compose on components')) await done();
if (!existsSync(tools)) {
  if (process.env.CI) ok(false, 'isthmus compose on components', 'under CI wasm-tools is there: make setup-extra');
  else skip('isthmus compose on components', 'wasm-tools is one of the extras: make setup-extra');
  await done();
}

const folder = scratch();
const file = (name) => join(folder, `${name}.wasm`);
const compose = (source, name, ...options) => run(isthmus, ['compose', source, '-o', file(name), ...options], { timeout: 120_000 });
const importsOf = async (component) => [...(await run(tools, ['component', 'wit', component])).out.split('\npackage')[0].matchAll(/^  import ([^;]+);/gm)].map((m) => m[1]);

await componentFrom(join(B, 'test/component/echo_client.core.wasm'), file('client'));
const onNode = (entry, ...args) => run(process.execPath, ['tests/component/run.mjs', entry, ...args], { timeout: 120_000 });
for (const profile of ['full', 'sealed']) {
  const r = await compose(file('client'), profile, '--profile', profile);
  ok(r.status === 0 && r.out.includes(`profile ${profile}\n`) && / served by Isthmus: .*wasi:sockets\/tcp@/.test(r.out) && /left to the host: .*isthmus:link.*wasi:cli\/exit@/.test(r.out),
    `${profile}: a wasip2 program in C is composed; it says what is served and what is left`, r.out + r.err);
  const left = await importsOf(file(profile));
  ok(left.includes('isthmus:link/link@0.1.0') && !left.some((name) => /wasi:sockets/.test(name)), `${profile}: the link is its only network import`, left.join(' '));
  if (profile === 'sealed') ok(!left.some((name) => /wasi:(io|filesystem|cli.std)/.test(name)), 'sealed: and nothing of wasi:io or the filesystem is left', left.join(' '));
  const entry = await transpiled(file(profile), `echo-client-${profile}`);
  const echo = await onNode(entry, join(B, 'demos/echo/echo-server.wasm'), '7', '--', 'server', '7', '3', '300000');
  ok(echo.status === 0 && echo.out.includes('3 connections, 300000 bytes each\n'), `${profile}: a name is looked up, three connections echo 300,000 bytes each, and the program's output comes out`, echo.out + echo.err);
  const refused = await onNode(entry, '--', 'client', '9', '1', '1');
  ok(refused.status === 1 && /connect: Connection refused/.test(refused.out), `${profile}: nobody listens: connection refused`, refused.out + refused.err);
}

// wasmtime, through passt
{
  const python = join(B, 'extra/py/bin/python'), host = 'adapters/host/wasmtime';
  const echo = createServer((s) => s.pipe(s).on('error', () => {})).listen(0, '127.0.0.1');
  atEnd(() => echo.close());
  await new Promise((listens) => echo.once('listening', listens));
  const passt = ['--address', '10.9.0.2', '--netmask', '24', '--gateway', '10.9.0.1'];
  const onWasmtime = (...args) => run(python, [join(host, 'run.py'), ...passt, '--', file('full'), '10.9.0.1', ...args], { timeout: 120_000 });
  const r = await onWasmtime(String(echo.address().port), '2', '100000');
  ok(r.status === 0 && r.out === '2 connections, 100000 bytes each\n', 'wasmtime: two connections through passt to a server on this machine', r.out + r.err);
  const none = await onWasmtime(String(await freePort()), '1', '1');
  ok(none.status === 1 && /connect: Connection refused/.test(none.out), 'wasmtime: nobody listens: connection refused, and the exit status is the program\'s', none.out + none.err);
  const rules = await run(python, [join('tests/compose', 'link_rules.py')], { env: { ...process.env, PYTHONPATH: host, PYTHONDONTWRITEBYTECODE: '1' } });
  ok(rules.status === 0, 'wasmtime: its link keeps the rules of docs/link.md', rules.out + rules.err);
}

// refused, and why
const refuse = async (name, source, why, options = [], settings = {}) => {
  const r = settings.env
    ? await run(process.execPath, ['adapters/host/js/bin/isthmus.js', 'compose', source, '-o', file('x'), ...options], settings)
    : await run(isthmus, ['compose', source, '-o', file('x'), ...options]);
  ok(r.status === 2 && why.test(r.err) && !existsSync(file('x')), `refused: ${name}`, `${r.status} ${r.out}${r.err}`);
};
/** A component with these imports, in text. */
async function component(name, ...lines) {
  writeFileSync(join(folder, `${name}.wat`), `(component ${lines.join('\n')})`);
  const r = await run(tools, ['parse', join(folder, `${name}.wat`), '-o', file(name)]);
  if (r.status !== 0) throw new Error(r.err);
  return file(name);
}
const POLL = '(import "wasi:io/poll@0.2.3" (instance $poll (export "pollable" (type (sub resource))))) (alias export $poll "pollable" (type $pollable))';
const NETWORK = '(import "wasi:sockets/network@0.2.3" (instance (export "network" (type (sub resource)))))';
const sharing = (name) => `(import "${name}" (instance (alias outer 1 $pollable (type $p)) (export "pollable" (type (eq $p)))))`;

await refuse('a component that is composed already', file('full'), /composed already/);
await refuse('one that imports what shares types with the sockets and is not served', await component('http', POLL, NETWORK, sharing('wasi:http/types@0.2.3')), /wasi:http\/types@0\.2\.3.*does not serve.*wasi:io\/poll@0\.2\.3/);
await refuse('wasi:tls without the flag that says draft', await component('tls', POLL, NETWORK, sharing('wasi:tls/types@0.2.0-draft')), /wasi:tls\/types@0\.2\.0-draft.*--draft-tls/);
await refuse('one without sockets', await component('plain', POLL), /no wasi:sockets.*wasi:io\/poll@0\.2\.3/);
await refuse('wasi:sockets of WASI 0.3', await component('three', '(import "wasi:sockets/types@0.3.0" (instance))'), /wasi:sockets\/types@0\.3\.0.*0\.2 only/);
await refuse('a function of wasi:sockets that there is not', await component('strange', '(import "wasi:sockets/instance-network@0.2.99" (instance (export "teleport" (func))))'), /teleport/);
await refuse('a function that is part of no interface', await component('single', NETWORK, '(import "now" (func (result u64)))'), /"now", a func/);
await refuse('a component cut short', (writeFileSync(file('short'), Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 4, 99])), file('short')), /wasm-tools: /);
await refuse('a profile that there is not', file('client'), /--profile half/, ['--profile', 'half']);
await refuse('options of core modules', file('client'), /--listen is for core modules/, ['--listen', '80']);
await refuse('--profile for a core module', join(B, 'test/compose/grow.wasm'), /--profile is for components/, ['--profile', 'full']);
await refuse('--draft-tls for a core module', join(B, 'test/compose/grow.wasm'), /--draft-tls is for components/, ['--draft-tls']);
await refuse('no provider with the draft', file('client'), /provider is missing.*make component WASI_TLS=draft/, ['--draft-tls'], { env: { PATH: folder, ISTHMUS_HOME: folder } });
await refuse('no provider', file('client'), /provider is missing.*make component/, [], { env: { PATH: folder, ISTHMUS_HOME: folder } });
mkdirSync(join(folder, 'component'));
writeFileSync(join(folder, 'component/full.wasm'), '');
await refuse('wasm-tools is missing', file('client'), /make setup-extra/, [], { env: { PATH: folder, ISTHMUS_HOME: folder } });

// what else it may import and export
{
  const own = await component('own', NETWORK, '(import "a:b/c@1.0.0" (instance $c (type $r (record (field "x" u32))) (export "r" (type (eq $r)))))', '(alias export $c "r" (type $r))',
    '(import "a:b/d@1.0.0" (instance (alias outer 1 $r (type $r)) (export "r" (type (eq $r)))))', '(instance $e) (export "a:b/e@1.0.0" (instance $e))');
  const r = await compose(own, 'own.net');
  const wit = await run(tools, ['component', 'wit', file('own.net')]);
  ok(r.status === 0 && ['import a:b/c@1.0.0;', 'import a:b/d@1.0.0;'].every((line) => wit.out.includes(line)), 'interfaces of its own are passed on to the host, with the types between them', r.out + r.err + wit.out + wit.err);
}
await done();
