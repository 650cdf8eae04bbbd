// The header, JavaScript and the tables of docs/link.md have the same numbers. (layout.c pins the header's.)
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as js from '../../adapters/host/js/src/layout.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const lines = execFileSync(resolve(root, process.env.B ?? 'build', 'link/layout'), { encoding: 'utf8' }).trim().split('\n');
const header = { field: new Map(), constant: new Map() };
for (const [what, name, value, bytes] of lines.map((line) => line.split(' '))) header[what].set(name, bytes ? `${value} ${bytes}` : value);

const page = readFileSync(`${root}docs/link.md`, 'utf8');
const source = readFileSync(`${root}include/isthmus/link.h`, 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const bytesOf = { u16: 2, u32: 4, u64: 8, 'u8[16]': 16, 'u8[32]': 32 };

const doc = { field: new Map(), constant: new Map() };
for (const [offset, type, field] of rows.filter((row) => row.length === 5 && /^\d+$/.test(row[0]) && row[1] in bytesOf))
    doc.field.set(field, `${offset} ${bytesOf[type]}`);
for (const [name, value] of rows.filter((row) => row[0].startsWith('IST_LINK_'))) doc.constant.set(name, value);

const prefixed = (prefix, object) => Object.entries(object).map(([name, value]) => [`IST_LINK_${prefix}${name}`, String(value)]);
const jsConstants = [
    ['IST_LINK_MAGIC', String(js.MAGIC)], ['IST_LINK_VERSION', String(js.VERSION)], ['IST_LINK_MAX', String(js.LINKS_MAX)],
    ...prefixed('', js.WANT), ...prefixed('', js.FLAG), ...prefixed('KIND_', js.KIND),
    ...prefixed('', js.RESULT).filter(([name]) => name !== 'IST_LINK_OK'),
];

const sorted = (entries) => [...entries].map((entry) => entry.join(' ')).sort();
let count = 0;
function same(a, b, sentence) {
    const only = (x, y) => x.filter((line) => !y.includes(line));
    const [left, right] = [sorted(a), sorted(b)];
    const differs = [...only(left, right), ...only(right, left)];
    console.log(`${differs.length || !left.length ? 'not ok' : 'ok'} ${++count} - ${sentence}`);
    for (const line of differs) console.log(`#   ${line}`);
}

const inTables = (entries) => entries.filter(([name]) => !/MAGIC|VERSION|LINK_MAX/.test(name)); // these stand in the fields' meaning
same(header.field, doc.field, 'the table of fields in docs/link.md agrees with link.h');
same(inTables([...header.constant]), doc.constant, 'the table of constants in docs/link.md agrees with link.h');
same([...header.field].map(([name, place]) => [name, place.split(' ')[0]]), Object.entries(js.AT), 'the offsets in layout.js agree with link.h');
same(header.constant, jsConstants, 'the constants in layout.js agree with link.h');
same([...source.matchAll(/^#define (IST_LINK_\w+)\s/gm)].map((m) => [m[1]]),
    [...header.constant.keys(), 'IST_LINK_NO_WAIT', 'IST_LINK_NO_DEADLINE'].map((name) => [name]), 'no constant of link.h is left out');
same([['magic', '0x48545349, the bytes `ISTH`'], ['version', '1']],
    rows.filter((row) => row[2] === 'magic' || row[2] === 'version').map((row) => [row[2], row[4]]), 'docs/link.md says magic and version');
console.log(`1..${count}`);
