/**
 * build.mjs - a core module and the texts of its interfaces become a component
 *
 *   node build.mjs <folder of the extras> <world: full, sealed> <core.wasm> <out.wasm>
 *
 * The texts of wasi come with jco; nothing of them is kept here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { witSource, load } from './wit.mjs';

const [extras, world, core, target] = process.argv.slice(2);
const { componentEmbed, componentNew } = await load(extras);
const embedded = await componentEmbed({ binary: readFileSync(core), witSource: witSource(extras), world });
writeFileSync(target, await componentNew(embedded, []));
