// lighttpd, in a sandbox, serving curl outside through a forwarded port
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, ok, run, start, scratch, freePort, done } from '../lib/tap.mjs';

const folder = scratch(), at = (...names) => join(folder, ...names), port = await freePort();
for (const name of ['www', 'www/put', 'www/list', 'state', 'dev', 'etc']) mkdirSync(at(name));
const page = randomBytes(5_000_000), sha = (x) => createHash('sha256').update(x).digest('hex');
writeFileSync(at('www/page'), page);
writeFileSync(at('www/index.html'), '<title>here</title>\n');
writeFileSync(at('www/list/one.txt'), '1');
writeFileSync(at('dev/null'), '');    // it wants one to be there
writeFileSync(at('etc/conf'), `server.modules = ("mod_indexfile", "mod_redirect", "mod_webdav", "mod_dirlisting", "mod_staticfile", "mod_accesslog")
server.port = 80\nserver.max-fds = 1024\nserver.document-root = "/www"\nserver.upload-dirs = ("/state")\nserver.errorlog = "/state/error"
accesslog.filename = "/state/access"\nindex-file.names = ("index.html")\nmimetype.assign = (".html" => "text/html")
$HTTP["url"] == "/moved" { url.redirect = ("" => "/page") }
$HTTP["url"] =^ "/put/" { webdav.activate = "enable" }
$HTTP["url"] =^ "/list/" { dir-listing.activate = "enable" }\n`);
const dirs = ['www', 'state', 'dev', 'etc'].flatMap((name) => ['--dir', `${at(name)}::/${name}`]);
const server = await start(isthmus, ['run', '--link', `passt:tcp=${port}:80`, ...dirs, join(B, 'programs/lighttpd/lighttpd.wasm'), '-D', '-f', '/etc/conf'], { port });
const curl = (path, ...args) => run('curl', ['-sS', '--max-time', '60', '--noproxy', '*', ...args, `http://127.0.0.1:${port}${path}`]);
for (let i = 0; i < 50 && (await curl('/')).status; i++) await new Promise((go) => setTimeout(go, 200));

let r = await curl('/', '-i');
ok(r.status === 0 && /200 OK/.test(r.out) && /Server: lighttpd\/1\.4\.69/i.test(r.out) && r.out.endsWith('<title>here</title>\n'), 'the first page', r.out + r.err + server.out);
r = await curl('/page', '-o', at('got'));
ok(r.status === 0 && sha(readFileSync(at('got'))) === sha(page), '5 MB, every byte right', r.err);
r = await curl('/page', '-r', '1000-1999', '-o', at('part'), '-w', '%{http_code}');
ok(r.out === '206' && readFileSync(at('part')).equals(page.subarray(1000, 2000)), 'a part of it', r.out + r.err);
r = await curl('/moved', '-L', '-o', at('moved'), '-w', '%{num_redirects}');
ok(r.out === '1' && sha(readFileSync(at('moved'))) === sha(page), 'a redirection', r.out + r.err);
r = await curl('/list/');
ok(r.status === 0 && r.out.includes('one.txt'), 'a folder is listed', r.out + r.err);
r = await curl('/put/new', '-T', at('got'), '-o', at('answer'), '-w', '%{http_code}');
ok(r.out === '201' && sha(readFileSync(at('www/put/new'))) === sha(page), '5 MB are uploaded', r.out + r.err);
r = await curl('/index.html', '--http2-prior-knowledge', '-w', '%{http_version}');
ok(r.status === 0 && r.out === '<title>here</title>\n2', 'HTTP/2', r.out + r.err);
r = await curl('/none', '-o', at('answer'), '-w', '%{http_code}');
ok(r.out === '404', 'a page that is not there', r.out + r.err);
r = await curl('/../etc/conf', '--path-as-is', '-o', at('answer'), '-w', '%{http_code}');
ok(/^40[034]$/.test(r.out), 'nor what lies outside of its folder', r.out + r.err);
const many = await Promise.all(Array.from({ length: 20 }, (_, i) => curl('/page', '-o', at(`many${i}`))));
ok(many.every((m, i) => m.status === 0 && sha(readFileSync(at(`many${i}`))) === sha(page)), 'twenty at once', many.map((m) => m.err).join(''));
r = await curl('/');
ok(r.status === 0 && readFileSync(at('state/error'), 'utf8').includes('server started'), 'and it still serves', r.err + server.out);
await done();
