// passt.mjs - a transpiled component behind passt, as docs/compose.md shows: passt.mjs ENTRY ARGS..; the exit status is the component's
import { pathToFileURL } from 'node:url';
import { passtLink, spawn } from '../../adapters/host/js/index.js';
import { shim } from '../component/provider.mjs';

const [entry, ...args] = process.argv.slice(2);
const link = await passtLink({ address: '10.9.0.2/24', gateway: '10.9.0.1' });
const app = await spawn({ component: { entry: pathToFileURL(entry).href, shim }, args, links: [link] });
const status = await app.exit;
if (app.error) console.error(app.error.message);
await link.stop();
process.exit(status);
