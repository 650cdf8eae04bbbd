// provider.mjs - the provider on its own: transpiled, with a link that leads nowhere, its interfaces as JavaScript
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { skip } from '../lib/tap.mjs';
import { load } from '../../adapters/api/component/wit.mjs';
import { createExchange, createDoorbell } from '../../adapters/host/js/index.js';
import { createComponentLink, wasiImports } from '../../adapters/host/js/src/component.js';

const B = process.env.B ?? 'build';
const extras = join(B, 'extra/npm');

/** Whether the extras are there; says so in the name of `what` if not. */
export function available(what) {
  if (existsSync(join(extras, 'node_modules/@bytecodealliance/jco/package.json'))) return true;
  skip(what, 'jco is one of the extras: make setup-extra');
  return false;
}

/** Transpiles a component into build/test/component/NAME; returns the address of its JavaScript. Done again when the component is newer. */
export async function transpiled(component, name) {
  const folder = join(B, 'test/component', name), entry = join(folder, `${name}.js`);
  if (!existsSync(entry) || statSync(entry).mtimeMs < statSync(component).mtimeMs) {
    const { transpile } = await load(extras);
    const { files } = await transpile(readFileSync(component), { name, instantiation: { tag: 'sync' }, nodejsCompat: true, noTypescript: true });
    for (const [file, bytes] of Array.isArray(files) ? files : Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), bytes);
    }
  }
  return pathToFileURL(entry).href;
}

/** The wasi that the host serves: jco's. */
export const shim = pathToFileURL(join(extras, 'node_modules/@bytecodealliance/preview2-shim/dist/nodejs/index.js')).href;

/** A link of one network: 10.0.0.0/24 without anybody else in it. */
export function lonelyLink({ grant = 'address=10.0.0.1/24\ngateway=10.0.0.2\n', onNote = () => {}, onFrames = () => {} } = {}) {
  const port = {
    kind: 1, mtu: 1500, frameMax: 1500, grant, grantVersion: 1, up: true, closed: false, readable: false, writable: true,
    take: (batch) => (onFrames(batch), batch.length), give: () => 0,
  };
  return createComponentLink(createExchange({ ports: [port], doorbell: createDoorbell(), onNote }));
}

export async function instantiate(profile, link) {
  const module = await import(await transpiled(join(B, 'component', `${profile}.wasm`), profile));
  const core = (path) => new WebAssembly.Module(readFileSync(join(B, 'test/component', profile, path)));
  return module.instantiate(core, { ...wasiImports(await import(shim)), 'isthmus:link/link': link });
}
