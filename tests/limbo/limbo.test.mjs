// limbo.test.mjs - the x509-limbo cases for server certificates: what is accepted against the book is this list, and nothing is refused
import { ok, skip, done } from '../lib/tap.mjs';
import { file, present, run, count } from './limbo.mjs';

// Each has its reason in docs/tls.md.
const accepted = ['aki::leaf-missing-aki', 'aki::intermediate-missing-aki', 'ski::root-missing-ski', 'ski::intermediate-missing-ski',
  'root-non-critical-basic-constraints', 'nc::permitted-dns-match-noncritical', 'san::underscore-dns', 'pc::ica-noncritical-pc'];

if (!present()) {
  const why = `${file} is not there: set VECTORS to the folder that holds x509-limbo/`;
  console.error(`SKIPPED: the x509-limbo cases: ${why}`);
  skip('x509-limbo', why);
} else {
  const results = run();
  for (const kind of ['SERVER', 'CLIENT']) {
    const those = results.filter((r) => r.kind === kind);
    const wrong = those.filter((r) => !r.good && r.accepted).map((r) => r.id);
    ok(those.length >= (kind === 'SERVER' ? 92 : 10), `${those.length} x509-limbo cases of ${kind} certificates were judged: ${count(those)}`);
    ok(wrong.every((id) => accepted.includes(id)), `${kind}: no chain is accepted that must not be, but for the list`, wrong.join('\n'));
    if (kind === 'SERVER') {
      const stale = accepted.filter((id) => !wrong.includes(id));
      ok(!stale.length, 'and the list holds none that is refused', stale.join('\n'));
    }
    const refused = those.filter((r) => r.good && !r.accepted).map((r) => `${r.id}: ${r.text}`);
    ok(!refused.length, `${kind}: every chain is accepted that must be`, refused.join('\n'));
  }
}
await done();
