/**
 * sections.js - the imports and exports of a core module: read, renamed, left out
 *
 * Only the sections of types, imports, memories and exports are looked into; all others pass as they are.
 */
const TYPE = 1, IMPORT = 2, MEMORY = 5, EXPORT = 7;
export const KIND = { func: 0, table: 1, memory: 2, global: 3, tag: 4 };

export class Reader {
    constructor(bytes, at = 0) {
        this.bytes = bytes;
        this.at = at;
    }
    byte() {
        if (this.at >= this.bytes.length) throw new Error('it ends in the middle of a section');
        return this.bytes[this.at++];
    }
    u32() {
        let value = 0, shift = 0, b;
        do {
            b = this.byte();
            value += (b & 0x7f) * 2 ** shift;
            shift += 7;
        } while (b & 0x80);
        return value;
    }
    take(n) {
        if (this.at + n > this.bytes.length) throw new Error('it ends in the middle of a section');
        this.at += n;
        return this.bytes.subarray(this.at - n, this.at);
    }
    name() {
        return Buffer.from(this.take(this.u32())).toString();
    }
    /** A value or reference type: one byte, or "(ref null? heaptype)". */
    valtype() {
        const b = this.byte();
        if (b === 0x63 || b === 0x64) this.u32();
        return b;
    }
    limits() {
        const flags = this.byte(), min = this.u32();
        return { shared: (flags & 2) !== 0, is64: (flags & 4) !== 0, min, max: flags & 1 ? this.u32() : undefined };
    }
}

export function leb(value) {
    const out = [];
    do {
        out.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>>= 7;
    } while (value);
    return out;
}

const text = (name) => {
    const bytes = Buffer.from(name);
    return [...leb(bytes.length), ...bytes];
};

/** Function types as { params }: their number is what tells dialects apart. */
function readTypes(r) {
    return Array.from({ length: r.u32() }, () => {
        if (r.byte() !== 0x60) throw new Error('it uses types of garbage collection');
        const params = r.u32();
        for (let i = 0; i < params; i++) r.valtype();
        for (let i = r.u32(); i > 0; i--) r.valtype();
        return { params };
    });
}

function readImport(r, types) {
    const module = r.name(), name = r.name(), from = r.at, kind = r.byte();
    const item = { module, name, kind };
    if (kind === KIND.func) item.params = types[r.u32()]?.params;
    else if (kind === KIND.table) r.valtype(), r.limits();
    else if (kind === KIND.memory) item.limits = r.limits();
    else if (kind === KIND.global) r.valtype(), r.byte();
    else if (kind === KIND.tag) r.byte(), r.u32();
    else throw new Error(`it imports something of an unknown kind (${kind})`);
    item.raw = r.bytes.subarray(from, r.at);
    return item;
}

/** { sections: [{ id, body }], imports: [{ module, name, kind, params, limits, raw }], exports: [{ name, kind, index }], memories: [limits] } */
export function parse(bytes) {
    const r = new Reader(bytes, 8), sections = [];
    let types = [], imports = [], exports = [], memories = [];
    while (r.at < bytes.length) {
        const id = r.byte(), body = r.take(r.u32()), s = new Reader(body);
        sections.push({ id, body });
        if (id === TYPE) types = readTypes(s);
        if (id === IMPORT) imports = Array.from({ length: s.u32() }, () => readImport(s, types));
        if (id === MEMORY) memories = Array.from({ length: s.u32() }, () => s.limits());
        if (id === EXPORT) exports = Array.from({ length: s.u32() }, () => ({ name: s.name(), kind: s.byte(), index: s.u32() }));
    }
    return { sections, imports, exports, memories };
}

/** The bytes of a module with other imports and exports: the same number of imports, in the same order. */
export function write({ sections, imports, exports }) {
    const bodies = {
        [IMPORT]: () => [leb(imports.length), ...imports.map((i) => [...text(i.module), ...text(i.name), ...i.raw])],
        [EXPORT]: () => [leb(exports.length), ...exports.map((e) => [...text(e.name), e.kind, ...leb(e.index)])],
    };
    const out = [Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])];
    for (const { id, body } of sections) {
        const bytes = bodies[id] ? Buffer.from(bodies[id]().flat()) : body;
        out.push(Buffer.from([id, ...leb(bytes.length)]), bytes);
    }
    return Buffer.concat(out);
}
