// tls_pki.mjs - certificates for the tests of wasi:tls: one that is good for tls.test and 10.9.0.1, and three that are to be refused
import { authority, certificate, scratch } from '../lib/tap.mjs';

/** Returns the folder: ca.pem is whom to trust, then good, wrong, rogue and expired. */
export function makePki() {
  const folder = scratch();
  authority(folder);
  authority(folder, 'stranger');
  certificate(folder, 'good', 'DNS:tls.test,IP:10.9.0.1');
  certificate(folder, 'wrong', 'DNS:other.test', { key: 'rsa' });
  certificate(folder, 'rogue', 'DNS:tls.test', { ca: 'stranger' });
  certificate(folder, 'expired', 'DNS:tls.test', { dates: ['-days', '-1'] });
  return folder;
}
