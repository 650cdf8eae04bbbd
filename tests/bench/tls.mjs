// tls.mjs - the speed of two TLS engines joined by memory, natively and as wasm in this Node: node tests/bench/tls.mjs [SECONDS]
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { B, scratch, authority, certificate } from '../lib/tap.mjs';

const wasmRunner = `
const { WASI } = require('node:wasi');
const [file, folder, seconds] = process.argv.slice(1);
const wasi = new WASI({ version: 'preview1', args: ['tls-speed', '/pki', seconds], preopens: { '/pki': folder }, returnOnExit: true });
// The monotonic clock is the time of the processor.
const ours = { ...wasi.wasiImport };
let memory;
ours.clock_time_get = (id, precision, at) => {
  if (id !== 1) return wasi.wasiImport.clock_time_get(id, precision, at);
  const { user, system } = process.cpuUsage();
  new DataView(memory.buffer).setBigUint64(at, BigInt(user + system) * 1000n, true);
  return 0;
};
WebAssembly.instantiate(require('node:fs').readFileSync(file), { wasi_snapshot_preview1: ours })
  .then(({ instance }) => { memory = instance.exports.memory; process.exitCode = wasi.start(instance); });`;

const rows = (text) => new Map(text.trim().split('\n').map((l) => l.split(' ')).map(([name, value, unit]) => [name, { value: Number(value), unit }]));

/** { native, wasm }: figures by name. */
export function measure(seconds) {
  const folder = scratch();
  authority(folder);
  for (const key of ['ec', 'ec384', 'rsa']) certificate(folder, key, 'DNS:host.test', { key });
  const native = spawnSync(join(B, 'bench/tls-speed'), [folder, seconds], { encoding: 'utf8' });
  const wasm = spawnSync(process.execPath, ['--no-warnings', '-e', wasmRunner, join(B, 'bench/tls-speed.wasm'), folder, seconds], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  for (const r of [native, wasm]) if (r.status !== 0) throw new Error(r.stderr || r.error);
  return { native: rows(native.stdout), wasm: rows(wasm.stdout) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { native, wasm } = measure(process.argv[2] ?? '1');
  console.log(`${''.padEnd(34)}${'native'.padStart(10)}${`Node ${process.versions.node.split('.')[0]}`.padStart(10)}`);
  for (const [name, { value, unit }] of native)
    console.log(`${name.padEnd(34)}${value.toFixed(0).padStart(10)}${wasm.get(name).value.toFixed(0).padStart(10)}  ${unit}`);
  console.log(`${readFileSync(join(B, 'bench/tls-speed.wasm')).length} bytes of wasm, with its names`);
  process.exit(0);
}
