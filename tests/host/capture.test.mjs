// --pcap: the file is well-formed pcapng and holds every frame; tshark agrees where it is installed.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, has, isthmus, scratch } from '../lib/tap.mjs';
import { captured, Capture, PacketWriter } from '../../adapters/host/js/src/pcapng.js';

const frames = join(B, 'test/host/frames.wasm');
const A = '020000000001', C = '020000000002';
const folder = scratch(), file = join(folder, 'lan.pcapng');

/** Reads a file strictly: { interfaces: [{ type, name, resolution }], packets: [{ interface, time, bytes, direction }] }. */
function parse(path) {
  const b = readFileSync(path), result = { interfaces: [], packets: [] };
  for (let at = 0; at < b.length;) {
    const type = b.readUInt32LE(at), total = b.readUInt32LE(at + 4);
    if (total % 4 || total < 12 || at + total > b.length || b.readUInt32LE(at + total - 4) !== total) throw new Error(`block at ${at}: length ${total}`);
    const body = b.subarray(at + 8, at + total - 4);
    if (at === 0 && (type !== 0x0a0d0d0a || body.readUInt32LE(0) !== 0x1a2b3c4d || body.readUInt16LE(4) !== 1)) throw new Error('no section header');
    if (type === 1) {
      const o = options(body.subarray(8));
      result.interfaces.push({ type: body.readUInt16LE(0), name: o.get(2).toString(), resolution: o.get(9)[0] });
    } else if (type === 6) {
      const length = body.readUInt32LE(12);
      if (body.readUInt32LE(16) !== length) throw new Error('captured and original length differ');
      const o = options(body.subarray(20 + ((length + 3) & ~3)));
      result.packets.push({ interface: body.readUInt32LE(0), time: (BigInt(body.readUInt32LE(4)) << 32n) | BigInt(body.readUInt32LE(8)),
        bytes: body.subarray(20, 20 + length), direction: o.get(2).readUInt32LE() & 3 });
    } else if (at !== 0) throw new Error(`block type ${type}`);
    at += total;
  }
  return result;
}
function options(b) {
  const found = new Map();
  for (let at = 0; at < b.length;) {
    const code = b.readUInt16LE(at), length = b.readUInt16LE(at + 2);
    if (code === 0) return found;
    found.set(code, b.subarray(at + 4, at + 4 + length));
    at += 4 + ((length + 3) & ~3);
  }
  if (b.length) throw new Error('options without an end');
  return found;
}

const began = BigInt(Date.now()) * 1000000n;
let r = await run(isthmus, ['run', '--pcap', file, '--link', 'switch:lan', '--name', 'a', frames, 'sleep:200', `send:${C}:${A}:50:101:7`, `send:${C}:${A}:3:1514:1`,
  '--', '--link', 'switch:lan', '--name', 'b', frames, 'count:53']);
const ended = BigInt(Date.now()) * 1000000n;
const lan = parse(file);
ok(r.status === 0 && lan.interfaces.length === 2 && lan.interfaces.every((i) => i.type === 1 && i.resolution === 9), 'an Ethernet interface for each link, in nanoseconds', r.err);
ok(lan.interfaces.map((i) => i.name).join() === 'a switch:lan,b switch:lan', 'their names say whose they are', JSON.stringify(lan.interfaces));
ok(lan.packets.filter((p) => p.interface === 0 && p.direction === 2).length === 53, 'every frame that one sent is there, as outward', String(lan.packets.length));
ok(lan.packets.filter((p) => p.interface === 1 && p.direction === 1).length === 53, 'and as inward where it arrived');
ok(lan.packets.every((p) => p.bytes.toString('hex', 0, 12) === C + A && [101, 1514].includes(p.bytes.length)), 'the bytes are those of the frames');
ok(lan.packets.every((p) => p.time > began - 2000000n && p.time < ended + 2000000n), 'the times are those of the run');

r = await run('sh', ['-c', `"${isthmus}" run --pcap /dev/fd/3 --link switch:lan "${frames}" send:${C}:${A}:2:60 3>&1 >/dev/null | cat >"${folder}/pipe"`]);
ok(parse(join(folder, 'pipe')).packets.length === 2, 'a capture may go into a pipe', r.err);

// Kinds that the command has no link for.
for (const [kind, type, frame] of [[1, 101, Buffer.from('4500001400000000400100007f0000017f000001', 'hex')], [4, 147, Buffer.from('0000000101', 'hex')],
  [3, 101, Buffer.concat([Buffer.from('00000000000000000000ffff7f000001', 'hex'), Buffer.from([0x12, 0x34, 2, 0]), Buffer.from('payload')])]]) {
  const path = join(folder, `kind${kind}`), capture = new Capture(path);
  const batch = Buffer.alloc(4 + frame.length);
  batch.writeUInt32BE(frame.length);
  frame.copy(batch, 4);
  const writer = new PacketWriter({ fd: capture.fd, number: capture.add('x', kind), kind }, () => {});
  const port = captured({ take: (b) => b.length, give: (into) => { into.set(batch); return batch.length; } }, writer);
  port.take(batch);
  port.give(new Uint8Array(100));
  capture.close();
  const got = parse(path);
  ok(got.interfaces[0].type === type && got.packets.length === 2, `kind ${kind} has link type ${type}`);
  if (kind !== 3) ok(got.packets.every((p) => p.bytes.equals(frame)), `kind ${kind}: the bytes as they are`);
  else {
    const [out, into] = got.packets.map((p) => p.bytes);
    ok(out[0] >> 4 === 6 && out[6] === 17 && out.length === 40 + 8 + 7 && out.readUInt16BE(42) === 0x1234 && out.subarray(48).toString() === 'payload', 'a datagram outward is an IPv6 packet to the peer');
    ok(into.readUInt16BE(40) === 0x1234 && into.subarray(8, 24).equals(frame.subarray(0, 16)), 'inward it comes from the peer');
    let sum = 0;
    for (let i = 8; i < into.length; i += 2) sum += (into[i] << 8) | (into[i + 1] ?? 0);
    sum += into.length - 40 + 17;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
    ok(sum === 0xffff, 'its checksum is right');
  }
}

// A capture that can no longer be written ends; the program goes on.
{
  const said = [];
  const full = openSync('/dev/full', 'a');
  const writer = new PacketWriter({ fd: full, number: 0, kind: 2 }, (text) => said.push(text));
  const batch = Buffer.from('00000002abcd', 'hex');
  writer.record(batch, 1);
  writer.record(batch, 1);
  closeSync(full);
  ok(said.length === 1 && /no space left/.test(said[0]), 'a full disk is told once');
}
if (has('tshark')) {
  const t = spawnSync('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.interface_name', '-e', 'frame.len'], { encoding: 'utf8' });
  ok(t.status === 0 && t.stdout.trim().split('\n').length === lan.packets.length && t.stdout.includes('b switch:lan\t1514'), 'tshark reads the same', t.stderr + t.stdout.slice(0, 500));
}
await done();
