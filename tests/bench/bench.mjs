// bench.mjs - measures, side by side in one run, and writes build/bench/results.json
//
// {"results": [{name, value, unit, better, against, ratio, goal}]}; ratio is ours to the one named in `against`, null where there is none.
import { copyFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { B, isthmus, run, freePort } from '../lib/tap.mjs';
import { measure, opensslHandshakes } from './tls.mjs';
import { rows as paths } from './path.mjs';

const RUNS = Number(process.env.RUNS ?? 3), MIB = process.env.MIB ?? '512';
const results = [];
const row = (name, value, unit, better, against, ratio, goal) => results.push({ name, value, unit, better, against, ratio, goal });
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const figure = (r) => { if (r.status !== 0) throw new Error(r.err || r.out); return Number(r.out.trim().split('\n').at(-1)); };

async function kernel() {
  const port = String(await freePort());
  const server = run(join(B, 'bench/bulk'), ['server', port]);
  const r = figure(await run(join(B, 'bench/bulk'), ['client', '127.0.0.1', port, MIB]));
  await server;
  return r;
}
const workers = async (mtu, name = 'bulk') => figure(await run(isthmus, ['run', '--link', `switch:lan?mtu=${mtu}`, '--name', 'server', join(B, `bench/${name}.wasm`), 'server', '5001',
  '--', '--link', `switch:lan?mtu=${mtu}`, '--name', 'client', join(B, `bench/${name}.wasm`), 'client', 'server', '5001', MIB], { timeout: 120_000 }));

// Interleaved, so that what else the machine does touches all alike.
const figures = { kernel: [], 1500: [], 65520: [], merged: [] };
for (let i = 0; i < RUNS; i++) {
  figures.kernel.push(await kernel());
  for (const mtu of [1500, 65520]) figures[mtu].push(await workers(mtu));
  figures.merged.push(await workers(1500, 'bulk-merged'));
}
for (const [mtu, name] of [[1500, 'tcp_bulk_workers_1500'], [65520, 'tcp_bulk_workers_65535']])
  row(name, median(figures[mtu]), 'MiB/s', 'higher', 'kernel loopback', median(figures[mtu]) / median(figures.kernel), null);
row('merge_bulk', median(figures.merged), 'MiB/s', 'higher', 'the same program linked with the library', median(figures.merged) / median(figures[1500]), 0.85);
row('size_merged', statSync(join(B, 'bench/bulk-merged.wasm')).size, 'bytes', 'lower', '-', statSync(join(B, 'bench/bulk-merged.wasm')).size, null);
for (const [name, file, goal] of [['size_tcp', 'bench/size-tcp.wasm', 120_000], ['size_all', 'bench/size-all.wasm', 280_000]]) {
  const bytes = statSync(join(B, file)).size;
  row(name, bytes, 'bytes', 'lower', '-', bytes, goal);
}

// Two stacks in one thread, in Node and natively; figures of the processor's time.
const at = (name) => join(B, 'bench', name);
copyFileSync(at('pair.so'), at('pair-copy.so'));
const native = async (...what) => figure(await run(at('pair-native'), [at('pair.so'), at('pair-copy.so'), ...what.map(String)], { timeout: 300_000 }));
const pair = fileURLToPath(new URL('pair.mjs', import.meta.url)), plain = fileURLToPath(new URL('plain-wasi.mjs', import.meta.url));
const node = async (...what) => figure(await run(process.execPath, ['--no-warnings', pair, at('pair.wasm'), ...what.map(String)], { timeout: 300_000 }));
async function beside(name, unit, goal, ...what) {
  const ours = [], theirs = [];
  for (let i = 0; i < RUNS; i++) {
    theirs.push(await native(...what));
    ours.push(await node(...what));
  }
  row(name, median(ours), unit, 'higher', 'natively', median(ours) / median(theirs), goal);
}
for (const [mtu, goal] of [[1500, 0.75], [9000, 0.75], [65535, 0.85]]) await beside(`tcp_bulk_node_${mtu}`, 'MiB/s', goal, 'bulk', mtu, MIB);
await beside('tcp_connects_node', '1/s', 0.6, 'connects', 12_000);
for (const [name, where, goal] of [['tcp_rr_growth_10000', native, 3], ['tcp_rr_growth_10000_node', node, null]]) {
  const few = await where('rr', 10, 100_000), many = await where('rr', 10_000, 2000);
  row(name, many / few, 'times', 'lower', `${where === native ? 'native' : 'Node'}: 10 open, ${few.toFixed(2)} us`, many / few, goal);
}
for (const [name, mbit, against, of, goal] of await paths()) row(name, mbit, 'Mbit/s', 'higher', against, mbit / of, goal);
const idle = await node('idle', 10_000);
row('idle_tcp_bytes', idle, 'bytes', 'lower', '-', idle, 1000);

// TLS alone: two engines joined by memory, so a byte is encrypted and decrypted.
const tls = Array.from({ length: RUNS }, () => measure('0.5'));
const speed = (where, name) => median(tls.map((r) => r[where].get(name).value));
for (const [name, what, unit, goal] of [['tls_handshake_node', 'tls_handshake_x25519_ecdsa_p256', '1/s', 0.85], ['tls_bulk_node', 'tls_bulk_chacha20_poly1305', 'MiB/s', 0.9]])
  row(name, speed('wasm', what), unit, 'higher', 'natively', speed('wasm', what) / speed('native', what), goal);
const reference = (await run('openssl', ['speed', '-seconds', '1', '-bytes', '16384', '-evp', 'chacha20-poly1305'])).out;
const theirs = Number(/ChaCha20-Poly1305\s+([\d.]+)k/i.exec(reference)?.[1]) * 1000 / 1048576;
if (!(theirs > 0)) throw new Error(`openssl speed says: ${reference}`);
row('tls_bulk_vs_openssl', speed('wasm', 'tls_bulk_chacha20_poly1305'), 'MiB/s', 'higher', `half of openssl speed, which encrypts only (${theirs.toFixed(0)} MiB/s)`,
  2 * speed('wasm', 'tls_bulk_chacha20_poly1305') / theirs, null);

const openssl = await opensslHandshakes(2);
row('tls_handshake_vs_openssl', speed('wasm', 'tls_handshake_x25519_ecdsa_p256'), '1/s', 'higher', `openssl s_time and s_server, their own time (${openssl.toFixed(0)}/s)`,
  speed('wasm', 'tls_handshake_x25519_ecdsa_p256') / openssl, null);
const idleTls = speed('wasm', 'tls_idle');
row('idle_tls_bytes', idleTls, 'bytes', 'lower', '-', idleTls, 40_000);

// From the start of the process to its end, of a program that ends at once.
async function start(command, args) {
  const began = performance.now(), r = await run(command, args);
  if (r.status !== 2 || !r.err.startsWith('usage: bulk')) throw new Error(r.err);
  return performance.now() - began;
}
const starts = { ours: [], plain: [] };
for (let i = 0; i < 3 * RUNS; i++) {
  starts.plain.push(await start(process.execPath, ['--no-warnings', plain, at('bulk.wasm')]));
  starts.ours.push(await start(isthmus, ['run', '--link', 'switch:lan', at('bulk.wasm')]));
}
const later = median(starts.ours) - median(starts.plain);
row('start_ms', later, 'ms', 'lower', 'plain node:wasi, difference', later, 150);

mkdirSync(join(B, 'bench'), { recursive: true });
writeFileSync(join(B, 'bench/results.json'), `${JSON.stringify({ results }, null, 1)}\n`);
for (const r of results) {
  const short = r.goal !== null && (r.better === 'higher' ? r.ratio < r.goal : r.ratio > r.goal);
  console.log(`${short ? '!' : ' '} ${r.name.padEnd(24)} ${r.value.toFixed(r.value < 100 ? 1 : 0).padStart(9)} ${r.unit.padEnd(6)} ${r.against === '-' || r.against.endsWith('difference') ? '' : `${r.ratio.toFixed(2)} of ${r.against}`}${r.goal === null ? '' : `  (goal ${r.goal})`}`);
}
