// Every call of <tls.h>: tls_calls.c natively with the sanitizers, and in a sandbox.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, scratch, run, isthmus, authority, certificate, openssl } from '../lib/tap.mjs';

const folder = scratch();
authority(folder);
authority(folder, 'other');
certificate(folder, 'ec', 'DNS:host.test,DNS:*.wild.test');
certificate(folder, 'rsa', 'DNS:host.test', { key: 'rsa' });
certificate(folder, 'two', 'DNS:two.test');
certificate(folder, 'me', 'DNS:client.test', { usage: 'clientAuth' });
certificate(folder, 'past', 'DNS:host.test');
writeFileSync(join(folder, 'ca.cnf'), `[ca]\ndefault_ca=d\n[d]\ndatabase=${folder}/index\nserial=${folder}/serial\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n`);
writeFileSync(join(folder, 'index'), '');
writeFileSync(join(folder, 'serial'), '2a\n');
openssl('ca', '-batch', '-notext', '-config', join(folder, 'ca.cnf'), '-in', join(folder, 'past.csr'), '-cert', join(folder, 'ca.pem'),
  '-keyfile', join(folder, 'ca.key'), '-startdate', '20240101000000Z', '-enddate', '20240201000000Z', '-extfile', join(folder, 'past.ext'),
  '-out', join(folder, 'past.pem'));

const program = join(B, 'test/interop/tls_calls');
for (const [where, r] of [
  ['natively', await run(program, [folder])],
  ['sandbox', await run(isthmus, ['run', '--link', 'switch:lan', '--ca', 'none', '--dir', `${folder}::/pki`, `${program}.wasm`, '/pki'])],
]) {
  const lines = r.out.split('\n');
  let notes = '';
  for (const line of lines) {
    const m = /^(not )?ok \d+ - (.*)$/.exec(line);
    if (m) { ok(!m[1], `${where}: ${m[2]}`, notes); notes = ''; } else notes += `${line}\n`;
  }
  ok(r.status === 0 && /^1\.\.\d+$/m.test(r.out), `${where}: ran to its end`, r.err.slice(-3000));
}
await done();
