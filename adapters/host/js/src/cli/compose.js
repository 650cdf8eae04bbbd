/**
 * compose.js - the command line of `isthmus compose`
 */
import { readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { DIALECTS } from '../compose/dialects.js';
import { merge } from '../compose/merge.js';
import { plug } from '../compose/plug.js';
import { reason, UsageError } from '../errors.js';
import { COMPOSE_HELP } from './help.js';

const OPTIONS = {
    output: { type: 'string', short: 'o' }, dialect: { type: 'string' }, listen: { type: 'string', multiple: true },
    profile: { type: 'string' }, 'draft-tls': { type: 'boolean' }, 'multi-memory': { type: 'boolean' }, 'no-simd': { type: 'boolean' }, quiet: { type: 'boolean', short: 'q' }, help: { type: 'boolean', short: 'h' },
};
const COMPONENT = 0x1000d, LISTEN_MAX = 8;
const PROFILES = ['full', 'sealed'];
const OF_MODULES = ['dialect', 'listen', 'multi-memory', 'no-simd']; // options that a component does not have

/** "8080", "127.0.0.1:8080", "[::1]:8080" as adapters/api/merge/listen.c reads it: 16 bytes of address, the port. */
function listener(spec) {
    const [, host = '::', port] = /^(?:(.*):)?(\d+)$/.exec(spec) ?? [];
    const address = host.replace(/^\[(.*)\]$/, '$1'), out = Buffer.alloc(20);
    if (!(port >= 1 && port <= 65535) || !isIP(address)) throw new UsageError(`--listen ${spec}: write PORT, 127.0.0.1:PORT or [::1]:PORT`);
    const six = isIP(address) === 6 ? address : `::ffff:${address}`;
    const url = new URL(`http://[${six}]`).hostname.slice(1, -1); // the URL parser knows every way to write it
    const [left, right] = url.split('::').map((half) => half.split(':').filter(Boolean).map((h) => parseInt(h, 16)));
    const halves = right ? [...left, ...Array(8 - left.length - right.length).fill(0), ...right] : left;
    halves.forEach((half, i) => out.writeUInt16BE(half, 2 * i));
    out.writeUInt16LE(Number(port), 16);
    return out;
}

function parse(argv) {
    let parsed;
    try {
        parsed = parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: true });
    } catch (error) {
        throw new UsageError(`${error.message.split('. ')[0].replace(/\.$/, '')} (see isthmus compose --help)`);
    }
    const { values, positionals } = parsed;
    if (values.help) return { help: true };
    if (positionals.length !== 1) throw new UsageError('write isthmus compose MODULE -o OUTPUT');
    if (values.output === undefined) throw new UsageError('where to? -o OUTPUT is missing');
    const dialect = values.dialect ?? 'auto';
    if (dialect !== 'auto' && !DIALECTS[dialect]) throw new UsageError(`--dialect ${dialect}: write auto, ${Object.keys(DIALECTS).join(', ')}`);
    const listeners = (values.listen ?? []).map(listener);
    if (values.profile !== undefined && !PROFILES.includes(values.profile)) throw new UsageError(`--profile ${values.profile}: write ${PROFILES.join(' or ')}`);
    if (listeners.length > LISTEN_MAX) throw new UsageError(`--listen: ${LISTEN_MAX} at most`);
    return {
        source: positionals[0], output: values.output, quiet: values.quiet, dialect, listeners,
        multiMemory: values['multi-memory'] ?? false, simd: !values['no-simd'],
        profile: values.profile, tls: values['draft-tls'] ?? false, ofModules: OF_MODULES.filter((name) => values[name] !== undefined),
    };
}

const report = (output, { bytes, served, left }, what) => `${output}: ${bytes.length} bytes, ${what}
  served by Isthmus: ${served.join(' ')}
  left to the host:  ${left.join(' ')}
`;

async function composeModule(bytes, plan) {
    const ofComponents = plan.profile !== undefined ? '--profile' : plan.tls ? '--draft-tls' : null;
    if (ofComponents) throw new UsageError(`${ofComponents} is for components; this is a core module`);
    const { dialect, served, left, ...result } = await merge(bytes, plan);
    await WebAssembly.compile(result.bytes).catch((error) => {
        if (!plan.multiMemory) throw new Error(`${plan.source}: the merged module is not valid: ${error.message}`);
    });
    const names = { bytes: result.bytes, served: served.map((n) => n.split('.')[1]), left: ['isthmus.exchange', ...left] };
    return { bytes: result.bytes, report: report(plan.output, names, `dialect ${dialect}`) };
}

async function composeComponent(bytes, plan) {
    if (plan.ofModules.length) throw new UsageError(`--${plan.ofModules[0]} is for core modules; this is a component`);
    const result = await plug(plan.source, bytes, plan.profile ?? 'full', plan.tls);
    return { bytes: result.bytes, report: report(plan.output, result, `a component, profile ${result.profile}${plan.tls ? ', with the draft of wasi:tls' : ''}`) };
}

/** Returns the exit status. */
export async function compose(argv) {
    const plan = parse(argv);
    if (plan.help) {
        process.stdout.write(COMPOSE_HELP);
        return 0;
    }
    const bytes = await readFile(plan.source).catch((error) => {
        throw new UsageError(`${plan.source}: cannot be read: ${reason(error)}`);
    });
    if (bytes.length < 8 || bytes.readUInt32LE(0) !== 0x6d736100) throw new UsageError(`${plan.source}: not a WebAssembly module`);
    const result = await (bytes.readUInt32LE(4) === COMPONENT ? composeComponent : composeModule)(bytes, plan).catch((error) => {
        throw error instanceof UsageError ? new UsageError(`${plan.source}: ${error.message}`) : error;
    });
    await writeFile(plan.output, result.bytes);
    if (!plan.quiet) process.stdout.write(result.report);
    return 0;
}
