// run.mjs - a transpiled component and a core module on one switch: run.mjs ENTRY [--server MODULE ARGS.. --] ARGS..; the exit status is the component's
import { spawn, Switch } from '../../adapters/host/js/index.js';
import { shim } from './provider.mjs';

const [entry, ...rest] = process.argv.slice(2);
const cut = rest.indexOf('--'), server = rest.slice(0, cut), args = rest.slice(cut + 1);
const lan = new Switch();
const port = (name) => lan.port({ name });
const links = [port('server'), port('client')];
const far = server.length ? await spawn({ module: server[0], name: 'server', args: server.slice(1), links: [links[0]], stdin: '' }) : null;
const near = await spawn({
  component: { entry, shim }, name: 'client', args, env: { FROM: 'the test' }, links: [links[1]], onNote: (text) => process.stdout.write(text),
});
const status = await near.exit;
if (near.error) process.stderr.write(`${near.error.message}\n`);
await far?.stop();
process.exit(status);
