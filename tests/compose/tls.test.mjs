// isthmus compose --draft-tls: a program of wasi:sockets and wasi:tls gets both, and talks to nginx and openssl from Node and from wasmtime
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, done, freePort, isthmus, ok, run, scratch, skip, start } from '../lib/tap.mjs';
import { load, witSource } from '../../adapters/api/component/wit.mjs';
import { authorityLines, passtLink, spawn } from '../../adapters/host/js/index.js';
import { available, shim, transpiled } from '../component/provider.mjs';
import { makePki } from '../component/tls_pki.mjs';

const extra = join(B, 'extra'), python = join(extra, 'py/bin/python');
if (!available('programs with wasi:tls')) await done();
if (!existsSync(python)) {
  if (process.env.CI) ok(false, 'programs with wasi:tls', 'under CI wasmtime is there: make setup-extra');
  else skip('programs with wasi:tls', 'wasmtime is one of the extras: make setup-extra');
  await done();
}

const IMPORTS = ['cli/environment@0.2.12', 'cli/stdout@0.2.12', 'sockets/instance-network@0.2.12', 'sockets/tcp-create-socket@0.2.12', 'sockets/tcp@0.2.12', 'tls/types@0.2.0-draft'];
const folder = scratch(), at = (name) => join(folder, name), limit = { timeout: 120_000 };
{
  const { componentEmbed, componentNew } = await load(join(extra, 'npm'));
  const world = `package test:tls { world client { ${IMPORTS.map((i) => `import wasi:${i};`).join(' ')} export wasi:cli/run@0.2.12; } }`;
  const core = readFileSync(join(B, 'test/compose/tls-client.core.wasm'));
  writeFileSync(at('client.wasm'), await componentNew(await componentEmbed({ binary: core, witSource: `${witSource(join(extra, 'npm'))}\n${world}`, world: 'test:tls/client' }), []));
}
for (const profile of ['full', 'sealed']) {
  const r = await run(isthmus, ['compose', '--draft-tls', '--profile', profile, at('client.wasm'), '-o', at(`${profile}.wasm`)], limit);
  ok(r.status === 0 && r.out.includes(`profile ${profile}, with the draft of wasi:tls`) && / served by Isthmus: .*wasi:tls\/types@0\.2\.0-draft/.test(r.out) && !/left to the host: .*wasi:(tls|sockets)/.test(r.out),
    `${profile}: a program with wasi:tls is composed; it says that this is a draft`, r.out + r.err);
}

const pki = makePki(), ports = {};
for (const name of ['good', 'wrong', 'rogue', 'expired', 'openssl']) ports[name] = await freePort();
mkdirSync(at('nginx'));
writeFileSync(at('nginx.conf'), `
daemon off; master_process off; pid ${at('nginx')}/pid; error_log ${at('nginx')}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${at('nginx')}/a; proxy_temp_path ${at('nginx')}/b; fastcgi_temp_path ${at('nginx')}/c; uwsgi_temp_path ${at('nginx')}/d; scgi_temp_path ${at('nginx')}/e;
  ${['good', 'wrong', 'rogue', 'expired'].map((name) => `server { listen 127.0.0.1:${ports[name]} ssl; ssl_certificate ${pki}/${name}.pem; ssl_certificate_key ${pki}/${name}.key; return 200 "a page\\n"; }`).join('\n  ')}
}`);
await start('nginx', ['-p', at('nginx'), '-c', at('nginx.conf')], { port: ports.good });
await start('openssl', ['s_server', '-quiet', '-www', '-accept', `127.0.0.1:${ports.openssl}`, '-cert', join(pki, 'good.pem'), '-key', join(pki, 'good.key')], { port: ports.openssl });

const network = { address: '10.9.0.2/24', gateway: '10.9.0.1' };
async function onNode(profile, ca, args) {
  const link = await passtLink({ ...network, grant: ca ? authorityLines(ca) : [] }), r = { out: '', err: '' };
  const show = (text) => { r.out += Buffer.from(text); };
  const entry = await transpiled(at(`${profile}.wasm`), `tls-client-${profile}`);
  const app = await spawn({ component: { entry, shim }, args, links: [link], stdout: show, onNote: show });
  r.status = await app.exit;
  r.err = app.error?.stack ?? '';
  await link.stop();
  return r;
}
const hosts = {
  'full, Node': (ca, ...args) => onNode('full', ca, args),
  'sealed, Node': (ca, ...args) => onNode('sealed', ca, args),
  'full, wasmtime': (ca, ...args) => run(python, ['adapters/host/wasmtime/run.py', ...(ca ? ['--ca', ca] : []), '--address', '10.9.0.2', '--netmask', '24', '--gateway', '10.9.0.1', '--', at('full.wasm'), ...args], limit),
};
for (const [host, client] of Object.entries(hosts)) {
  const trusted = join(pki, 'ca.pem');
  const talk = async (name, peer) => {
    const r = await client(trusted, String(ports[peer]), name);
    return r.status === 0 && /^HTTP\/1\.[01] 200/i.test(r.out) && r.out.endsWith('closed\n') ? '' : `${r.status} ${r.out}${r.err}`;
  };
  const refused = async (why, peer, { name = 'tls.test', ca = trusted } = {}) => {
    const r = await client(ca, String(ports[peer]), name);
    return r.status === 1 && r.out.startsWith('failed: ') && why.test(r.out) ? '' : `${r.status} ${r.out}${r.err}`;
  };
  for (const [what, wrong] of [
    ['a page from nginx, to its close_notify', await talk('tls.test', 'good')],
    ['a page from openssl s_server, by address', await talk('10.9.0.1', 'openssl')],
    ['refused: a certificate for another name', await refused(/for another host/, 'wrong')],
    ['refused: an authority that is not granted', await refused(/not trusted/, 'rogue')],
    ['refused: an expired certificate', await refused(/expired/, 'expired')],
    ['refused: everything, where no authority is granted', await refused(/no trust anchors/, 'good', { ca: null })],
  ]) ok(wrong === '', `${host}: ${what}`, wrong);
}

// the command hands on the bundle that it would give a core module as a file
for (const [ca, said] of [[join(pki, 'ca.pem'), /a page\nclosed\n$/], ['none', /no trust anchors/]]) {
  const r = await run(isthmus, ['run', '--ca', ca, '--link', `passt:address=${network.address},gateway=${network.gateway}`, at('full.wasm'), String(ports.good), 'tls.test'], limit);
  ok(said.test(r.out), `isthmus run --ca ${ca === 'none' ? 'none: nobody is trusted' : 'FILE: its authorities are trusted'}`, r.out + r.err);
}
await done();
