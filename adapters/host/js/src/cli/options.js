/**
 * options.js - the command line of `isthmus run`
 */
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.js';
import { parseFaults } from '../faults.js';
import { checkLine } from '../grant.js';

const OPTIONS = {
    link: { type: 'string', multiple: true }, fault: { type: 'string', multiple: true }, name: { type: 'string' }, grant: { type: 'string', multiple: true },
    mtu: { type: 'string' }, dir: { type: 'string', multiple: true }, env: { type: 'string', multiple: true },
    signer: { type: 'string', multiple: true }, background: { type: 'boolean' }, pcap: { type: 'string' }, keylog: { type: 'boolean' }, stats: { type: 'boolean' }, ca: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
};

/** argv after "run" -> { help } or { instances, pcap, stats, ca }. Throws a UsageError. */
export function parseRun(argv) {
    const parts = split(argv).map(parsePart);
    if (parts.some((p) => p.values.help)) return { help: true };
    const whole = (key) => {
        const given = [...new Set(parts.map((p) => p.values[key]).filter((v) => v !== undefined))];
        if (given.length > 1) throw new UsageError(`--${key} is for the whole run: ${given.join(' or ')}?`);
        return given[0];
    };
    const instances = parts.map(({ values, faults, module, args }, i) => {
        if (module === undefined) throw new UsageError(parts.length === 1 ? 'which module?' : `module ${i + 1} is missing`);
        return {
            module, args, links: (values.link ?? []).map((url, n) => ({ ...parseLink(url), faults: faults[n] })), grant: (values.grant ?? []).map(checkLine),
            name: values.name, mtu: values.mtu === undefined ? undefined : number('--mtu', values.mtu),
            preopens: Object.fromEntries((values.dir ?? []).map(parseDir)), env: Object.fromEntries((values.env ?? []).flatMap(parseEnv)),
            background: values.background ?? false, signers: parseSigners(values.signer ?? []),
        };
    });
    if (instances.every((i) => i.background)) throw new UsageError('--background on every module: nothing would run');
    if (whole('keylog')) {
        if (whole('pcap') === undefined) throw new UsageError('--keylog puts TLS secrets into the capture: it needs --pcap FILE');
        for (const { grant } of instances) grant.push('keylog=yes');
    }
    nameAll(instances);
    return { instances, pcap: whole('pcap'), stats: whole('stats') ?? false, ca: whole('ca') };
}

function split(argv) {
    const parts = [[]];
    for (const arg of argv) {
        if (arg === '--') parts.push([]);
        else parts.at(-1).push(arg);
    }
    return parts;
}

/** The options end at the first word that is none; what follows is the module's. */
function parsePart(argv) {
    const { tokens } = parseArgs({ args: argv, options: OPTIONS, strict: false, allowPositionals: true, tokens: true });
    const first = tokens.find((t) => t.kind === 'positional');
    const end = first ? first.index : argv.length;
    let values;
    try {
        ({ values } = parseArgs({ args: argv.slice(0, end), options: OPTIONS, strict: true }));
    } catch (error) {
        throw new UsageError(`${error.message.split('. ')[0].replace(/\.$/, '')} (see isthmus run --help)`);
    }
    for (const [key, { multiple }] of Object.entries(OPTIONS)) {
        const given = tokens.filter((t) => t.kind === 'option' && t.name === key && t.index < end);
        if (!multiple && given.length > 1) throw new UsageError(`--${key} is given twice`);
    }
    return { values, faults: faultsOf(tokens.filter((t) => t.index < end)), module: argv[end], args: argv.slice(end + 1).map((arg) => (/^-{3,}$/.test(arg) ? arg.slice(1) : arg)) };
}

/** What goes wrong on each link: --fault is for the link before it, or, before the first, for all that have none of their own. */
function faultsOf(tokens) {
    const links = [];
    let all;
    for (const { name, value } of tokens) {
        if (name === 'link') links.push(undefined);
        if (name !== 'fault') continue;
        const i = links.length - 1;
        if ((i < 0 ? all : links[i]) !== undefined) throw new UsageError(`--fault ${value}: its link has one already; put all into one, with commas`);
        if (i < 0) all = parseFaults(value);
        else links[i] = parseFaults(value);
    }
    if (all !== undefined && links.length === 0) throw new UsageError('--fault without a --link');
    return links.map((own) => own ?? all);
}

function number(what, text) {
    if (!/^\d{1,6}$/.test(text)) throw new UsageError(`${what} ${text}: not a number`);
    return Number(text);
}

function parseDir(text) {
    const cut = text.indexOf('::');
    const [host, guest] = cut < 0 ? [text, text] : [text.slice(0, cut), text.slice(cut + 2)];
    if (host === '' || guest === '') throw new UsageError(`--dir ${text}: write --dir HOST or --dir HOST::GUEST`);
    return [guest, host];
}

/** NAME=FILE; the files are read later. */
function parseSigners(texts) {
    const signers = {};
    for (const text of texts) {
        const cut = text.indexOf('=');
        const name = text.slice(0, cut);
        if (cut < 1 || cut === text.length - 1) throw new UsageError(`--signer ${text}: write --signer NAME=KEY.PEM`);
        if (Object.hasOwn(signers, name)) throw new UsageError(`--signer ${name} is given twice`);
        signers[name] = text.slice(cut + 1);
    }
    return signers;
}

function parseEnv(text) {
    const cut = text.indexOf('=');
    if (cut === 0) throw new UsageError(`--env ${text}: write --env KEY=VALUE`);
    if (cut > 0) return [[text.slice(0, cut), text.slice(cut + 1)]];
    return process.env[text] === undefined ? [] : [[text, process.env[text]]];
}

/** --link URL -> { scheme, target, options }; options is a list of [key, value]. */
export function parseLink(url) {
    const cut = url.indexOf(':');
    const scheme = cut < 0 ? url : url.slice(0, cut), rest = cut < 0 ? '' : url.slice(cut + 1);
    if (scheme === 'passt') return { url, scheme, options: pairs(url, rest, ',') };
    const query = rest.lastIndexOf('?');
    const target = query < 0 ? rest : rest.slice(0, query), options = query < 0 ? [] : pairs(url, rest.slice(query + 1), '&');
    if (scheme === 'switch') {
        if (!/^[A-Za-z0-9_.-]+$/.test(target)) throw new UsageError(`--link ${url}: write switch:NAME, of letters, digits, hyphens and dots`);
        return { url, scheme, target, options };
    }
    if (scheme === 'unix') {
        if (target === '') throw new UsageError(`--link ${url}: write unix:PATH`);
        return { url, scheme, target: { path: target }, options };
    }
    if (scheme === 'tcp') {
        const [, host, port] = /^\[?(.+?)\]?:(\d{1,5})$/.exec(target) ?? [];
        if (host === undefined || Number(port) < 1 || Number(port) > 65535) throw new UsageError(`--link ${url}: write tcp:HOST:PORT`);
        return { url, scheme, target: { host, port: Number(port) }, options };
    }
    throw new UsageError(`--link ${url}: no such kind of link; there are switch:NAME, passt, unix:PATH and tcp:HOST:PORT`);
}

function pairs(url, text, separator) {
    if (text === '') return [];
    return text.split(separator).map((pair) => {
        const cut = pair.indexOf('=');
        if (cut < 1) throw new UsageError(`--link ${url}: "${pair}" is not KEY=VALUE`);
        return [pair.slice(0, cut), pair.slice(cut + 1)];
    });
}

/** Names that are not given come from the files, made different from each other. */
function nameAll(instances) {
    const taken = new Set();
    for (const { name } of instances) {
        if (name === undefined) continue;
        if (!/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(name)) throw new UsageError(`--name ${name}: a name has letters, digits and hyphens, at most 63`);
        if (taken.has(name)) throw new UsageError(`--name ${name}: two modules have this name`);
        taken.add(name);
    }
    for (const instance of instances) {
        if (instance.name !== undefined) continue;
        const base = basename(instance.module).replace(/\.wasm$/, '');
        let name = base;
        for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
        taken.add(name);
        instance.name = name;
    }
}
