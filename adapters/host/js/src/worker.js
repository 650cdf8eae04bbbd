/**
 * worker.js - the thread of one instance: ports, preview1, the module, its exit
 */
import { randomBytes, randomFillSync } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { createBlockingHost } from './blocking.js';
import { Control, countDropped, passGate } from './control.js';
import { systemClock } from './exchange.js';
import { drain, FaultPort } from './fault-port.js';
import { OutsidePort } from './outside-port.js';
import { captured, PacketWriter } from './pcapng.js';
import { SignerPort } from './signer.js';
import { StdinReader } from './stdin.js';
import { SwitchPort } from './switch-port.js';
import { createWasi } from './wasi.js';

const { module, component, bell, links, signers, stdin, ...options } = workerData;
const control = new Control(bell);
const post = (message) => parentPort.postMessage(message);

// The clock of clock_gettime(), so that a program may compare the two.
const origin = Number(process.hrtime.bigint()) - performance.now() * 1e6;
const clock = { monotonic: () => origin + performance.now() * 1e6, realtime: systemClock.realtime };

// Around each other: the link, what goes wrong on it, the capture, which so has what the guest sends and gets.
control.ports = links.map((link) => (link.type === 'switch' ? new SwitchPort(link, control) : new OutsidePort(link, control)));
const writers = []; // of the captures, by link
const ports = links.map((link, i) => {
    const faulty = (port, { faults, ...rest }) => new FaultPort(port, faults, { ...rest, clock });
    const port = (link.faults ?? []).reduce(faulty, control.ports[i]);
    if (!link.capture) return port;
    writers[i] = new PacketWriter(link.capture, (text) => post({ op: 'note', text }));
    return captured(port, writers[i]);
});

if (Object.keys(signers).length !== 0) ports.push(new SignerPort(signers)); // of no capture: it is no network

/** Secrets for the capture stay out of what is shown; without a capture they are notes like others. */
function onNote(note, link) {
    const text = writers[link] ? writers[link].secrets(note) : note;
    if (text !== '') post({ op: 'note', text, link });
}

const reader = stdin.ring ? new StdinReader(stdin.ring, bell, post) : null;
const host = createBlockingHost({
    ports, doorbell: bell, clock, instance: randomBytes(16),
    entropy: (into) => randomFillSync(into),
    onNote,
    onDropped: () => countDropped(bell),
    early: reader && (() => reader.news()),
});
const wasi = component ? null : await createWasi({ ...options, stdin: stdin.fd, reader, bell, post });

/** What to say about an exception that ended the module. */
function failure(error) {
    const trap = error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception || error instanceof RangeError;
    if (!trap) return { op: 'fault', text: error?.stack ?? String(error) };
    const where = String(error.stack).split('\n').filter((line) => line.includes('wasm'));
    return { op: 'trap', text: [error.message ?? 'exception', ...where].join('\n') };
}

/** Runs the core module; its exit status. */
function runModule() {
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.imports, isthmus: host.imports.isthmus });
    host.attach(instance);
    passGate(bell);
    control.sync();
    return wasi.start(instance) ?? 0;
}

/** Runs a component that jco has made JavaScript of. */
async function runTranspiled() {
    const { createComponentLink, runComponent } = await import('./component.js');
    passGate(bell);
    control.sync();
    return runComponent(component, createComponentLink(host.exchange), { ...options, stdin, reader, bell, post });
}

try {
    const status = component ? await runTranspiled() : runModule();
    for (const port of ports) if (port instanceof FaultPort) drain(port, bell, clock);
    post({ op: 'exit', status });
} catch (error) {
    post(error instanceof WebAssembly.LinkError ? { op: 'link-error', text: error.message } : failure(error));
}
