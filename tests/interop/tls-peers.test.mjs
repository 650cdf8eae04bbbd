// Other implementations than openssl's tools: gnutls-cli, gnutls-serv and nginx both ways with client certificates and sessions, and real clients of a sandbox whose key is outside.
import { writeFileSync, chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, scratch, run, start, freePort, isthmus, authority, certificate } from '../lib/tap.mjs';

const folder = scratch(), at = (name) => join(folder, name);
chmodSync(folder, 0o755);
authority(folder);
authority(folder, 'other');
for (const key of ['ec', 'rsa']) certificate(folder, key, 'DNS:host.test', { key });
certificate(folder, 'me', 'DNS:client.test', { usage: 'clientAuth', key: 'rsa' });
certificate(folder, 'stranger', 'DNS:client.test', { usage: 'clientAuth', ca: 'other' });
const pair = (name) => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];
const client = join(B, 'test/interop/tls_client'), server = join(B, 'test/interop/tls_server');
const ask = (port, args, input) => run(client, ['--ca', at('ca.pem'), '--name', 'host.test', ...args, '127.0.0.1', String(port)], { input, timeout: 20_000 });
async function ours(args) {
  const port = await freePort();
  return Object.assign(await start(server, [...args, String(port)], { until: /listening/ }), { port });
}

// ---- our server
const gnutls = (port, args = []) => run('sh', ['-c', '(echo hello; sleep 0.3) | gnutls-cli "$@"', 'sh', '--x509cafile', at('ca.pem'), '--sni-hostname', 'host.test', '--verify-hostname', 'host.test',
  '-p', String(port), ...args, '127.0.0.1'], { timeout: 20_000 });
for (const key of ['ec', 'rsa']) {
  const s = await ours([...pair(key), '--alpn', 'h2', '--sessions', '60']);
  let r = await gnutls(s.port, ['--alpn', 'h2']);
  ok(r.status === 0 && /^hello$/m.test(r.out) && /Description: \(TLS1\.2/.test(r.out) && /Application protocol: h2/.test(r.out), `server (${key}): gnutls-cli, with ALPN`, r.out + r.err);
  for (const cipher of ['CHACHA20-POLY1305', 'AES-128-GCM', 'AES-256-GCM']) {
    r = await gnutls(s.port, ['--priority', `NORMAL:-CIPHER-ALL:+${cipher}`]);
    ok(r.status === 0 && /^hello$/m.test(r.out), `server (${key}): gnutls-cli with ${cipher}`, r.out + r.err);
  }
  r = await gnutls(s.port, ['--resume', '--priority', 'NORMAL:-VERS-TLS1.3']);
  ok(/This is a resumed session/.test(r.out), `server (${key}): gnutls-cli resumes a session`, r.out + r.err);
  for (const what of ['NORMAL:-VERS-ALL:+VERS-TLS1.1', 'NORMAL:-VERS-ALL:+VERS-TLS1.3', 'NORMAL:-VERS-TLS1.3:-KX-ALL:+RSA', 'NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-CBC']) {
    r = await gnutls(s.port, ['--priority', what]);
    ok(r.status !== 0 && !/^hello$/m.test(r.out), `server (${key}): gnutls-cli with ${what} is refused`, r.out + r.err);
  }
  await s.stop();
}
{
  const s = await ours([...pair('ec'), '--ca', at('ca.pem'), '--verify', '--file', at('ca.pem')]);
  const curl = (...args) => run('curl', ['-sS', '--cacert', at('ca.pem'), '--resolve', `host.test:${s.port}:127.0.0.1`, ...args, `https://host.test:${s.port}/`]);
  let r = await curl(...pair('me'));
  ok(r.status === 0 && r.out.includes('BEGIN CERTIFICATE'), 'server: curl with a client certificate', r.err);
  r = await curl();
  ok(r.status !== 0 && r.out === '', 'server: curl without one is refused', r.err);
  r = await curl(...pair('stranger'));
  ok(r.status !== 0 && r.out === '', 'server: curl with one of another authority too', r.err);
  await s.stop();
}
{
  const s = await ours([...pair('rsa'), '--ca', at('ca.pem'), '--verify']);
  const r = await gnutls(s.port, ['--x509certfile', at('me.pem'), '--x509keyfile', at('me.key')]);
  ok(r.status === 0 && /^hello$/m.test(r.out) && /client \/CN=me/.test(s.out), 'server: gnutls-cli with a client certificate', r.out + r.err);
  await s.stop();
}

// ---- our client
for (const key of ['ec', 'rsa']) {
  const port = await freePort();
  const s = await start('gnutls-serv', ['-p', String(port), '--x509certfile', at(`${key}.pem`), '--x509keyfile', at(`${key}.key`), '--x509cafile', at('ca.pem'), '--require-client-cert',
    '--verify-client-cert', '--priority', 'NORMAL:-VERS-TLS1.3'], { port });
  let r = await ask(port, pair('me'), 'GET / HTTP/1.0\r\n\r\n');
  ok(r.status === 0 && /CN=me/.test(r.out), `client: gnutls-serv (${key}) takes our certificate`, r.err + r.out.slice(0, 3000));
  r = await ask(port, pair('stranger'), 'GET / HTTP/1.0\r\n\r\n');
  ok(r.status === 1 && /alert|close_notify/.test(r.err), `client: gnutls-serv (${key}) refuses one of another authority`, r.err);
  await s.stop();
}
const [port, cached] = [await freePort(), await freePort()];
mkdirSync(at('nginx'));
writeFileSync(at('nginx.conf'), `daemon off; master_process off; pid ${at('nginx')}/pid; error_log ${at('nginx')}/error.log;
events {}
http { access_log off; root ${folder}; ssl_certificate ${at('ec.pem')}; ssl_certificate_key ${at('ec.key')}; ssl_protocols TLSv1.2 TLSv1.3;
  client_body_temp_path ${at('nginx')}/a; proxy_temp_path ${at('nginx')}/b; fastcgi_temp_path ${at('nginx')}/c; uwsgi_temp_path ${at('nginx')}/d; scgi_temp_path ${at('nginx')}/e;
  server { listen 127.0.0.1:${port} ssl; ssl_client_certificate ${at('ca.pem')}; ssl_verify_client on; location / { return 200 "$ssl_client_s_dn\\n"; } }
  server { listen 127.0.0.1:${cached} ssl; ssl_session_cache builtin:100; location / { return 200 "reused $ssl_session_reused\\n"; } } }`);
await start('nginx', ['-p', at('nginx'), '-c', at('nginx.conf')], { port });
const GET = 'GET / HTTP/1.0\r\n\r\n';
let r = await ask(port, pair('me'), GET);
ok(r.out.endsWith('CN=me\n'), 'client: nginx knows us by our certificate', r.err + r.out);
r = await ask(port, [], GET);
ok(/ 400 /.test(r.out), 'client: without one nginx says 400', r.err + r.out);
r = await ask(cached, ['--session', at('kept')], GET);
ok(r.out.endsWith('reused .\n'), 'client: a session with nginx', r.err + r.out);
r = await ask(cached, ['--session', at('kept')], GET);
ok(r.out.endsWith('reused r\n') && / resumed$/m.test(r.err), 'client: which nginx resumes', r.err + r.out);

// ---- a sandbox whose key is outside, through passt
const outside = await freePort();
const sandbox = await start(isthmus, ['run', '--link', `passt:tcp=${outside}:443`, '--ca', 'none', '--dir', `${folder}::/pki`, '--signer', `www=${at('ec.key')}`,
  join(B, 'test/interop/tls_server.wasm'), '--cert', '/pki/ec.pem', '--signer', 'www', '--ca', '/pki/ca.pem', '--optional', '--sessions', '60', '--file', '/pki/ca.pem', '443'], { until: /listening/ });
const web = (...args) => run('curl', ['-sS', '-m', '15', '--cacert', at('ca.pem'), '--resolve', `host.test:${outside}:127.0.0.1`, ...args, `https://host.test:${outside}/`]);
r = await web();
ok(r.status === 0 && r.out.includes('BEGIN CERTIFICATE'), 'sandbox: curl, with the key outside', r.err + sandbox.out);
r = await web(...pair('me'));
ok(r.status === 0 && /client \/CN=me/.test(sandbox.out), 'sandbox: curl with a client certificate', r.err + sandbox.out);
r = await run('sh', ['-c', 'echo | openssl s_client "$@"', 'sh', '-connect', `127.0.0.1:${outside}`, '-CAfile', at('ca.pem'), '-verify_return_error', '-servername', 'host.test', '-tls1_2', '-reconnect'], { timeout: 20_000 });
ok((r.out.match(/^Reused, TLSv1\.2/mg) ?? []).length === 5, 'sandbox: openssl s_client -reconnect', r.err + sandbox.out);
await done();
