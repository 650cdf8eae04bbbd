// isthmus compose: compiled preview1 modules, built without anything of ours, get the network; each talks to a real peer in another sandbox
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, ok, run, scratch, done } from '../lib/tap.mjs';

const folder = scratch();
const guest = (name) => join(B, 'test/compose', `${name}.wasm`);
const composed = (name) => join(folder, `${name}.net.wasm`);
const compose = (name, ...options) => run(isthmus, ['compose', guest(name), '-o', composed(name), ...options], { timeout: 280_000 });
const imports = (file) => WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file))).map((i) => `${i.module}.${i.name}`);

async function made(name, dialect, ...options) {
  const r = await compose(name, ...options);
  if (!ok(r.status === 0 && r.out.includes(`dialect ${dialect}`), `${name} is composed; its dialect is ${dialect}`, r.out + r.err)) return false;
  const left = imports(composed(name));
  return ok(left.includes('isthmus.exchange') && !left.some((i) => /sock_|isthmus_shim|engine/.test(i)), `${name}: the link is its only network import`, left.join(' '));
}

/** Both on one switch; the server is called "server" there. */
const together = (server, client, options = {}) => run(isthmus, ['run',
  '--link', 'switch:lan', '--name', 'server', ...(options.background === false ? [] : ['--background']), ...server, '--', '--link', 'switch:lan', '--name', 'client', ...client], { timeout: 120_000, ...options });
const echo = [join(B, 'demos/echo/echo-server.wasm'), '7'];

// WasmEdge, one shape talking to the other
if (await made('edge1_client', 'wasmedge') & await made('edge2_server', 'wasmedge2')) {
  const r = await together([composed('edge2_server')], [composed('edge1_client'), 'server'], { background: false });
  ok(r.status === 0 && r.out.includes('tcp hello\n') && r.out.includes('udp data\n'), 'TCP and UDP between the two shapes of WasmEdge, by name', r.out + r.err);
}

// WAMR
if (await made('wamr_client', 'wamr')) {
  await compose('edge2_server', '-q');
  const r = await together([composed('edge2_server')], [composed('wamr_client'), 'server'], { background: false });
  ok(r.status === 0 && r.out.includes('tcp\n') && r.out.includes('udp\n'), 'TCP, UDP, a name and options through the sockets of WAMR', r.out + r.err);
}

// preview1 alone: the socket comes from --listen
if (await made('p1_accept', 'p1', '--listen', '0.0.0.0:7')) {
  const r = await together([composed('p1_accept')], [join(B, 'demos/echo/echo-clients.wasm'), 'server', '7', '1', '9000'], { background: false });
  ok(r.status === 0, 'a preview1 server accepts on descriptor 3', r.out + r.err);
  const alone = await run(isthmus, ['run', composed('p1_accept')]);
  ok(alone.status === 134 && alone.err.includes('the network did not start'), 'without a network the socket of --listen cannot be made, and it says so', alone.out + alone.err);
}
if (await made('p1_server', 'p1', '--listen', '8080')) {
  const dirs = ['a', 'b'].flatMap((name) => (mkdirSync(join(folder, name)), ['--dir', `${join(folder, name)}::/${name}`]));
  const clients = [join(B, 'demos/echo/echo-clients.wasm'), 'server', '8080', '20', '3000'];
  const r = await together(['--ca', 'none', ...dirs, composed('p1_server'), '5', '20', '/a/log'], clients, { background: false });
  ok(r.status === 0 && r.out.includes('served 20'), 'one that opens files accepts on the descriptor behind the folders', r.out + r.err);
  ok(r.status === 0 && readFileSync(join(folder, 'a/log'), 'utf8').split('\n').length === 21, 'and the files it opens meanwhile are files');
}

// memory that grows meanwhile
if (await made('grow', 'wasmedge')) {
  const r = await together(['--grant', 'address=10.1.0.1/24', ...echo], ['--grant', 'address=10.1.0.2/24', composed('grow'), '10.1.0.1']);
  const pages = Number(/memory (\d+) pages/.exec(r.out)?.[1]);
  ok(r.status === 0 && r.out.includes('all 9000000 bytes came back') && pages > 130, 'memory that grows in the middle of a transfer harms neither side', r.out + r.err);
}

if (await made('stdin', 'wasmedge2')) {
  const r = await run(isthmus, ['run', '--link', 'switch:lan', composed('stdin')], { input: 'typed\n' });
  ok(r.status === 0 && r.out === 'stdin typed\n', 'standard input and a socket are waited for together', r.out + r.err);
}

// the other ways to build it
{
  const simd = await compose('edge1_client', '--no-simd', '-q');
  ok(simd.status === 0 && simd.out === '', '--no-simd and -q: composed, and nothing said', simd.out + simd.err);
  const two = await compose('edge1_client', '--multi-memory');
  ok(two.status === 0 && readFileSync(composed('edge1_client')).includes('isthmus_memory'), '--multi-memory exports the memory of the stack as isthmus_memory', two.err);
}

// refused, and why
const refuse = async (name, file, options, why) => {
  const r = await run(isthmus, ['compose', file, '-o', join(folder, 'x.wasm'), ...options]);
  ok(r.status === 2 && why.test(r.err), `refused: ${name}`, `${r.status} ${r.out}${r.err}`);
};
const wasm = (name, ...bytes) => {
  const file = join(folder, name);
  writeFileSync(file, Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]));
  return file;
};
const named = (text) => [text.length, ...Buffer.from(text)];
/** A module that imports one function of PARAMS i32, and has the memory that is described. */
const importing = (file, module, name, params, memory = [0, 1]) => wasm(file,
  1, 4 + params, 1, 0x60, params, ...Array(params).fill(0x7f), 0,
  2, 4 + module.length + name.length + 1, 1, ...named(module), ...named(name), 0, 0,
  5, 1 + memory.length, 1, ...memory, 7, 10, 1, ...named('memory'), 2, 0);
await refuse('a file that is not there', join(folder, 'none.wasm'), [], /cannot be read/);
await refuse('no module', 'README.md', [], /not a WebAssembly module/);
await refuse('a module cut short', wasm('short.wasm', 2, 200, 1), [], /it ends in the middle/);
await refuse('a module that is composed already', composed('grow'), [], /composed already/);
await refuse('a module built with isthmus-cc', join(B, 'demos/echo/echo-server.wasm'), [], /isthmus-cc/);
await refuse('a module of another WASI', importing('unstable.wasm', 'wasi_unstable', 'fd_write', 4), [], /wasi_unstable\.fd_write/);
await refuse('a module that makes no call on sockets', importing('plain.wasm', 'wasi_snapshot_preview1', 'fd_write', 4), [], /no call on sockets.*fd_write/);
await refuse('a call that no dialect has', importing('strange.wasm', 'wasi_snapshot_preview1', 'sock_open', 7), [], /sock_open with 7 parameters/);
await refuse('another dialect than the one named', guest('wamr_client'), ['--dialect', 'wasmedge'], /sock_open with 4 parameters.*wasmedge/s);
await refuse('shared memory', importing('shared.wasm', 'wasi_snapshot_preview1', 'sock_accept', 3, [3, 1, 1]), [], /shared/);
await refuse('memory of 64-bit addresses', importing('wide.wasm', 'wasi_snapshot_preview1', 'sock_accept', 3, [4, 1]), [], /64-bit/);
await refuse('--listen without an entry', importing('noentry.wasm', 'wasi_snapshot_preview1', 'sock_accept', 3), ['--listen', '80'], /_start/);
await refuse('a dialect that there is not', guest('grow'), ['--dialect', 'wasix'], /--dialect wasix/);
await refuse('an address that is none', guest('p1_server'), ['--listen', 'host:80'], /--listen host:80/);
await refuse('a port that is none', guest('p1_server'), ['--listen', '70000'], /--listen 70000/);
{
  const r = await run(isthmus, ['compose', guest('grow')]);
  ok(r.status === 2 && /-o OUTPUT/.test(r.err), 'refused: no output', r.err);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const tools = await run(process.execPath, ['adapters/host/js/bin/isthmus.js', 'compose', guest('grow'), '-o', join(folder, 'x.wasm')], { env: { PATH: bin, ISTHMUS_HOME: folder } });
  ok(tools.status === 2 && /engine is missing.*make/.test(tools.err), 'refused: no engine', tools.err);
  mkdirSync(join(folder, 'wasm')), writeFileSync(join(folder, 'wasm/engine.wasm'), '');
  const none = await run(process.execPath, ['adapters/host/js/bin/isthmus.js', 'compose', guest('grow'), '-o', join(folder, 'x.wasm')], { env: { PATH: bin, ISTHMUS_HOME: folder } });
  ok(none.status === 2 && /make setup-compose/.test(none.err), 'refused: binaryen is missing', none.err);
}
await done();
