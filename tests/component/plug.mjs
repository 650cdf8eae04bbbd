// plug.mjs - joins two components as wac plug does, with nothing but jco: the plug serves what it can of the client's imports
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, witSource } from '../../adapters/api/component/wit.mjs';

const B = process.env.B ?? 'build';
const extras = join(B, 'extra/npm');

/** A core module of wasm32-wasip2 becomes a component; wasi-libc before 2026 leans on preview1 besides. */
export async function componentFrom(core, target) {
  const { componentNew, preview1AdapterCommandPath } = await load(extras);
  writeFileSync(target, await componentNew(readFileSync(core), [['wasi_snapshot_preview1', readFileSync(preview1AdapterCommandPath())]]));
}

const imports = (wat) => [...wat.matchAll(/^  \(import "([^"]+)"/gm)].map((m) => m[1]);
const exports_ = (wat) => [...wat.matchAll(/^  \(export (?:\S+ .*?)?"([^"]+)" \(instance/gm)].map((m) => m[1]);
/** The name without the last number of its version: what 0.2.0 and 0.2.12 have in common. */
const track = (name) => name.replace(/@(\d+\.\d+)\..*/, '@$1');
const distinct = (names) => [...new Map(names.map((name) => [track(name), name])).values()];

export const importsOf = async (component) => imports(await (await load(extras)).print(readFileSync(component)));

/** Both as one component: `target`. What the provider does not serve, and what it asks for itself, is imported by the whole. */
export async function plug(provider, client, target) {
  const { componentEmbed, componentNew, parse, print } = await load(extras);
  const [p, c] = [await print(readFileSync(provider)), await print(readFileSync(client))].map((wat) => wat.trim());
  const served = exports_(p), left = imports(c).filter((name) => !served.some((s) => track(s) === track(name)));
  const outer = distinct([...imports(p), ...left]).map((name) => name.replace(/@0\.2\.\d+/, '@0.2.12'));
  const source = `package isthmus:outer;\nworld outer {\n${outer.map((name) => `import ${name};`).join('\n')}\n}\n${witSource(extras).replace(/^package isthmus:provider.*$/m, '').replace(/^world [^]*?^}/gm, '')}`;
  const shell = await print(await componentNew(await componentEmbed({ dummy: true, witSource: source, world: 'outer' }), []));
  const head = shell.slice('(component\n'.length, shell.indexOf('\n  (core module'));
  const host = imports(head);
  const from = (name) => {
    const i = host.findIndex((h) => track(h) === track(name));
    if (i < 0) throw new Error(`nobody serves ${name}`);
    return `(instance ${i})`;
  };
  const give = (name) => {
    const s = served.find((e) => track(e) === track(name));
    return s ? `(instance $p "${s}")` : from(name);
  };
  writeFileSync(target, await parse(['(component', head, `(component $P${p.slice(10)}`, `(component $C${c.slice(10)}`,
    '(instance $p (instantiate $P', ...imports(p).map((name) => `(with "${name}" ${from(name)})`), '))',
    '(instance $c (instantiate $C', ...imports(c).map((name) => `(with "${name}" ${give(name)})`), '))',
    ...exports_(c).map((name) => `(export "${name}" (instance $c "${name}"))`), ')'].join('\n')));
}
