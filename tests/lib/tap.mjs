// tap.mjs - what the tests written in JavaScript share: TAP lines, a scratch folder, programs to run, and certificates
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const B = resolve(process.env.B ?? 'build');
export const isthmus = join(B, 'bin/isthmus');

let n = 0, failed = 0;

/** One TAP line. */
export function ok(good, name, detail = '') {
  n++;
  if (!good) failed++;
  console.log(`${good ? 'ok' : 'not ok'} ${n} - ${name}`);
  if (!good && detail) console.log(String(detail).trimEnd().split('\n').map((l) => `# ${l}`).join('\n'));
  return good;
}

export function skip(name, reason) {
  n++;
  console.log(`ok ${n} - ${name} # SKIP ${reason}`);
}

const cleanups = [];
export const atEnd = (f) => cleanups.push(f);

/** Prints the plan, cleans up, ends the process. */
export async function done() {
  for (const f of cleanups.reverse()) await f();
  console.log(`1..${n}`);
  process.exit(failed ? 1 : 0);
}

process.on('uncaughtException', async (e) => {
  ok(false, 'the test program itself runs', e.stack);
  await done();
});

/** A folder that is gone at the end. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a program to its end: { status, signal, out, err }. */
export function run(command, args, { input, timeout = 60_000, ...options } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    const r = { status: null, signal: null, out: '', err: '' };
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.stdout.on('data', (d) => { r.out += d; });
    child.stderr.on('data', (d) => { r.err += d; });
    child.on('error', (e) => { clearTimeout(timer); done({ ...r, err: e.message }); });
    child.on('close', (status, signal) => { clearTimeout(timer); done({ ...r, status, signal }); });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Starts a program that stays; stopped at the end, by its id. Resolves when `until` (a RegExp) has been printed, or `port` answers. */
export async function start(command, args, { until, port, timeout = 20_000, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const peer = { child, out: '', stop: () => new Promise((gone) => {
    if (child.exitCode !== null || child.signalCode !== null) return gone();
    const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
    child.once('close', () => { clearTimeout(hard); gone(); });
    child.kill('SIGTERM');
  }) };
  let failure = null;
  child.on('error', (e) => { failure = e; });
  child.stdout.on('data', (d) => { peer.out += d; });
  child.stderr.on('data', (d) => { peer.out += d; });
  atEnd(peer.stop);
  for (const end = Date.now() + timeout; ;) {
    if (failure) throw failure;
    if (until && until.test(peer.out)) return peer;
    if (port && await answers(port)) return peer;
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${command} did not start (exit ${child.exitCode}): ${peer.out}`);
    await new Promise((r) => setTimeout(r, 30));
  }
}

const answers = (port) => new Promise((r) => {
  const s = connect(port, '127.0.0.1', () => { s.destroy(); r(true); });
  s.on('error', () => r(false));
});

/** A TCP port of the loopback that is free now. */
export const freePort = () => new Promise((r) => {
  const s = createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => r(port)); });
});

export const has = (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** openssl with an error that tells. */
export function openssl(...args) {
  const r = spawnSync('openssl', args, { encoding: 'utf8' });
  if (r.status !== 0) throw new Error(`openssl ${args.join(' ')}: ${r.stderr}`);
  return r.stdout;
}

const KEYS = { ec: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], ec384: ['EC', '-pkeyopt', 'ec_paramgen_curve:P-384'], rsa: ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'] };

/** An authority in folder: ca.pem, ca.key. */
export function authority(folder, name = 'ca', key = 'ec') {
  if (!existsSync(join(folder, `${name}.key`))) openssl('genpkey', '-algorithm', ...KEYS[key], '-out', join(folder, `${name}.key`));
  openssl('req', '-x509', '-new', '-key', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`), '-days', '30', '-subj', `/CN=Test ${name}`);
}

/** A certificate signed by the authority: NAME.pem, NAME.key. */
export function certificate(folder, name, san, { key = 'ec', ca = 'ca', usage = 'serverAuth', dates = ['-days', '10'] } = {}) {
  const at = (suffix) => join(folder, name + suffix);
  openssl('genpkey', '-algorithm', ...KEYS[key], '-out', at('.key'));
  openssl('req', '-new', '-key', at('.key'), '-out', at('.csr'), '-subj', `/CN=${name}`);
  writeFileSync(at('.ext'), `subjectAltName=${san}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=${usage}\n`);
  openssl('x509', '-req', '-in', at('.csr'), '-CA', join(folder, `${ca}.pem`), '-CAkey', join(folder, `${ca}.key`), '-CAcreateserial',
    ...dates, '-extfile', at('.ext'), '-out', at('.pem'));
}
