// The package for embedders: spawn(), run(), Switch, links of the embedder's own.
import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { B, ok, done, scratch } from '../lib/tap.mjs';
import { authorityLines, Capture, OutsideLink, run, spawn, streamLink, Switch, UsageError } from '../../adapters/host/js/index.js';

const at = (name) => join(B, 'test/host', `${name}.wasm`);
const A = '020000000001', C = '020000000002';
const text = () => {
  const t = (bytes) => { t.all += Buffer.from(bytes).toString(); };
  t.all = '';
  return t;
};
const refused = async (promise) => promise.then(() => null, (e) => e);

let out = text();
ok(await run({ module: at('ends'), args: ['exit', '5'] }) === 5, 'run() resolves to the exit status');
let e = await refused(run({ module: at('ends'), args: ['trap'] }));
ok(/trap: unreachable/.test(e?.message), 'run() rejects when the module traps', e?.stack);
e = await refused(run({ module: '/nope' }));
ok(e instanceof UsageError && /no such file/.test(e.message), 'a module that cannot run is a UsageError', e?.stack);
await run({ module: at('ends'), args: ['env', 'A'], env: { A: 'b' }, stdout: out });
ok(out.all === 'A=b\n', 'stdout may be a function', out.all);
out = text();
await run({ module: await readFile(at('plain')), stdin: 'twelve chars', stdout: out });
ok(out.all === '12 characters\n', 'stdin may be text, the module may be bytes', out.all);
out = text();
const stream = new PassThrough();
const reading = run({ module: await WebAssembly.compile(await readFile(at('plain'))), stdin: stream, stdout: out });
for (let i = 0; i < 50; i++) stream.write(Buffer.alloc(10_000));
stream.end();
await reading;
ok(out.all === '500000 characters\n', 'stdin may be a stream, the module compiled', out.all);

// Two on a switch, one of which comes later and is stopped.
const net = new Switch({ mtu: 9000 });
const heard = text();
const listener = await spawn({ module: at('frames'), name: 'listener', args: ['regrant:late', 'count:10', 'grant'], links: [net.port()], stdout: heard });
const late = await spawn({ module: at('frames'), name: 'late', args: ['sleep:300', `send:${C}:${A}:10:9000:1`, 'spin'], links: [net.port({ name: 'late' })], stdout: () => {} });
ok(await listener.exit === 0 && /granted late/.test(heard.all) && /received 10 of 10, 90000 bytes, 0 wrong/.test(heard.all), 'an instance that comes later is heard of and heard', heard.all);
ok(late.statistics[0].sent.frames === 10 && late.statistics[0].link === 'switch:lan', 'statistics count its frames', JSON.stringify(late.statistics));
await late.stop();
ok(late.stopped && late.error === null && await late.exit === 0, 'stop() ends an endless module');
out = text();
await run({ module: at('frames'), args: ['grant'], links: [net.port()], stdout: out });
ok(!/late|listener/.test(out.all) && /10\.\d+\.0\.3\//.test(out.all), 'who has left is no longer named, and addresses go round', out.all);
e = await refused(spawn({ module: at('frames'), links: Array(65).fill(net.port()) }));
ok(e instanceof UsageError && /64 links/.test(e.message), 'more than 64 links are refused');
const used = net.port();
await run({ module: at('frames'), args: [], links: [used], stdout: () => {} });
e = await refused(spawn({ module: at('frames'), links: [used] }));
ok(e instanceof UsageError && /serves one instance/.test(e.message), 'a port cannot be used twice', e?.message);
for (const bad of [{ mtu: 1 }, { mtu: 1.5 }, { mtu: 70000 }]) {
  let error = null;
  try {
    new Switch(bad);
  } catch (x) {
    error = x;
  }
  ok(error instanceof UsageError, `a switch with an MTU of ${bad.mtu} is refused`);
}

// A link of our own: IP packets echoed, taken down, granted anew, closed.
const link = new OutsideLink({ kind: 1, mtu: 1500, frameMax: 1500, label: 'mine', grant: ['address=10.0.0.1/32'] });
let echoed = 0;
link.onFrames = () => {
  for (let batch; (batch = link.read()) !== null;) {
    for (let i = 0; i < batch.length; i += 4 + Buffer.from(batch).readUInt32BE(i)) echoed++;
    link.write(batch, 1);
  }
};
out = text();
const own = await spawn({ module: at('frames'), args: ['grant', `send:${C}:${A}:1:100:1`, 'receive:1', 'regrant:other', 'closed'], links: [link], stdout: out });
await new Promise((go) => { setTimeout(go, 300); });
link.grant = ['search=other'];
await new Promise((go) => { setTimeout(go, 300); });
link.close();
ok(await own.exit === 0 && /^kind 1 mtu 1500 frame_max 1500/.test(out.all) && /received 1 of 1, 100 bytes, 0 wrong/.test(out.all) && echoed === 1, "a link of the embedder's own carries frames both ways", out.all);
ok(/granted other/.test(out.all), 'its grant may change', out.all);
ok(/closed after 0 frames/.test(out.all), 'and it may close', out.all);
e = await refused(streamLink({ path: '/nope' }));
ok(e instanceof UsageError, 'streamLink() rejects when nobody listens');
const thrown = (f) => {
  try {
    f();
    return null;
  } catch (x) {
    return x;
  }
};
ok(thrown(() => new Capture('/nope/x')) instanceof UsageError, 'a capture that cannot be written is refused');

const bundle = join(scratch(), 'bundle.pem'), block = (label, ...lines) => `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
await writeFile(bundle, `# two\n${block('CERTIFICATE', 'QUJD', 'REVG')}\r\n${block('PRIVATE KEY', 'S0VZ')}${block('CERTIFICATE', 'R0hJ')}`);
ok(authorityLines(bundle).join() === 'authority=QUJDREVG,authority=R0hJ', 'the authorities of a bundle as lines of a grant, and nothing else of it');
ok(authorityLines().length > 50, "the machine's own");
await writeFile(bundle, 'nothing');
ok(thrown(() => authorityLines(bundle)) instanceof UsageError && thrown(() => authorityLines('/nope')) instanceof UsageError, 'a bundle without certificates, and one that cannot be read');
await done();
