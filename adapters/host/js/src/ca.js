/**
 * ca.js - the host's certificate authorities, for the guest's /etc/ssl/cert.pem or as lines of its grant
 *
 * The file is a copy in a folder of its own, so that the guest sees nothing else of the host's /etc/ssl; the folder is read-only to it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { reason, UsageError } from './errors.js';

const DEBIAN = '/etc/ssl/certs/ca-certificates.crt';
export const CA_FOLDER = '/etc/ssl', CA_FILE = 'cert.pem';

/** The text of a bundle; default: SSL_CERT_FILE, Debian's, or the roots that Node carries. */
function bundle(file) {
    const source = file ?? process.env.SSL_CERT_FILE ?? (existsSync(DEBIAN) ? DEBIAN : null);
    try {
        return source === null ? rootCertificates.join('\n') + '\n' : readFileSync(source, 'latin1');
    } catch (error) {
        throw new UsageError(`CA bundle ${source}: cannot be read: ${reason(error)}`);
    }
}

/**
 * caFolder() - makes the folder; { path, remove() }
 * @param {string} [file]  a bundle, as above
 */
export function caFolder(file) {
    const text = bundle(file), path = mkdtempSync(join(tmpdir(), 'isthmus-ca-'));
    writeFileSync(join(path, CA_FILE), text, 'latin1');
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * authorityLines() - the bundle as lines of a grant, for guests without files (docs/tls.md)
 * @param {string} [file]  a bundle, as above
 */
export function authorityLines(file) {
    const blocks = [...bundle(file).matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g)];
    if (blocks.length === 0) throw new UsageError(`CA bundle ${file ?? 'of this machine'}: there is no certificate in it`);
    return blocks.map(([, base64]) => `authority=${base64.replace(/\s/g, '')}`);
}
