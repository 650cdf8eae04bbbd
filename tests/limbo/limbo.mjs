// limbo.mjs - the x509-limbo cases of RFC 5280 through our verification (tests/limbo/judge.c)
//
// The vectors lie in $VECTORS/x509-limbo (default: ../shared/data beside this repository). Run by itself it lists what comes
// out wrong, the cases of client certificates apart, and last RIGHT/WRONG-ACCEPT/WRONG-REFUSE over those of servers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { B } from '../lib/tap.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../../..');
export const file = join(resolve(root, process.env.VECTORS || '../shared/data'), 'x509-limbo/rfc5280.json');
export const present = () => existsSync(file);

/** Judges chains {kind, time, name, anchors, chain}: [{reason, text}]. */
export function judge(chains) {
  const input = chains.map((c) => `${c.kind} ${c.time} ${c.name} ${Buffer.byteLength(c.anchors)} ${Buffer.byteLength(c.chain)}\n${c.anchors}${c.chain}`);
  const run = spawnSync(join(B, 'test/limbo/judge'), { input: input.join(''), encoding: 'utf8', maxBuffer: 1 << 24 });
  const lines = run.stdout.trimEnd().split('\n');
  if (run.status !== 0 || lines.length !== chains.length) throw new Error(`judge: status ${run.status}, ${lines.length} answers\n${run.stderr}`);
  return lines.map((l) => ({ reason: parseInt(l, 10), text: l.slice(l.indexOf(' ') + 1) }));
}

/** Every case with what it should be and what it was: {id, kind, good, accepted, text}. */
export function run() {
  const cases = JSON.parse(readFileSync(file, 'utf8')).testcases;
  const results = judge(cases.map((c) => ({
    kind: c.validation_kind,
    time: Math.floor((c.validation_time ? Date.parse(c.validation_time) : Date.now()) / 1000),
    name: c.expected_peer_name?.value ?? '-',
    anchors: c.trusted_certs.join('\n'),
    chain: [c.peer_certificate, ...c.untrusted_intermediates].join('\n'),
  })));
  return cases.map((c, i) => ({ id: c.id.replace('rfc5280::', ''), kind: c.validation_kind, good: c.expected_result === 'SUCCESS',
    accepted: results[i].reason === 0, text: results[i].text }));
}

export function count(results) {
  const n = (f) => results.filter(f).length;
  return `${n((r) => r.good === r.accepted)}/${n((r) => !r.good && r.accepted)}/${n((r) => r.good && !r.accepted)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!present()) {
    console.error(`no vectors: ${file} is not there; set VECTORS to the folder that holds x509-limbo/rfc5280.json`);
    process.exit(1);
  }
  const results = run();
  for (const kind of ['CLIENT', 'SERVER']) {
    const those = results.filter((r) => r.kind === kind);
    for (const r of those) if (r.good !== r.accepted || process.env.V) console.log(`${kind} ${r.good === r.accepted ? 'right' : r.accepted ? 'wrong-accept' : 'wrong-refuse'} ${r.id}: ${r.text}`);
    console.log(kind === 'CLIENT' ? `CLIENT ${count(those)}` : count(those));
  }
}
