// Each demo does what its README says.
import { join } from 'node:path';
import { readFileSync, statSync } from 'node:fs';
import { B, ok, done, run, isthmus } from '../lib/tap.mjs';

const env = { ...process.env, B };

let r = await run('demos/https-pair/run.sh', [], { env });
ok(r.status === 0, 'https-pair: ends well', r.out + r.err);
const hash = (what) => new RegExp(`^${what} +([0-9a-f]{64}) `, 'm').exec(r.out)?.[1];
ok(hash('served') && hash('served') === hash('received'), 'https-pair: the page is the same on both sides', r.out);
ok(/isthmus\.exchange/.test(r.out), 'https-pair: shows the import lists', r.out);
ok(/TLSv1\.2/.test(r.out + r.err) && /HTTP\/1\.1 200/.test(r.out + r.err), 'https-pair: shows the transcript', r.out + r.err);
const pcap = /^capture +(\S+)/m.exec(r.out)?.[1];
ok(pcap && statSync(pcap).size > 300_000 && readFileSync(pcap).readUInt32LE(0) === 0x0a0d0d0a, 'https-pair: the capture lies where it says', r.out);

r = await run('demos/echo/run.sh', ['1000'], { env });
ok(r.status === 0 && /1000 connected at once/.test(r.out) && /every byte came back/.test(r.out) && /1000 clients served, 1000 at once/.test(r.out),
  'echo: 1,000 clients at once, every byte comes back', r.out + r.err);

r = await run('demos/ping/run.sh', ['other'], { env });
ok(r.status === 0 && /3 sent, 3 answered/.test(r.out) && !/differ/.test(r.out), 'ping: another sandbox answers', r.out + r.err);
r = await run('demos/ping/run.sh', ['::1'], { env });
ok(r.status === 0 && /3 sent, 3 answered/.test(r.out), 'ping: the own loopback answers by IPv6', r.out + r.err);

r = await run(isthmus, ['run', '--link', 'switch:lan', join(B, 'demos/ping/ping.wasm'), '-c', '1', '10.99.99.99']);
ok(r.status === 1 && /1 sent, 0 answered/.test(r.out), 'ping: nobody there is exit status 1', r.out + r.err);
r = await run(isthmus, ['run', '--link', 'switch:lan', join(B, 'demos/fetch/fetch.wasm'), 'ftp://x/']);
ok(r.status === 2 && /not a URL/.test(r.err), 'fetch: not a URL is exit status 2', r.err);

await done();
