/**
 * run.js - `isthmus run`: starts all, waits, cleans up
 */
import { readFileSync, statSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { CA_FOLDER, caFolder } from '../ca.js';
import { reason, UsageError } from '../errors.js';
import { withFaults } from '../faults.js';
import { signerKey } from '../signer.js';
import { spawn } from '../instance.js';
import { loadModule } from '../module.js';
import { Capture } from '../pcapng.js';
import { Links } from './links.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const say = (text) => process.stderr.write(`isthmus: ${text}\n`);

/** Runs what parseRun() made of the command line; resolves to the exit status. */
export async function runAll({ instances, pcap, stats, ca }) {
    const running = [];
    const cleanups = [];
    let ending = false, signalled = null;
    const links = new Links((text) => ending || say(text), say);

    const stopAll = async () => {
        ending = true;
        await Promise.all(running.map((i) => i.stop()));
    };
    for (const signal of SIGNALS) {
        process.on(signal, () => {
            if (signalled) process.exit(128 + constants.signals[signal]); // asked twice
            signalled = signal;
            stopAll();
        });
    }

    try {
        const { modules, folders, keys } = await prepare(instances, ca, cleanups);
        const capture = pcap === undefined ? undefined : new Capture(pcap);
        if (capture) cleanups.push(() => capture.close());
        const made = [];
        for (const instance of instances) {
            const own = [];
            for (const link of instance.links) {
                if (signalled) break;
                const bare = await links.make(link, instance);
                own.push(link.faults === undefined ? bare : withFaults(bare, link.faults));
            }
            made.push(own);
        }
        const reader = instances.findIndex((i) => !i.background);
        for (const [i, instance] of instances.entries()) {
            if (signalled) break;
            running.push(await spawn({
                ...instance, signers: keys[i], module: modules[i], label: instance.module, links: made[i], capture, stdin: i === reader ? 'inherit' : '', paused: true, readOnly: folders[i],
                onNote: (text) => text.split('\n').filter(Boolean).forEach((line) => say(`${instance.name}: ${line}`)),
            }));
        }
        for (const instance of running) instance.begin(); // together: whoever is quick finds all others there
        const statuses = await settle(instances, running, () => ending);
        if (stats) report(running);
        return signalled ? 128 + constants.signals[signalled] : statuses.find((s) => s !== 0) ?? 0;
    } finally {
        await stopAll();
        await links.stop();
        for (const f of cleanups) f();
    }
}

/** Loads the modules, checks the folders, makes the one with the CA bundle; returns each instance's module and read-only folders. */
async function prepare(instances, ca, cleanups) {
    for (const { preopens } of instances) {
        for (const host of Object.values(preopens)) checkFolder(host);
    }
    const keys = instances.map(({ signers }) => Object.fromEntries(Object.entries(signers).map(([name, file]) => [name, readKey(name, file)])));
    let bundle = null;
    const modules = [], folders = [];
    for (const { module, preopens } of instances) {
        const loaded = await loadModule(module, module);
        modules.push(loaded.module);
        const wanted = ca !== 'none' && loaded.imports.includes('wasi_snapshot_preview1.path_open') && preopens[CA_FOLDER] === undefined;
        if (wanted && bundle === null) {
            bundle = caFolder(ca);
            cleanups.push(bundle.remove);
            process.once('exit', () => rmSync(bundle.path, { recursive: true, force: true })); // asked twice, or an error of ours
        }
        folders.push(wanted ? { [CA_FOLDER]: bundle.path } : {});
    }
    return { modules, folders, keys };
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
