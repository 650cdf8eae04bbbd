// The programs of tls-native.test.mjs in two sandboxes on one switch: libtls over the POSIX face, non-blocking and blocking.
import { mkdirSync, writeFileSync, readFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { B, ok, done, scratch, run, isthmus, authority, certificate } from '../lib/tap.mjs';

const folder = scratch();
for (const name of ['pki', 'www']) mkdirSync(join(folder, name));
const pki = join(folder, 'pki');
authority(pki);
authority(pki, 'other');
for (const key of ['ec', 'rsa']) certificate(pki, key, 'DNS:server', { key });
certificate(pki, 'me', 'DNS:client.test', { usage: 'clientAuth' });
certificate(pki, 'stranger', 'DNS:client.test', { usage: 'clientAuth', ca: 'other' });
const page = randomBytes(2_000_000);
writeFileSync(join(folder, 'www/page'), page);
const sha = (x) => createHash('sha256').update(x).digest('hex');
const server = (args) => ['--link', 'switch:lan', '--name', 'server', '--background', '--dir', `${pki}::/pki`, '--dir', `${join(folder, 'www')}::/www`,
  join(B, 'test/interop/tls_server.wasm'), ...args, '443'];
const client = (args) => ['--link', 'switch:lan', '--name', 'client', '--dir', `${pki}::/pki`, join(B, 'test/interop/tls_client.wasm'), ...args, 'server', '443'];
const both = (serverArgs, clientArgs, options) => run(isthmus, ['run', ...server(serverArgs), '--', ...client(clientArgs)], { timeout: 60_000, ...options });
const pair = (name) => ['--cert', `/pki/${name}.pem`, '--key', `/pki/${name}.key`];
const trusting = ['--ca', '/pki/ca.pem'];
const HTTP = 'GET /page HTTP/1.0\r\n\r\n';

for (const key of ['ec', 'rsa'])
  for (const cipher of ['CHACHA20-POLY1305', 'AES256-GCM-SHA384']) {
    const suite = `ECDHE-${key === 'rsa' ? 'RSA' : 'ECDSA'}-${cipher}`;
    const out = join(folder, 'got');
    const r = await run('sh', ['-c', `printf '${HTTP.replaceAll('\r\n', '\\r\\n')}' | "$@" >${out}`, 'sh', isthmus, 'run', ...server([...pair(key), '--file', '/www/page']),
      '--', ...client([...trusting, '--ciphers', suite])], { timeout: 60_000 });
    const got = readFileSync(out);
    ok(r.status === 0 && r.err.includes(`TLSv1.2 ${suite} `) && sha(got.subarray(got.indexOf('\r\n\r\n') + 4)) === sha(page), `2 MB over ${suite}, every byte right`, r.err);
  }
let r = await both([...pair('ec'), '--file', '/www/page', '--alpn', 'h2,http/1.1'], [...trusting, '--alpn', 'http/1.1'], { input: HTTP });
ok(r.status === 0 && /alpn http\/1\.1\n/.test(r.err) && /subject \/CN=ec\n/.test(r.err) && /sni server /.test(r.err), 'ALPN, SNI and the peer calls', r.err);
r = await both([...pair('ec'), '--file', '/www/page'], [...trusting, '--connect'], { input: HTTP });
ok(r.status === 0 && r.err.includes('closed'), 'tls_connect, by the name on the switch', r.err);
const at = (args, address, hosts = []) => [args[0], `switch:lan?address=${address}/24`, ...hosts.flatMap((h) => ['--grant', `host=${h} two`]), ...args.slice(2)];
r = await run(isthmus, ['run', ...at(server([...pair('ec'), '--file', '/www/page']), '10.9.1.5'), '--',
  ...at(client([...trusting, '--name', 'server', '--connect']), '10.9.1.6', ['10.9.1.99', '10.9.1.5']).map((a, i, all) => (i === all.length - 2 ? 'two' : a))], { timeout: 20_000, input: HTTP });
ok(r.status === 0 && r.err.includes('closed'), 'tls_connect does not wait for an address that is silent: the next is tried beside it', r.err);
r = await run(isthmus, ['run', ...at(server([...pair('ec'), '--file', '/www/page']), '10.9.1.5'), '--',
  ...at(client([...trusting, '--name', 'server', '--connect']), '10.9.1.6', ['10.9.1.6', '10.9.1.5']).map((a, i, all) => (i === all.length - 2 ? 'two' : a))], { timeout: 20_000, input: HTTP });
ok(r.status === 0 && r.err.includes('closed'), 'nor stop at one that refuses', r.err);
r = await both([...pair('ec'), '--file', '/www/page', '--ca', '/pki/ca.pem', '--verify'], [...trusting, ...pair('me')], { input: HTTP });
ok(r.status === 0 && /client \/CN=me/.test(r.err), 'a client certificate is asked for and accepted', r.err);
r = await both([...pair('ec'), '--file', '/www/page', '--ca', '/pki/ca.pem', '--verify'], [...trusting, ...pair('stranger')], { input: HTTP });
ok(r.status === 1 && r.out === '' && /not trusted/.test(r.err), 'one of another authority is refused', r.err);
r = await both([...pair('ec'), '--file', '/www/page'], ['--ca', '/pki/other.pem'], { input: HTTP });
ok(r.status === 1 && r.out === '' && /handshake: .*not trusted/.test(r.err), 'a server of another authority is refused', r.err);
r = await both([...pair('ec'), '--file', '/www/page'], [...trusting, '--name', 'elsewhere.test'], { input: HTTP });
ok(r.status === 1 && r.out === '' && /handshake: the name does not match/.test(r.err), 'a certificate for another name is refused', r.err);
r = await both([...pair('ec'), '--file', '/www/page'], ['--ca', '/pki/nothing.pem'], { input: HTTP });
ok(r.status === 1 && /nothing\.pem: No such file/.test(r.err), 'a bundle that is not there is an error with its name', r.err);
await done();
