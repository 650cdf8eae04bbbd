// Links that lead out: passt, and QEMU's stream framing over Unix and TCP sockets to a peer written here.
import { createServer } from 'node:net';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, start, isthmus, scratch } from '../lib/tap.mjs';

const frames = join(B, 'test/host/frames.wasm');
const A = '020000000001', C = '020000000002', ALL = 'ffffffffffff';
const folder = scratch();
const processes = () => readdirSync('/proc').filter((p) => /^\d+$/.test(p)).flatMap((p) => {
  try {
    return [readFileSync(`/proc/${p}/cmdline`, 'utf8').replaceAll('\0', ' ')];
  } catch {
    return [];
  }
}).filter((c) => c.startsWith('passt'));

let r = await run(isthmus, ['run', '--link', 'passt:address=10.9.8.15,gateway=10.9.8.2', frames, 'grant', 'arp:10.9.8.2']);
ok(r.status === 0 && /kind 2 mtu 65520 frame_max 65534/.test(r.out), 'passt: an Ethernet link with an MTU of 65520', r.out + r.err);
ok(/10\.9\.8\.2 is at [0-9a-f]{12}/.test(r.out), 'passt answers ARP', r.out + r.err);
ok(!processes().some((c) => c.includes('10.9.8.15')), 'passt is gone when the run has ended', processes().join('\n'));
r = await run(isthmus, ['run', '--link', 'passt:address=10.9.8.15/24,gateway=10.9.8.2,mtu=1500', frames, 'grant', '--', '--mtu', '9000', '--link', 'passt', '--grant', 'search=test', frames, 'grant']);
ok(r.status === 0 && /mtu 1500 /.test(r.out) && /mtu 9000 /.test(r.out) && /search=test/.test(r.out), 'two instances have a passt each, with options of their own', r.out + r.err);
r = await run(isthmus, ['run', '--link', 'passt:gateway=nowhere', frames]);
ok(r.status === 2 && /^isthmus: passt: ended with status 1: .*gateway.*\n$/i.test(r.err), 'passt refuses an option: its own words, status 2', r.err);
r = await run('sh', ['-c', `PATH=/nonexistent "${process.execPath}" adapters/host/js/bin/isthmus.js run --link passt "${frames}"`]);
ok(r.status === 2 && /^isthmus: passt is not installed .*apt-get install passt.*\n$/.test(r.err), 'no passt: the message names the package', r.err);

// passt dies in mid-transfer: the guest is told, the run goes on.
{
  const peer = await start(isthmus, ['run', '--link', 'passt:address=10.9.7.15,gateway=10.9.7.2', frames, 'arp:10.9.7.2', 'closed:20000'], { until: /is at/ });
  const pid = readdirSync('/proc').filter((p) => /^\d+$/.test(p)).find((p) => {
    try {
      return readFileSync(`/proc/${p}/cmdline`, 'utf8').includes('10.9.7.15') && readFileSync(`/proc/${p}/comm`, 'utf8').startsWith('passt');
    } catch {
      return false;
    }
  });
  process.kill(Number(pid), 'SIGKILL');
  const status = await new Promise((resolve) => { peer.child.on('close', resolve); });
  ok(status === 0 && /closed after \d+ frames/.test(peer.out), 'passt is killed: the link is CLOSED to the guest', peer.out);
  ok(/passt: ended with SIGKILL/.test(peer.out), 'and the user is told why', peer.out);
}

/** A peer that speaks the framing: runs frames.wasm against what `serve(socket)` does. */
async function against(serve, commands, { listen = { path: join(folder, 'socket') }, options = '' } = {}) {
  const sockets = [];
  const server = createServer((socket) => { sockets.push(socket); socket.on('error', () => {}); serve(socket); });
  await new Promise((resolve) => { server.listen(listen, resolve); });
  const url = listen.path ? `unix:${listen.path}${options}` : `tcp:${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${server.address().port}${options}`;
  const result = await run(isthmus, ['run', '--stats', '--link', url, '--name', 'guest', frames, ...commands]);
  for (const s of sockets) s.destroy();
  await new Promise((resolve) => { server.close(resolve); });
  return result;
}
/** A frame as frames.wasm makes it, with its length. */
function frame(size, tag, src = C, dst = A) {
  const b = Buffer.alloc(4 + size);
  b.writeUInt32BE(size);
  for (let i = 14; i < size; i++) b[4 + i] = (i * 7 + tag) & 255;
  b.write(dst + src + '88b5', 4, 'hex');
  if (size >= 18) b.writeUInt32LE(tag, 18);
  return b;
}
const echo = (socket) => socket.pipe(socket);

r = await against(echo, ['grant', `send:${C}:${A}:3:100:1`, 'receive:3'], { options: '?mtu=1400&address=10.1.1.1/24' });
ok(r.status === 0 && /mtu 1400 frame_max 1414/.test(r.out) && /address=10\.1\.1\.1\/24/.test(r.out), 'unix: MTU and grant come from the URL', r.out + r.err);
ok(/received 3 of 3, 300 bytes, 0 wrong/.test(r.out), 'unix: frames go out and come back', r.out);
for (const host of ['127.0.0.1', '::1']) {
  r = await against(echo, [`send:${C}:${A}:3:100:1`, 'receive:3'], { listen: { host, port: 0 } });
  ok(/received 3 of 3, 300 bytes, 0 wrong/.test(r.out), `tcp: the same, over ${host}`, r.out + r.err);
}
r = await against((s) => { const f = Buffer.concat([frame(60, 1), frame(1514, 2), frame(61, 3)]); let i = 0; const t = setInterval(() => { s.write(f.subarray(i, i + 97)); i += 97; if (i >= f.length) clearInterval(t); }, 2); }, ['receive:3']);
ok(/received 3 of 3, 1635 bytes, 0 wrong, 0 out of order/.test(r.out), 'frames that come in pieces are put together', r.out + r.err);
const many = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => frame(1000, i + 1)));
r = await against((s) => s.write(many), ['sleep:500', 'count:20000'], { options: '?mtu=9000' });
ok(/received 20000 of 20000, 20000000 bytes, 0 wrong, 0 out of order/.test(r.out), '20 MB inward to a slow reader lose nothing', r.out + r.err);
{
  let bytes = 0;
  r = await against((s) => { s.pause(); setTimeout(() => s.resume().on('data', (d) => { bytes += d.length; if (bytes === 20_000 * 1004) s.write(frame(60, 1)); }), 500); }, [`send:${C}:${A}:20000:1000:1`, 'receive:1']);
  ok(/sent 20000, left 0/.test(r.out) && bytes === 20_000 * 1004 && /received 1 of 1/.test(r.out), '20 MB outward to a slow reader lose nothing', `${r.out}${r.err}${bytes}`);
}
r = await against((s) => s.write(Buffer.concat([frame(60, 1), frame(1600, 2), frame(60, 3), Buffer.alloc(4), frame(60, 4)])), ['count:3'], {});
ok(/received 3 of 3, 180 bytes/.test(r.out) && /received 3 frames, 180 bytes, 2 dropped/.test(r.err), 'frames over frame_max and of no bytes are dropped and counted', r.out + r.err);
r = await against((s) => s.write('HTTP/1.1 400 Bad Request\r\n\r\n'), ['closed:10000']);
ok(/closed after 0 frames/.test(r.out) && /not QEMU's stream framing/.test(r.err), 'a peer that speaks something else: CLOSED, and a message', r.out + r.err);
r = await against((s) => s.end(Buffer.concat([frame(60, 1), frame(60, 2), frame(60, 3).subarray(0, 30)])), ['sleep:300', 'closed:10000']);
ok(/closed after 2 frames/.test(r.out), 'the peer goes in mid-frame: what was whole is given, then CLOSED', r.out + r.err);
r = await against((s) => s.end(many), ['sleep:500', 'closed:10000']);
ok(/closed after 20000 frames/.test(r.out), 'the peer goes with a full ring: all of it is given first', r.out + r.err);
r = await against((s) => setTimeout(() => s.destroy(), 300), [`send:${C}:${A}:1000000:1000:1`, 'closed:1000']);
ok(r.status === 0 && /left [1-9]/.test(r.out) && /closed/.test(r.out), 'the peer goes while the guest sends: no hang', r.out + r.err);
{
  let got = Buffer.alloc(0), ended = false;
  r = await against((s) => { s.on('data', (d) => { got = Buffer.concat([got, d]); }); s.on('end', () => { ended = true; }); }, [`send:${ALL}:${A}:2000:1000:1`]);
  ok(got.length === 2000 * 1004 && ended, 'what the guest sent before it ended still goes out, then the end', String(got.length));
}
r = await against((s) => s.destroy(), ['closed:10000']);
ok(r.status === 0 && /closed after 0 frames/.test(r.out), 'a peer that hangs up at once', r.out + r.err);
await done();
