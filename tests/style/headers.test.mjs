// Every public header compiles alone as C and C++, and every public function carries the labels of the house, in order.
import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

const CC = `clang-${process.env.LLVM ?? 19}`;
const LABELS = ['Returns', 'Errors', 'Waits', 'Owner', 'Source'];
const results = [];
const check = (ok, name, why = '') => results.push(`${ok ? 'ok' : 'not ok'} ${results.length + 1} - ${name}${ok ? '' : `\n# ${why.replaceAll('\n', '\n# ')}`}`);

for (const header of readdirSync('include/isthmus').filter((f) => f.endsWith('.h'))) {
  for (const [language, flags] of [['c', ['-std=c11']], ['c++', ['-std=c++17']]]) {
    const r = spawnSync(CC, ['-x', language, ...flags, '-Iinclude', '-Wall', '-Wextra', '-Wshadow', '-Werror', '-fsyntax-only', '-'],
      { input: `#include <isthmus/${header}>\n`, encoding: 'utf8' });
    check(r.status === 0, `isthmus/${header} compiles alone as ${language}`, r.stderr);
  }
  // A function: a line that starts with a type and ends in ");" with an ist name; its comment stands right above it.
  const lines = readFileSync(`include/isthmus/${header}`, 'utf8').split('\n');
  for (let i = 0; i < lines.length; i++) {
    const f = /^(?:const |struct |unsigned )*[a-z_0-9]+ \*?((?:ist|isthmus)_[a-z_0-9]+)\(/.exec(lines[i]);
    if (!f || lines[i].startsWith('typedef')) continue;
    let top = i - 1;
    while (top >= 0 && (/^__attribute__|^#ifdef|^#if /.test(lines[top]))) top--;
    const end = top;
    while (top >= 0 && !lines[top].startsWith('/**')) top--;
    const doc = lines[end]?.trim() === '*/' ? lines.slice(top, end + 1).join('\n') : '';
    const at = LABELS.map((l) => doc.search(new RegExp(`^ \\* ${l}: `, 'm')));
    const ordered = at.every((p, k) => p >= 0 && (k === 0 || p > at[k - 1])) && doc.includes(` * ${f[1]}() - `);
    check(ordered, `${f[1]}() carries ${LABELS.join(', ')}`, `${header}:${i + 1}: labels found at ${at.join(' ')}`);
  }
}
console.log(`1..${results.length}\n${results.join('\n')}`);
process.exit(results.some((r) => r.startsWith('not')) ? 1 : 0);
