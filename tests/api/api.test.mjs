// The POSIX face: each program of this folder is built for this machine and with isthmus-cc, run on both, and must pass on both.
import { mkdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { B, isthmus, ok, run, scratch, freePort, done } from '../lib/tap.mjs';

const folder = scratch(), cc = `clang-${process.env.LLVM ?? 19}`;
const native = join(B, 'test/api/native'), wasm = join(B, 'test/api');
mkdirSync(native, { recursive: true });

// What runs alone, with the loopback inside the instance.
const PROGRAMS = `stream_echo connect_nonblocking connect_refused half_close big_transfer poll_truth select_sets udp icmp_echo options
  bad_calls fcntl_ioctl messages dual_stack timeouts sleep_moves_tcp waitall_peek socketpair broken_pipe many_sockets stdio_over_socket
  interfaces hostname ifaddrs control multicast linger disconnect dup tcp_info control_send backlog pipe terminal`.split(/\s+/);

async function build(name) {
  const flags = ['-O1', '-Wall', '-Wextra', '-Werror', '-D_GNU_SOURCE', `tests/api/${name}.c`, '-o'];
  const built = await Promise.all([run(cc, [...flags, join(native, name)]), run(join(B, 'bin/isthmus-cc'), [...flags, join(wasm, `${name}.wasm`)])]);
  for (const [i, where] of ['for Linux', 'with isthmus-cc'].entries())
    if (built[i].status !== 0) ok(false, `${name} is built ${where}`, built[i].err);
  return built.every((b) => b.status === 0);
}

/** Passes a program's TAP on. It must end with 0, keep its plan, and (sandbox) say what it says on Linux. */
function judge(name, where, r, reference) {
  const lines = r.out.split('\n').map((l) => /^(not )?ok \d+ - (.*)$/.exec(l)).filter(Boolean);
  const plan = Number(/^1\.\.(\d+)/m.exec(r.out)?.[1] ?? -1);
  const skipped = /^1\.\.0 # SKIP (.*)$/m.exec(r.out);
  if (skipped && where === 'on Linux') return null;   // the sandbox is what is tested
  for (const l of lines) ok(!l[1], `${name} ${where}: ${l[2]}`, r.out.split('\n').filter((t) => t.startsWith('#')).join('\n'));
  ok(r.status === 0 && plan === lines.length && plan > 0, `${name} ${where}: ends well`, `status ${r.status} ${r.signal ?? ''}\n${r.out.slice(-300)}${r.err}`);
  const said = lines.map((l) => l[2]);
  if (reference) ok(said.join('\n') === reference.join('\n'), `${name}: the same sentences on both`, `${said}\n${reference}`);
  return said;
}

async function both(name, onLinux, inSandbox) {
  if (!await build(name)) return;
  const reference = judge(name, 'on Linux', await onLinux(join(native, name)));
  judge(name, 'in the sandbox', await inSandbox(join(wasm, `${name}.wasm`)), reference);
}

/** On Linux, with a file for standard output: node's pipes are sockets, and some tests want a descriptor that is none. */
const onLinux = (program, ...args) => run('sh', ['-c', '"$@" </dev/null >"$0"; s=$?; cat "$0"; exit $s', join(folder, 'out'), program, ...args]);

for (const name of PROGRAMS)
  await both(name, onLinux, (module) => run(isthmus, ['run', '--link', 'switch:lan', module]));

const joined = (...args) => run('sh', ['-c', '"$@" 2>&1', 'sh', ...args]);
await both('syslog', joined, (module) => joined(isthmus, 'run', module));

await both('files', (program) => onLinux(program, folder), (module) => run(isthmus, ['run', '--link', 'switch:lan', '--dir', `${folder}::/data`, module, '/data']));

// Two programs, one of which ends while its last bytes are on their way.
const WAYS = ['return', 'exit', 'stdio', 'atexit'];
await both('exit_lingers', async (program) => {
  const port = String(await freePort());
  const server = run(program, ['server', port]);
  for (const way of WAYS) await run(program, ['client', '127.0.0.1', port, way]);
  return server;
}, (module) => {
  return run(isthmus, ['run', '--link', 'switch:lan', '--name', 'server', module, 'server', '7000',
    ...WAYS.flatMap((way, i) => ['--', '--link', 'switch:lan', '--name', `client${i}`, module, 'client', 'server', '7000', way])]);
});

/** Runs a program that asks for input on its standard output. */
function converse(command, args) {
  return new Promise((end) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const r = { out: '', err: '', status: null, signal: null };
    let seen = 0;
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    child.stdin.on('error', () => {});
    child.stderr.on('data', (d) => { r.err += d; });
    child.stdout.on('data', (d) => {
      r.out += d;
      for (const ask of r.out.slice(seen).matchAll(/^# (type|wait and type|close)\n/gm)) {
        seen = r.out.length;
        if (ask[1] === 'close') child.stdin.end();
        else setTimeout(() => child.stdin.write('word\n'), ask[1] === 'type' ? 100 : 500);
      }
    });
    child.on('close', (status, signal) => { clearTimeout(timer); end({ ...r, status, signal }); });
  });
}
await both('stdin_poll', (program) => converse(program, []), (module) => converse(isthmus, ['run', '--link', 'switch:lan', module]));

await done();
