// pair.mjs MODULE WHAT ARG... - two instances in this thread on a link in memory; the steps of pair-native.c, one by one
//
// bulk MTU MIB (MiB/s), rr OPEN ROUNDS (us a round trip), connects N (a second), idle OPEN (bytes of linear memory a connection).
import { readFileSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { cpuUsage, hrtime } from 'node:process';
import { AT, FLAG, KIND, WANT } from '../../adapters/host/js/src/layout.js';

const WIRE_CAP = 1 << 20, TURNS = 100000;
// What is measured is time of the processor, so that what else the machine does counts little.
const spent = () => { const { user, system } = cpuUsage(); return (user + system) * 1000; };

/** Whole frames, one after the other. */
class Wire {
  bytes = new Uint8Array(WIRE_CAP);
  words = new Int32Array(this.bytes.buffer);
  start = 0;
  end = 0;
}

/** The bytes of whole frames in [at, end) of a batch that fit into room. */
function fitting(bytes, at, end, room) {
  if (end - at <= room) return end - at;
  let to = at;
  while (to < end) {
    const frame = 4 + (bytes[to] << 24 | bytes[to + 1] << 16 | bytes[to + 2] << 8 | bytes[to + 3]);
    if (to + frame - at > room) break;
    to += frame;
  }
  return to - at;
}

/** A segment without data costs less in a loop than in calls of the runtime. */
function copy(to, end, from, start, length) {
  if (length > 128 || ((end | start | length) & 3) !== 0) {
    to.bytes.set(from.bytes.subarray(start, start + length), end);
    return;
  }
  for (let n = 0; n < length >> 2; n++) to.words[(end >> 2) + n] = from.words[(start >> 2) + n];
}

function side(module, i, wires, mtu) {
  const inward = wires[i], outward = wires[1 - i];
  const grant = new TextEncoder().encode(`address=10.0.0.${i + 1}/24\n`);
  let memory;
  const guest = { bytes: new Uint8Array(0), words: null }; // its memory, anew when it has grown and these are detached
  let u32, u64;
  const exchange = (x) => {
    if (guest.bytes.length === 0) {
      guest.bytes = new Uint8Array(memory.buffer);
      guest.words = new Int32Array(memory.buffer);
      [u32, u64] = [new Uint32Array(memory.buffer), new BigUint64Array(memory.buffer)];
    }
    const at = (field) => (x + field) >> 2;
    const tx = u32[at(AT.tx)], txLen = u32[at(AT.tx_len)], rx = u32[at(AT.rx)], rxCap = u32[at(AT.rx_cap)], want = u32[at(AT.want)];
    if (outward.end + txLen > WIRE_CAP) {
      outward.bytes.copyWithin(0, outward.start, outward.end);
      outward.end -= outward.start;
      outward.start = 0;
    }
    const taken = fitting(guest.bytes, tx, tx + txLen, WIRE_CAP - outward.end);
    copy(outward, outward.end, guest, tx, taken);
    outward.end += taken;
    let given = 0;
    if (rxCap && inward.end) {
      given = fitting(inward.bytes, inward.start, inward.end, rxCap);
      copy(guest, rx, inward, inward.start, given);
      inward.start += given;
      if (inward.start === inward.end) inward.start = inward.end = 0;
    }
    u32[at(AT.tx_taken)] = taken;
    u32[at(AT.rx_len)] = given;
    u32[at(AT.flags)] = FLAG.UP | (rxCap && inward.end ? FLAG.MORE : 0);
    u64[(x + AT.ready) >> 3] = inward.end !== 0 || taken < txLen ? 1n : 0n;
    u64[(x + AT.monotonic) >> 3] = hrtime.bigint();
    for (let word = 0; word < 4; word++) u32[at(AT.instance) + word] = i + 1;
    if (want & WANT.ENTROPY) randomFillSync(guest.bytes, x + AT.entropy, 32);
    if (want & WANT.GRANT) {
      u32.set([KIND.IP, mtu, mtu, 1], at(AT.kind));
      u32[at(AT.text_len)] = grant.length;
      if (grant.length <= u32[at(AT.text_cap)]) guest.bytes.set(grant, u32[at(AT.text)]);
    }
    return 0;
  };
  const wasi = new Proxy({}, { get: (_, name) => () => { throw new Error(`the bench calls ${name}`); } });
  const instance = new WebAssembly.Instance(module, { isthmus: { exchange }, wasi_snapshot_preview1: wasi });
  ({ memory } = instance.exports);
  instance.exports._initialize?.();
  if (instance.exports.bench_open(i === 0 ? 1 : 0) !== 0) throw new Error('ist_start');
  return instance.exports;
}

const [file, what, ...args] = process.argv.slice(2);
const [a, b] = args.map(Number);
const module = new WebAssembly.Module(readFileSync(file));
const wires = [new Wire(), new Wire()];
const [server, client] = [0, 1].map((i) => side(module, i, wires, what === 'bulk' ? a : 1500));

function connectOne() {
  const i = client.bench_connect();
  if (i < 0) throw new Error(`connect ${i}`);
  for (let n = 0, accepted = -1; n < TURNS; n++) {
    client.bench_turn();
    server.bench_turn();
    if (accepted < 0) accepted = server.bench_accept();
    if (accepted >= 0 && client.bench_connected(i)) return;
  }
  throw new Error('no connection');
}

const work = {
  bulk() {
    const all = 2 * b * 1048576; // as much again goes before, unmeasured
    let length = all / 2, began = 0;
    connectOne();
    for (let sent = 0, got = 0; got < all;) {
      if (began === 0 && got >= length) [began, length] = [spent(), all - got];
      sent += client.bench_send(0, Math.min(all - sent, 262144));
      client.bench_turn();
      server.bench_turn();
      got += server.bench_recv(0);
    }
    return length / 1048576 / ((spent() - began) / 1e9);
  },
  rr() {
    for (let i = 0; i < a; i++) connectOne();
    const began = spent();
    for (let r = 0, i = 0; r < b; r++, i = (i + 7919) % a) {
      let got = 0, back = 0;
      client.bench_send(i, 64);
      client.bench_turn();
      for (let n = 0; got < 64 && n < TURNS; n++, server.bench_turn()) got += server.bench_recv(i);
      server.bench_send(i, 64);
      server.bench_turn();
      for (let n = 0; back < 64 && n < TURNS; n++, client.bench_turn()) back += client.bench_recv(i);
      if (back !== 64) throw new Error('lost');
    }
    return (spent() - began) / 1e3 / b;
  },
  connects() {
    let began = 0;
    for (let i = 0; i < 2 * a; i++) { // as many again go before, unmeasured
      if (i === a) began = spent();
      connectOne();
      client.bench_close(0);
      client.bench_turn();
      server.bench_turn();
      server.bench_close(0);
      server.bench_turn();
      client.bench_turn();
    }
    return a / ((spent() - began) / 1e9);
  },
  /** Both sides of a connection are alike; the server's, as it has the listener. */
  idle() {
    for (let i = 0; i < 10; i++) connectOne();
    const before = server.memory.buffer.byteLength;
    for (let i = 0; i < a; i++) connectOne();
    return (server.memory.buffer.byteLength - before) / a;
  },
};
console.log(work[what]().toFixed(3));
