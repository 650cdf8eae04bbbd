/**
 * plug.js - a component and the provider become one component whose only network import is isthmus:link
 *
 * What `wac plug` does. wasm-tools prints the imports and exports of both; a component around them is written as text, with two empty
 * components in it, and parsed; then the two are put into its binary form as they are, byte for byte, however large.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { Reader, leb } from './sections.js';
import { home, wasmTools } from './tools.js';

const LINK = 'isthmus:link/link';
const COMPONENT_SECTION = 4;
const TOKEN = '(\\$"[^"]*"|\\$[^\\s()]+|\\d+)';
const LINES = { // of the text at its first level
    type: new RegExp(`^\\(type (?:${TOKEN} )?\\(;(\\d+);\\)\\s+\\(instance`),
    import: new RegExp(`^\\(import "([^"]+)" \\((\\w+)(?: ${TOKEN})? \\(;(\\d+);\\)(?: \\(type ${TOKEN}\\))?`),
    alias: new RegExp(`^\\(alias export ${TOKEN} "([^"]+)" \\(type (?:${TOKEN} )?\\(;(\\d+);\\)`),
    export: new RegExp(`^\\(export (?:${TOKEN} )?\\(;\\d+;\\) "([^"]+)" \\((\\w+)`),
};
const OUTER = new RegExp(`\\(alias outer 1 ${TOKEN} `, 'g');

/** The name without the last number of its version: what 0.2.0 and 0.2.12 have in common. */
const track = (name) => name.replace(/@(\d+\.\d+)\..*/, '@$1');

/** The interface of a component: { types, aliases: by what the text calls them; imports, exports: lists }. */
function read(text, prefix) {
    const face = { prefix, types: new Map(), aliases: new Map(), imports: [], exports: [] };
    for (const raw of text.split(/^  (?=\()/m).slice(1)) {
        const item = raw.replace(/ ?\(@name "[^"]*"\)/g, '');
        let m;
        if ((m = LINES.type.exec(item))) {
            face.types.set(m[1] ?? m[2], { body: item.slice(item.indexOf('(instance'), item.lastIndexOf(')')), refs: [...item.matchAll(OUTER)].map((o) => o[1]) });
        } else if ((m = LINES.import.exec(item))) face.imports.push({ name: m[1], sort: m[2], id: m[3] ?? m[4], type: m[5] });
        else if ((m = LINES.alias.exec(item))) face.aliases.set(m[3] ?? m[4], { instance: m[1], name: m[2] });
        else if ((m = LINES.export.exec(item))) face.exports.push({ name: m[2], sort: m[3] });
    }
    return face;
}

/** Writes the imports of the whole: those of both that the provider does not serve, each once, behind what they need. */
class Outer {
    constructor(provider, client) {
        this.lines = [];
        this.written = new Set();
        this.served = (face, i) => (face === client ? provider.exports.find((e) => track(e.name) === track(i.name)) : undefined);
        this.imports = new Map(); // name -> whose; of two of one name the one that asks for more
        const size = (face, i) => face.types.get(i.type)?.body.match(/^      \(export /gm)?.length ?? 0;
        for (const face of [provider, client]) {
            for (const i of face.imports) {
                const other = this.imports.get(i.name);
                if (!this.served(face, i) && (!other || size(face, i) > size(other.face, other.item))) this.imports.set(i.name, { face, item: i });
            }
        }
        for (const { face, item } of this.imports.values()) this.#import(face, item, item);
    }

    #once(id, make) {
        if (!this.written.has(id)) this.lines.push(...[make()].flat());
        this.written.add(id);
        return id;
    }

    /** @param wanted  the import for whose sake it is needed */
    #import(face, item, wanted) {
        const served = this.served(face, item);
        if (served) {
            if (wanted.name.startsWith('wasi:tls/types@0.2.')) throw new UsageError(`it imports ${wanted.name}, which Isthmus serves as the draft that it is: compose with --draft-tls`);
            throw new UsageError(`it imports ${wanted.name}, which Isthmus does not serve and the host cannot: it shares types with ${item.name}, which Isthmus serves. `
                + 'Build the program without it, or first join it with a component that serves it (wac plug) from sockets or from nothing');
        }
        const { face: whose, item: own } = this.imports.get(item.name);
        return this.#once(`$"${own.name}"`, () => `(import "${own.name}" (instance $"${own.name}" (type ${this.#type(whose, own.type, wanted)})))`);
    }

    #type(face, id, wanted) {
        const { body, refs } = face.types.get(id);
        const aliases = new Map(refs.map((ref) => [ref, this.#alias(face, ref, wanted)]));
        const name = `$"${face.prefix} type ${id.replace(/[$"]/g, '')}"`;
        return this.#once(name, () => `(type ${name} ${body.replace(OUTER, (_, ref) => `(alias outer 1 ${aliases.get(ref)} `)})`);
    }

    #alias(face, id, wanted) {
        const { instance, name } = face.aliases.get(id);
        const from = this.#import(face, face.imports.find((i) => i.id === instance), wanted);
        const own = `$"${face.prefix} ${id.replace(/[$"]/g, '')}"`;
        return this.#once(own, () => `(alias export ${from} "${name}" (type ${own}))`);
    }
}

/** What cannot be joined, and why. */
function check(provider, client) {
    const names = client.imports.map((i) => i.name);
    if (names.some((name) => name.startsWith(LINK))) throw new UsageError(`it imports ${LINK}: it is composed already`);
    const sockets = names.filter((name) => name.startsWith('wasi:sockets/'));
    if (sockets.length === 0) throw new UsageError(`it imports no wasi:sockets: there is nothing to compose (its imports: ${names.join(', ') || 'none'})`);
    const strange = sockets.find((name) => !provider.exports.some((e) => track(e.name) === track(name)));
    if (strange) throw new UsageError(`it imports ${strange}: Isthmus serves wasi:sockets 0.2 only; build the program for WASI 0.2`);
    const single = client.imports.find((i) => i.sort !== 'instance');
    if (single) throw new UsageError(`it imports "${single.name}", a ${single.sort} that is part of no interface: only interfaces can be joined`);
}

/** The empty components of `shell`, in their order, become those of `parts`. */
function fill(shell, parts) {
    const r = new Reader(shell, 8), out = [shell.subarray(0, 8)];
    while (r.at < shell.length) {
        const id = r.byte(), body = r.take(r.u32());
        const bytes = id === COMPONENT_SECTION ? parts.shift() : body;
        out.push(Buffer.from([id, ...leb(bytes.length)]), bytes);
    }
    return Buffer.concat(out);
}

function whole(provider, client, outer) {
    const give = (face) => face.imports.map((i) => {
        const served = outer.served(face, i);
        return `(with "${i.name}" ${served ? `(instance $provider "${served.name}")` : `(instance $"${i.name}")`})`;
    });
    return ['(component', ...outer.lines, '(component $PROVIDER)', '(component $CLIENT)',
        '(instance $provider (instantiate $PROVIDER', ...give(provider), '))', '(instance $client (instantiate $CLIENT', ...give(client), '))',
        ...client.exports.map((e) => `(export "${e.name}" (${e.sort} $client "${e.name}"))`), ')'].join('\n');
}

/**
 * @param {string} source  a component's file
 * @param {Buffer} bytes   of it
 * @param {'full' | 'sealed'} profile
 * @param {boolean} tls    wasi:tls too, which is a draft
 * @returns {Promise<{ bytes: Buffer, profile: string, served: string[], left: string[] }>}
 */
export async function plug(source, bytes, profile, tls) {
    const file = join(home(), 'component', `${profile}${tls ? '-tls-draft' : ''}.wasm`);
    if (!existsSync(file)) throw new UsageError(`the provider is missing (${file}): run make component${tls ? ' WASI_TLS=draft' : ''}, and use build/bin/isthmus`);
    const print = (component) => wasmTools(['print', '--skeleton', component]);
    const provider = read(await print(file), 'provider'), client = read(await print(source), 'client');
    check(provider, client);
    const outer = new Outer(provider, client);
    const dir = await mkdtemp(join(tmpdir(), 'isthmus-compose-'));
    const at = (name) => join(dir, name);
    try {
        await writeFile(at('shell.wat'), whole(provider, client, outer));
        await wasmTools(['parse', at('shell.wat'), '-o', at('shell.wasm')]);
        const joined = fill(await readFile(at('shell.wasm')), [await readFile(file), bytes]);
        await writeFile(at('joined.wasm'), joined);
        await wasmTools(['validate', '--features', 'all', at('joined.wasm')]);
        const served = client.imports.filter((i) => outer.served(client, i)).map((i) => i.name);
        return { bytes: joined, profile, served, left: [...outer.imports.keys()] };
    } finally {
        await rm(dir, { recursive: true });
    }
}
