// A libtls client of ours, in a sandbox, and a real mosquitto broker that wants a certificate from everybody
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, isthmus, ok, run, start, scratch, freePort, authority, certificate, done } from '../lib/tap.mjs';

const folder = scratch(), [port, plain] = [await freePort(), await freePort()];
authority(folder);
authority(folder, 'other');
certificate(folder, 'broker', 'DNS:broker.test');
certificate(folder, 'device', 'DNS:device.test', { usage: 'clientAuth' });
certificate(folder, 'stranger', 'DNS:device.test', { usage: 'clientAuth', ca: 'other' });
for (const f of readdirSync(folder)) chmodSync(join(folder, f), 0o644);    // the broker may run as a user of its own
chmodSync(folder, 0o755);
writeFileSync(join(folder, 'conf'), `per_listener_settings true\nlog_dest stderr\nlog_type all\n
listener ${port} 127.0.0.1\ncafile ${folder}/ca.pem\ncertfile ${folder}/broker.pem\nkeyfile ${folder}/broker.key
require_certificate true\nuse_identity_as_username true\n
listener ${plain} 127.0.0.1\nallow_anonymous true\n`);
const broker = await start('mosquitto', ['-c', join(folder, 'conf')], { port: plain });
const sandbox = (program, ...args) => run(isthmus, ['run', '--link', 'passt:address=10.9.0.15,gateway=10.9.0.2', '--grant', 'host=10.9.0.2 broker.test wrong.test',
  '--dir', `${folder}::/pki`, join(B, 'programs', program), ...args]);
const publish = (message, { host = 'broker.test', ca = 'ca', pair } = {}) =>
  sandbox('mqtt_tls.wasm', host, `${port}`, `/pki/${ca}.pem`, 'kept', message, ...(pair ? [`/pki/${pair}.pem`, `/pki/${pair}.key`] : []));
const kept = async () => (await sandbox('mosquitto/mosquitto_sub.wasm', '-h', 'broker.test', '-p', `${plain}`, '-t', 'kept', '-C', '1')).out;

let r = await publish('from the device', { pair: 'device' });
ok(r.status === 0 && r.out === 'published over TLSv1.2\n', 'with its certificate a message is published', r.out + r.err + broker.out);
ok(/mqtt_tls \(.*u'device'/.test(broker.out), 'and the broker knows the client by it', broker.out);
ok(await kept() === 'from the device\n', 'and gives the message to others', broker.out);
r = await publish('x'.repeat(2000), { pair: 'device' });
ok(r.status === 0 && await kept() === `${'x'.repeat(2000)}\n`, 'a longer one', r.err);

r = await publish('nobody');
ok(r.status === 1 && r.out === '' && /handshake/.test(r.err), 'without a certificate the broker refuses', `${r.status} ${r.out}${r.err}`);
r = await publish('a stranger', { pair: 'stranger' });
ok(r.status === 1 && r.out === '' && r.err !== '', 'and with one of another authority', `${r.status} ${r.out}${r.err}`);
r = await publish('to anybody', { host: 'wrong.test', pair: 'device' });
ok(r.status === 1 && r.out === '' && /name does not match/.test(r.err), 'we refuse a broker of another name', `${r.status} ${r.out}${r.err}`);
r = await publish('to another', { ca: 'other', pair: 'device' });
ok(r.status === 1 && r.out === '' && /handshake/.test(r.err), 'and of another authority', `${r.status} ${r.out}${r.err}`);
ok(await kept() === `${'x'.repeat(2000)}\n`, 'none of these messages has come', broker.out);
await done();
