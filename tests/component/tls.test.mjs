// wasi:tls of the provider, function by function, against Node's TLS and openssl s_server behind passt: allowed, refused, dropped in every order
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { atEnd, B, done, freePort, ok, start } from '../lib/tap.mjs';
import { authorityLines, passtLink, spawn } from '../../adapters/host/js/index.js';
import { available, shim, transpiled } from './provider.mjs';
import { makePki } from './tls_pki.mjs';

if (!available('wasi:tls, function by function')) await done();
await transpiled(join(B, 'component/sealed-tls-draft.wasm'), 'sealed-tls-draft');

const pki = makePki(), pem = (name) => readFileSync(join(pki, name));
const identity = (name) => ({ key: pem(`${name}.key`), cert: pem(`${name}.pem`) });
async function listening(server) {
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1');
  atEnd(() => server.close());
  await new Promise((listens) => server.once('listening', listens));
  return server.address().port;
}
const quiet = (socket) => socket.on('error', () => {});
const secure = (serve, name = 'good') => listening(createTlsServer({ ...identity(name), allowHalfOpen: true }, (s) => serve(quiet(s))));
const plain = (serve) => listening(createServer((s) => serve(quiet(s))));
const echoing = (s) => s.pipe(s);

const received = []; // by the log: { text, clean }
const echo = await secure(echoing);
const ports = {
  echo,
  farewell: await secure((s) => s.end('bye')),
  twice: await secure((s) => s.pipe(quiet(connect(echo, '127.0.0.1'))).pipe(s)),
  cut: await plain((raw) => {
    const s = quiet(new TLSSocket(raw, { isServer: true, ...identity('good') }));
    s.once('secure', () => s.write('half', () => raw.destroy()));
  }),
  wrong: await secure(echoing, 'wrong'), rogue: await secure(echoing, 'rogue'), expired: await secure(echoing, 'expired'),
  gone: await plain((s) => s.once('data', () => s.end())),
  garbage: await plain((s) => s.once('data', () => s.write('220 mail.example ESMTP\r\n'))),
  early: await plain((s) => s.once('data', () => s.write(Buffer.from([21, 3, 3, 0, 2, 1, 0])))),
  silent: await plain(() => {}),
  log: await secure((s) => {
    const entry = { text: '', clean: false };
    received.push(entry);
    s.on('data', (d) => { entry.text += d; });
    s.once('end', () => { entry.clean = true; s.end(); });
  }),
  openssl: await freePort(),
};
await start('openssl', ['s_server', '-quiet', '-rev', '-accept', `127.0.0.1:${ports.openssl}`, '-cert', join(pki, 'good.pem'), '-key', join(pki, 'good.key')], { port: ports.openssl });

async function guest(scenario, grant = authorityLines(join(pki, 'ca.pem'))) {
  const link = await passtLink({ address: '10.9.0.2/24', gateway: '10.9.0.1', grant });
  let notes = '';
  const app = await spawn({
    component: { entry: new URL('./tls_guest.mjs', import.meta.url).href, shim }, args: [JSON.stringify({ scenario, lines: 72, ...ports })], links: [link],
    onNote: (text) => { notes += text; },
  });
  const status = await app.exit;
  await link.stop();
  for (const line of notes.split('\n')) {
    if (line.startsWith('{')) ok(...Object.values(JSON.parse(line)));
    else if (line) console.log(`# ${line}`);
  }
  ok(status === 0, `${scenario}: the client comes to its end`, app.error?.stack);
}

await guest('talk');
await guest('refuse');
await guest('none', []);
await guest('orders');
for (const end = Date.now() + 10_000; received.filter((r) => r.clean).length < 73 && Date.now() < end;) await new Promise((r) => setTimeout(r, 30));
const last = received.pop();
ok(received.length === 72 && new Set(received.map((r) => r.text)).size === 24 && received.every((r) => r.clean && r.text.split(',').length === 4),
  'dropped in every order: the line and close_notify arrive', JSON.stringify(received.filter((r) => !r.clean)));
ok(last.clean && last.text.length > 100_000 && last.text.endsWith('\nthe end\n'), 'what was written last arrives although the program ends', `${last.clean} ${last.text.length}`);
await done();
