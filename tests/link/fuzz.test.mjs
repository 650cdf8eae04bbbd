// A hostile guest for both hosts: random structures and batches, and no byte touched that must not be. SEED=n repeats one.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createExchange } from '../../adapters/host/js/src/exchange.js';
import { createDoorbell } from '../../adapters/host/js/src/blocking.js';
import { AT, MAGIC, RESULT, WANT } from '../../adapters/host/js/src/layout.js';

const seed = Number(process.env.SEED ?? (Math.random() * 2 ** 32) >>> 0);
const MEMORY = 65536;
const EDGES = [0, 1, 4, 7, 8, MEMORY, MEMORY - 1, MEMORY - 8, MEMORY + 1, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff];
let state = seed;

/** xorshift32 */
function draw(below) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return below ? (state >>> 0) % below : state >>> 0;
}

function odd(sensible) {
    const kind = draw(16);
    return kind === 0 ? EDGES[draw(EDGES.length)] : kind === 1 ? draw() : draw(sensible);
}

function makePort(frameMax, grant) {
    const queue = [];
    return {
        kind: 1, mtu: frameMax, frameMax, grant, grantVersion: 0, up: true, closed: false, room: Infinity, queue,
        get readable() { return queue.length > 0; },
        get writable() { return draw(2) === 0; },
        take(batch) { // some of the batch, and it looks at what it was promised
            const view = new DataView(batch.buffer, batch.byteOffset, batch.length);
            let at = 0;
            while (at < batch.length && draw(6)) {
                const length = view.getUint32(at);
                if (length === 0 || length > frameMax || length > batch.length - at - 4) throw new Error('a broken batch got through');
                at += 4 + length;
            }
            return at;
        },
        give(into) {
            if (into.length < 4 + frameMax) throw new Error('too little room');
            let at = 0;
            into[0] ^= 255; // a port may scribble
            while (queue.length && 4 + queue[0] <= into.length - at) {
                const length = queue.shift();
                into.fill(length, at, at + 4 + length);
                at += 4 + length;
            }
            return at;
        },
    };
}

function writeBatch(view, at, length) {
    while (length > 4 && at + 4 < MEMORY) {
        const left = length - 4;
        let frame = draw(12) ? 1 + draw(Math.min(left, 300)) : draw();
        if (draw(3) === 0) frame = left;
        view.setUint32(at, frame);
        if (frame > left) return;
        at += 4 + frame;
        length -= 4 + frame;
    }
}

function writeStructure(view, x) {
    if (x > MEMORY - 160) return;
    const put = (at, value) => view.setUint32(x + at, value, true);
    put(AT.magic, MAGIC);
    view.setUint16(x + AT.version, 1, true);
    view.setUint16(x + AT.size, draw(4) ? 160 : odd(200), true);
    put(AT.link, draw(8) ? draw(3) : odd(70));
    put(AT.want, odd(8));
    put(AT.deadline, draw(4) ? 0 : draw(2) + 1);
    put(AT.deadline + 4, 0);
    const tx = odd(MEMORY), txLen = odd(1500);
    put(AT.tx, tx);
    put(AT.tx_len, txLen);
    put(AT.rx, draw(4) ? odd(MEMORY) : tx);
    put(AT.rx_cap, draw(3) ? odd(3000) : 0);
    put(AT.text, odd(MEMORY));
    put(AT.text_cap, odd(400));
    put(AT.note, odd(MEMORY));
    put(AT.note_len, draw(4) ? 0 : odd(100));
    const bytes = Uint8Array.from({ length: 160 }, (_, i) => view.getUint8(x + i));
    if (tx + txLen <= MEMORY) writeBatch(view, tx, txLen);
    bytes.forEach((byte, i) => view.setUint8(x + i, byte));
    if (draw(20) === 0) view.setUint8(x + (24 + draw(48)) % 56, draw(256)); // anything but the deadline: no round is to wait
}

/** The ranges that the call may change. */
function allowedRanges(was, x, result) {
    if (result === RESULT.LAYOUT) return [];
    const u32 = (at) => was.readUInt32LE(x + at);
    const ranges = [[x + 56, x + Math.min(160, was.readUInt16LE(x + AT.size))]];
    if (result >= RESULT.CLOSED) ranges.push([u32(AT.rx), u32(AT.rx) + u32(AT.rx_cap)]);
    if (u32(AT.want) & WANT.GRANT) ranges.push([u32(AT.text), u32(AT.text) + u32(AT.text_cap)]);
    return ranges;
}

function fuzz(doorbell, rounds) {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = Buffer.from(memory.buffer), view = new DataView(memory.buffer);
    const ports = [makePort(200, 'address=10.0.0.1/24\n'), makePort(260, '')];
    const exchange = createExchange({ ports, doorbell, onNote: () => {} });
    const results = new Set();
    for (let round = 0; round < rounds; round++) {
        const x = draw(8) ? draw(MEMORY / 8) * 8 : odd(MEMORY);
        for (let i = 0; i < 64; i++) bytes[draw(MEMORY)] = draw(256);
        for (const port of ports) if (draw(3) === 0) port.queue.push(1 + draw(port.frameMax));
        writeStructure(view, x);
        const was = Buffer.from(bytes);
        const result = exchange(memory, x | 0);
        results.add(result);
        if (!(result <= 0 && result >= RESULT.SMALL)) return `result ${result}`;
        for (const [from, to] of allowedRanges(was, x, result)) if (from < to) bytes.copy(was, from, from, to);
        if (was.compare(bytes)) return `round ${round}: x ${x}, result ${result}: byte ${bytes.findIndex((b, i) => b !== was[i])} changed`;
    }
    return results.size >= 4 ? null : `only the results ${[...results]}`;
}

console.log(`# SEED=${seed}`);
let count = 0;
for (const [name, doorbell] of [['JavaScript, blocking', createDoorbell()], ['JavaScript, event loop', null]]) {
    let problem;
    try { problem = fuzz(doorbell, 30000); } catch (error) { problem = error.stack; }
    console.log(`${problem ? 'not ok' : 'ok'} ${++count} - ${name}: 30000 hostile calls touch nothing but what they may`);
    if (problem) console.log(problem.replace(/^/gm, '#   '));
}
const build = resolve(fileURLToPath(new URL('../..', import.meta.url)), process.env.B ?? 'build', 'link');
const c = spawnSync(resolve(build, 'fuzz'), [String(seed)], { encoding: 'utf8', timeout: 120000 });
console.log(`${c.status === 0 ? 'ok' : 'not ok'} ${++count} - C: 40000 hostile calls touch nothing but what they may`);
if (c.status !== 0) console.log(`${c.stdout}${c.stderr}`.replace(/^/gm, '#   '));
console.log(`1..${count}`);
