// libisthmus.so: what it exports and needs, and the stack driven through it from Python with a virtual clock (stack.py).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { B, ok, done, run } from '../lib/tap.mjs';

const library = join(B, 'native/libisthmus.so');
const names = (...args) => spawnSync(`llvm-nm-${process.env.LLVM ?? 19}`, ['-D', ...args, library], { encoding: 'utf8' }).stdout.trim().split('\n')
  .map((l) => l.trim().split(' ').at(-1).replace(/@.*/, ''));

const LIBC = /^(b?cmp|mem\w+|str\w+|[mc]alloc|realloc|free|__cxa_finalize|__gmon_start__|_ITM_\w+|__stack_chk_fail)$/;
const needs = names('--undefined-only').filter((n) => !LIBC.test(n));
ok(names('--undefined-only').includes('malloc') && needs.length === 0, 'the library needs memory and strings of libc, and nothing else', needs.join(' '));
const gives = names('--defined-only');
ok(['ist_start', 'ist_pump', 'ist_tcp_open', 'ist_tls_open', 'ist_native_push', 'ist_link_host'].every((n) => gives.includes(n)), 'it exports the calls of include/isthmus', gives.join(' '));
const others = gives.filter((n) => !/^ist_[a-z]/.test(n));
ok(others.length === 0, 'and nothing else', others.join(' '));

const r = await run('python3', [fileURLToPath(new URL('stack.py', import.meta.url)), library], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
let n = 0;
for (const [, good, name] of r.out.matchAll(/^(ok|not ok) \d+ - (.*)$/gm)) { ok(good === 'ok', name, r.out.split(name)[1].split('\n')[1]); n++; }
ok(r.status !== null && r.out.includes(`1..${n}\n`), 'the Python program runs to its end', r.err + r.out);
await done();
