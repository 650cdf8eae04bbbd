// POSIX programs on hosts that cannot wait, lose their link, give no address or no network. Each host is the import alone, written here;
// time is whatever is waited for, so minutes pass at once.
import { mkdirSync, mkdtempSync, readFileSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { webcrypto } from 'node:crypto';
import { AT, FLAG, KIND, MAGIC, RESULT, WANT } from '../../adapters/host/js/src/layout.js';
import { B, ok, run, atEnd, done } from '../lib/tap.mjs';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'));
atEnd(() => rmSync(folder, { recursive: true, force: true }));
const out = join(B, 'test/api/hosts');
mkdirSync(out, { recursive: true });

/** The import of a host. closeAt: when the link closes, in seconds. notes: what the guest says. */
function host({ kind = KIND.IP, grant = '', links = 1, waits = true, closeAt = Infinity, notes = [] }) {
  let memory, now = 1e9, calls = 0;
  const exchange = (x) => {
    const v = new DataView(memory().buffer), u32 = (at) => v.getUint32(x + at, true), put = (at, n) => v.setUint32(x + at, n, true);
    if (++calls > 200_000) throw new Error('the guest spins');
    if (u32(AT.magic) !== MAGIC) return RESULT.LAYOUT;
    if (u32(AT.note_len)) notes.push(Buffer.from(v.buffer, u32(AT.note), u32(AT.note_len)).toString());
    const deadline = Number(v.getBigUint64(x + AT.deadline, true));
    const closed = now > closeAt * 1e9 || links === 0;
    if (waits && deadline > now) now = Math.min(deadline, now + 3600e9);
    put(AT.tx_taken, u32(AT.tx_len));
    put(AT.rx_len, 0);
    put(AT.flags, FLAG.UP | (waits ? 0 : FLAG.NOWAIT));
    v.setBigUint64(x + AT.ready, 0n, true);
    v.setBigUint64(x + AT.monotonic, BigInt(Math.floor(now)), true);
    v.setBigUint64(x + AT.realtime, BigInt(Math.floor(now)), true);
    if (u32(AT.want) & WANT.ENTROPY) webcrypto.getRandomValues(new Uint8Array(v.buffer, x + AT.entropy, 32));
    if (u32(AT.want) & WANT.GRANT) {
      const text = new TextEncoder().encode(grant);
      new Uint8Array(v.buffer, u32(AT.text), u32(AT.text_cap)).set(text.subarray(0, u32(AT.text_cap)));
      put(AT.text_len, text.length);
      put(AT.kind, kind);
      put(AT.mtu, 1500);
      put(AT.frame_max, 1514);
      put(AT.n_links, links);
    }
    return links === 0 ? RESULT.NO_LINK : closed ? RESULT.CLOSED : RESULT.OK;
  };
  return { exchange, seconds: () => now / 1e9 - 1, attach: (m) => { memory = m; } };
}

async function program(name, options) {
  const module = join(out, `${name}.wasm`);
  const built = await run(join(B, 'bin/isthmus-cc'), ['-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-Wl,--fatal-warnings', `tests/api/hosts/${name}.c`, '-o', module]);
  if (!ok(built.status === 0, `${name} is built`, built.err)) return null;
  const stdout = openSync(join(folder, name), 'w+');
  const wasi = new WASI({ version: 'preview1', args: [name], returnOnExit: true, stdin: openSync('/dev/null'), stdout });
  const h = host(options);
  let instance, status;
  try {
    instance = await WebAssembly.instantiate(await WebAssembly.compile(readFileSync(module)), { isthmus: { exchange: h.exchange }, wasi_snapshot_preview1: wasi.wasiImport });
    h.attach(() => instance.exports.memory);
    status = wasi.start(instance);
  } catch (e) {
    ok(false, `${name} runs`, e.stack);
  }
  for (const line of readFileSync(join(folder, name), 'utf8').split('\n').filter((l) => /^(not )?ok|^Bail/.test(l)))
    ok(line.startsWith('ok'), `${name}: ${line.replace(/^(not )?ok \d+ - /, '')}`, readFileSync(join(folder, name), 'utf8'));
  ok(status === 0, `${name} ends well`, `status ${status}`);
  return h;
}

const granted = 'address=10.0.0.2/24\ngateway=10.0.0.1\n';
const h = await program('no_wait', { grant: granted, waits: false });
ok(h && h.seconds() === 0, 'no_wait has waited for nothing');
await program('link_gone', { grant: granted, closeAt: 3 });
const u = await program('unconfigured', { kind: KIND.ETHERNET });
ok(u && u.seconds() >= 5 && u.seconds() < 60, 'unconfigured has waited, and not for long', `${u?.seconds()} s`);
const notes = [];
await program('no_link', { links: 0, notes });
ok(notes.some((n) => /the network did not start/.test(n)), 'whoever runs it is told why', notes.join());
await done();
