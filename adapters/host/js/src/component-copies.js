/**
 * component-copies.js - the code between two components copies lists a byte at a time; memory.copy does the same at once
 *
 * jco takes over the adapters that wasmtime's compiler writes: a loop of load8_u and store8 from one memory to another. The loop is
 * replaced by instructions that leave the same bytes in the memories and in its three locals, in the same place and of the same
 * length, so that nothing else of the module changes.
 */
const LOCAL = '([\\x80-\\xff]*[\\0-\\x7f])', MEMORY = '(?:\\0|\\x40([\\0-\\x7f]))\\0';
const LOOP = new RegExp([
    '\\x03\\x40',                                    // loop
    `\\x20${LOCAL}\\x20${LOCAL}\\x2d${MEMORY}\\x3a${MEMORY}`, // store8 (to) (load8_u (from))
    '\\x20\\2\\x41\\x01\\x6a\\x21\\2',               // from += 1
    '\\x20\\1\\x41\\x01\\x6a\\x21\\1',               // to += 1
    `\\x20${LOCAL}\\x41\\x7f\\x6a\\x22\\5\\x0d\\0`,  // n -= 1; again unless 0
    '\\x0b',
].join(''), 'g');
const NOP = '\x01';
const MARKS = ['\x2d\x40\x01\x00\x3a\x00\x00', '\x2d\x00\x00\x3a\x40\x01\x00'].map((mark) => Buffer.from(mark, 'latin1'));

/** The bytes of a core module, with such loops replaced. */
export function copyAtOnce(bytes) {
    if (!MARKS.some((mark) => bytes.includes(mark))) return bytes; // a large module is not searched in vain
    return Buffer.from(bytes.toString('latin1').replace(LOOP, (loop, to, from, fromMemory = '\0', toMemory = '\0', n) => {
        const copy = `\x20${to}\x20${from}\x20${n}\xfc\x0a${toMemory}${fromMemory}`
            + [from, to].map((p) => `\x20${p}\x20${n}\x6a\x21${p}`).join('') + `\x41\0\x21${n}`;
        return copy.padEnd(loop.length, NOP);
    }), 'latin1');
}
