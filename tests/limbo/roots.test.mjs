// roots.test.mjs - every root of Debian's bundle is taken as an anchor and verifies what it signed: itself; and keys that are too small
import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok, atEnd, done } from '../lib/tap.mjs';
import { judge } from './limbo.mjs';

const bundle = readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8');
const roots = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g);
const certificates = roots.map((pem) => new X509Certificate(pem));
const IST_TLS_OK = 0, BAD_CERTIFICATE = 6, UNSUPPORTED = 7, WEAK_KEY = 11, EVERY = 12;
const inTime = (c) => Math.floor((Date.parse(c.validFrom) + Date.parse(c.validTo)) / 2000);
const chains = (which, anchors) => which.map((i) => ({ kind: 'SERVER', time: inTime(certificates[i]), name: '-', anchors: anchors(i), chain: roots[i] }));
const signedWithSha1 = (c) => c.raw.includes(Buffer.from('2a864886f70d010105', 'hex'));     // sha1WithRSAEncryption
const named = (i) => certificates[i].subject.split('\n').pop();

ok(roots.length > 100, `the bundle has ${roots.length} roots`);
const all = certificates.map((_, i) => i), some = all.filter((i) => i % EVERY === 0);
for (const [what, which, anchors] of [['each, alone,', all, (i) => roots[i]], [`every ${EVERY}th, among all,`, some, () => bundle]]) {
  const bad = [];
  let verified = 0;
  judge(chains(which, anchors)).forEach(({ reason, text }, k) => {
    const c = certificates[which[k]];
    // In an anchor neither matters; here it is also the certificate that is verified.
    const expected = /^0*$/.test(c.serialNumber) ? BAD_CERTIFICATE : signedWithSha1(c) ? UNSUPPORTED : IST_TLS_OK;
    verified += reason === IST_TLS_OK;
    if (reason !== expected) bad.push(`${named(which[k])}: ${reason}, not ${expected}: ${text}`);
  });
  ok(!bad.length && verified > which.length / 2, `${what} is an anchor and verifies its own signature (${verified} of ${which.length}; the others have SHA-1 or the serial number 0)`, bad.join('\n'));
}
const other = judge(chains(all, (i) => roots[(i + 1) % roots.length])).map((r, i) => [r.reason, i]).filter(([r]) => r === IST_TLS_OK);
ok(!other.length, 'and none verifies by the next root of the bundle', other.map(([, i]) => named(i)).join('\n'));

// An RSA key of 1,024 bits: the server's own, the anchor's.
const dir = mkdtempSync(join(tmpdir(), 'isthmus-roots-'));
atEnd(() => rmSync(dir, { recursive: true }));
const sh = (script) => execFileSync('sh', ['-ec', script], { cwd: dir, stdio: 'pipe' });
const make = (name, bits, ca) => sh(`openssl req -x509 -newkey rsa:${bits} -nodes -keyout ${name}.key -out ${name}.pem -days 30 -subj /CN=${name} ${ca} `
  + '-addext subjectAltName=DNS:host.test');
make('big', 2048, '');
make('small', 1024, '');
sh('printf "subjectAltName=DNS:host.test" >ext');
for (const [name, bits, ca] of [['ofbig', 1024, 'big'], ['good', 2048, 'big'], ['ofsmall', 2048, 'small']])
  sh(`openssl req -newkey rsa:${bits} -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}; openssl x509 -req -in ${name}.csr -CA ${ca}.pem -CAkey ${ca}.key -CAcreateserial -days 20 -extfile ext -out ${name}.pem`);
const pem = (name) => readFileSync(join(dir, `${name}.pem`), 'utf8');
const size = (anchor, name) => judge([{ kind: 'SERVER', time: Math.floor(Date.now() / 1000) + 60, name: 'host.test', anchors: pem(anchor), chain: pem(name) }])[0].reason;
ok(size('big', 'good') === IST_TLS_OK, 'RSA keys of 2,048 bits are accepted');
ok(size('big', 'ofbig') === WEAK_KEY, "a server's own key of 1,024 bits is refused");
ok(size('small', 'ofsmall') === WEAK_KEY, "an anchor's key of 1,024 bits is refused");
await done();
