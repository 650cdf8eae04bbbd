/**
 * passt.js - a user-mode network: starts passt for one instance
 *
 * passt inherits its end of a socket pair as descriptor 3: there is no socket file, and passt ends when our end is closed,
 * however this process ends.
 */
import { spawn } from 'node:child_process';
import { UsageError } from './errors.js';
import { checkLine } from './grant.js';
import { checkMtu } from './switch.js';
import { StreamLink } from './stream.js';

/**
 * passt drops what does not fit into the buffer of its socket at once (212,992 bytes as Linux has it) and notices after two
 * seconds. The connection between guest and passt is short, so a small window costs nothing: far peers talk with the kernel.
 */
const WINDOW = 'window=131072';
const MTU = 65520; // passt's own default
const READY_MS = 500, EXIT_MS = 1000;
const STARTED = /^(Template interface|MAC|DHCP|DNS|NDP)/m; // what it tells once its options are good
const NOISE = /^Failed to send \d+ bytes to syslog$|^Don't run as root/;

/** Our option -> passt's flag. */
const FLAGS = {
    address: '--address', netmask: '--netmask', gateway: '--gateway', dns: '--dns', search: '--search', mtu: '--mtu',
    tcp: '--tcp-ports', udp: '--udp-ports', interface: '--interface', outbound: '--outbound',
};
export const PASST_OPTIONS = Object.keys(FLAGS);

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

/** passt's arguments for { key: value or values }. */
export function passtArguments(options) {
    const result = [];
    for (const [key, value] of Object.entries(options)) {
        if (FLAGS[key] === undefined) throw new UsageError(`passt: no option "${key}"; there are ${PASST_OPTIONS.join(', ')}`);
        for (const one of [value].flat()) {
            let text = String(one);
            if (key === 'address' && text.includes('/')) {
                const [address, prefix] = text.split('/');
                text = address;
                if (!text.includes(':')) result.push('--netmask', prefix);
            }
            result.push(FLAGS[key], text);
        }
    }
    return result;
}

/**
 * passtLink() - starts passt and makes a link of it
 * @param options  keys of PASST_OPTIONS, and grant (lines), command (default "passt"), onBroken(text)
 *
 * Rejects with a UsageError when passt is missing or refuses its options.
 */
export async function passtLink({ grant = [], command = 'passt', onBroken = () => {}, ...options } = {}) {
    const mtu = checkMtu(Number(options.mtu ?? MTU));
    grant.forEach(checkLine);
    const child = spawn(command, ['--foreground', '--fd', '3', ...passtArguments(options)], {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
        detached: true, // a ^C is for the modules first
    });
    let said = '', stopped = false;
    child.stdio[3].on('error', () => {}); // its end says why
    child.stderr.setEncoding('utf8');
    const ready = new Promise((resolve) => {
        setTimeout(resolve, READY_MS).unref();
        child.stderr.on('data', (text) => {
            said = (said + text).slice(-8192);
            if (STARTED.test(words(said))) resolve();
        });
    });
    const exited = new Promise((resolve) => {
        child.once('error', (error) => resolve({ error }));
        child.once('close', (status, signal) => resolve({ status, signal }));
    });
    const failure = ({ error, status, signal }) => {
        if (error?.code === 'ENOENT') return 'passt is not installed (Debian: apt-get install passt)';
        if (error) return `passt: cannot be started: ${error.message}`;
        return `passt: ended with ${signal ?? `status ${status}`}${words(said) && `: ${words(said).split('\n').pop()}`}`;
    };
    const early = await Promise.race([ready, exited]);
    if (early) throw new UsageError(failure(early));

    const link = new StreamLink(child.stdio[3], { label: 'passt', mtu, grant: [WINDOW, ...grant], onBroken: (text) => stopped || onBroken(text) });
    let gone = false; // before we asked: its user shall hear of it, also when the guest has ended meanwhile
    for (const event of ['end', 'close']) child.stdio[3].once(event, () => { gone ||= !stopped; });
    exited.then((how) => {
        if (!stopped || gone) onBroken(failure(how));
        link.destroy();
    });
    const close = link.stop.bind(link);
    /** passt ends when it has taken what the guest sent last. */
    link.stop = async () => {
        stopped = true;
        await close();
        const hard = setTimeout(() => child.kill('SIGKILL'), EXIT_MS);
        await exited;
        clearTimeout(hard);
    };
    link.pid = child.pid;
    children.add(child);
    exited.then(() => children.delete(child));
    return link;
}

/** What passt said that is of use. */
function words(said) {
    return said.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !NOISE.test(line)).join('\n');
}
