/**
 * grant.js - the text that tells a guest who it is: lines key=value
 */
import { isIP } from 'node:net';
import { UsageError } from './errors.js';

const KEY = /^[a-z][a-z0-9-]*$/;
const CONTROL = /[\u0000-\u001f\u007f]/; // a line end would begin another line
const HOST_NAME = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

/** Checks a line `key=value`; an address needs its prefix, or is `none`. Returns the line. */
export function checkLine(line) {
    const cut = line.indexOf('=');
    const key = line.slice(0, cut), value = line.slice(cut + 1);
    if (cut < 1 || !KEY.test(key) || CONTROL.test(value)) throw new UsageError(`grant ${JSON.stringify(line)}: a line is key=value`);
    if (key === 'address' && value !== 'none') checkAddress(value);
    if ((key === 'gateway' || key === 'dns') && !isIP(value)) throw new UsageError(`${key}=${value}: not an IP address`);
    if (key === 'host' && !/^[0-9a-fA-F.:]+( \S+)+$/.test(value)) throw new UsageError(`host=${value}: write host="1.2.3.4 name [alias...]"`);
    return line;
}

/** Checks 10.0.0.5/24 or fd00::5/64. */
export function checkAddress(value) {
    const [ip, prefix, rest] = value.split('/');
    const version = isIP(ip);
    if (!version || rest !== undefined || !/^\d{1,3}$/.test(prefix ?? '') || Number(prefix) > (version === 4 ? 32 : 128)) {
        throw new UsageError(`address=${value}: write address/prefix length, 10.0.0.5/24 or fd00::5/64`);
    }
    return value;
}

/** A name that can stand in a host= line: what is not a letter, digit or hyphen becomes a hyphen. */
export function hostName(name) {
    const label = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63).replace(/-+$/, '');
    return HOST_NAME.test(label) ? label : 'guest';
}

/** Lines to text, each once. */
export function toText(lines) {
    return [...new Set(lines)].map((line) => `${line}\n`).join('');
}
