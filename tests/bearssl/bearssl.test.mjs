// bearssl.test.mjs - BearSSL's own known-answer and X.509 tests against the objects that we ship, natively and as wasm
//
// Those of its tests that are about what a connection of ours uses, and take a second or so; `make check-crypto` runs all.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
import { join } from 'node:path';
import { B, done, ok, run, scratch } from '../lib/tap.mjs';

const tests = ['SHA256', 'SHA384', 'SHA512', 'multihash', 'HKDF', 'HMAC_DRBG', 'PRF', 'ChaCha20_ct', 'Poly1305_ctmul', 'GHASH_ctmul64',
  'EC_prime_i31', 'EC_p256_m31', 'EC_c25519_m31', 'ECDSA_i31'];
const bearssl = join(B, 'deps/bearssl'), dir = scratch();

async function asWasm(program, args) {
  const log = join(dir, 'log'), stdout = openSync(log, 'w');
  const wasi = new WASI({ version: 'preview1', args: [program, ...args], preopens: { '.': bearssl }, stdout, stderr: stdout, returnOnExit: true });
  const { instance } = await WebAssembly.instantiate(readFileSync(join(B, `test/bearssl/${program}.wasm`)), { wasi_snapshot_preview1: wasi.wasiImport });
  let status;
  try { status = wasi.start(instance); } catch (e) { status = e.message; }
  closeSync(stdout);
  return { status, out: readFileSync(log, 'utf8') };
}

async function natively(program, args) {
  const r = await run(join(B, 'test/bearssl', program), args, { cwd: bearssl });
  return { status: r.status ?? r.signal, out: r.out + r.err };
}

for (const [where, how] of [['natively', natively], ['as wasm', asWasm]]) {
  for (const name of tests) {
    const { status, out } = await how('crypto', [name]);
    ok(status === 0 && out.trimEnd().endsWith('done.'), `${where}: ${name}`, `${status}\n${out.slice(-2000)}`);
  }
  const { status, out } = await how('x509', []);
  const good = (out.match(/: OK/g) ?? []).length;
  ok(status === 0 && out.includes('Name extraction: OK') && good >= 53, `${where}: ${good} X.509 chains and readings`, `${status}\n${out.slice(-2000)}`);
}
await done();
