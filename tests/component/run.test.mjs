// isthmus run on composed components: the network, and all that a core module has besides; what cannot run is refused with its reason
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, done, isthmus, ok, run, scratch, start } from '../lib/tap.mjs';
import { componentFrom } from '../compose/wasip2.mjs';
import { available } from './provider.mjs';

if (!available('isthmus run on components')) await done();
const folder = scratch(), at = (name) => join(folder, name), own = at('own'), data = at('data');
mkdirSync(own);
mkdirSync(data);
writeFileSync(at('ca.pem'), 'the bundle\n');
const env = { ...process.env, TMPDIR: own }; // where the runs put what is theirs
const limit = { timeout: 120_000, env };
const compose = (source, target, ...options) => run(isthmus, ['compose', '-q', source, '-o', target, ...options], limit);
const isthmusRun = (...args) => run(isthmus, ['run', ...args], limit);

for (const name of ['echo_client', 'border']) await componentFrom(join(B, `test/component/${name}.core.wasm`), at(`${name}.wasm`));
for (const profile of ['full', 'sealed']) await compose(at('echo_client.wasm'), at(`${profile}.wasm`), '--profile', profile);
await compose(at('border.wasm'), at('border.net.wasm'));
const lan = ['--link', 'switch:lan'], border = at('border.net.wasm');

// the network
{
  const server = [...lan, '--name', 'server', '--background', join(B, 'demos/echo/echo-server.wasm'), '7'];
  const client = (profile) => [...lan, at(`${profile}.wasm`), 'server', '7', '2', '100000'];
  const r = await isthmusRun('--stats', '--pcap', at('all.pcapng'), ...server, '--', ...client('full'), '--', ...client('sealed'));
  const said = '2 connections, 100000 bytes each\n';
  ok(r.status === 0 && r.out.endsWith(said), 'full: two connections to a core module on the same switch, its output is standard output', r.out + r.err);
  ok(r.err.includes(`isthmus: sealed: ${said}`), 'sealed: beside it, its output comes as notes', r.err);
  ok(/^isthmus: full switch:lan: received \d{3,} frames/m.test(r.err) && readFileSync(at('all.pcapng')).length > 800_000, '--stats and --pcap know its link', r.err);
  const refused = await isthmusRun(...lan, at('full.wasm'), '127.0.0.1', '9', '1', '1');
  ok(refused.status === 1 && refused.out === 'connect: Connection refused\n', 'a connection that fails is the program\'s to tell, and its status', refused.out + refused.err);
}

// what else a core module has
{
  const r = await isthmusRun(...lan, '--env', 'COLOUR=red', '--name', 'me', border, 'show', 'a', 'b c', '---');
  ok(r.status === 0 && r.out === 'me\nshow\na\nb c\n--\nCOLOUR=red terminal=000\n' && r.err === 'to standard error\n', 'its name, arguments, variables and both outputs; a pipe is no terminal', r.out + r.err);
  const text = 'a line\n'.repeat(30_000);
  writeFileSync(join(data, 'text'), text);
  const piped = await run(isthmus, ['run', ...lan, '--background', border, 'forever', '--', ...lan, border, 'cat'], { ...limit, input: text });
  ok(piped.status === 0 && piped.out.replace('listening\n', '') === text, 'standard input from a pipe, 210,000 bytes, goes to the first in the foreground', piped.err);
  const dir = ['--ca', at('ca.pem'), ...lan, '--dir', `${data}::/data`];
  const file = await run('sh', ['-c', 'exec "$@" <"$0"', join(data, 'text'), isthmus, 'run', ...dir, border, 'cat', ',', 'put', '/data/new', ',', 'cat', '/data/new'], limit);
  ok(file.status === 0 && file.out === `${text}write: ok\nwritten\n`, 'and from a file; a folder that was given can be written and read', file.out.slice(-200) + file.err);
  ok(readFileSync(join(data, 'new'), 'utf8') === 'written\n', 'what was written is the host\'s');
  const shut = await isthmusRun(...dir, border, 'cat', '/etc/passwd', ',', 'cat', '/etc/ssl/cert.pem', ',', 'put', '/etc/ssl/cert.pem', ',',
    'rename', '/data/text', '/etc/ssl/cert.pem', ',', 'remove', '/etc/ssl/cert.pem', ',', 'mkdir', '/etc/ssl/new');
  const [passwd, bundle, ...changes] = shut.out.split('\n');
  ok(shut.status === 1 && passwd === 'open: No such file or directory', 'no other file of the host can be opened', shut.out + shut.err);
  ok(bundle === 'the bundle', 'the certificate authorities stand where core modules have them', shut.out);
  ok(changes.join('\n') === ['write', 'rename', 'remove', 'mkdir'].map((what) => `${what}: Read-only file system\n`).join(''), 'they cannot be written over, replaced, removed or added to', shut.out);
}

// ends
{
  const trap = await isthmusRun(...lan, border, 'trap');
  ok(trap.status === 134 && /border\.net: trap: .*unreachable/.test(trap.err), 'a trap is told; status 134', `${trap.status} ${trap.err}`);
  const waiting = await start(isthmus, ['run', ...lan, border, 'forever'], { until: /listening/, timeout: 60_000, env });
  const gone = new Promise((resolve) => waiting.child.once('close', resolve));
  waiting.child.kill('SIGTERM');
  ok(await gone === 143, 'SIGTERM ends one that waits; status 143', waiting.out);
  ok(readdirSync(own).length === 0, 'none of these left a folder', readdirSync(own).join(' '));
}

// refused
writeFileSync(at('short.wasm'), readFileSync(border).subarray(0, 5000));
writeFileSync(at('plain.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]));
for (const [what, component, says] of [
  ['a component that is not composed', at('border.wasm'), /it imports wasi:sockets\/.*isthmus compose/],
  ['one without the link', at('plain.wasm'), /does not import isthmus:link/],
  ['one cut short', at('short.wasm'), /not a valid component/],
]) {
  const r = await isthmusRun(...lan, component);
  ok(r.status === 2 && says.test(r.err), `refused: ${what}`, `${r.status} ${r.err}`);
}
const bare = await run(process.execPath, ['adapters/host/js/bin/isthmus.js', 'run', ...lan, border, 'show'], { env: { PATH: folder, ISTHMUS_HOME: folder } });
ok(bare.status === 2 && /jco is missing: run make setup-extra/.test(bare.err), 'refused: jco is not there', `${bare.status} ${bare.err}`);
const imports = await run(isthmus, ['imports', at('sealed.wasm')]);
ok(imports.status === 0 && imports.out.startsWith('isthmus:link/link@0.1.0\n') && !/wasi:(io|sockets)/.test(imports.out), 'isthmus imports lists a component\'s', imports.out + imports.err);
await done();
