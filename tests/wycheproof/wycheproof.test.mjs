// wycheproof.test.mjs - Wycheproof's hostile vectors through the algorithms that our TLS selects, natively and as wasm (judge.c)
//
// The vectors lie in $VECTORS/wycheproof (default: ../shared/data beside this repository). Every valid case must come out as the book
// says, every invalid one be refused but for those listed as lax, and an "acceptable" one be refused or come out right.
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { WASI } from 'node:wasi';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { B, done, ok, run, scratch, skip } from '../lib/tap.mjs';

const folder = join(resolve(fileURLToPath(import.meta.url), '../../..', process.env.VECTORS || '../shared/data'), 'wycheproof');
const dir = scratch();

/** What judge.c is asked about a case, and what it must answer where the case is valid. */
const aead = (name) => (t) => [
  { ask: [`${name}-open`, t.key, t.iv, t.aad, t.ct, t.tag], want: t.msg },
  ...t.result === 'valid' ? [{ ask: [`${name}-seal`, t.key, t.iv, t.aad, t.msg], want: t.ct + t.tag }] : [],
];
const rsa = (t, { publicKey: key }) => [{ ask: ['rsa-pkcs1', key.modulus, key.publicExponent, t.msg, t.sig], want: '' }];

/** The two numbers of an ECDSA signature, read as laxly as can be. */
function numbers(sig) {
  const at = sig.startsWith('3081') ? 6 : 4, length = parseInt(sig.slice(at + 2, at + 4), 16) * 2, second = at + 4 + length;
  return [sig.slice(at + 4, second), sig.slice(second + 4)].map((n) => n.replace(/^0+/, '')).join();
}

// cases: how many there are at least; lax: the invalid ones that come through (docs/tls.md says why); verdict: ours where the file's
// "invalid" or "acceptable" means something else here
const FILES = {
  aes_gcm: { cases: 316, calls: aead('aes-gcm'), lax: [311, 312, 313, 314, 315, 316] },
  chacha20_poly1305: { cases: 325, calls: aead('chapoly'), lax: [] },
  x25519: { cases: 518, calls: (t) => [{ ask: ['x25519', t.private, t.public], want: t.shared }],
    verdict: (t) => t.flags.includes('ZeroSharedSecret') ? 'invalid' : t.result, lax: [] },  // RFC 8422 5.11
  ecdsa_secp256r1_sha256: { cases: 484, calls: (t, g) => [{ ask: ['ecdsa-p256', g.publicKey.uncompressed, t.msg, t.sig], want: '' }],
    lax: [6, 8, 84, 128] },
  rsa_signature_2048_sha256: { cases: 259, calls: rsa, lax: [] },
  // we do not speak PSS: none of these may pass for a signature of the kind that we do
  rsa_pss_2048_sha256_mgf1_32: { cases: 108, calls: rsa, lax: [],
    verdict: (t) => t.flags.includes('WrongPrimitive') ? 'valid' : 'invalid' },
  hmac_sha256: { cases: 174, calls: (t) => [{ ask: ['hmac', t.key, t.msg, t.tag], want: '' }], lax: [] },
  hkdf_sha256: { cases: 86, calls: (t) => [{ ask: ['hkdf', t.ikm, t.salt, t.info, t.size.toString(16).padStart(4, '0')], want: t.okm }], lax: [] },
};

async function natively(text) {
  const r = await run(join(B, 'test/wycheproof/judge'), [], { input: text });
  if (r.status !== 0) throw new Error(`judge: ${r.status} ${r.err}`);
  return r.out;
}

async function asWasm(text) {
  const [input, output] = ['in', 'out'].map((name) => join(dir, name));
  writeFileSync(input, text);
  const stdin = openSync(input, 'r'), stdout = openSync(output, 'w');
  const wasi = new WASI({ version: 'preview1', stdin, stdout, returnOnExit: true });
  const { instance } = await WebAssembly.instantiate(readFileSync(join(B, 'test/wycheproof/judge.wasm')), { wasi_snapshot_preview1: wasi.wasiImport });
  const status = wasi.start(instance);
  closeSync(stdin);
  closeSync(stdout);
  if (status) throw new Error(`judge.wasm: ${status}`);
  return readFileSync(output, 'utf8');
}

const groups = (name) => JSON.parse(readFileSync(join(folder, `${name}_test.json`), 'utf8')).testGroups;

/** Every case of a file with the answers: {id, text, result, right, refused}. */
async function judge(name, { calls, verdict }, how) {
  const cases = groups(name).flatMap((g) => g.tests.map((t) => ({ ...t, calls: calls(t, g) })));
  const lines = cases.flatMap((c) => c.calls.map(({ ask }) => ask.map((word) => word || '-').join(' ') + '\n'));
  const answers = (await how(lines.join(''))).trimEnd().split('\n');
  if (answers.length !== lines.length) throw new Error(`${name}: ${lines.length} questions, ${answers.length} answers`);
  return cases.map((c) => {
    const these = answers.splice(0, c.calls.length);
    return { id: c.tcId, text: `${c.tcId} ${c.flags} ${c.comment}: ${these.map((a) => a.slice(0, 64))}`, result: verdict?.(c) ?? c.result,
      right: c.calls.every(({ want }, i) => these[i] === (want || '-')), refused: these[0] === 'refused' };
  });
}

if (!existsSync(folder)) {
  const why = `${folder} is not there: set VECTORS to the folder that holds wycheproof/`;
  console.error(`SKIPPED: the Wycheproof vectors: ${why}`);
  skip('wycheproof', why);
} else {
  for (const [name, file] of Object.entries(FILES))
    for (const [where, how] of [['natively', natively], ['as wasm', asWasm]]) {
      const cases = await judge(name, file, how);
      const wrong = cases.filter((c) => (c.result === 'valid' && !c.right) || (c.result === 'acceptable' && !c.right && !c.refused));
      const through = cases.filter((c) => c.result === 'invalid' && !c.refused);
      const forged = through.filter((c) => !file.lax.includes(c.id)), stale = file.lax.filter((id) => !through.some((c) => c.id === id));
      ok(cases.length >= file.cases && !wrong.length, `${name}, ${where}: of ${cases.length} cases the valid ones come out right`, wrong.map((c) => c.text).join('\n'));
      ok(!forged.length && !stale.length, `${name}, ${where}: the invalid ones are refused${file.lax.length ? `, but for the ${file.lax.length} listed` : ''}`,
        [...forged.map((c) => c.text), ...stale.map((id) => `${id} is listed and refused`)].join('\n'));
    }
  // The signatures that are lax are the right ones in a wrong spelling, not other ones.
  const { lax } = FILES.ecdsa_secp256r1_sha256;
  const twins = groups('ecdsa_secp256r1_sha256').flatMap((g) => g.tests.filter((t) => lax.includes(t.tcId)).map((t) =>
    g.tests.some((good) => good.result === 'valid' && good.msg === t.msg && numbers(good.sig) === numbers(t.sig))));
  ok(twins.length === lax.length && twins.every(Boolean), 'the lax ECDSA cases hold the two numbers of a valid signature: none is forged');
}
await done();
