// provider.mjs - the provider on its own: transpiled, with a link that leads nowhere, its interfaces as JavaScript
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ok, skip } from '../lib/tap.mjs';
import { load } from '../../adapters/api/component/wit.mjs';
import { createExchange, createDoorbell } from '../../adapters/host/js/index.js';
import { createComponentLink } from '../../adapters/host/js/src/component.js';
import { wasiImports } from '../../adapters/host/js/src/component-wasi.js';

const B = process.env.B ?? 'build';
const extras = join(B, 'extra/npm');

/** Whether the extras are there; says so in the name of `what` if not. */
export function available(what) {
  if (existsSync(join(extras, 'node_modules/@bytecodealliance/jco/package.json'))) return true;
  if (process.env.CI) ok(false, what, 'under CI jco is there: make setup-extra');
  else skip(what, 'jco is one of the extras: make setup-extra');
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
const jco = resolve(extras, 'node_modules/@bytecodealliance/jco/package.json');
export const shim = existsSync(jco) ? pathToFileURL(createRequire(jco).resolve('@bytecodealliance/preview2-shim')).href : null;

/**
 * A link of one network without anybody else in it. With `jump` time is not waited for: each exchange takes so many ns.
 */
export function lonelyLink({ grant = 'address=10.0.0.1/24\n', onNote = () => {}, jump = 0, kind = 2 } = {}) {
  let time = 0;
  const clock = { monotonic: () => (time += jump), realtime: () => Date.now() * 1e6 };
  const port = {
    kind, mtu: 1500, frameMax: kind === 2 ? 1514 : 1500, grant, grantVersion: 1, up: true, closed: false, readable: false, writable: true,
    take: (batch) => batch.length, give: () => 0,
  };
  return createComponentLink(createExchange({ ports: [port], doorbell: jump ? null : createDoorbell(), onNote, ...(jump ? { clock } : {}) }));
}

const modules = new Map();

/** A new instance of the provider: its interfaces; `onCore` sees the instances of core modules that it is made of. */
export async function instantiate(profile, link = lonelyLink(), own = {}, onCore = () => {}) {
  if (!modules.has(profile)) {
    const entry = await transpiled(join(B, 'component', `${profile}.wasm`), profile);
    modules.set(profile, { entry, ...await import(entry), cores: new Map() });
  }
  const { entry, instantiate: make, cores } = modules.get(profile);
  const core = (path) => cores.get(path) ?? cores.set(path, new WebAssembly.Module(readFileSync(new URL(path, entry)))).get(path);
  return make(core, { ...wasiImports(await import(shim)), ...own, 'isthmus:link/link': link }, (module, imports) => {
    const instance = new WebAssembly.Instance(module, imports);
    onCore(instance);
    return instance;
  });
}

/** What a call gives: "ok", the error that the interface names, or what else was thrown. */
export function outcome(f) {
  try {
    f();
    return 'ok';
  } catch (error) {
    const { payload } = error;
    return payload?.tag ?? payload ?? `${error.constructor.name}: ${error.message}`;
  }
}

/** What each of several calls gives, against what it should: [call, outcome].. */
export function all(name, ...pairs) {
  const got = pairs.map(([f]) => outcome(f)), want = pairs.map(([, code]) => code);
  ok(got.every((code, i) => code === want[i]), name, `got  ${got}\nwant ${want}`);
}

export const HOME = [127, 0, 0, 1];
export const LOOP6 = [0, 0, 0, 0, 0, 0, 0, 1];
export const text = (bytes) => Buffer.from(bytes).toString();
export const bytes = (s) => new Uint8Array(Buffer.from(s));

/** Sockets of an instance in states that take several calls. */
export function sockets({ instanceNetwork, tcpCreateSocket: { createTcpSocket }, udpCreateSocket: { createUdpSocket } }) {
  const network = instanceNetwork.instanceNetwork();
  const wait = (resource) => {
    const p = resource.subscribe();
    p.block();
    drop(p);
  };
  const bind = (s, address) => {
    s.startBind(network, address);
    s.finishBind();
    return s;
  };
  const bound = (address = ipv4(0, ...HOME), family = 'ipv4') => bind(createTcpSocket(family), address);
  const listener = (...where) => {
    const s = bound(...where);
    s.startListen();
    s.finishListen();
    return s;
  };
  const connection = (l = listener()) => {
    const c = createTcpSocket(l.addressFamily());
    c.startConnect(network, l.localAddress());
    wait(c);
    const [input, output] = c.finishConnect();
    wait(l);
    const [peer, peerInput, peerOutput] = l.accept();
    return { l, c, input, output, peer, peerInput, peerOutput };
  };
  const boundUdp = (address = ipv4(0, ...HOME), family = 'ipv4') => bind(createUdpSocket(family), address);
  return { network, createTcpSocket, createUdpSocket, wait, bound, listener, connection, boundUdp };
}

export const ipv4 = (port, ...address) => ({ tag: 'ipv4', val: { port, address } });
export const ipv6 = (port, ...address) => ({ tag: 'ipv6', val: { port, flowInfo: 0, address, scopeId: 0 } });
export const drop = (...resources) => resources.forEach((r) => r[Symbol.dispose]());
