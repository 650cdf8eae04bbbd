/**
 * ca.js - the host's certificate authorities, for the guest's /etc/ssl/cert.pem
 *
 * A copy in a folder of its own, so that the guest sees nothing else of the host's /etc/ssl; the folder is read-only to it.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { reason, UsageError } from './errors.js';

const DEBIAN = '/etc/ssl/certs/ca-certificates.crt';
export const CA_FOLDER = '/etc/ssl', CA_FILE = 'cert.pem';

/**
 * caFolder() - makes the folder; { path, remove() }
 * @param {string} [file]  a bundle; default: SSL_CERT_FILE, Debian's, or the roots that Node carries
 */
export function caFolder(file) {
    const path = mkdtempSync(join(tmpdir(), 'isthmus-ca-'));
    const remove = () => rmSync(path, { recursive: true, force: true });
    const source = file ?? process.env.SSL_CERT_FILE ?? (existsSync(DEBIAN) ? DEBIAN : null);
    try {
        if (source === null) writeFileSync(join(path, CA_FILE), rootCertificates.join('\n') + '\n');
        else copyFileSync(source, join(path, CA_FILE));
    } catch (error) {
        remove();
        throw new UsageError(`CA bundle ${source}: cannot be read: ${reason(error)}`);
    }
    return { path, remove };
}
