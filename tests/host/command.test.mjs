// The command: what it says about wrong use, how runs end, what they leave behind.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, start, isthmus, scratch } from '../lib/tap.mjs';

const at = (name) => join(B, 'test/host', `${name}.wasm`);
const ends = at('ends'), frames = at('frames'), plain = at('plain');
const folder = scratch(), file = (name) => join(folder, name);
writeFileSync(file('text.wasm'), 'not wasm');
writeFileSync(file('empty.wasm'), '');
writeFileSync(file('component.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]));
writeFileSync(file('broken.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 9]));
writeFileSync(file('library.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
writeFileSync(file('bundle.pem'), 'the bundle\n');
const mine = () => readdirSync(folder).filter((f) => f.startsWith('isthmus-ca-'));
process.env.TMPDIR = folder; // where the runs put what is theirs

// --- one line, status 2
const sw = 'switch:lan';
for (const [what, args, says] of [
  ['an unknown command', ['walk'], /no command "walk"/],
  ['imports without a module', ['imports'], /isthmus imports MODULE/],
  ['imports of a missing file', ['imports', file('none')], /cannot be read: no such file/],
  ['no module', ['run'], /which module/],
  ['a flag that does not exist', ['run', '--lnik', sw, frames], /'--lnik'.*--help/],
  ['a flag without its value', ['run', '--link'], /--link.*argument missing/],
  ['a value for a flag that has none', ['run', '--stats=1', frames], /--stats.*does not take/],
  ['a flag given twice', ['run', '--name', 'a', '--name', 'b', frames], /--name is given twice/],
  ['an unknown kind of link', ['run', '--link', 'bridge:0', frames], /bridge:0: no such kind of link; there are switch:NAME, passt, unix:PATH and tcp:HOST:PORT/],
  ['a switch without a name', ['run', '--link', 'switch:', frames], /write switch:NAME/],
  ['an MTU that is too small', ['run', '--link', 'switch:lan?mtu=100', frames], /mtu=100: an Ethernet link has an MTU of 576 to 65520/],
  ['an MTU that is too large', ['run', '--mtu', '65521', '--link', sw, frames], /mtu=65521/],
  ['an MTU that is no number', ['run', '--mtu', 'big', '--link', sw, frames], /--mtu big: not a number/],
  ['two MTUs on one switch', ['run', '--link', sw, frames, '--', '--link', `${sw}?mtu=9000`, frames], /already has an MTU of 1500/],
  ['one address for two', ['run', '--link', `${sw}?address=10.5.0.1/24`, '--name', 'a', frames, '--', '--link', `${sw}?address=10.5.0.1/24`, frames], /10\.5\.0\.1 is the address of a/],
  ['an unknown option of a link', ['run', '--link', `${sw}?speed=9`, frames], /no option speed=9; there are mtu/],
  ['an address without a prefix', ['run', '--link', `${sw}?address=10.0.0.1`, frames], /address\/prefix/],
  ['a grant that is no line', ['run', '--grant', 'nonsense', '--link', sw, frames], /a line is key=value/],
  ['a grant of two lines', ['run', '--grant', 'search=a\naddress=1.2.3.4/5', '--link', sw, frames], /a line is key=value/],
  ['a gateway that is no address', ['run', '--grant', 'gateway=home', '--link', sw, frames], /gateway=home: not an IP address/],
  ['a Unix socket that is missing', ['run', '--link', `unix:${file('none')}`, frames], /cannot connect: no such file/],
  ['a Unix socket that is a file', ['run', '--link', `unix:${file('text.wasm')}`, frames], /cannot connect: nobody listens/],
  ['a TCP port where nobody listens', ['run', '--link', 'tcp:127.0.0.1:1', frames], /cannot connect: nobody listens/],
  ['a TCP link without a port', ['run', '--link', 'tcp:localhost', frames], /write tcp:HOST:PORT/],
  ['an unknown option of passt', ['run', '--link', 'passt:speed=9', frames], /passt: no option "speed"; there are address/],
  ['a missing module', ['run', file('none')], /cannot be read: no such file/],
  ['a folder as module', ['run', folder], /it is a folder/],
  ['text as module', ['run', file('text.wasm')], /not a WebAssembly module/],
  ['an empty file as module', ['run', file('empty.wasm')], /not a WebAssembly module/],
  ['a component', ['run', file('component.wasm')], /a component that does not import isthmus:link/],
  ['a broken module', ['run', file('broken.wasm')], /not a valid WebAssembly module/],
  ['a module without _start', ['run', file('library.wasm')], /exports no function _start/],
  ['a link for a module without the import', ['run', '--link', sw, plain], /does not import isthmus\.exchange.*isthmus-cc/],
  ['an import that nobody provides', ['run', at('stray')], /nobody here provides: env\.teleport/],
  ['a folder that is missing', ['run', '--dir', file('none'), frames], /--dir .*none: no such file/],
  ['a file as folder', ['run', '--dir', file('text.wasm'), frames], /--dir .*: not a folder/],
  ['a variable without a name', ['run', '--env', '=x', frames], /--env =x: write --env KEY=VALUE/],
  ['a signer without a key', ['run', '--signer', 'a', frames], /write --signer NAME=KEY\.PEM/],
  ['a signer whose file is missing', ['run', '--signer', `a=${file('none')}`, frames], /--signer a=.*cannot be read: no such file/],
  ['a signer whose key is none', ['run', '--signer', `a=${file('text.wasm')}`, frames], /signer a: no private key/],
  ['a signer with an odd name', ['run', '--signer', `a b=${file('text.wasm')}`, frames], /signer a b: a name has/],
  ['a signer given twice', ['run', '--signer', 'a=x', '--signer', 'a=y', frames], /--signer a is given twice/],
  ['a capture that cannot be written', ['run', '--pcap', join(folder, 'no/such'), frames], /--pcap .*: cannot be written: no such file/],
  ['two captures', ['run', '--pcap', file('a'), frames, '--', '--pcap', file('b'), frames], /--pcap is for the whole run/],
  ['a CA bundle that is missing', ['run', '--ca', file('none'), ends], /CA bundle .*: cannot be read: no such file/],
  ['a name that is none', ['run', '--name', 'a b', frames], /--name a b: a name has letters/],
  ['a name for two', ['run', '--name', 'a', frames, '--', '--name', 'a', frames], /two modules have this name/],
  ['all in the background', ['run', '--background', frames], /nothing would run/],
  ['nothing after --', ['run', frames, '--'], /module 2 is missing/],
]) {
  const r = await run(isthmus, args);
  ok(r.status === 2 && /^isthmus: [^\n]*\n$/.test(r.err) && says.test(r.err) && r.out === '', `${what}: one line that says so, status 2`, `${r.status} ${r.out}${r.err}`);
}
ok(mine().length === 0, 'none of these left a folder', mine().join());

let r = await run(isthmus, []);
ok(r.status === 2 && /isthmus run/.test(r.err), 'no command: the help, status 2', r.err);
for (const args of [['--help'], ['run', '--help'], ['--version']]) {
  r = await run(isthmus, args);
  ok(r.status === 0 && r.err === '' && r.out.length > 8, `isthmus ${args.join(' ')} is answered`, r.err);
}
r = await run(isthmus, ['imports', plain]);
ok(r.status === 0 && /^wasi_snapshot_preview1\.fd_read$/m.test(r.out) && !/isthmus/.test(r.out), 'imports lists them, one a line', r.out);

// --- how a run ends
r = await run(isthmus, ['run', ends, 'exit', '3']);
ok(r.status === 3 && r.err === '', "the module's status is ours", `${r.status} ${r.err}`);
r = await run(isthmus, ['run', ends, 'exit', '0', '--', ends, 'exit', '4', '--', ends, 'exit', '5']);
ok(r.status === 4, 'of several, the first that is not 0', String(r.status));
r = await run(isthmus, ['run', ends, 'trap']);
ok(r.status === 134 && /^isthmus: ends: trap: unreachable\n.*wasm-function/.test(r.err), 'a trap: message, wasm stack, 134', r.err);
r = await run(isthmus, ['run', ends, 'overflow']);
ok(r.status === 134 && /call stack/.test(r.err), 'endless recursion is a trap', r.err);
r = await run(isthmus, ['run', ends, 'args', 'a b', '--link', '---', '----', '-x']);
ok(r.out === '[ends]\n[args]\n[a b]\n[--link]\n[--]\n[---]\n[-x]\n', 'arguments arrive as they are; --- is --', r.out + r.err);
r = await run(isthmus, ['run', '--env', 'A=1=2', '--env', 'HERE', '--env', 'NOT_HERE', ends, 'env', 'A', '--', '--env', 'HERE', ends, 'env', 'HERE', '--', ends, 'env', 'PATH'], { env: { ...process.env, HERE: 'yes' } });
ok(/A=1=2/.test(r.out) && /HERE=yes/.test(r.out) && /PATH=\(none\)/.test(r.out), 'the environment is what --env says', r.out + r.err);
r = await run(isthmus, ['run', '--link', sw, ends, 'note', 'something to say']);
ok(r.status === 0 && r.err === 'isthmus: ends: something to say\n', 'notes of the guest are shown', r.err);
r = await run(isthmus, ['run', ends, 'stdio', '--', ends, 'sleep', '300']);
ok(/errno EBADF/.test(r.err) && /poll 0/.test(r.out), "close(1) closes the guest's descriptor, not everybody's", r.out + r.err);
r = await run(isthmus, ['run', '--background', ends, 'sleep', '100000', '--', ends, 'sleep', '300']);
ok(r.status === 0 && /poll 0/.test(r.out), 'a module in the background is stopped when the others have ended', r.out + r.err);
r = await run(isthmus, ['run', '--background', ends, 'exit', '7', '--', ends, 'sleep', '500']);
ok(r.status === 7, 'a module in the background that fails by itself counts', String(r.status));
r = await run('sh', ['-c', `"${isthmus}" run "${ends}" args a | :; exit 0`]);
ok(!/Error|at /.test(r.err), 'output that nobody reads is no crash', r.err);

// --- the bundle of certificate authorities
r = await run(isthmus, ['run', '--ca', file('bundle.pem'), ends, 'ca']);
ok(/^cert\.pem: the bundle$/m.test(r.out) && /^list: allowed$/m.test(r.out), '/etc/ssl/cert.pem is the bundle that --ca names', r.out + r.err);
for (const what of ['write', 'read and write', 'append', 'truncate', 'create', 'create read-only', 'create through a folder opened again', 'unlink', 'rename',
  'link', 'symlink', 'mkdir', 'rmdir', 'size', 'times']) ok(new RegExp(`^${what}: refused$`, 'm').test(r.out), `/etc/ssl: ${what} is refused`, r.out);
ok(readFileSync(file('bundle.pem'), 'utf8') === 'the bundle\n' && mine().length === 0, 'the bundle is untouched, the folder gone');
r = await run(isthmus, ['run', ends, 'ca'], { env: { ...process.env, SSL_CERT_FILE: file('bundle.pem') } });
ok(/^cert\.pem: the bundle$/m.test(r.out), 'SSL_CERT_FILE is honoured', r.out + r.err);
r = await run(isthmus, ['run', '--ca', 'none', ends, 'ca']);
ok(/^cert\.pem: missing$/m.test(r.out), '--ca none: there is none', r.out + r.err);
mkdirSync(file('ssl'));
writeFileSync(file('ssl/cert.pem'), 'the user\'s own\n');
r = await run(isthmus, ['run', '--dir', `${file('ssl')}::/etc/ssl`, ends, 'ca']);
ok(/^cert\.pem: the user's own$/m.test(r.out) && existsSync(file('ssl')), "the user's own /etc/ssl comes first", r.out + r.err);

// --- signals
for (const [signal, status] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  const peer = await start(isthmus, ['run', '--link', `passt:address=10.9.6.${status}`, '--name', 'b', ends, 'sleep', '100000', '--', '--link', sw, frames, 'spin'], { until: /sleeping/ });
  const before = mine().length;
  peer.child.kill(signal);
  const ended = await new Promise((resolve) => { peer.child.on('close', resolve); });
  const left = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).filter((p) => {
    try {
      return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes(`10.9.6.${status}`);
    } catch {
      return false;
    }
  });
  ok(ended === status, `${signal}: status ${status}`, `${ended} ${peer.out}`);
  ok(before === 1 && mine().length === 0 && left.length === 0, `${signal}: no child and no folder is left`, `${before} ${mine()} ${left}`);
}
{
  const peer = await start(isthmus, ['run', '--link', 'passt:address=10.9.6.99', ends, 'sleep', '100000'], { until: /sleeping/ });
  peer.child.kill('SIGKILL');
  await new Promise((resolve) => { peer.child.on('close', resolve); });
  let left = true;
  for (let i = 0; left && i < 50; i++) {
    await new Promise((go) => { setTimeout(go, 100); });
    left = readdirSync('/proc').some((p) => {
      try {
        return /^\d+$/.test(p) && readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('10.9.6.99');
      } catch {
        return false;
      }
    });
  }
  ok(!left, 'SIGKILL: passt ends by itself');
}
await done();
