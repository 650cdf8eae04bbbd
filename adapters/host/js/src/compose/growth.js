/**
 * growth.js - pages that the client's memory gains are zero
 *
 * binaryen's lowering makes room for them by moving the engine's memory up, and leaves in them what stood there. Programs rely on
 * zeros (Go's allocator does). The shim exports a function that grows the client's memory and does nothing else: it leads to the
 * one that lowering has put in the place of every memory.grow; that one is wrapped in a memory.fill.
 */
import { KIND, leb, parse, Reader, write } from './sections.js';

const FUNCTION = 3, CODE = 10;
export const GROW = 'isthmus_grow';

const vector = (items) => Buffer.concat([Buffer.from(leb(items.length)), ...items]);
const sized = (body) => Buffer.concat([Buffer.from(leb(body.length)), body]);

/** (local $r i32) (local.set $r (call $grow (local.get 0))) (if (i32.ne $r -1) (memory.fill (shl $r 16) 0 (shl $0 16))) $r */
const zeroing = (grow) => Buffer.from([1, 1, 0x7f, 0x20, 0, 0x10, ...leb(grow), 0x22, 1, 0x41, 0x7f, 0x47, 0x04, 0x40,
    0x20, 1, 0x41, 16, 0x74, 0x41, 0, 0x20, 0, 0x41, 16, 0x74, 0xfc, 0x0b, 0, 0x0b, 0x20, 1, 0x0b]);

/** The function that a body of (call $f (local.get 0)) calls. */
function target(body) {
    const r = new Reader(body);
    for (const expected of [0, 0x20, 0, 0x10]) if (r.byte() !== expected) throw new Error('the lowering of memory.grow is not what it was');
    return r.u32();
}

export function zeroGrowth(bytes) {
    const module = parse(bytes), section = (id) => module.sections.find((s) => s.id === id);
    const imported = module.imports.filter((i) => i.kind === KIND.func).length;
    const f = new Reader(section(FUNCTION).body), types = Array.from({ length: f.u32() }, () => f.u32());
    const c = new Reader(section(CODE).body), bodies = Array.from({ length: c.u32() }, () => c.take(c.u32()));
    const probe = module.exports.find((e) => e.name === GROW), grow = target(bodies[probe.index - imported]) - imported;
    types.push(types[grow]);
    bodies.push(bodies[grow]);
    bodies[grow] = zeroing(imported + bodies.length - 1);
    section(FUNCTION).body = vector(types.map((t) => Buffer.from(leb(t))));
    section(CODE).body = vector(bodies.map(sized));
    return write({ ...module, exports: module.exports.filter((e) => e !== probe) });
}
