// The core modules of the provider export every function of their interfaces, with the types that the interfaces demand, and import no other
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, witSource } from '../../adapters/api/component/wit.mjs';
import { B, done, ok } from '../lib/tap.mjs';
import { available } from './provider.mjs';

if (!available('the exports of the provider against its interfaces')) await done();
const extras = join(B, 'extra/npm');
const { componentEmbed, print } = await load(extras);

/** Of a core module as text: the imports and exports of functions, each with its type. */
function signatures(wat) {
  const types = new Map([...wat.matchAll(/\(type \(;(\d+);\) \(func([^)]*(?:\)[^)]*)?)\)\)?/g)].map((m) => [m[1], m[2].replace(/[()]/g, '').trim()]));
  const functions = [...wat.matchAll(/^  \((?:import "([^"]+)" "([^"]+)" )?\(?func (?:\$\S+ )?\(;(\d+);\) \(type (\d+)\)/gm)];
  const typeOf = new Map(functions.map((m) => [m[3], types.get(m[4])]));
  const names = new Map([...wat.matchAll(/\(func (\$\S+) \(;(\d+);\)/g)].map((m) => [m[1], m[2]]));
  return {
    imports: new Map(functions.filter((m) => m[1]).map((m) => [`${m[1]} ${m[2]}`, types.get(m[4])])),
    exports: new Map([...wat.matchAll(/\(export "([^"]+)" \(func (\S+?)\)\)/g)].map((m) => [m[1], typeOf.get(names.get(m[2]) ?? m[2])])),
  };
}

for (const world of ['full', 'sealed', 'full-tls-draft', 'sealed-tls-draft']) {
  const wanted = signatures(await print(await componentEmbed({ dummy: true, witSource: witSource(extras), world })));
  const ours = signatures(await print(readFileSync(join(B, 'component', `${world}.core.wasm`))));
  const names = [...wanted.exports.keys()].filter((name) => !name.endsWith('_post'));
  ok(names.length > 120 && names.every((name) => wanted.exports.get(name) !== undefined), `${world}: the interfaces have ${names.length} functions`);
  const missing = names.filter((name) => !ours.exports.has(name)), wrong = [...ours.exports].filter(([name, type]) => wanted.exports.has(name) && wanted.exports.get(name) !== type);
  ok(missing.length === 0, `${world}: none is missing`, missing.join('\n'));
  ok(wrong.length === 0, `${world}: each has the type it should have`, wrong.map(([name, type]) => `${name}: ${type}, not ${wanted.exports.get(name)}`).join('\n'));
  const strange = [...ours.exports.keys()].filter((name) => !wanted.exports.has(name));
  ok(strange.length === 0, `${world}: nothing else is exported`, strange.join('\n'));
  const unknown = [...ours.imports].filter(([name, type]) => wanted.imports.get(name) !== type);
  ok(ours.imports.size > 0 && unknown.length === 0, `${world}: its imports are of its interfaces, and none is of preview1`, unknown.join('\n'));
  if (world.startsWith('sealed')) {
    const host = [...ours.imports.keys()].filter((name) => !name.startsWith('cm32p2|_ex_'));
    ok(host.join() === 'cm32p2|isthmus:link/link@0.1 exchange', `${world}: the one function that it asks a host for is the exchange`, host.join('\n'));
  }
}
await done();
