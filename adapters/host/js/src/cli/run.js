/**
 * run.js - `isthmus run`: starts all, waits, cleans up
 */
import { readFileSync, statSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { authorityLines, CA_FOLDER, caFolder } from '../ca.js';
import { checkComponent, componentFace, findJco, knowsMultiMemory, transpile } from '../component-file.js';
import { reason, UsageError } from '../errors.js';
import { withFaults } from '../faults.js';
import { signerKey } from '../signer.js';
import { spawn } from '../instance.js';
import { isComponent, loadModule, readWasm } from '../module.js';
import { Capture } from '../pcapng.js';
import { Links } from './links.js';
import { onNode } from './other-node.js';

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const say = (text) => process.stderr.write(`isthmus: ${text}\n`);

/** Runs what parseRun() made of argv; resolves to the exit status. */
export async function runAll({ instances, pcap, stats, ca }, argv) {
    const files = await Promise.all(instances.map(({ module }) => read(module)));
    if (files.some(({ face }) => face) && !knowsMultiMemory()) {
        const { node } = findJco();
        if (node && node !== process.execPath) return onNode(node, argv);
    }
    const running = [];
    const cleanups = [];
    let ending = false, signalled = null;
    const links = new Links((text) => ending || say(text), say);

    const stopAll = async () => {
        ending = true;
        await Promise.all(running.map((i) => i.stop()));
    };
    const stopBy = (signal) => {
        signalled = signal;
        stopAll();
    };
    for (const signal of SIGNALS) {
        process.on(signal, () => {
            if (signalled) process.exit(128 + constants.signals[signal]); // asked twice
            stopBy(signal);
        });
    }
    // When onNode() has started this process. It may have had a terminal's signal already.
    process.on('message', (signal) => SIGNALS.includes(signal) && !signalled && stopBy(signal));
    process.on('disconnect', () => signalled || stopBy('SIGTERM'));

    try {
        const { modules, folders, keys, authorities } = await prepare(instances, files, ca, cleanups);
        const capture = pcap === undefined ? undefined : new Capture(pcap);
        if (capture) cleanups.push(() => capture.close());
        const made = [];
        for (const [i, instance] of instances.entries()) {
            const own = [];
            for (const [n, link] of instance.links.entries()) {
                if (signalled) break;
                const bare = await links.make(link, n === 0 ? { ...instance, grant: [...instance.grant, ...authorities[i]] } : instance);
                own.push(link.faults === undefined ? bare : withFaults(bare, link.faults));
            }
            made.push(own);
        }
        const reader = instances.findIndex((i) => !i.background);
        for (const [i, instance] of instances.entries()) {
            if (signalled) break;
            running.push(await spawn({
                ...instance, signers: keys[i], ...modules[i], label: instance.module, links: made[i], capture, stdin: i === reader ? 'inherit' : '', paused: true, readOnly: folders[i],
                onNote: notesOf(instance.name, cleanups),
            }));
        }
        for (const instance of running) instance.begin(); // together: whoever is quick finds all others there
        const statuses = await settle(instances, running, () => ending);
        if (stats) report(running);
        return signalled ? 128 + constants.signals[signalled] : statuses.find((s) => s !== 0) ?? 0;
    } finally {
        await stopAll();
        await links.stop();
        for (const f of cleanups) await f();
    }
}

/** Shows notes by the line, however they are cut; what has no end of a line comes at the end. */
function notesOf(name, cleanups) {
    let rest = '';
    const show = (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) if (line !== '') say(`${name}: ${line}`);
    };
    cleanups.push(() => show('\n'));
    return show;
}

/** A folder that goes at the end, also when asked twice, or by an error of ours. */
function cleanUp(cleanups, path, remove) {
    cleanups.push(remove);
    process.once('exit', () => rmSync(path, { recursive: true, force: true }));
}

/** Of a file: the { bytes } of a core module, or the { face } of a component. */
async function read(path) {
    const bytes = await readWasm(path, path);
    if (!isComponent(bytes)) return { bytes };
    const face = componentFace(bytes, path);
    checkComponent(face, path);
    return { face, tls: bytes.includes(TLS) };
}

/** What spawn() takes as a module or a component, and the names of its imports. */
async function load(path, { bytes, face }, cleanups) {
    if (!face) {
        const { module, imports } = await loadModule(bytes, path);
        return { what: { module }, imports };
    }
    const component = await transpile(path);
    cleanUp(cleanups, component.folder, component.remove);
    return { what: { component }, imports: face.imports };
}

const TLS = 'wasi:tls/types@0.2.'; // in a component that serves it to itself, the draft of isthmus compose: whom to trust comes by the grant
const OPENS_FILES = /^(wasi_snapshot_preview1\.path_open$|wasi:filesystem\/preopens@)/;

/** Loads the modules, checks the folders, makes the one with the CA bundle; returns what each instance runs, its read-only folders, its grant's authorities. */
async function prepare(instances, files, ca, cleanups) {
    for (const { preopens } of instances) {
        for (const host of Object.values(preopens)) checkFolder(host);
    }
    const keys = instances.map(({ signers }) => Object.fromEntries(Object.entries(signers).map(([name, file]) => [name, readKey(name, file)])));
    let bundle = null;
    const modules = [], folders = [];
    for (const [i, { module, preopens }] of instances.entries()) {
        const { what, imports } = await load(module, files[i], cleanups);
        modules.push(what);
        const wanted = ca !== 'none' && imports.some((name) => OPENS_FILES.test(name)) && preopens[CA_FOLDER] === undefined;
        if (wanted && bundle === null) {
            bundle = caFolder(ca);
            cleanUp(cleanups, bundle.path, bundle.remove);
        }
        folders.push(wanted ? { [CA_FOLDER]: bundle.path } : {});
    }
    const authorities = files.map(({ tls }) => (tls && ca !== 'none' ? authorityLines(ca) : []));
    return { modules, folders, keys, authorities };
}

function readKey(name, file) {
    try {
        return signerKey(name, readFileSync(file));
    } catch (error) {
        throw error instanceof UsageError ? error : new UsageError(`--signer ${name}=${file}: cannot be read: ${reason(error)}`);
    }
}

function checkFolder(path) {
    try {
        if (!statSync(path).isDirectory()) throw new UsageError(`--dir ${path}: not a folder`);
    } catch (error) {
        throw error instanceof UsageError ? error : new UsageError(`--dir ${path}: ${reason(error)}`);
    }
}

/** Waits for all in the foreground, then stops the others. Returns the statuses that count. */
async function settle(instances, running, isEnding) {
    const ends = running.map(async (instance, i) => {
        const status = await instance.exit;
        if (instance.error && !isEnding()) say(instance.error instanceof UsageError ? instance.error.message : `${instances[i].name}: ${instance.error.message}`);
        return instance.stopped ? 0 : status;
    });
    await Promise.all(ends.filter((_, i) => !instances[i].background));
    await Promise.all(running.map((instance, i) => (instances[i].background ? instance.stop() : null)));
    return Promise.all(ends);
}

function report(running) {
    const plain = ({ frames, bytes, dropped }) => `${frames} frames, ${bytes} bytes${dropped ? `, ${dropped} dropped` : ''}`;
    const went = (counts) => Object.entries(counts).map(([what, n]) => `${n} ${what}`).join(', ');
    for (const { name, statistics, dropped } of running) {
        if (dropped) say(`${name}: ${dropped} frames dropped that were longer than their link carries`);
        for (const { link, received, sent, faults } of statistics) {
            say(`${name} ${link}: received ${plain(received)}; sent ${plain(sent)}`);
            if (faults) say(`${name} ${link}: faults: of those received ${went(faults.received)}; of those sent ${went(faults.sent)}`);
        }
    }
}
