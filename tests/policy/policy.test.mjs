// docs/policy.md is true: its examples run as shown, and neither does the program contain a stack nor a stack without policies contain them.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, scratch } from '../lib/tap.mjs';

const page = readFileSync('docs/policy.md', 'utf8'), folder = scratch(), program = join(B, 'bin/isthmus-policy');
const block = page.split('\n').filter((l) => l.startsWith('    ')).map((l) => l.slice(4));
writeFileSync(join(folder, 'web.policy'), block.slice(0, block.findIndex((l) => l.startsWith('$'))).join('\n'));

const policy = (...args) => run(program, args, { cwd: folder });
let examples = 0;
for (const [i, line] of block.entries()) {
  if (!line.startsWith('$ ')) continue;
  const r = await run('sh', ['-c', line.slice(2).replace('build/bin/isthmus-policy', program)], { cwd: folder });
  ok(r.out + r.err === `${block[i + 1]}\n`, `as the page says: ${line}`, r.out + r.err);
  examples++;
}
ok(examples === 5, 'the page has five examples', String(examples));

let r = await policy('web.policy');
ok(r.status === 0 && r.out.startsWith('deny outbound private\nallow outbound tcp *.example.org:443\n') && !r.out.includes('#'), 'a policy is printed in its canonical form', r.out + r.err);
for (const [status, name, ...question] of [
  [0, 'allowed is 0', 'outbound', 'icmp', 'address', '8.8.8.8'],
  [1, 'denied is 1', 'inbound', 'tcp', 'port', '8443', 'address', '8.8.8.8', 'as', 'nobody'],
  [0, 'an identity that was proved opens', 'inbound', 'tcp', 'port', '8443', 'address', '2001:db8::1', 'as', 'uri:x', 'as', 'dns:client.example.org'],
  [3, 'undecided is 3', 'inbound', 'tcp', 'port', '8443', 'address', '8.8.8.8'],
  [2, 'a port out of range is 2', 'outbound', 'tcp', 'port', '65536'],
  [2, 'an address as a name is 2', 'outbound', 'name', '10.0.0.1'],
  [2, 'no address is 2', 'outbound', 'address', 'www'],
  [2, 'an unknown word is 2', 'outbound', 'tpc', 'port'],
  [2, 'a word without its value is 2', 'outbound', 'port'],
  [2, 'a direction that is none is 2', 'sideways'],
]) {
  r = await policy('web.policy', ...question);
  ok(r.status === status && (status === 2 ? r.out === '' && r.err.startsWith('isthmus-policy: ') : r.err === ''), name, `${r.status} ${r.out}${r.err}`);
}
r = await policy('absent.policy');
ok(r.status === 2 && r.err.includes('absent.policy: No such file'), 'a file that is not there is 2', r.err);
r = await policy();
ok(r.status === 2 && r.err.includes('isthmus-policy FILE'), 'without arguments the usage, and 2', r.err);
writeFileSync(join(folder, 'long.policy'), '#'.repeat(1048577));
r = await policy('long.policy');
ok(r.status === 2 && r.err.includes('longer than 1 MiB'), 'a text over 1 MiB is 2', r.err);

const symbols = (file) => spawnSync(`llvm-nm-${process.env.LLVM ?? 19}`, [file], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
ok(symbols(program).includes('ist_policy_match') && !/tcp_input|ist_start|br_/.test(symbols(program)), 'isthmus-policy contains no stack');
const other = symbols(join(B, 'bin/tls-server'));
ok(other.includes('ist_tls') && !other.includes('ist_policy'), 'a program that asks no policy contains none');
await done();
