// curl, in a sandbox, unmodified: HTTP and HTTPS from a real nginx on the loopback, names and refusals
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, ok, run, start, scratch, freePort, authority, certificate, done } from '../lib/tap.mjs';

const folder = scratch(), www = join(folder, 'www');
chmodSync(folder, 0o755);
mkdirSync(www);
authority(folder);
certificate(folder, 'web', 'DNS:web.test');
const page = randomBytes(15_000_000);
writeFileSync(join(www, 'page'), page);
const sha = (x) => createHash('sha256').update(x).digest('hex');
const [plain, tls] = [await freePort(), await freePort()];
writeFileSync(join(folder, 'conf'), `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error; events {}
http { access_log off; root ${www}; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d;
  scgi_temp_path ${folder}/e; client_max_body_size 100m; dav_methods PUT;
  server { listen 127.0.0.1:${plain}; location = /moved { return 302 /page; } }
  server { listen 127.0.0.1:${tls} ssl; ssl_certificate ${folder}/web.pem; ssl_certificate_key ${folder}/web.key; } }`);
await start('nginx', ['-p', folder, '-c', join(folder, 'conf')], { port: plain });
const curl = (...args) => run(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', '--grant', 'host=10.9.0.2 web.test wrong.test', '--ca', join(folder, 'ca.pem'),
  '--dir', `${folder}::/out`, join(B, 'programs/curl/curl.wasm'), '-sS', ...args], { timeout: 120_000 });

let r = await curl('--version');
ok(r.status === 0 && /curl 7\.88\.1.*BearSSL/.test(r.out), 'curl tells its version, with BearSSL', r.out + r.err);
r = await curl('-o', '/out/got', `http://web.test:${plain}/page`);
ok(r.status === 0 && sha(readFileSync(join(folder, 'got'))) === sha(page), '15 MB over HTTP, every byte right', r.err);
r = await curl('-L', '-o', '/out/moved', '-w', '%{http_code} %{num_redirects}', `http://web.test:${plain}/moved`);
ok(r.status === 0 && r.out === '200 1' && sha(readFileSync(join(folder, 'moved'))) === sha(page), 'a redirection is followed', r.out + r.err);
r = await curl('-o', '/out/safe', `https://web.test:${tls}/page`);
ok(r.status === 0 && sha(readFileSync(join(folder, 'safe'))) === sha(page), '15 MB over HTTPS, every byte right', r.err);
r = await curl('-T', '/out/got', `http://web.test:${plain}/put`);
ok(r.status === 0 && sha(readFileSync(join(www, 'put'))) === sha(page), '15 MB are uploaded', r.err);
r = await curl(`https://wrong.test:${tls}/page`);
ok(r.status === 60, 'a certificate for another name is refused', `${r.status} ${r.err}`);
r = await curl('--max-time', '20', `http://web.test:${await freePort()}/`);
ok(r.status === 7, 'a closed port is refused', `${r.status} ${r.err}`);
r = await curl('http://no.such.name.invalid/');
ok(r.status === 6, 'a name that is not known', `${r.status} ${r.err}`);
r = await curl('-Z', ...[1, 2, 3, 4].flatMap((i) => ['-o', `/out/p${i}`, `http://web.test:${plain}/page`]));
ok(r.status === 0 && [1, 2, 3, 4].every((i) => sha(readFileSync(join(folder, `p${i}`))) === sha(page)), 'four transfers at once', r.err);
await done();
