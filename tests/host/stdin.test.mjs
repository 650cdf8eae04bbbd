// Standard input of a guest: every kind of it, and a key press that wakes a wait for packets.
import { spawn } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, done, run, skip, has, isthmus, scratch } from '../lib/tap.mjs';

const guest = join(B, 'test/host/stdin.wasm'), plain = join(B, 'test/host/plain.wasm'), frames = join(B, 'test/host/frames.wasm');
const args = (...commands) => ['run', '--link', 'switch:lan', guest, ...commands];
const sum = (bytes) => bytes.reduce((s, b) => (Math.imul(s, 31) + b) >>> 0, 0);
const folder = scratch();

/** Runs with a stdin of the kind that child_process knows, or a descriptor. */
function runOn(stdin, command) {
  return new Promise((resolve) => {
    const child = spawn(isthmus, command, { stdio: [stdin, 'pipe', 'pipe'], timeout: 30_000 });
    let out = '';
    for (const s of [child.stdout, child.stderr]) s.on('data', (d) => { out += d; });
    child.on('close', (status) => resolve({ status, out }));
  });
}

/** Runs and writes [what must have been printed first, text] one after the other; null closes. */
async function typed(command, steps) {
  const child = spawn(isthmus, command, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 30_000 });
  let out = '', printed = () => {};
  for (const s of [child.stdout, child.stderr]) s.on('data', (d) => { out += d; printed(); });
  const closed = new Promise((resolve) => { child.on('close', resolve); });
  child.stdin.on('error', () => {});
  for (const [first, text] of steps) {
    await Promise.race([closed, new Promise((go) => {
      printed = () => first.test(out) && go();
      printed();
    })]);
    if (text === null) child.stdin.end();
    else child.stdin.write(text);
  }
  return { status: await closed, out };
}

let r = await run(isthmus, args('poll', 'read:3', 'poll', 'cat'), { input: 'hello\n' });
ok(/^poll 1 in\nread 3 hel\npoll 1 in\n3 bytes/.test(r.out), 'a pipe with data: a poll of 0 ms says so at once, then it is read', r.out + r.err);
const big = Buffer.alloc(20_000_000, 'abcdefghijk');
r = await run(isthmus, args('cat'), { input: big });
ok(r.out === `20000000 bytes, sum ${sum(big)}, end\n`, '20 MB through a pipe arrive whole', r.out + r.err);
r = await run(isthmus, args('poll', 'cat'), { input: '' });
ok(/^poll 1 in.*\n0 bytes, sum 0, end/.test(r.out), 'a closed pipe is readable and ends at once', r.out + r.err);
writeFileSync(join(folder, 'file'), big.subarray(0, 100_000));
let fd = openSync(join(folder, 'file'), 'r');
r = await runOn(fd, args('poll', 'cat'));
closeSync(fd);
ok(r.out === `poll 1 in\n100000 bytes, sum ${sum(big.subarray(0, 100_000))}, end\n`, 'a file is readable at once and read to its end', r.out);
r = await runOn('ignore', args('poll', 'cat'));
ok(r.out === 'poll 1 in\n0 bytes, sum 0, end\n', '/dev/null is readable at once and ends', r.out);
r = await run('sh', ['-c', `"${isthmus}" run --link switch:lan "${guest}" poll cat <&-`]);
ok(/^poll 1 in.*\n0 bytes, sum 0, end/.test(r.out), 'a closed descriptor ends at once', r.out + r.err);
fd = openSync(folder, 'r');
r = await runOn(fd, args('cat'));
closeSync(fd);
ok(/^0 bytes, sum 0, (?!end)/.test(r.out), 'a folder is an error, no hang', r.out);
r = await run(isthmus, ['run', plain], { input: 'abc\n' });
ok(r.out === '4 characters\n', 'a module without any network reads its input', r.out + r.err);

r = await typed(args('poll', 'poll-wait:50', 'read:10', 'cat'), [[/poll 0\npoll 0/, 'late'], [/late/, null]]);
ok(/^poll 0\npoll 0\nread 4 late\n0 bytes, sum 0, end/.test(r.out), 'an empty pipe is not readable; read waits for what comes', r.out);
r = await typed(args('say:asked', 'poll-wait:10000', 'read:10'), [[/asked/, 'x']]);
ok(r.out === 'asked\npoll 1 in\nread 1 x\n', 'poll_oneoff with a timeout is ended by input', r.out);
r = await typed(args('poll', 'nonblock', 'poll-wait:10000', 'read:10'), [[/EAGAIN/, 'x']]);
ok(/read -1 EAGAIN\npoll 1 in\nread 1 x/.test(r.out), 'O_NONBLOCK gives EAGAIN, on the guest only', r.out);
r = await run(isthmus, args('read:2', 'close'), { input: 'abcdef' });
ok(/read 2 ab\nread -1 EBADF/.test(r.out), 'after close(0) it is EBADF', r.out + r.err);

r = await typed(args('follow:10'), [[/poll 0/, 'one\n'], [/one/, 'two\n'], [/two/, null]]);
ok(/^poll 0\nread 3 one\nread 3 two\nread 0 \n$/.test(r.out), 'input and its end wake a wait of exchange without a deadline', r.out);
r = await typed(args('say:asked', 'idle:800'), [[/asked/, 'unread\n']]);
ok(/\n2 waits/.test(r.out), 'input that is not read ends one wait, not all', r.out);
r = await typed(args('idle:500'), []);
ok(/^poll 0\nwait 1\npoll 0\n1 waits/.test(r.out), 'no input, no early end', r.out);
r = await typed(args('idle:1500'), [[/poll 0/, 'a\n'], [/wait 1/, 'b\n']]);
ok(/3 waits/.test(r.out), 'each arrival ends one wait', r.out);
r = await typed(['run', '--link', 'switch:lan', '--name', 'in', guest, 'follow:3', '--', '--link', 'switch:lan', frames, 'send:ffffffffffff:020000000001:1:60', 'sleep:3000'], [[/woken, 1/, 'key\n']]);
ok(/^poll 0$/m.test(r.out) && /woken, 1 frames\n[^]*read 3 key/.test(r.out), 'packets and input wake the same wait', r.out);
r = await run(isthmus, ['run', '--link', 'switch:lan', '--background', '--name', 'server', guest, 'cat', 'idle:5000', '--', '--link', 'switch:lan', guest, 'cat', 'idle:2000'], { input: 'hello' });
ok(/^5 bytes/m.test(r.out) && /^0 bytes/m.test(r.out), 'standard input goes to the first module in the foreground, the others see its end', r.out + r.err);
r = await run('sh', ['-c', `printf 'for the next\\n' | { "${isthmus}" run --link switch:lan "${frames}" grant >/dev/null; cat; }`]);
ok(r.out === 'for the next\n', 'a module that does not read leaves the input to others', r.out + r.err);
if (has('script')) {
  r = await run('sh', ['-c', `{ sleep 1; echo typed; sleep 1; } | script -qec '"${isthmus}" run --link switch:lan "${guest}" poll follow:1' /dev/null`]);
  ok(/poll 0[^]*read 5 typed/.test(r.out), 'a terminal: a line that is typed wakes the wait', JSON.stringify(r.out));
} else skip('a terminal: a line that is typed wakes the wait', 'script(1) is missing');
await done();
