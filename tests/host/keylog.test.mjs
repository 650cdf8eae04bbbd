// --keylog: the TLS secrets of a guest stand in the capture, ahead of what they open, and only where they are asked for.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, has, scratch, isthmus, authority, certificate } from '../lib/tap.mjs';

const folder = scratch(), pki = join(folder, 'pki'), www = join(folder, 'www');
for (const name of [pki, www]) mkdirSync(name);
authority(pki);
certificate(pki, 'server', 'DNS:server');
const SECRET = 'what only the two of them can read';
writeFileSync(join(www, 'page'), `${SECRET}\n`.repeat(20));
const KEY = /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/;

const server = (options) => [...options, '--link', 'switch:lan', '--name', 'server', '--background', '--dir', `${pki}::/pki`, '--dir', `${www}::/www`,
  join(B, 'test/interop/tls_server.wasm'), '--cert', '/pki/server.pem', '--key', '/pki/server.key', '--file', '/www/page', '443'];
const client = (options, args = []) => [...options, '--link', 'switch:lan', '--name', 'client', '--dir', `${pki}::/pki`, join(B, 'test/interop/tls_client.wasm'),
  '--ca', '/pki/ca.pem', ...args, 'server', '443'];
const both = (ofServer, ofClient, args) => run(isthmus, ['run', ...server(ofServer), '--', ...client(ofClient, args)], { input: 'GET /page HTTP/1.0\r\n\r\n' });

/** The blocks of a capture in order: { type, body }; strict about lengths. */
function blocks(path) {
  const b = readFileSync(path), found = [];
  for (let at = 0, total; at < b.length; at += total) {
    total = b.readUInt32LE(at + 4);
    if (total % 4 || total < 12 || at + total > b.length || b.readUInt32LE(at + total - 4) !== total) throw new Error(`block at ${at}: length ${total}`);
    found.push({ type: b.readUInt32LE(at), body: b.subarray(at + 8, at + total - 4) });
  }
  return found;
}
/** The lines of a Decryption Secrets Block. */
function secrets({ body }) {
  const length = body.readUInt32LE(4);
  if (body.readUInt32LE(0) !== 0x544c534b || body.length !== 8 + ((length + 3) & ~3)) throw new Error('no TLS key log');
  return body.toString('latin1', 8, 8 + length).split('\n').slice(0, -1);
}
const DSB = 10, PACKET = 6;
const isCipherSpec = (b) => b.type === PACKET && b.body.includes(Buffer.from('140303000101', 'hex'));
const tshark = (path, ...args) => spawnSync('tshark', ['-r', path, ...args], { encoding: 'utf8', env: { ...process.env, HOME: folder } });
const shows = (path) => tshark(path, '-d', 'tcp.port==443,tls', '-Y', 'http.response or data-text-lines', '-T', 'fields', '-e', 'http.file_data', '-e', 'text').stdout;

for (const [what, ofServer, ofClient] of [['both', ['--keylog'], []], ['the client', [], ['--grant', 'keylog=yes']]])
  for (const cipher of ['CHACHA20-POLY1305', 'AES128-GCM-SHA256']) {
    const path = join(folder, 'capture');
    const r = await both(['--pcap', path, ...ofServer], ofClient, ['--ciphers', `ECDHE-ECDSA-${cipher}`]);
    const all = blocks(path), logs = all.filter((b) => b.type === DSB), lines = logs.flatMap(secrets);
    ok(r.status === 0 && r.out.includes(SECRET) && !/CLIENT_RANDOM/.test(r.err + r.out), `${what}, ${cipher}: the page comes, no secret is printed`, r.err);
    ok(logs.length === (what === 'both' ? 2 : 1) && lines.every((l) => KEY.test(l)) && new Set(lines).size === 1, 'each side tells its secret once, in a block of its own, and it is the same', lines.join('\n'));
    const random = Buffer.from(lines[0]?.slice(14, 78) ?? '', 'hex');
    ok(random.length === 32 && all.some((b) => b.type === PACKET && b.body.includes(random)), "the client's random number is that of its hello");
    ok(all.findIndex((b) => b.type === DSB) < all.findIndex(isCipherSpec), 'the secret stands before the first ChangeCipherSpec');
    ok(!readFileSync(path).includes(SECRET), 'the page itself is not to be seen in the file');
    if (has('tshark')) {
      const t = shows(path);
      ok(t.includes(SECRET) || t.includes(Buffer.from(SECRET).toString('hex')), 'tshark decrypts it', t);
    }
  }
{
  const path = join(folder, 'none');
  const r = await both(['--pcap', path], ['--grant', 'keylog=no']);
  ok(r.status === 0 && !blocks(path).some((b) => b.type === DSB) && !/CLIENT_RANDOM/.test(r.err), 'without keylog=yes no secret is told', r.err);
  if (has('tshark')) ok(!shows(path).includes(SECRET) && tshark(path, '-Y', 'tls').stdout.length > 0, 'and tshark sees TLS, but not into it');
}
{
  const r = await both([], ['--grant', 'keylog=yes']);
  const told = r.err.split('\n').filter((l) => l.startsWith('isthmus: client: CLIENT_RANDOM '));
  ok(r.status === 0 && told.length === 1 && KEY.test(told[0].slice(17)), 'granted without a capture, it is a note like others', r.err);
}
const r = await run(isthmus, ['run', '--keylog', '--link', 'switch:lan', join(B, 'test/host/frames.wasm')]);
ok(r.status === 2 && /^isthmus: --keylog [^\n]*needs --pcap FILE\n$/.test(r.err), '--keylog without --pcap is refused', r.err);
await done();
