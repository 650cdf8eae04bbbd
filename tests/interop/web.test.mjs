// The world through passt: fetch.wasm from a real nginx and openssl, real curl and openssl from https-server.wasm.
import { mkdirSync, writeFileSync, readFileSync, chmodSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { B, ok, done, scratch, run, start, freePort, isthmus, authority, certificate, openssl } from '../lib/tap.mjs';

const folder = scratch();
chmodSync(folder, 0o755);
const pki = join(folder, 'pki'), www = join(folder, 'www'), logs = join(folder, 'nginx');
for (const f of [pki, www, logs]) mkdirSync(f);
authority(pki);
authority(pki, 'other');
for (const key of ['ec', 'ec384', 'rsa']) certificate(pki, key, 'DNS:web.test,DNS:*.wild.test,IP:10.9.0.2', { key });
const page = randomBytes(3_000_000).toString('base64');
writeFileSync(join(www, 'page.txt'), page);
writeFileSync(join(www, 'index.html'), '<title>here</title>\n');
const sha = (x) => createHash('sha256').update(x).digest('hex');

// passt gives the guest 10.9.0.15 and maps its gateway 10.9.0.2 to the loopback of this machine.
const passt = 'passt:address=10.9.0.15,gateway=10.9.0.2';
const names = ['web.test', 'a.wild.test', 'wrong.test', 'old.test'].flatMap((n) => ['--grant', `host=10.9.0.2 ${n}`]);
const fetch = (args, options) =>
  run(isthmus, ['run', '--link', passt, ...names, '--dir', `${pki}::/pki`, '--dir', `${www}::/www`, join(B, 'demos/fetch/fetch.wasm'), ...args], options);

// --- nginx
const [plain, ec, ec384, rsa] = [await freePort(), await freePort(), await freePort(), await freePort()];
writeFileSync(join(folder, 'nginx.conf'), `
daemon off; master_process off; pid ${logs}/pid; error_log ${logs}/error.log;
events {}
http {
  access_log off; root ${www};
  client_body_temp_path ${logs}/a; proxy_temp_path ${logs}/b; fastcgi_temp_path ${logs}/c; uwsgi_temp_path ${logs}/d; scgi_temp_path ${logs}/e;
  server { listen 127.0.0.1:${plain}; listen [::1]:${plain}; location /gone { return 410; } }
  ${[['ec', ec], ['ec384', ec384], ['rsa', rsa]].map(([k, p]) => `server { listen 127.0.0.1:${p} ssl; ssl_certificate ${pki}/${k}.pem; ssl_certificate_key ${pki}/${k}.key;
    ssl_protocols TLSv1.2 TLSv1.3; location /chunked { ssi on; ssi_types *; alias ${www}; } }`).join('\n  ')}
}`);
await start('nginx', ['-p', logs, '-c', join(folder, 'nginx.conf')], { port: plain });

let r = await fetch([`http://web.test:${plain}/index.html`]);
ok(r.status === 0 && r.out === '<title>here</title>\n', 'a page over plain HTTP from nginx', r.err);
r = await run(isthmus, ['run', '--stats', '--link', passt, join(B, 'demos/fetch/fetch.wasm'), `http://10.9.0.2:${plain}/page.txt`]);
const received = Number(/received \d+ frames, (\d+) bytes/.exec(r.err)?.[1]);
ok(r.status === 0 && r.out === page && received < 1.1 * page.length, '4 MB through passt at its own MTU: nothing is lost on the way and sent again', r.err);
r = await fetch([`http://10.9.0.2:${plain}/index.html`]);
ok(r.status === 0 && r.out === '<title>here</title>\n', 'a page by address', r.err);
r = await fetch([`http://web.test:${plain}/gone`]);
ok(r.status === 22 && r.err.includes('410'), 'a status of 400 and above is exit status 22', r.err);
r = await run(isthmus, ['run', '--link', 'passt:address=fd00:9::15,gateway=fd00:9::2', join(B, 'demos/fetch/fetch.wasm'), `http://[fd00:9::2]:${plain}/index.html`]);
ok(r.status === 0 && r.out === '<title>here</title>\n', "a page by IPv6, with an address of the router's prefix", r.err);
for (const [key, port] of [['ec', ec], ['ec384', ec384], ['rsa', rsa]]) {
  r = await fetch(['-v', '--ca', '/pki/ca.pem', `https://web.test:${port}/page.txt`]);
  ok(r.status === 0 && sha(r.out) === sha(page), `4 MB over TLS from nginx with a certificate of ${key}, every byte right`, r.err.slice(-2000));
  ok(/TLSv1\.2, ECDHE-(ECDSA|RSA)-(CHACHA20-POLY1305|AES\d+-GCM)/.test(r.err), `${key}: TLS 1.2, ECDHE and AEAD`, r.err.slice(0, 2000));
}
r = await fetch(['--ca', '/pki/ca.pem', `https://a.wild.test:${ec}/index.html`]);
ok(r.status === 0, 'a wildcard name is accepted', r.err);
r = await fetch(['--ca', '/pki/ca.pem', `https://wrong.test:${ec}/index.html`]);
ok(r.status === 1 && r.out === '' && /name/.test(r.err), 'a certificate for another name is refused', r.err);
r = await fetch(['--ca', '/pki/other.pem', `https://web.test:${ec}/index.html`]);
ok(r.status === 1 && r.out === '' && /trust/.test(r.err), 'a certificate of another authority is refused', r.err);
r = await fetch([`https://web.test:${ec}/index.html`]);
ok(r.status === 1 && r.out === '' && /trust/.test(r.err), "an authority that is not in the host's bundle is refused", r.err);
r = await run(isthmus, ['run', '--link', passt, ...names, '--ca', join(pki, 'ca.pem'), join(B, 'demos/fetch/fetch.wasm'), `https://web.test:${ec}/index.html`]);
ok(r.status === 0 && r.out === '<title>here</title>\n', 'isthmus run --ca names the bundle behind /etc/ssl/cert.pem', r.err);
r = await fetch(['--insecure', `https://wrong.test:${ec}/index.html`]);
ok(r.status === 0, '--insecure checks nothing', r.err);
r = await fetch(['--ca', '/pki/ec.key', `https://web.test:${ec}/index.html`]);
ok(r.status === 1 && r.out === '' && /no certificate/.test(r.err), 'a CA file without a certificate is refused', r.err);
r = await fetch([`http://web.test:${await freePort()}/`]);
ok(r.status === 1 && /refused/i.test(r.err), 'a closed port is refused, in words', r.err);

// --- openssl s_server: what must be refused, and what a server asks of us
openssl('x509', '-req', '-in', join(pki, 'ec.csr'), '-CA', join(pki, 'ca.pem'), '-CAkey', join(pki, 'ca.key'), '-days', '-1', '-extfile', join(pki, 'ec.ext'), '-out', join(pki, 'old.pem'));
async function sServer(cert, key, flags) {
  const port = await freePort();
  const peer = await start('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', join(pki, cert), '-key', join(pki, key), '-www', ...flags], { until: /ACCEPT/ });
  return { port, peer };
}
for (const [name, cert, flags, reason] of [
  ['an expired certificate', 'old.pem', ['-tls1_2'], /expired/],
  ['a server that speaks only TLS 1.1', 'ec.pem', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'], /./],
  ['a server that has only CBC ciphers', 'ec.pem', ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA256'], /./],
]) {
  const s = await sServer(cert, 'ec.key', flags);
  r = await fetch(['--ca', '/pki/ca.pem', `https://web.test:${s.port}/`]);
  ok(r.status === 1 && r.out === '' && reason.test(r.err), `${name} is refused`, r.err);
  await s.peer.stop();
}
for (const cipher of ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384']) {
  const s = await sServer('ec.pem', 'ec.key', ['-tls1_2', '-cipher', cipher]);
  r = await fetch(['-v', '--ca', '/pki/ca.pem', `https://web.test:${s.port}/`]);
  ok(r.status === 0 && r.out.includes(cipher) && r.err.includes(cipher), `openssl s_server with ${cipher}`, r.err);
  await s.peer.stop();
}

// --- our server in a sandbox, real clients outside
const port = await freePort();
const ours = await start(isthmus, ['run', '--link', `${passt},tcp=${port}:443`, '--dir', `${pki}::/pki`, '--dir', `${www}::/www`,
  join(B, 'demos/https-pair/https-server.wasm'), '--root', '/www', '/pki/rsa.pem', '/pki/rsa.key'], { until: /listening/ });
const curl = (...args) => run('curl', ['-sS', '--max-time', '30', '--resolve', `web.test:${port}:127.0.0.1`, '--noproxy', '*', ...args]);
for (let tries = 0; tries < 20 && (await curl('--cacert', join(pki, 'ca.pem'), '-o', '/dev/null', `https://web.test:${port}/`)).status; tries++) await new Promise((w) => setTimeout(w, 200));
r = await curl('--cacert', join(pki, 'ca.pem'), `https://web.test:${port}/page.txt`);
ok(r.status === 0 && sha(r.out) === sha(page), 'curl fetches 4 MB from our server, every byte right', r.err + ours.out);
r = await curl('--cacert', join(pki, 'ca.pem'), '-I', `https://web.test:${port}/index.html`);
ok(r.status === 0 && /200 OK/.test(r.out), 'curl -I against our server', r.err);
r = await curl('--cacert', join(pki, 'ca.pem'), '-f', `https://web.test:${port}/none`);
ok(r.status === 22, 'a missing page is 404', r.err);
r = await curl('--cacert', join(pki, 'other.pem'), `https://web.test:${port}/`);
ok(r.status === 60, 'curl refuses our server when it does not trust its authority', r.err);
r = await run('curl', ['-sS', '--max-time', '10', '--noproxy', '*', `http://127.0.0.1:${port}/`]);
ok(r.status !== 0, 'plain HTTP against the HTTPS port fails', r.out);
const sClient = (...flags) => run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'web.test', '-CAfile', join(pki, 'ca.pem'), '-verify_return_error', '-quiet', ...flags],
  { input: 'GET /index.html HTTP/1.0\r\n\r\n' });
for (const cipher of ['ECDHE-RSA-CHACHA20-POLY1305', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384']) {
  r = await sClient('-ign_eof', '-tls1_2', '-cipher', cipher);
  ok(r.out.includes('<title>here</title>'), `openssl s_client with ${cipher}`, r.err);
}
r = await sClient('-tls1_1', '-cipher', 'ALL:@SECLEVEL=0');
ok(r.status !== 0, 'a client that speaks only TLS 1.1 is refused', r.out + r.err);
r = await sClient('-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA256');
ok(r.status !== 0, 'a client that has only CBC ciphers is refused', r.out + r.err);
r = await curl('--cacert', join(pki, 'ca.pem'), `https://web.test:${port}/index.html`);
ok(r.status === 0 && r.out === '<title>here</title>\n', 'our server still serves after all of that', r.err + ours.out);

await done();
