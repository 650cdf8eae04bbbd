/**
 * instance.js - one module in one worker: what spawn() returns
 */
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { Worker } from 'node:worker_threads';
import { createBell, dropped, openGate } from './control.js';
import { UsageError } from './errors.js';
import { LINKS_MAX } from './layout.js';
import { checkCommand, loadModule } from './module.js';
import { signerKey } from './signer.js';
import { StdinFeed, stdinMode } from './stdin.js';

export const STATUS = Object.freeze({ usage: 2, fault: 70, trap: 134 });
let instances = 0; // ever made: the owner's id in the locks of rings

/**
 * spawn() - starts a module; see SpawnOptions in index.d.ts
 * Returns once the worker has been started. Rejects with a UsageError if the module cannot run.
 */
export async function spawn(options) {
    const { module: source, component, links = [] } = options;
    const path = component ? 'component' : typeof source === 'string' ? basename(source).replace(/\.wasm$/, '') : 'module';
    const name = options.name ?? path, label = options.label ?? (typeof source === 'string' ? source : name);
    const loaded = component ? null : await loadModule(source, label);
    const signers = Object.fromEntries(Object.entries(options.signers ?? {}).map(([key, pem]) => [key, signerKey(key, pem)]));
    const extra = Object.keys(signers).length ? 1 : 0; // they share a link, the last
    if (links.length + extra > LINKS_MAX) throw new UsageError(`${name}: at most ${LINKS_MAX} links`);
    if (loaded) await checkCommand(loaded, label, links.length + extra);
    return new Instance({ ...options, name, links, signers, module: loaded?.module });
}

class Instance {
    /** The error that ended it, if one did. */
    error = null;
    /** Lets a module begin that was spawned with `paused`. */
    begin;
    /** Whether stop() ended it. */
    stopped = false;
    #status = null;

    constructor(o) {
        this.name = o.name;
        this.links = o.links;
        this.onNote = o.onNote ?? (() => {});
        this.outputs = [o.stdout ?? 1, o.stderr ?? 2];
        const bell = createBell(), owner = ++instances;
        this.begin = () => openGate(bell);
        this.bell = bell;
        if (!o.paused) this.begin();
        const stdin = this.#stdin(o.stdin ?? 'inherit', bell);
        const links = o.links.map((link, i) => ({
            ...link.attach({ name: o.name, owner, bell, link: i }),
            capture: o.capture ? { fd: o.capture.fd, number: o.capture.add(`${o.name} ${link.label}`, link.kind), kind: link.kind } : null,
        }));
        const preopens = { ...o.preopens, ...o.readOnly };
        this.worker = new Worker(new URL('./worker.js', import.meta.url), {
            workerData: {
                module: o.module, component: o.component && { entry: o.component.entry, shim: o.component.shim }, bell, links, signers: o.signers, stdin, args: [o.name, ...(o.args ?? [])], env: o.env ?? {}, preopens,
                readOnly: Object.keys(o.readOnly ?? {}), outputs: this.outputs.map((out) => (typeof out === 'function' ? 'function' : out)),
            },
        });
        for (const link of o.links) link.started(this.worker);
        this.worker.on('message', (message) => this.#onMessage(message));
        this.exit = new Promise((resolve) => {
            this.worker.on('error', (error) => this.#fail(STATUS.fault, error));
            this.worker.on('exit', () => {
                this.feed?.stop();
                for (const link of this.links) link.detach();
                resolve(this.#status ?? (this.stopped ? 0 : STATUS.fault));
            });
        });
    }

    /** Ends the module now, wherever it is. Resolves when its worker is gone. */
    async stop() {
        if (this.#status === null) this.stopped = true;
        await this.worker.terminate();
        await this.exit;
    }

    /** Frames that it sent and that were longer than their link carries: no link's, they never came to one. */
    get dropped() {
        return dropped(this.bell);
    }

    get statistics() {
        return this.links.map((link) => ({ link: link.label, ...link.statistics }));
    }

    #stdin(source, bell) {
        const terminal = source === 'inherit' && isatty(0); // which a component may ask
        if (source === 'inherit') {
            const mode = stdinMode(0);
            if (mode === 'direct') return { fd: 0 };
            source = mode === null ? '' : () => process.stdin;
        }
        const open = typeof source === 'function' ? source
            : source instanceof Readable ? () => source
            : () => Readable.from(source.length === 0 ? [] : [Buffer.from(source)]);
        this.feed = new StdinFeed(open, bell);
        return { ring: this.feed.ring.shared, terminal };
    }

    #onMessage(message) {
        const { op } = message;
        if (op === 'exit') this.#status = message.status & 255;
        else if (op === 'trap') this.#fail(STATUS.trap, new Error(`trap: ${message.text}`));
        else if (op === 'link-error') this.#fail(STATUS.usage, new UsageError(`${this.name}: cannot be instantiated: ${message.text}`));
        else if (op === 'fault') this.#fail(STATUS.fault, new Error(message.text));
        else if (op === 'note') this.onNote(message.text, message.link);
        else if (op === 'output') this.outputs[message.fd - 1](message.bytes);
        else if (op.startsWith('stdin')) this.feed.onMessage(message);
        else this.links[message.id].onMessage(message);
    }

    #fail(status, error) {
        if (this.#status !== null) return;
        this.#status = status;
        this.error = error;
    }
}
