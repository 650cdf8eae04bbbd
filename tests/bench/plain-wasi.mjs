// plain-wasi.mjs MODULE - starts a module with node:wasi and nothing else; a link that is closed stands in for the import
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const wasi = new WASI({ version: 'preview1', args: ['module'], returnOnExit: true });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]),
  { wasi_snapshot_preview1: wasi.wasiImport, isthmus: { exchange: () => -1 } });
process.exitCode = wasi.start(instance);
