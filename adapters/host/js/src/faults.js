/**
 * faults.js - what is to go wrong on a link: the text of --fault, the checks, and the link that carries it to the worker
 *
 * The faults themselves happen in fault-port.js.
 */
import { UsageError } from './errors.js';
import { FaultCounters } from './fault-port.js';

const DELAY_MAX_MS = 60_000, REORDER_MAX = 1000, RATE_MIN = 1000, RATE_MAX = 1e12;
const REORDER_BY = 3; // frames, where a share is given
const UNIT_MS = { us: 0.001, ms: 1, s: 1000 };
const UNIT_BITS = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };
const SHARES = ['loss', 'duplicate', 'corrupt', 'reorder'];
const USUAL = Object.freeze({ seed: 0, loss: 0, duplicate: 0, corrupt: 0, reorder: 0, reorderBy: REORDER_BY, delayMs: 0, rate: Infinity });

const refuse = (text) => {
    throw new UsageError(text);
};

/** "seed=7,loss=1%,delay=20ms,reorder=5,duplicate=0.1%,corrupt=0.1%,rate=100mbit" -> Faults of index.d.ts */
export function parseFaults(text) {
    const faults = {}, seen = new Set();
    for (const pair of text.split(',')) {
        const [, key, value] = /^([a-z]+)=(.+)$/.exec(pair) ?? [];
        const read = READ[key];
        if (read === undefined) refuse(`--fault ${text}: "${pair}" is none; there are ${Object.keys(READ).join('=, ')}=`);
        if (seen.has(key)) refuse(`--fault ${text}: ${key} is given twice`);
        seen.add(key);
        const wrong = (how) => refuse(`--fault ${text}: ${pair}: write ${how}`);
        Object.assign(faults, read(value, wrong));
    }
    return checkFaults(faults, `--fault ${text}`);
}

function share(value, wrong, key) {
    const [, digits] = /^(\d{1,3}(?:\.\d{1,9})?)%$/.exec(value) ?? [];
    if (digits === undefined || Number(digits) > 100) wrong(`${key}=1%, of 0% to 100%`);
    return Number(digits) / 100;
}

function amount(value, units, wrong, how) {
    const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,9})?)([a-z]+)$/.exec(value) ?? [];
    if (!Object.hasOwn(units, unit ?? '')) wrong(how);
    return Number(digits) * units[unit];
}

/** Each key: (value, wrong) => fields of Faults. */
const READ = {
    seed: (value, wrong) => (/^\d{1,15}$/.test(value) ? { seed: Number(value) } : wrong('seed=N, of at most 15 digits')),
    loss: (value, wrong) => ({ loss: share(value, wrong, 'loss') }),
    delay: (value, wrong) => ({ delayMs: amount(value, UNIT_MS, wrong, 'delay=20ms, with us, ms or s') }),
    reorder: (value, wrong) => {
        if (value.endsWith('%')) return { reorder: share(value, wrong, 'reorder') };
        if (!/^[1-9]\d{0,3}$/.test(value)) wrong('reorder=5 (frames) or reorder=1%');
        return { reorder: Number(value) / (Number(value) + 1), reorderBy: Number(value) }; // 0 to 5, each as likely
    },
    duplicate: (value, wrong) => ({ duplicate: share(value, wrong, 'duplicate') }),
    corrupt: (value, wrong) => ({ corrupt: share(value, wrong, 'corrupt') }),
    rate: (value, wrong) => ({ rate: amount(value, UNIT_BITS, wrong, 'rate=100mbit, with bit, kbit, mbit or gbit') }),
};

/** Checks an embedder's Faults and fills in what it does not say. */
export function checkFaults(faults, what = 'faults') {
    for (const key of Object.keys(faults)) if (!Object.hasOwn(USUAL, key)) refuse(`${what}: no such field: ${key}`);
    const all = { ...USUAL, ...faults };
    for (const key of SHARES) if (!(all[key] >= 0 && all[key] <= 1)) refuse(`${what}: ${key} ${all[key]}: a share is 0 to 1`);
    if (!Number.isSafeInteger(all.seed) || all.seed < 0) refuse(`${what}: seed ${all.seed}: not a number from 0`);
    if (!Number.isInteger(all.reorderBy) || all.reorderBy < 1 || all.reorderBy > REORDER_MAX) refuse(`${what}: reorder by ${all.reorderBy}: 1 to ${REORDER_MAX} frames`);
    if (!(all.delayMs >= 0 && all.delayMs <= DELAY_MAX_MS)) refuse(`${what}: a delay of ${all.delayMs} ms: at most a minute`);
    if (all.rate !== Infinity && !(all.rate >= RATE_MIN && all.rate <= RATE_MAX)) refuse(`${what}: a rate of ${all.rate} bit/s: 1 kbit to 1,000 gbit`);
    return all;
}

/** withFaults() - a link around a link, for spawn(). The faults happen in the instance's worker, both ways. */
export function withFaults(link, faults) {
    return new FaultyLink(link, typeof faults === 'string' ? parseFaults(faults) : checkFaults(faults));
}

class FaultyLink {
    #link;
    #counters = FaultCounters.allocate();

    constructor(link, faults) {
        this.#link = link;
        this.faults = faults;
    }

    get label() {
        return this.#link.label;
    }

    get kind() {
        return this.#link.kind;
    }

    get mtu() {
        return this.#link.mtu;
    }

    attach(instance) {
        const inner = this.#link.attach(instance);
        const fault = { faults: this.faults, counters: this.#counters, label: `${instance.name} ${instance.link}` };
        return { ...inner, faults: [...(inner.faults ?? []), fault] };
    }

    started(worker) {
        this.#link.started(worker);
    }

    detach() {
        this.#link.detach();
    }

    onMessage(message) {
        this.#link.onMessage(message);
    }

    get statistics() {
        return { ...this.#link.statistics, faults: new FaultCounters(this.#counters).statistics };
    }
}
