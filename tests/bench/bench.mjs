// bench.mjs - measures, side by side in one run, and writes build/bench/results.json
//
// {"results": [{name, value, unit, better, against, ratio, goal}]}; ratio is ours to the one named in `against`, null where there is none.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, run, freePort } from '../lib/tap.mjs';

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
const workers = async (mtu) => figure(await run(isthmus, ['run', '--link', `switch:lan?mtu=${mtu}`, '--name', 'server', join(B, 'bench/bulk.wasm'), 'server', '5001',
  '--', '--link', `switch:lan?mtu=${mtu}`, '--name', 'client', join(B, 'bench/bulk.wasm'), 'client', 'server', '5001', MIB], { timeout: 120_000 }));

// Interleaved, so that what else the machine does touches all alike.
const figures = { kernel: [], 1500: [], 65520: [] };
for (let i = 0; i < RUNS; i++) {
  figures.kernel.push(await kernel());
  for (const mtu of [1500, 65520]) figures[mtu].push(await workers(mtu));
}
for (const [mtu, name] of [[1500, 'tcp_bulk_workers_1500'], [65520, 'tcp_bulk_workers_65535']])
  row(name, median(figures[mtu]), 'MiB/s', 'higher', 'kernel loopback', median(figures[mtu]) / median(figures.kernel), null);
for (const [name, file, goal] of [['size_tcp', 'bench/size-tcp.wasm', 120_000], ['size_all', 'bench/size-all.wasm', 280_000]]) {
  const bytes = statSync(join(B, file)).size;
  row(name, bytes, 'bytes', 'lower', '-', bytes, goal);
}

mkdirSync(join(B, 'bench'), { recursive: true });
writeFileSync(join(B, 'bench/results.json'), `${JSON.stringify({ results }, null, 1)}\n`);
for (const r of results) {
  const short = r.goal !== null && (r.better === 'higher' ? r.ratio < r.goal : r.ratio > r.goal);
  console.log(`${short ? '!' : ' '} ${r.name.padEnd(24)} ${r.value.toFixed(0).padStart(9)} ${r.unit.padEnd(6)} ${r.against === '-' ? '' : `${r.ratio.toFixed(2)} of ${r.against}`}${r.goal === null ? '' : `  (goal ${r.goal})`}`);
}
