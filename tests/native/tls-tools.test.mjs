// build/bin/tls-client and tls-server against openssl, curl and each other: what goes over, and the exit status of every failure.
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { B, ok, done, scratch, run, start, freePort, authority, certificate } from '../lib/tap.mjs';

const folder = scratch(), at = (name) => join(folder, name);
const client = join(B, 'bin/tls-client'), server = join(B, 'bin/tls-server');
const pair = (name) => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];
authority(folder);
authority(folder, 'other');
certificate(folder, 'ec', 'DNS:host.test,IP:127.0.0.1');
certificate(folder, 'rsa', 'DNS:host.test', { key: 'rsa' });
certificate(folder, 'two', 'DNS:two.test');
certificate(folder, 'past', 'DNS:host.test', { dates: ['-days', '-1'] });
certificate(folder, 'me', 'DNS:client.test', { usage: 'clientAuth' });
certificate(folder, 'stranger', 'DNS:client.test', { usage: 'clientAuth', ca: 'other' });

/** openssl s_server that turns lines around. */
async function theirs(key, ...args) {
  const port = await freePort();
  const peer = await start('openssl', ['s_server', '-rev', '-accept', `127.0.0.1:${port}`, '-cert', at(`${key}.pem`), '-key', at(`${key}.key`), ...args], { port });
  return { port: String(port), stop: peer.stop };
}
/** Our client; status, what it read and what it said. */
const ask = (port, args = [], input = 'olleh\n') => run(client, ['--ca', at('ca.pem'), '--name', 'host.test', ...args, '127.0.0.1', port], { input, timeout: 20_000 });
/** Our server: its port and its end. */
async function ours(...args) {
  const peer = await start(server, [...args, '0'], { until: /listening \d+\n/ });
  const over = new Promise((r) => (peer.child.exitCode !== null ? r(peer.child.exitCode) : peer.child.on('close', r)));
  return { port: /listening (\d+)/.exec(peer.out)[1], over, peer, stop: peer.stop };
}
const s_client = (port, ...args) => run('sh', ['-c', '(echo hello; sleep 0.3) | openssl s_client "$@"', 'sh', '-connect', `127.0.0.1:${port}`, '-CAfile', at('ca.pem'),
  '-verify_return_error', '-verify_hostname', 'host.test', '-servername', 'host.test', ...args], { timeout: 20_000 });

// ---- the client
{
  const s = await theirs('ec', '-alpn', 'h2,http/1.1');
  let r = await ask(s.port, ['--alpn', 'http/1.1'], 'olleh\nCLOSE\n');
  ok(r.status === 0 && r.out === 'hello\n' && /^TLSv1\.2 ECDHE-ECDSA-CHACHA20-POLY1305 \S+\nalpn http\/1\.1\npeer \/CN=ec\n$/.test(r.err), 'client: asks, reads, says what was agreed on: 0', r.err + r.out);
  r = await ask(s.port, ['--wait', '--quiet'], 'olleh\nCLOSE\n');
  ok(r.status === 0 && r.out === 'hello\n' && r.err === '', 'client: --wait, --quiet', r.err);
  r = await ask(s.port, ['--ciphers', 'ECDHE-ECDSA-AES256-GCM-SHA384:AES128-GCM-SHA256', '--curves', 'P-384:P-256'], 'olleh\nCLOSE\n');
  ok(r.status === 0 && /ECDHE-ECDSA-AES(128|256)-GCM\S+ P-(256|384)\n/.test(r.err), 'client: --ciphers and --curves', r.err);
  for (const [args, why, what] of [
    [['--name', 'wrong.test'], /tls-client: NAME_MISMATCH: /, 'a certificate for another name'],
    [['--ca', at('other.pem')], /tls-client: NOT_TRUSTED: /, 'a certificate of another authority'],
    [['--time', '1000000000'], /tls-client: NOT_YET_VALID: /, 'a certificate that is not yet valid at --time'],
    [['--alpn', 'other', '--require-alpn'], /tls-client: (NO_PROTOCOL|PEER_ALERT): /, 'no protocol in common with --require-alpn'],
  ]) {
    r = await ask(s.port, args);
    ok(r.status === 1 && r.out === '' && why.test(r.err), `client: ${what}: 1, and why`, `${r.status} ${r.err}`);
  }
  r = await ask(s.port, ['--ca', at('other.pem'), '--insecure'], 'olleh\nCLOSE\n');
  ok(r.status === 0 && r.out === 'hello\n', 'client: --insecure goes on', r.err);
  await s.stop();
}
for (const [what, key, args, why] of [
  ['an expired certificate', 'past', [], /EXPIRED/],
  ['TLS 1.3 alone', 'ec', ['-tls1_3'], /PEER_ALERT|VERSION/],
  ['TLS 1.1 alone', 'ec', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], /PEER_ALERT|VERSION/],
  ['no cipher in common', 'rsa', ['-tls1_2', '-cipher', 'AES128-GCM-SHA256'], /PEER_ALERT|NOTHING_IN_COMMON/],
  ['a client certificate missing', 'ec', ['-tls1_2', '-Verify', '1', '-verify_return_error', '-CAfile', at('ca.pem')], /PEER_ALERT: .*\(alert \d+\)/],
]) {
  const s = await theirs(key, ...args);
  const r = await ask(s.port);
  ok(r.status === 1 && r.out === '' && why.test(r.err), `client: ${what}: 1, and why`, `${r.status} ${r.err}`);
  await s.stop();
}
{
  const s = await theirs('ec', '-tls1_2', '-Verify', '1', '-verify_return_error', '-CAfile', at('ca.pem'));
  let r = await ask(s.port, pair('me'), 'olleh\nCLOSE\n');
  ok(r.status === 0 && r.out === 'hello\n', 'client: --cert and --key are shown', r.err);
  r = await ask(s.port, pair('stranger'));
  ok(r.status === 1 && /PEER_ALERT/.test(r.err), 'client: a certificate the server refuses: 1', r.err);
  await s.stop();
}
for (const [args, why, what] of [
  [['--cert', at('nothing.pem'), '--key', at('ec.key')], /nothing\.pem: cannot be opened/, 'a file that is not there'],
  [['--cert', at('ec.pem'), '--key', at('rsa.key')], /does not belong/, 'a key of another certificate'],
  [['--cert', at('ec.pem')], /without its --key/, 'a certificate without its key'],
  [['--ca', at('ec.key')], /no certificate/, 'a bundle without a certificate'],
  [['--ciphers', 'AES128-SHA'], /not one of/, 'a cipher that is not spoken'],
  [['--curves', 'P-521'], /not one of/, 'a curve that is not spoken'],
  [['--version', '1.3'], /only TLS 1\.2/, 'another version'],
  [['--depth', 'x'], /not a number/, 'no number'],
  [['--echo'], /no such option/, 'an option of the server'],
  [['--alpn', 'a,,b'], /tls-client: .*protocols/, 'a malformed ALPN list', true],
]) {
  const s = args[0] === '--alpn' ? await theirs('ec') : null;
  const r = await ask(s?.port ?? '1', args);
  ok(r.status === 2 && why.test(r.err), `client: ${what}: 2, and why`, `${r.status} ${r.err}`);
  await s?.stop();
}
{
  let r = await run(client, ['127.0.0.1']);
  ok(r.status === 2 && /usage:/.test(r.err), 'client: no port: 2, and the usage');
  r = await run(client, ['--help']);
  ok(r.status === 0 && /^usage:/.test(r.out), 'client: --help');
  r = await ask(String(await freePort()));
  ok(r.status === 3 && /refused/.test(r.err), 'client: nobody listens: 3', `${r.status} ${r.err}`);
  r = await run(client, ['--insecure', 'nowhere.invalid', '443']);
  ok(r.status === 3 && /nowhere\.invalid: /.test(r.err), 'client: a name that does not exist: 3', r.err);
}

// ---- the server
{
  const s = await ours(...pair('ec'));
  const r = await s_client(s.port);
  s.peer.child.stdin.end();
  ok(r.status === 0 && await s.over === 0 && /^hello$/m.test(s.peer.out) && /name host\.test\n/.test(s.peer.out), 'server: one connection to stdout: 0', r.err + s.peer.out);
}
{
  const s = await ours(...pair('rsa'), ...pair('two'), '--echo', '--alpn', 'h2,http/1.1');
  for (const [what, args] of [['RSA, AES-128', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256']], ['P-384', ['-groups', 'P-384']], ['no version named', []]]) {
    const r = await s_client(s.port, ...args);
    ok(r.status === 0 && /^hello$/m.test(r.out), `server: openssl is echoed: ${what}`, r.err + r.out);
  }
  let r = await s_client(s.port, '-alpn', 'http/1.1,h2');
  ok(/ALPN protocol: h2/.test(r.out), "server: ALPN by the server's order", r.out);
  r = await s_client(s.port, '-servername', 'two.test', '-verify_hostname', 'two.test');
  ok(r.status === 0 && /subject=.*two/.test(r.out), 'server: SNI picks the second certificate', r.out);
  for (const [what, args] of [['TLS 1.1', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']], ['TLS 1.3 alone', ['-tls1_3']], ['CBC alone', ['-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256']]]) {
    r = await s_client(s.port, ...args);
    ok(r.status !== 0 && /alert/.test(r.err) && !/^hello$/m.test(r.out), `server: ${what} is refused with an alert`, r.err);
  }
  const data = randomBytes(3_000_000), hash = (x) => createHash('sha256').update(x).digest('hex');
  // a connection that says nothing holds up nobody
  const silent = connect(Number(s.port), '127.0.0.1');
  silent.on('error', () => {});
  const echoed = await new Promise((over) => {
    const chunks = [];
    start(client, ['--ca', at('ca.pem'), '--name', 'host.test', '--quiet', '127.0.0.1', s.port], { until: /^/ }).then(({ child }) => {
      child.stdout.removeAllListeners('data');
      child.stdout.on('data', (d) => {
        chunks.push(d);
        if (chunks.reduce((n, c) => n + c.length, 0) >= data.length) child.stdin.end();
      });
      child.on('close', (status) => over({ status, bytes: Buffer.concat(chunks) }));
      child.stdin.write(data);
    });
  });
  silent.destroy();
  ok(echoed.status === 0 && hash(echoed.bytes) === hash(data), 'client and server: 3 MB there and back, every byte right', `${echoed.status} ${echoed.bytes.length}`);
  await s.stop();
}
{
  const s = await ours(...pair('ec'), '--http', '--count', '2');
  for (const more of [[], ['--tls-max', '1.2']]) {
    const r = await run('curl', ['-sS', '--cacert', at('ca.pem'), ...more, '--resolve', `host.test:${s.port}:127.0.0.1`, `https://host.test:${s.port}/`]);
    ok(r.status === 0 && r.out === 'hello\n', `server: --http answers curl${more.length ? ' with TLS 1.2 at most' : ''}`, r.err);
  }
  ok(await s.over === 0, 'server: --count ends it: 0');
}
for (const [mode, none] of [[[], 1], [['--optional'], 0]]) {
  for (const [who, args, status] of [['a good one', pair('me'), 0], ['none', [], none], ['one of another authority', pair('stranger'), 1]]) {
    const s = await ours(...pair('ec'), '--client-ca', at('ca.pem'), ...mode, '--echo', '--count', '1');
    const r = await ask(s.port, args, '');
    const over = await s.over;
    ok(over === status && r.status === status, `server: ${['--client-ca', ...mode].join(' ')}, the client shows ${who}: ${status} at both ends`, `${over} ${r.status} ${r.err} ${s.peer.out}`);
  }
}
{
  const s = await ours(...pair('ec'), '--echo', '--count', '2');
  await new Promise((r) => connect(Number(s.port), '127.0.0.1', function () { this.on('close', r); this.on('error', r); this.end('GET / HTTP/1.0\r\n\r\n'); this.resume(); }));
  await ask(s.port, ['--quiet'], '');
  ok(await s.over === 1 && /tls-server: \w+: /.test(s.peer.out), 'server: plain text is refused: 1 in the end, and the next is served', s.peer.out);
}
for (const [args, status, why, what] of [
  [['0'], 2, /settings: .*certificate/, 'no certificate'],
  [[...pair('ec'), 'x'], 2, /no port/, 'no port'],
  [[...pair('ec')], 2, /usage/, 'no argument'],
  [[...pair('ec'), '--name', 'x', '0'], 2, /no such option/, 'an option of the client'],
  [[...pair('ec'), '--alpn', ',', '0'], 2, /protocols/, 'a malformed ALPN list'],
]) {
  const r = await run(server, args, { timeout: 5000 });
  ok(r.status === status && why.test(r.err), `server: ${what}: ${status}`, `${r.status} ${r.err}`);
}
{
  const s = await ours(...pair('ec'), '--echo');
  const r = await run(server, [...pair('ec'), s.port], { timeout: 5000 });
  ok(r.status === 3 && /in use/.test(r.err), 'server: a port that is taken: 3', r.err);
  await s.stop();
}
await done();
