/**
 * wit.mjs - the interfaces of the provider as one text, and jco
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const VERSION = '0.2.12';
const WASI = ['io', 'clocks', 'cli', 'filesystem', 'sockets', 'random'];
const jco = (extras) => resolve(extras, 'node_modules/@bytecodealliance/jco');

/** A package written into another one's text: in braces, and without comments, which may stand before its name. */
const nest = (text) => text.replace(/^ *\/\/.*$/gm, '').replace(/^package ([^;]+);/m, 'package $1 {') + '\n}\n';

export function witSource(extras) {
    const own = (name) => readFileSync(new URL(`./wit/${name}.wit`, import.meta.url), 'utf8');
    const builtin = (path) => readFileSync(`${jco(extras)}/lib/wit/builtin/${path}.wit`, 'utf8');
    const tls = ['world', 'types'].map((part) => builtin(`wasi-tls-0.2.0-draft/${part}`)).join('\n');
    return [own('provider'), nest(own('isthmus-link')), ...WASI.map((name) => nest(builtin(`${VERSION}/wasi-${name}/package`))), nest(tls)].join('\n');
}

export const load = (extras) => import(pathToFileURL(resolve(jco(extras), 'dist/api.js')));
