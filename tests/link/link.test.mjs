// The one list of checks of tests/link/checks_*.c on all four hosts, and the sizes of the contract.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createDoorbell, ring } from '../../adapters/host/js/src/blocking.js';
import { createEventLoopHost } from '../../adapters/host/js/src/event-loop.js';
import { createExchange, guestMemory } from '../../adapters/host/js/src/exchange.js';
import { AT, MAGIC, SIZE, VERSION } from '../../adapters/host/js/src/layout.js';
import { Far } from './far.mjs';

const build = resolve(fileURLToPath(new URL('../..', import.meta.url)), process.env.B ?? 'build', 'link');
const module = new WebAssembly.Module(readFileSync(join(build, 'checks.wasm')));
let count = 0;

function test(holds, sentence) {
    console.log(`${holds ? 'ok' : 'not ok'} ${++count} - ${sentence}`);
}

/** Passes a host's notes on as TAP; returns a promise of the end. */
function relay(name, start, { silence = 60000 } = {}) {
    return new Promise((resolve) => {
        let seen = 0, plan = null;
        const end = (problem) => {
            clearTimeout(timer);
            test(!problem && plan === seen && seen > 0, `${name}: the list runs to its end${problem ? `: ${problem}` : ''}`);
            resolve();
        };
        const timer = setTimeout(() => end(`hangs after check ${seen}`), silence);
        start((text) => {
            for (const line of text.split('\n').filter(Boolean)) {
                const check = /^(ok|not ok) \d+ - (.*)$/.exec(line);
                if (check) test(check[1] === 'ok', `${name}: ${check[2]}`) ?? seen++;
                else if (line.startsWith('1..')) plan = Number(line.slice(3));
                else if (line === '# end') end();
                else console.log(line);
            }
        }, end);
    });
}

function blocking(note, end) {
    const doorbell = createDoorbell();
    const due = new Int32Array(new SharedArrayBuffer(4 * 4096));
    const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { module, doorbell, due } });
    worker.on('message', (message) => {
        if ('note' in message) return note(message.note);
        setTimeout(() => {
            Atomics.store(due, message.index, 1);
            ring(doorbell);
        }, message.ms);
    });
    worker.on('error', (error) => end(error.message));
}

/** A frame that comes at the very last moment: while the host looks whether another link is ready. */
function sleepless() {
    const memory = new WebAssembly.Memory({ initial: 1 }), view = new DataView(memory.buffer), doorbell = createDoorbell();
    const port = { kind: 1, mtu: 100, frameMax: 100, grant: '', grantVersion: 0, up: true, closed: false, readable: false, writable: true };
    port.give = (into) => into.fill(1, 4, 5) && 5;
    const late = { ...port, get up() {
        if (arm && !port.readable) {
            port.readable = true;
            ring(doorbell);
        }
        return true;
    } };
    let arm = false;
    const exchange = createExchange({ ports: [port, late], doorbell });
    const call = (link, deadline) => {
        [[AT.magic, MAGIC], [AT.version, VERSION | SIZE << 16], [AT.link, link], [AT.rx, 1024], [AT.rx_cap, 4096]]
            .forEach(([at, value]) => view.setUint32(at, value, true));
        view.setBigUint64(AT.deadline, deadline, true);
        return exchange(memory, 0);
    };
    call(1, 0n);
    arm = true;
    const deadline = BigInt(Math.floor(exchange.now())) + 5_000_000_000n;
    return call(0, deadline) === 0 && view.getUint32(AT.rx_len, true) === 5 && view.getBigUint64(AT.monotonic, true) < deadline;
}

/** createHost() of either event-loop host: the package's, or the one that docs/link.md shows. */
function eventLoop(createHost) {
    return (note, end) => {
        let host = null;
        const far = new Far({
            later: (ms, action) => setTimeout(() => {
                action();
                host.wake();
            }, ms),
        });
        host = createHost({ ...far.options(note), onTrap: (error) => end(error.message) });
        far.host = host.exchange;
        const instance = new WebAssembly.Instance(module, host.imports);
        host.attach(instance);
        instance.exports.run();
        host.wake();
    };
}

/** The host that stands in the specification. */
async function documented() {
    const page = readFileSync(new URL('../../docs/link.md', import.meta.url), 'utf8');
    const code = /^```js\n([^]*?)^```/m.exec(page)[1];
    return (await import(`data:text/javascript,${encodeURIComponent(code)}`)).createHost;
}

function program(file, ...args) {
    return (note, end) => {
        const child = spawn(join(build, file), args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let err = '';
        child.stdout.setEncoding('utf8').on('data', (text) => note(text));
        child.stderr.setEncoding('utf8').on('data', (text) => { err += text; });
        child.on('close', (code, signal) => {
            if (err) console.log(err.replace(/^/gm, '# '));
            if (code !== 0) end(`ended with ${signal ?? code}`);
        });
        process.on('exit', () => child.kill());
    };
}

const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
test(imports.join() === 'isthmus.exchange', `the guest imports isthmus.exchange and nothing else (${imports})`);

const [one, other] = [new WebAssembly.Memory({ initial: 1 }), new WebAssembly.Memory({ initial: 1 })];
test(guestMemory({ memory: one, isthmus_memory: other }) === other, 'isthmus_memory is preferred over memory');
test(guestMemory({ memory: one }) === one, 'memory is taken where there is no isthmus_memory');
let refused = null;
try { guestMemory({ memory: () => {} }); } catch (error) { refused = error.message; }
test(/exports no memory/.test(refused), 'a module without a memory is refused with a sentence');

test(sleepless(), 'JavaScript, blocking: a frame that comes between the test and the sleep is given at once');
await relay('JavaScript, blocking', blocking);
await relay('JavaScript, event loop', eventLoop(createEventLoopHost));
await relay('the host in docs/link.md', eventLoop(await documented()));
await relay('C, native', program('checks-native'));
await relay('C, event loop', program('checks-native', 'nowait'));
await relay('C, wasm2c', program('checks-wasm2c'));
console.log(`1..${count}`);
process.exit();
