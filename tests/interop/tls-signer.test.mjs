// Private keys outside of the sandbox: `isthmus run --signer` against openssl and between two modules, what a signer refuses, and that the key is nowhere in the memory.
import { openSync, readFileSync } from 'node:fs';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { WASI } from 'node:wasi';
import { join } from 'node:path';
import { B, ok, done, scratch, run, isthmus, authority, certificate } from '../lib/tap.mjs';
import { ecdsaDer, ecdsaSign, ecdsaVerify } from '../../adapters/host/js/src/ecdsa.js';
import { createBlockingHost, createDoorbell, SignerPort, signerKey } from '../../adapters/host/js/index.js';

const folder = scratch(), at = (name) => join(folder, name);
authority(folder);
for (const key of ['ec', 'ec384', 'rsa']) certificate(folder, key, 'DNS:host.test,DNS:server', { key });
certificate(folder, 'two', 'DNS:two.test');
certificate(folder, 'me', 'DNS:client.test', { usage: 'clientAuth', key: 'rsa' });
const keys = Object.fromEntries(['ec', 'ec384', 'rsa'].map((name) => [name, signerKey(name, readFileSync(at(`${name}.key`)))]));

// ---- the port itself
const port = new SignerPort(keys);
function ask(name, scheme, hash, operation = 1) {
  const body = Buffer.concat([Buffer.from([0, 0, 0, 7, operation, scheme >> 8, scheme & 255, name.length]), Buffer.from(name), hash]);
  const head = Buffer.alloc(4), into = new Uint8Array(4 + port.frameMax);
  head.writeUInt32BE(body.length);
  port.take(Buffer.concat([head, body]));
  const answer = Buffer.from(into.subarray(0, port.give(into)));
  return { id: answer.readUInt32BE(4), operation: answer[8], status: answer[9], signature: answer.subarray(10) };
}
const hashes = { 4: 'sha256', 5: 'sha384', 6: 'sha512' };
for (const [name, kind] of [['ec', 3], ['ec384', 3], ['rsa', 1]])
  for (const [number, hash] of Object.entries(hashes)) {
    let good = 0;
    for (let i = 0; i < 20; i++) {
      const text = `to be signed ${i}`;
      const r = ask(name, number << 8 | kind, createHash(hash).update(text).digest());
      if (r.status === 0 && r.id === 7 && r.operation === 1 && verify(hash, Buffer.from(text), createPublicKey(keys[name]), r.signature)) good++;
    }
    ok(good === 20, `a signature of ${name} over ${hash} is good`);
  }
const digest = Buffer.alloc(32, 1);
const first = ask('ec', 0x403, digest).signature;
ok(!first.equals(ask('ec', 0x403, digest).signature), 'ECDSA draws a nonce for each');

// ---- ECDSA over a given hash: against OpenSSL both ways, and its edges
/** r and s out of DER */
function numbers(der) {
  const end = 4 + der[3];
  return { r: BigInt(`0x${der.toString('hex', 4, end)}`), s: BigInt(`0x${der.toString('hex', end + 2)}`) };
}
for (const [name, crv, order] of [['ec', 'P-256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
  ['ec384', 'P-384', 'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973']]) {
  const jwk = keys[name].export({ format: 'jwk' }), n = BigInt(`0x${order}`), other = generateKeyPairSync('ec', { namedCurve: crv }).privateKey.export({ format: 'jwk' });
  let agree = 0;
  for (let i = 0; i < 20; i++) {
    const text = Buffer.from(i ? `text ${i}` : ''), z = createHash('sha512').update(text).digest(), good = numbers(sign('sha512', text, keys[name]));
    agree += ecdsaVerify(jwk, z, good) && !ecdsaVerify(jwk, z, { r: good.r, s: good.s ^ 1n }) && !ecdsaVerify(jwk, z, { r: good.r ^ 1n, s: good.s })
      && !ecdsaVerify(other, z, good) && !ecdsaVerify(jwk, createHash('sha512').update('other').digest(), good);
  }
  ok(agree === 20, `${crv}: OpenSSL's signatures are verified, altered ones, those of another key and of another hash refused`);
  const z = createHash('sha256').update('').digest(), { r, s } = ecdsaSign(jwk, z);
  ok(ecdsaVerify(jwk, z, { r, s }) && verify('sha256', Buffer.alloc(0), createPublicKey(keys[name]), ecdsaDer({ r, s })), `${crv}: the hash that OpenSSL signs underneath`);
  ok(ecdsaVerify(jwk, z, { r, s: n - s }) && [{ r, s: 0n }, { r: 0n, s }, { r, s: n }, { r: n, s }, { r: r + n, s }, { r, s: s + n }, { r, s: -s }].every((bad) => !ecdsaVerify(jwk, z, bad)),
    `${crv}: r and s lie in 1 to the order less 1`);
  const full = Buffer.alloc(64, 255);
  ok(ecdsaVerify(jwk, full, ecdsaSign(jwk, full)), `${crv}: a hash above the order`);
  ok(ecdsaSign(jwk, Buffer.alloc(64)) === null && ecdsaSign(jwk, Buffer.from(order.padEnd(128, '0'), 'hex')) === null, `${crv}: a hash of zeros, or that is the order, is not signed`);
  const small = { ...jwk, d: Buffer.concat([Buffer.alloc(order.length / 2 - 1), Buffer.from([1])]).toString('base64url') };
  ok(!ecdsaVerify(jwk, z, ecdsaSign(small, z)), `${crv}: a signature by a number that is not the key's is seen`);
  const mixed = createPrivateKey({ format: 'jwk', key: { ...jwk, x: other.x, y: other.y } });
  let why = '';
  try { signerKey('mixed', mixed); } catch (error) { why = error.message; }
  ok(/mixed: the halves of the key do not belong together/.test(why), `${crv}: a key with another's public half is refused`, why);
  const faulty = new SignerPort({ mixed });
  faulty.take(Buffer.concat([Buffer.from([0, 0, 0, 45, 0, 0, 0, 7, 1, 4, 3, 5]), Buffer.from('mixed'), digest]));
  const into = new Uint8Array(64);
  ok(faulty.give(into) === 10 && into[9] === 2, `${crv}: and no signature leaves that the public half does not verify`, `${into}`);
}
for (const [what, status, ...args] of [
  ['an unknown key', 1, 'nobody', 0x403, digest], ['a hash of the wrong size', 2, 'ec', 0x403, Buffer.alloc(31)], ['one of another size', 2, 'rsa', 0x401, Buffer.alloc(48)],
  ['no hash', 2, 'ec', 0x403, Buffer.alloc(0)], ['RSA with an EC key', 2, 'ec', 0x401, digest], ['ECDSA with an RSA key', 2, 'rsa', 0x403, digest],
  ['SHA-1', 2, 'rsa', 0x201, Buffer.alloc(20)], ['PSS', 2, 'rsa', 0x804, digest], ['another operation', 2, 'ec', 0x403, digest, 2],
]) {
  const r = ask(...args);
  ok(r.status === status && r.signature.length === 0, `${what} is refused`, JSON.stringify(r));
}
const short = new Uint8Array(4 + port.frameMax);
port.take(Buffer.from([0, 0, 0, 2, 1, 1, 0, 0, 0, 5, 0, 0, 0, 9, 1]));
ok(port.give(short) === 10 && short[7] === 9 && short[8] === 1 && short[9] === 2, 'a frame too short to have an id is dropped, one without a request is refused');
const flood = Buffer.concat(Array.from({ length: 100 }, () => Buffer.from([0, 0, 0, 5, 0, 0, 0, 1, 1])));
ok(port.take(flood) === 64 * 9 && !port.writable && port.readable, 'no more than 64 answers wait');

// ---- the memory of the guest
function memoryOf(name, own) {
  const host = createBlockingHost({ ports: [{ kind: 1, mtu: 1500, frameMax: 1500, grant: 'address=10.0.0.1/24\n', grantVersion: 1, up: true, closed: false, readable: false, writable: true,
    take: (b) => b.length, give: () => 0 }, new SignerPort(keys)], doorbell: createDoorbell() });
  const wasi = new WASI({ version: 'preview1', stdout: openSync('/dev/null', 'w'), args: ['signer_memory', '/pki', name, ...(own ? ['own'] : [])], preopens: { '/pki': folder }, returnOnExit: true });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(join(B, 'test/interop/signer_memory.wasm'))), {
    wasi_snapshot_preview1: wasi.wasiImport, isthmus: host.imports.isthmus });
  host.attach(instance);
  const status = wasi.start(instance);
  return { status, memory: Buffer.from(instance.exports.memory.buffer) };
}
/** The secret numbers of a key, and the text of its file. */
function secrets(name) {
  const jwk = keys[name].export({ format: 'jwk' });
  const numbers = (jwk.p ? [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi] : [jwk.d]).map((n) => Buffer.from(n, 'base64url'));
  return [...numbers.flatMap((n) => [n.subarray(0, 16), n.subarray(-16), Buffer.from(n.subarray(0, 16)).reverse(), Buffer.from(n.subarray(-16)).reverse()]),
    ...readFileSync(at(`${name}.key`), 'utf8').split('\n').filter((l) => l && !l.startsWith('-')).map((l) => Buffer.from(l.slice(0, 40)))];
}
for (const name of Object.keys(keys)) {
  const inside = memoryOf(name, true), outside = memoryOf(name, false);
  const found = ({ memory }) => secrets(name).filter((s) => memory.includes(s)).length;
  ok(inside.status === 0 && found(inside) > 0, `${name}: a key in the sandbox is found in its memory`);
  ok(outside.status === 0 && found(outside) === 0, `${name}: one behind the signer is nowhere in it`, `${outside.status} ${found(outside)}`);
}

// ---- isthmus run
const program = (name) => join(B, `test/interop/${name}.wasm`);
const server = (signers, args) => ['--link', 'switch:lan', '--name', 'server', '--ca', 'none', '--dir', `${folder}::/pki`, ...signers.flatMap((n) => ['--signer', `${n}=${at(`${n}.key`)}`]),
  program('tls_server'), '--file', '/pki/ca.pem', ...args, '--count', '1', '443'];
const client = (signers, args) => ['--link', 'switch:lan', '--dir', `${folder}::/pki`, ...signers.flatMap((n) => ['--signer', `${n}=${at(`${n}.key`)}`]),
  program('tls_client'), '--ca', '/pki/ca.pem', '--name', 'host.test', ...args, 'server', '443'];
const both = (s, c) => run(isthmus, ['run', '--background', ...s, '--', ...c], { input: 'GET / HTTP/1.0\r\n\r\n', timeout: 30_000 });
for (const name of ['ec', 'ec384', 'rsa']) {
  const r = await both(server([name], ['--cert', `/pki/${name}.pem`, '--signer', name]), client([], []));
  ok(r.status === 0 && r.out.includes('BEGIN CERTIFICATE') && r.err.includes('closed'), `a server whose key of ${name} is outside`, r.err);
}
let r = await both(server(['ec'], ['--cert', '/pki/ec.pem', '--signer', 'ec', '--ca', '/pki/ca.pem', '--verify']),
  client(['me'], ['--cert', '/pki/me.pem', '--signer', 'me']));
ok(r.status === 0 && /client \/CN=me/.test(r.err), 'mutual TLS, both keys outside', r.err);
r = await both(server(['ec', 'two'], ['--cert', '/pki/ec.pem', '--signer', 'ec', '--add-signer', '/pki/two.pem', 'two']), client([], ['--name', 'two.test']));
ok(r.status === 0 && /subject \/CN=two/.test(r.err), 'a second certificate with its signer, by SNI', r.err);
for (const [what, args, why] of [
  ['an unknown signer', ['--cert', '/pki/ec.pem', '--signer', 'other'], /configure: other: the host grants no signer of this name/],
  ['the key of another certificate', ['--cert', '/pki/ec.pem', '--signer', 'ec384'], /ec384: the private key does not belong/],
  ['a key of another kind', ['--cert', '/pki/rsa.pem', '--signer', 'ec'], /ec: the signer refuses/],
  ['no name', ['--cert', '/pki/ec.pem', '--signer', ''], /1 to 63 bytes/],
  ['a signer without a certificate', ['--signer', 'ec'], /without its certificate/],
]) {
  r = await run(isthmus, ['run', ...server(['ec', 'ec384'], args)], { timeout: 20_000 });
  ok(r.status === 1 && why.test(r.err), `${what} is refused when the server is configured`, r.err);
}
r = await run(isthmus, ['run', ...server([], ['--cert', '/pki/ec.pem', '--signer', 'ec'])], { timeout: 20_000 });
ok(r.status === 1 && /grants no signer/.test(r.err), 'a host without a signer too', r.err);
r = await run(join(B, 'test/interop/tls_server'), ['--cert', at('ec.pem'), '--signer', 'ec', '1']);
ok(r.status === 1 && /grants no signer/.test(r.err), 'natively there is no host to ask', r.err);
await done();
