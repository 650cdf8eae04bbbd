// tls.mjs - the speed of two TLS engines joined by memory, natively and as wasm in this Node: node tests/bench/tls.mjs [SECONDS]
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { B, scratch, authority, certificate, freePort, run, start } from '../lib/tap.mjs';

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

/** Handshakes a second of the time that openssl's client and server together spend in their own code, x25519 and ECDSA P-256. */
export async function opensslHandshakes(seconds) {
  const folder = scratch(), port = await freePort();
  authority(folder);
  certificate(folder, 'ec', 'DNS:host.test');
  const server = await start('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', join(folder, 'ec.pem'), '-key', join(folder, 'ec.key'), '-quiet', '-www'], { port });
  const ticks = () => Number(readFileSync(`/proc/${server.child.pid}/stat`, 'utf8').split(') ')[1].split(' ')[11]);   // utime
  const before = ticks();
  const client = await run('openssl', ['s_time', '-connect', `127.0.0.1:${port}`, '-new', '-tls1_2', '-time', String(seconds), '-verify', '1', '-CAfile', join(folder, 'ca.pem'),
    '-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'], { timeout: 60_000 });
  const spent = (ticks() - before) / 100;
  const [, n, own] = /(\d+) connections in ([\d.]+)s;/.exec(client.out) ?? [];
  await server.stop();
  if (!(n > 0)) throw new Error(`openssl s_time says: ${client.out}${client.err}`);
  return Number(n) / (Number(own) + spent);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { native, wasm } = measure(process.argv[2] ?? '1');
  console.log(`${''.padEnd(34)}${'native'.padStart(10)}${`Node ${process.versions.node.split('.')[0]}`.padStart(10)}`);
  for (const [name, { value, unit }] of native)
    console.log(`${name.padEnd(34)}${value.toFixed(0).padStart(10)}${wasm.get(name).value.toFixed(0).padStart(10)}  ${unit}`);
  console.log(`${readFileSync(join(B, 'bench/tls-speed.wasm')).length} bytes of wasm, with its names`);
  process.exit(0);
}
