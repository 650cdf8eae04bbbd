// The ports of the host in C: the program ports.c, which prints TAP of its own.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { status } = spawnSync(resolve(root, process.env.B ?? 'build', 'link/ports'), { stdio: 'inherit', timeout: 120000 });
process.exit(status ?? 1);
