// libtls natively over the system's sockets against openssl s_server and s_client, and curl.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { B, ok, done, scratch, run, start, freePort, authority, certificate } from '../lib/tap.mjs';

const folder = scratch();
const client = join(B, 'test/interop/tls_client'), server = join(B, 'test/interop/tls_server');
const at = (name) => join(folder, name);
authority(folder);
authority(folder, 'other');
authority(folder, 'rsaca', 'rsa');
for (const key of ['ec', 'ec384', 'rsa']) certificate(folder, key, 'DNS:host.test,DNS:*.wild.test,IP:127.0.0.1', { key });
certificate(folder, 'byrsa', 'DNS:host.test', { ca: 'rsaca' });
certificate(folder, 'two', 'DNS:two.test');
certificate(folder, 'past', 'DNS:host.test', { dates: ['-days', '-1'] });
certificate(folder, 'me', 'DNS:client.test', { usage: 'clientAuth' });
certificate(folder, 'stranger', 'DNS:client.test', { usage: 'clientAuth', ca: 'other' });
const page = randomBytes(4_000_000);
mkdirSync(at('www'));
writeFileSync(at('www/page'), page);
const sha = (x) => createHash('sha256').update(x).digest('hex');
const CIPHERS = ['CHACHA20-POLY1305', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384'];
const CURVES = { X25519: 'X25519', 'P-256': 'P-256', 'P-384': 'P-384' };

// ---- our client, their server
async function theirs(args, { key = 'ec', cwd } = {}) {
  const port = await freePort();
  const peer = await start('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', at(`${key}.pem`), '-key', at(`${key}.key`), ...args],
    { port, cwd });
  return { port: String(port), stop: peer.stop, peer };
}
const ask = (port, args = [], options = {}) => run(client, ['--ca', at('ca.pem'), '--name', 'host.test', ...args, '127.0.0.1', port],
  { input: 'olleh\nCLOSE\n', timeout: 20_000, ...options });

for (const key of ['ec', 'ec384', 'rsa'])
  for (const cipher of CIPHERS) {
    const suite = `ECDHE-${key === 'rsa' ? 'RSA' : 'ECDSA'}-${cipher}`;
    const s = await theirs(['-tls1_2', '-cipher', suite, '-rev'], { key });
    const r = await ask(s.port);
    ok(r.status === 0 && r.out.startsWith('hello\n') && r.err.includes(`TLSv1.2 ${suite} `) && r.err.includes('closed'),
      `client: ${suite} with a certificate of ${key}`, r.err);
    await s.stop();
  }
for (const [curve, name] of Object.entries(CURVES)) {
  const s = await theirs(['-tls1_2', '-groups', name, '-rev'], { key: 'rsa' });
  const r = await ask(s.port);
  ok(r.status === 0 && r.out.startsWith('hello\n'), `client: key exchange over ${curve}`, r.err);
  await s.stop();
}
{
  const s = await theirs(['-tls1_2', '-WWW'], { cwd: at('www') });
  const got = createHash('sha256');
  let n = 0;
  const r = await run('sh', ['-c', `printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | "$0" --ca ${at('ca.pem')} --name host.test 127.0.0.1 ${s.port} >${at('got')}`, client]);
  const body = (await import('node:fs')).readFileSync(at('got'));
  const from = body.indexOf('\r\n\r\n') + 4;
  got.update(body.subarray(from));
  n = body.length - from;
  ok(r.status === 0 && n === page.length && got.digest('hex') === sha(page), 'client: 4 MB from openssl, every byte right', `${r.err} ${n}`);
  await s.stop();
}
{
  const s = await theirs(['-rev', '-alpn', 'h2,http/1.1']);
  let r = await ask(s.port, ['--alpn', 'http/1.1']);
  ok(r.status === 0 && r.err.includes('alpn http/1.1'), 'client: ALPN is agreed on', r.err);
  ok(/subject \/CN=ec\nissuer \/CN=Test ca\nhash SHA256:[0-9a-f]{64}\n/.test(r.err), "client: the peer's certificate is told", r.err);
  r = await ask(s.port, ['--connect']);
  ok(r.status === 0 && r.out.startsWith('hello\n') && r.err.includes('closed'), 'client: tls_connect_servername', r.err);
  r = await run(client, ['--ca', at('ca.pem'), '--connect', `127.0.0.1:${s.port}`], { input: 'olleh\nCLOSE\n' });
  ok(r.status === 0 && r.out.startsWith('hello\n'), 'client: tls_connect with the port in the host', r.err);
  r = await run(client, ['--ca', at('ca.pem'), '--connect', `[::1]:${await freePort()}`]);
  ok(r.status === 1 && /connect: ::1: /.test(r.err), 'client: tls_connect to where nobody listens says where and why', r.err);
  r = await run(client, ['--ca', at('ca.pem'), '--connect', 'nowhere.invalid', '443']);
  ok(r.status === 1 && /connect: nowhere\.invalid: /.test(r.err), 'client: tls_connect to a name that does not exist', r.err);
  r = await ask(s.port, ['--name', 'a.wild.test']);
  ok(r.status === 0, 'client: a wildcard matches one label', r.err);
  r = await ask(s.port, ['--name', '127.0.0.1']);
  ok(r.status === 0, 'client: an address matches the iPAddress entry', r.err);
  r = await ask(s.port, ['--name', '127.0.0.2']);
  ok(r.status === 1 && /name does not match/.test(r.err), 'client: another address is refused', r.err);
  r = await ask(s.port, ['--name', 'wrong.test']);
  ok(r.status === 1 && r.out === '' && /name does not match/.test(r.err), 'client: a certificate for another name is refused', r.err);
  r = await ask(s.port, ['--ca', at('other.pem')]);
  ok(r.status === 1 && r.out === '' && /not trusted/.test(r.err), 'client: a certificate of another authority is refused', r.err);
  r = await ask(s.port, ['--ca', at('other.pem'), '--insecure']);
  ok(r.status === 0 && r.out.startsWith('hello\n'), 'client: --insecure goes on', r.err);
  await s.stop();
}
{
  const s = await theirs(['-rev'], { key: 'byrsa' });
  const r = await ask(s.port, ['--ca', at('rsaca.pem')]);
  ok(r.status === 0, 'client: an EC certificate signed with RSA', r.err);
  await s.stop();
}
{
  const s = await theirs(['-rev'], { key: 'past' });
  const r = await ask(s.port);
  ok(r.status === 1 && /expired/.test(r.err), 'client: an expired certificate is refused', r.err);
  await s.stop();
}
for (const [what, args, why] of [
  ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], /TLS 1\.2|alert/],
  ['TLS 1.3 alone', ['-tls1_3'], /TLS 1\.2/],
  ['only CBC suites', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES256-SHA'], /common/],
  ['only RSA key exchange', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], /common/],
  ['only DHE', ['-tls1_2', '-cipher', 'DHE-RSA-AES128-GCM-SHA256'], /common/],
  ['only P-521', ['-tls1_2', '-groups', 'P-521'], /common/],
]) {
  const s = await theirs(['-rev', ...args], { key: 'rsa' });
  const r = await ask(s.port);
  ok(r.status === 1 && r.out === '' && why.test(r.err), `client: a server with ${what} is refused`, r.err);
  await s.stop();
}
{
  const s = await theirs(['-rev', '-tls1_2', '-Verify', '1', '-verify_return_error', '-CAfile', at('ca.pem')]);
  let r = await ask(s.port, ['--cert', at('me.pem'), '--key', at('me.key')]);
  ok(r.status === 0 && r.out.startsWith('hello\n'), 'client: its certificate is asked for and accepted', r.err);
  r = await ask(s.port);
  ok(r.status === 1 && /alert/.test(r.err), 'client: without one the server refuses, and we say so', r.err);
  r = await ask(s.port, ['--cert', at('stranger.pem'), '--key', at('stranger.key')]);
  ok(r.status === 1 && /alert/.test(r.err), 'client: with one of another authority too', r.err);
  r = await ask(s.port, ['--cert', at('me.pem'), '--key', at('stranger.key')]);
  ok(r.status === 1 && /does not belong/.test(r.err), 'client: a key of another certificate is found at once', r.err);
  await s.stop();
}
{
  // a proxy that ends the stream in the middle, as an attacker can
  const s = await theirs(['-tls1_2', '-WWW'], { cwd: at('www') });
  const cut = createServer((a) => {
    const b = connect(Number(s.port), '127.0.0.1');
    let n = 0;
    a.pipe(b);
    b.on('data', (d) => { n += d.length; if (n > 1_000_000) { a.end(); b.destroy(); } else a.write(d); });
    for (const x of [a, b]) x.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await new Promise((r) => cut.once('listening', r));
  const r = await ask(String(cut.address().port), [], { input: 'GET /page HTTP/1.0\r\n\r\n' });
  ok(r.status === 1 && /without close_notify/.test(r.err), 'client: an end without close_notify is an error', r.err);
  cut.close();
  await s.stop();
}

// ---- their client, our server
async function ours(args) {
  const port = await freePort();
  const peer = await start(server, [...args, String(port)], { until: /listening/ });
  return { port: String(port), stop: peer.stop, peer };
}
const pair = (name) => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];
const s_client = (port, args = []) => run('sh', ['-c', '(echo hello; sleep 0.2) | openssl s_client "$@"', 'sh', '-connect', `127.0.0.1:${port}`, '-CAfile', at('ca.pem'),
  '-verify_return_error', '-verify_hostname', 'host.test', '-servername', 'host.test', ...args], { timeout: 20_000 });

for (const key of ['ec', 'ec384', 'rsa']) {
  const s = await ours(pair(key));
  for (const cipher of CIPHERS) {
    const suite = `ECDHE-${key === 'rsa' ? 'RSA' : 'ECDSA'}-${cipher}`;
    const r = await s_client(s.port, ['-tls1_2', '-cipher', suite]);
    ok(r.status === 0 && /^hello$/m.test(r.out) && new RegExp(`Cipher is ${suite}`).test(r.out), `server: ${suite} with a certificate of ${key}`, r.err + r.out);
  }
  const r = await s_client(s.port, []);
  ok(r.status === 0 && /Cipher is ECDHE-\w+-CHACHA20-POLY1305/.test(r.out) && /X25519/.test(r.out), `server (${key}): ChaCha20-Poly1305 and X25519 are preferred`, r.out);
  await s.stop();
}
{
  const s = await ours([...pair('rsa'), '--add', at('two.pem'), at('two.key'), '--alpn', 'h2,http/1.1']);
  for (const curve of Object.keys(CURVES)) {
    const r = await s_client(s.port, ['-tls1_2', '-groups', curve]);
    ok(r.status === 0 && /^hello$/m.test(r.out), `server: key exchange over ${curve}`, r.out);
  }
  let r = await s_client(s.port, ['-alpn', 'http/1.1,h2']);
  ok(/ALPN protocol: h2/.test(r.out), "server: ALPN by the server's order", r.out);
  r = await s_client(s.port, ['-servername', 'two.test', '-verify_hostname', 'two.test']);
  ok(r.status === 0 && /subject=.*two/.test(r.out), 'server: SNI picks the second certificate', r.out);
  for (const [what, args] of [
    ['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']],
    ['TLS 1.3 alone', ['-tls1_3']],
    ['only CBC suites', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256']],
    ['only RSA key exchange', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256']],
    ['only P-521', ['-tls1_2', '-groups', 'P-521']],
  ]) {
    r = await s_client(s.port, args);
    ok(r.status !== 0 && !/^hello$/m.test(r.out) && /alert/.test(r.err), `server: a client with ${what} is refused with an alert`, r.err + r.out);
  }
  r = await s_client(s.port, ['-tls1_2']);
  ok(r.status === 0 && /^hello$/m.test(r.out), 'server: and it still serves', r.err + r.out);
  await s.stop();
}
for (const [mode, none] of [['--verify', false], ['--optional', true]]) {
  const s = await ours([...pair('ec'), '--ca', at('ca.pem'), mode]);
  let r = await s_client(s.port, ['-tls1_2', '-cert', at('me.pem'), '-key', at('me.key')]);
  ok(r.status === 0 && /^hello$/m.test(r.out) && /client \/CN=me/.test(s.peer.out), `server ${mode}: a client certificate is accepted`, r.err + s.peer.out);
  r = await s_client(s.port, ['-tls1_2']);
  ok((r.status === 0 && /^hello$/m.test(r.out)) === none, `server ${mode}: a client without one is ${none ? 'accepted' : 'refused'}`, r.err + s.peer.out);
  r = await s_client(s.port, ['-tls1_2', '-cert', at('stranger.pem'), '-key', at('stranger.key')]);
  ok(!/^hello$/m.test(r.out) && /not trusted/.test(s.peer.out), `server ${mode}: one of another authority is refused`, r.err + s.peer.out);
  await s.stop();
}
{
  const s = await ours([...pair('ec'), '--file', at('www/page')]);
  for (const more of [[], ['--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256']]) {
    const r = await run('curl', ['-sS', '--cacert', at('ca.pem'), ...more, '--resolve', `host.test:${s.port}:127.0.0.1`, '-o', at('curled'), `https://host.test:${s.port}/`]);
    const got = (await import('node:fs')).readFileSync(at('curled'));
    ok(r.status === 0 && sha(got) === sha(page), `server: curl fetches 4 MB ${more.length ? 'over AES-GCM' : 'as it likes'}, every byte right`, r.err);
  }
  const r = await run('curl', ['-sS', '--resolve', `host.test:${s.port}:127.0.0.1`, `https://host.test:${s.port}/`]);
  ok(r.status === 60, 'server: curl without our authority refuses it', r.err);
  const plain = await run('curl', ['-sS', '-m', '5', `http://127.0.0.1:${s.port}/`]);
  ok(plain.status !== 0, 'server: plain HTTP is refused', plain.out);
  await s.stop();
}

// ---- sessions
{
  const s = await ours([...pair('ec'), '--add', at('two.pem'), at('two.key'), '--sessions', '60', '--alpn', 'h2,http/1.1']);
  const save = ['-tls1_2', '-sess_out', at('sess')], again = ['-tls1_2', '-sess_in', at('sess')];
  const reused = (r) => r.status === 0 && /^hello$/m.test(r.out) && /^Reused, TLSv1.2/m.test(r.out);
  let r = await s_client(s.port, save);
  ok(r.status === 0 && /^New, TLSv1.2/m.test(r.out), 'server: a session is made', r.err + r.out);
  r = await s_client(s.port, again);
  ok(reused(r) && / resumed$/m.test(s.peer.out), 'server: openssl resumes it', r.err + r.out);
  r = await s_client(s.port, [...again, '-alpn', 'http/1.1']);
  ok(reused(r) && /ALPN protocol: http\/1\.1/.test(r.out), 'server: with a protocol agreed on anew', r.err + r.out);
  r = await s_client(s.port, [...again, '-alpn', 'none']);
  ok(r.status === 0 && /^New, /m.test(r.out) && /^hello$/m.test(r.out), 'server: with none in common there is a full handshake', r.err + r.out);
  r = await s_client(s.port, [...again, '-servername', 'two.test', '-verify_hostname', 'two.test']);
  ok(r.status === 0 && /^New, /m.test(r.out) && /subject=.*two/.test(r.out), 'server: for another name too', r.err + r.out);
  r = await s_client(s.port, ['-tls1_2', '-reconnect']);
  ok((r.out.match(/^Reused, TLSv1.2/mg) ?? []).length === 5, 'server: openssl -reconnect, five times', r.err + r.out.slice(0, 2000));
  await s.stop();
}
{
  const s = await ours([...pair('ec'), '--ca', at('ca.pem'), '--verify', '--sessions', '60']);
  const me = ['-tls1_2', '-cert', at('me.pem'), '-key', at('me.key')];
  await s_client(s.port, [...me, '-sess_out', at('sess')]);
  const r = await s_client(s.port, [...me, '-sess_in', at('sess')]);
  ok(/^Reused, /m.test(r.out) && /client \/CN=me resumed/.test(s.peer.out), 'server: mutual TLS is resumed, and the client is known', r.err + s.peer.out);
  await s.stop();
}
{
  const s = await ours(pair('ec'));
  await s_client(s.port, ['-tls1_2', '-sess_out', at('sess')]);
  const r = await s_client(s.port, ['-tls1_2', '-sess_in', at('sess')]);
  ok(r.status === 0 && /^New, /m.test(r.out), 'server: without a lifetime nothing is resumed', r.err + r.out);
  await s.stop();
}
for (const [what, more] of [['ids only', ['-no_ticket']], ['ids and tickets', []]]) {
  const s = await theirs(['-rev', '-tls1_2', ...more]);
  let r = await ask(s.port, ['--session', at('kept')]);
  ok(r.status === 0 && !/resumed/.test(r.err), `client: a session of openssl, by ${what}`, r.err);
  r = await ask(s.port, ['--session', at('kept')]);
  ok(r.status === 0 && / resumed$/m.test(r.err) && r.out.startsWith('hello\n') && /subject \/CN=ec/.test(r.err), 'client: is resumed, and the certificate is known', r.err);
  r = await ask(s.port, ['--session', at('kept'), '--name', 'a.wild.test']);
  ok(r.status === 0 && !/resumed/.test(r.err), 'client: not for another name', r.err);
  await s.stop();
}
{
  writeFileSync(at('open'), '', { mode: 0o644 });
  const r = await run(client, ['--session', at('open'), '127.0.0.1', '1']);
  ok(r.status === 1 && /0600/.test(r.err), 'client: a session file that others may read is refused', r.err);
}

// ---- what is refused before any connection
for (const [args, why, what] of [
  [['--cert', at('nothing.pem')], /nothing\.pem: No such file/, 'a certificate file that is not there'],
  [['--cert', at('www/page'), '--key', at('ec.key')], /PEM/, 'a certificate file of random bytes'],
  [['--cert', at('ec.pem')], /without its private key/, 'a certificate without a key'],
  [['--ciphers', 'AES128-SHA'], /none of these ciphers/, 'a cipher that is not there'],
  [['--curves', 'P-521'], /not one of/, 'a curve that is not there'],
  [['--alpn', 'a,,b'], /ALPN/, 'a malformed ALPN list'],
  [['--ca', at('ec.key')], /no certificate/, 'a bundle without a certificate'],
]) {
  const r = await run(client, [...(args[0] === '--ca' ? [] : ['--ca', at('ca.pem')]), ...args, '127.0.0.1', '1']);
  ok(r.status === 1 && why.test(r.err), `client: ${what} is refused`, r.err);
}
await done();
