// --fault: what goes wrong on a link does so as the seed says, and TCP and TLS over it lose nothing.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { B, ok, done, run, scratch, isthmus, authority, certificate } from '../lib/tap.mjs';
import { checkFaults, createEventLoopHost, FaultPort, parseFaults, UsageError, withFaults } from '../../adapters/host/js/index.js';

// --- what may be asked for
const all = parseFaults('seed=7,loss=1%,delay=20ms,reorder=5,duplicate=0.1%,corrupt=0.5%,rate=100mbit');
ok(all.seed === 7 && all.loss === 0.01 && all.delayMs === 20 && all.reorderBy === 5 && all.reorder === 5 / 6 && all.duplicate === 0.001 && all.corrupt === 0.005 &&
  all.rate === 1e8, 'every fault is understood', JSON.stringify(all));
ok(parseFaults('delay=1.5s').delayMs === 1500 && parseFaults('delay=250us').delayMs === 0.25 && parseFaults('rate=9.6kbit').rate === 9600 &&
  parseFaults('reorder=2%').reorder === 0.02 && parseFaults('loss=100%').loss === 1, 'so are their units');
for (const bad of ['', 'loss', 'loss=', 'loss=1', 'loss=101%', 'loss=-1%', 'loss=1%,loss=2%', 'delay=20', 'delay=61s', 'delay=1h', 'reorder=0', 'reorder=1001',
  'rate=0mbit', 'rate=100', 'rate=1toString', 'seed=x', 'seed=1.5', 'corrupt=x%', 'speed=9', 'toString=1', 'loss=1%,']) {
  let error = null;
  try {
    parseFaults(bad);
  } catch (e) {
    error = e;
  }
  ok(error instanceof UsageError && error.message.includes(bad), `"${bad}" is refused`, String(error?.stack));
}
for (const bad of [{ loss: 2 }, { loss: NaN }, { loss: '1%' }, { delayMs: -1 }, { rate: 0 }, { seed: -1 }, { seed: 0.5 }, { reorderBy: 0 }, { los: 1 }]) {
  let error = null;
  try {
    checkFaults(bad);
  } catch (e) {
    error = e;
  }
  ok(error instanceof UsageError, `so is ${JSON.stringify(bad)}`);
}

// --- one direction after the other, on a clock of ours
const MS = 1e6, SIZE = 100;
/** A port that takes what it has room for and gives what lies in `arrived`; the faults around it; and the time. */
function bench(faults, { kind = 2, label = 'x' } = {}) {
  const clock = { ns: 0, monotonic: () => clock.ns };
  const port = {
    kind, mtu: 1500, frameMax: 1514, grant: '', grantVersion: 1, up: true, closed: false, arrived: [], taken: [], room: Infinity,
    get readable() { return port.arrived.length > 0; },
    get writable() { return port.room > 0; },
    take(batch) {
      if (port.room === 0) return 0;
      port.room--;
      port.taken.push(Buffer.from(batch.subarray(4)));
      return batch.length;
    },
    give(into) {
      let at = 0;
      while (port.arrived.length && at + 4 + port.arrived[0].length <= into.length) {
        const frame = port.arrived.shift();
        new DataView(into.buffer, into.byteOffset).setUint32(at, frame.length);
        into.set(frame, at + 4);
        at += 4 + frame.length;
      }
      return at;
    },
  };
  const faulty = new FaultPort(port, checkFaults(faults), { label, clock });
  const into = new Uint8Array(65536);
  return { clock, port, faulty, receive: () => split(into.subarray(0, faulty.give(into))) };
}
function split(batch) {
  const frames = [], b = Buffer.from(batch);
  for (let at = 0; at < b.length; at += 4 + b.readUInt32BE(at)) frames.push(b.subarray(at + 4, at + 4 + b.readUInt32BE(at)));
  return frames;
}
function frame(number, type = 0x0800) {
  const b = Buffer.alloc(SIZE, 0x55);
  b.writeUInt16BE(type, 12);
  b.writeUInt32BE(number, 14);
  return b;
}
const batchOf = (frames) => Buffer.concat(frames.flatMap((f) => [Buffer.from([0, 0, f.length >> 8, f.length & 255]), f]));
const numbers = (frames) => frames.map((f) => f.readUInt32BE(14));
const series = (n) => Array.from({ length: n }, (_, i) => i);
/** Sends n frames and returns the numbers of those that came through. */
function through(faults, n, options) {
  const { clock, port, faulty } = bench(faults, options);
  for (const i of series(n)) faulty.take(batchOf([frame(i)]));
  for (const until = clock.ns + 1e12; !faulty.idle; clock.ns = Math.min(until, faulty.move()));
  return port.taken;
}

const loss = numbers(through({ seed: 7, loss: 0.1 }, 5000));
ok(loss.length > 4350 && loss.length < 4650 && loss.every((n, i) => i === 0 || n > loss[i - 1]), 'a tenth is lost, the rest is in order', String(loss.length));
ok(loss.join() === numbers(through({ seed: 7, loss: 0.1 }, 5000)).join(), 'the same seed loses the same frames');
ok(loss.join() !== numbers(through({ seed: 8, loss: 0.1 }, 5000)).join(), 'another seed loses others');
ok(loss.join() !== numbers(through({ seed: 7, loss: 0.1 }, 5000, { label: 'y' })).join(), 'so does another link');
ok(loss.join() === [...new Set(numbers(through({ seed: 7, loss: 0.1, duplicate: 0.2, reorder: 0.2, corrupt: 0 }, 5000)))].sort((a, b) => a - b).join(),
  'which frames are lost does not hang on the other faults');
ok(through({ loss: 1 }, 100).length === 0 && through({}, 100).length === 100, 'none at 100 %, all without faults');
const twice = numbers(through({ seed: 1, duplicate: 0.25 }, 1000));
ok(twice.length > 1180 && twice.length < 1320 && new Set(twice).size === 1000, 'duplicates follow at once', String(twice.length));
{
  const { port, faulty } = bench({ seed: 3, corrupt: 0.5 });
  for (const i of series(400)) faulty.take(batchOf([frame(i)]));
  const flips = port.taken.map((f, i) => [...f].reduce((sum, byte, at) => {
    const bits = (byte ^ frame(i)[at]).toString(2).replaceAll('0', '').length;
    return bits && at < 14 ? NaN : sum + bits;
  }, 0));
  ok(port.taken.length === 400 && flips.every((n) => n <= 1) && flips.filter((n) => n === 1).length > 150 && flips.filter((n) => n === 0).length > 150,
    'a corrupted frame has one bit flipped, behind its header', flips.join());
}
ok(through({ corrupt: 1 }, 10, { kind: 1 }).every((f, i) => !f.equals(frame(i))), 'an IP packet anywhere');
{
  const { port, faulty } = bench({ seed: 3, corrupt: 0.5 });
  for (const i of series(100)) faulty.take(batchOf([frame(i, 0x0806)]));
  ok(port.taken.length > 30 && port.taken.length < 70 && port.taken.every((f) => f.toString('hex', 18) === frame(0).toString('hex', 18)), 'a corrupted ARP frame is dropped');
  faulty.take(batchOf([Buffer.from('short')]));
}
for (const [faults, by] of [[{ seed: 5, ...parseFaults('reorder=5') }, 5], [{ seed: 5, reorder: 0.1 }, 3]]) {
  const got = numbers(through(faults, 1000));
  ok(got.length === 1000 && new Set(got).size === 1000 && got.some((n, i) => n !== i) && got.every((n, i) => Math.abs(n - i) <= by), `reordered: all there, none off by more than ${by}`, got.join());
}
{
  const { clock, port, faulty } = bench({ reorder: 1 });
  faulty.take(batchOf([frame(0)]));
  ok(port.taken.length === 0 && !faulty.idle && faulty.move() === 10 * MS, 'one that nobody overtakes is held');
  clock.ns = 10 * MS;
  faulty.move();
  ok(port.taken.length === 1 && faulty.idle, 'for 10 ms');
}
{
  const { clock, port, faulty, receive } = bench({ delayMs: 20 });
  port.arrived.push(frame(0));
  ok(!faulty.readable && faulty.move() === 20 * MS && !faulty.readable, 'a delayed frame is not there, and it is known when it will be');
  clock.ns = 5 * MS;
  port.arrived.push(frame(1));
  port.closed = true;
  ok(!faulty.readable && !faulty.closed, 'a link that has closed still holds it');
  clock.ns = 20 * MS;
  ok(faulty.readable && numbers(receive()).join() === '0' && faulty.move() === 25 * MS, 'then it is there, the next is not');
  clock.ns = 25 * MS;
  ok(!faulty.closed && numbers(receive()).join() === '1' && faulty.closed, 'the link closes behind the last');
}
{
  const { clock, port, faulty } = bench({ rate: 8e6 }); // 100 bytes take 0.1 ms
  const offered = batchOf(series(1000).map((i) => frame(i)));
  let taken = faulty.take(offered);
  ok(taken % (4 + SIZE) === 0 && taken / (4 + SIZE) >= 500 && taken / (4 + SIZE) <= 502 && !faulty.writable && faulty.take(offered.subarray(taken)) === 0,
    'at a rate, frames for more than 50 ms are refused', String(taken / (4 + SIZE)));
  clock.ns = 10 * MS;
  faulty.move();
  ok(port.taken.length === 100 && !faulty.writable, 'a hundred have left after their time');
  for (let turns = 0; !faulty.writable && turns < 10_000; turns++) clock.ns = faulty.move();
  ok(clock.ns > 24 * MS && clock.ns < 26 * MS, 'with half of the rest gone it takes more', String(clock.ns));
  taken += faulty.take(offered.subarray(taken));
  for (; !faulty.idle || taken < offered.length; taken += faulty.take(offered.subarray(taken))) clock.ns = faulty.move();
  ok(numbers(port.taken).join() === series(1000).join() && clock.ns > 99 * MS && clock.ns < 101 * MS, 'all arrive, in the time that the rate says', String(clock.ns));
}
{
  const { clock, port, faulty } = bench({ delayMs: 1 });
  port.room = 2;
  faulty.take(batchOf(series(5).map((i) => frame(i))));
  clock.ns = 2 * MS;
  faulty.move();
  ok(port.taken.length === 2 && !faulty.writable && faulty.take(batchOf([frame(5)])) === 0 && faulty.move() === Infinity, 'a port below that refuses holds the rest, and refuses here');
  port.room = Infinity;
  ok(faulty.writable && faulty.take(batchOf([frame(5)])) === 4 + SIZE, 'until it goes on');
  clock.ns = 4 * MS;
  faulty.move();
  ok(numbers(port.taken).join() === '0,1,2,3,4,5' && faulty.idle, 'nothing is lost');
}
{
  const { port } = bench({});
  const { clock, ...outer } = bench({ delayMs: 3 });
  const nested = new FaultPort(new FaultPort(port, checkFaults({ delayMs: 2 }), { clock }), checkFaults({ delayMs: 3 }), { clock });
  outer.faulty.take(batchOf([frame(0)]));
  nested.take(batchOf([frame(9)]));
  clock.ns = 3 * MS;
  ok(nested.move() === 5 * MS && port.taken.length === 0, 'faults may be put around faults');
  clock.ns = 5 * MS;
  nested.move();
  ok(port.taken.length === 1 && nested.idle, 'and add up');
}
{ // an event loop is woken when what was delayed is due
  const { port } = bench({});
  const memory = new WebAssembly.Memory({ initial: 1 });
  const host = createEventLoopHost({ ports: [new FaultPort(port, checkFaults({ delayMs: 30 }))] });
  const pumped = new Promise((resolve) => {
    const view = new DataView(memory.buffer);
    const exchange = () => {
      view.setUint32(0, 0x48545349, true);
      view.setUint16(4, 1, true);
      view.setUint16(6, 160, true);
      view.setUint32(32, 1024, true);
      view.setUint32(36, 4096, true);
      host.imports.isthmus.exchange(0);
      return view.getUint32(60, true);
    };
    host.attach({ exports: { memory, ist_pump: () => { const n = exchange(); if (n) resolve(n); } } });
    exchange();
    setTimeout(() => {
      port.arrived.push(frame(0));
      host.wake();
    }, 20);
    setTimeout(() => resolve(0), 10_000);
  });
  ok(await pumped === 4 + SIZE, 'an event loop is woken when a delayed frame is due');
  host.close();
}

// --- the command
const sw = 'switch:lan', frames = join(B, 'test/host/frames.wasm');
for (const [what, args, says] of [
  ['a fault that does not exist', ['--fault', 'speed=9', '--link', sw, frames], /"speed=9" is none; there are seed=, loss=/],
  ['two for one link', ['--link', sw, '--fault', 'loss=1%', '--fault', 'delay=1ms', frames], /its link has one already/],
  ['a fault without a link', ['--fault', 'loss=1%', frames], /--fault without a --link/],
]) {
  const r = await run(isthmus, ['run', ...args]);
  ok(r.status === 2 && /^isthmus: [^\n]*\n$/.test(r.err) && says.test(r.err), `${what}: one line that says so, status 2`, r.err);
}
const A = '020000000001', C = '020000000002';
let r = await run(isthmus, ['run', '--stats', '--link', sw, '--fault', 'seed=2,loss=50%', '--name', 'a', frames, 'sleep:200', `send:${C}:${A}:200:100:1`,
  '--', '--link', sw, '--name', 'b', frames, 'count:200:1000']);
const [, lost] = /a switch:lan: faults: of those received 0 lost.*; of those sent (\d+) lost, 0 duplicated, 0 corrupted, 0 reordered\n/.exec(r.err) ?? [];
ok(lost > 60 && lost < 140 && new RegExp(`b switch:lan: received ${200 - lost} frames`).test(r.err) && !/b switch:lan: faults/.test(r.err), '--stats counts the faults of the link that has them', r.err + r.out);
r = await run(isthmus, ['run', '--stats', '--link', sw, '--fault', 'delay=300ms', '--name', 'a', frames, 'sleep:200', `send:${C}:${A}:50:100:1`,
  '--', '--link', sw, '--name', 'b', frames, 'count:50']);
ok(r.status === 0 && /received 50 of 50, 5000 bytes, 0 wrong/.test(r.out), 'a module that has ended still has its delayed frames sent', r.out + r.err);

// --- nothing is lost: TCP and TLS over a bad link
const bad = 'seed=11,loss=0.5%,delay=1ms,reorder=1%,duplicate=0.5%,corrupt=0.5%,rate=200mbit';
r = await run(isthmus, ['run', '--stats', '--link', sw, '--fault', bad, '--name', 'server', '--env', 'CLIENTS=20', join(B, 'demos/echo/echo-server.wasm'), '7',
  '--', '--link', sw, join(B, 'demos/echo/echo-clients.wasm'), 'server', '7', '20', '100000']);
const faults = /server switch:lan: faults: of those received (\d+) lost, (\d+) duplicated, (\d+) corrupted, (\d+) reordered/.exec(r.err)?.slice(1).map(Number) ?? [];
ok(r.status === 0 && /every byte came back/.test(r.out), '20 connections, 2 MB each way: every byte comes back', r.out + r.err);
ok(faults.length === 4 && faults.every((n) => n > 0), 'over a link that lost, doubled, spoilt and swapped', r.err);

const folder = scratch(), pki = join(folder, 'pki'), www = join(folder, 'www'), out = join(folder, 'got');
for (const name of [pki, www]) mkdirSync(name);
authority(pki);
certificate(pki, 'server', 'DNS:server');
const page = randomBytes(1_000_000), sha = (x) => createHash('sha256').update(x).digest('hex');
writeFileSync(join(www, 'page'), page);
r = await run('sh', ['-c', `printf 'GET /page HTTP/1.0\\r\\n\\r\\n' | "$@" >${out}`, 'sh', isthmus, 'run', '--link', sw, '--name', 'server', '--background', '--dir', `${pki}::/pki`,
  '--dir', `${www}::/www`, join(B, 'test/interop/tls_server.wasm'), '--cert', '/pki/server.pem', '--key', '/pki/server.key', '--file', '/www/page', '443',
  '--', '--fault', bad, '--link', sw, '--name', 'client', '--dir', `${pki}::/pki`, join(B, 'test/interop/tls_client.wasm'), '--ca', '/pki/ca.pem', 'server', '443']);
const got = readFileSync(out);
ok(r.status === 0 && sha(got.subarray(got.indexOf('\r\n\r\n') + 4)) === sha(page), 'HTTPS: 1 MB, its hash the same on both sides', r.err);

{ // the same through spawn()
  const { spawn, Switch } = await import('../../adapters/host/js/index.js');
  const net = new Switch(), faulty = withFaults(net.port(), 'seed=1,loss=100%');
  const one = await spawn({ module: frames, args: ['sleep:100', `send:${C}:${A}:10:100:1`], links: [faulty], stdout: () => {} });
  await one.exit;
  ok(faulty.label === 'switch:lan' && one.statistics[0].faults.sent.lost === 10 && one.statistics[0].sent.frames === 0, 'withFaults() for embedders', JSON.stringify(one.statistics));
}
await done();
