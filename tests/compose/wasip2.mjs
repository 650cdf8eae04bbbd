// wasip2.mjs - components made of what clang compiles for wasm32-wasip2
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../../adapters/api/component/wit.mjs';
import { B } from '../lib/tap.mjs';

/** A core module of wasm32-wasip2 becomes a component; wasi-libc before 2026 leans on preview1 besides. */
export async function componentFrom(core, target) {
  const { componentNew, preview1AdapterCommandPath } = await load(join(B, 'extra/npm'));
  writeFileSync(target, await componentNew(readFileSync(core), [['wasi_snapshot_preview1', readFileSync(preview1AdapterCommandPath())]]));
}
