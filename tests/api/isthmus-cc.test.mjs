// isthmus-cc: as a compiler, as CC of a configure script, for other build systems, moved, and what it refuses.
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { B, isthmus, ok, run, scratch, done } from '../lib/tap.mjs';

const cc = join(B, 'bin/isthmus-cc');
const LLVM = process.env.LLVM ?? '19';
const folder = scratch();
const at = (name) => join(folder, name);
const inFolder = (command, args, options) => run(command, args, { cwd: folder, ...options });

writeFileSync(at('one.c'), '#include <stdio.h>\n#include <sys/socket.h>\nconst char *two(void);\nint main(void) { printf("%s %d\\n", two(), socket(AF_INET, SOCK_STREAM, 0) >= 256); return 0; }\n');
writeFileSync(at('two.c'), 'const char *two(void) { return TWO; }\n');
const says = async (module, text, name) => {
  const r = await run(isthmus, ['run', '--link', 'switch:x', at(module)]);
  ok(r.status === 0 && r.out === text, name, `status ${r.status}: ${r.out}${r.err}`);
};

// As a compiler
let r = await inFolder(cc, ['-c', 'one.c', '-Wall', '-Werror']);
ok(r.status === 0 && r.err === '', '-c compiles without a word', r.err);
r = await inFolder(cc, ['-c', 'two.c', '-DTWO="a \'b\' $c"', '-o', 'two.o']);
ok(r.status === 0, 'a definition with blanks and quotes survives', r.err);
r = await inFolder(cc, ['-Wall', '-Werror', 'one.o', 'two.o', '-o', 'both.wasm']);
ok(r.status === 0 && r.err === '', 'objects are linked without a word', r.err);
await says('both.wasm', 'a \'b\' $c 1\n', 'and the program runs');
r = await inFolder(cc, ['-O0', '-g', '--no-simd', '-DTWO="z"', 'one.c', 'two.c', '-o', 'z.wasm']);
ok(r.status === 0, '--no-simd and other options beside it', r.err);
await says('z.wasm', 'z 1\n', 'and that program runs');
for (const strip of ['-s', '-Wl,--strip-all']) {
  r = await inFolder(cc, ['-Oz', strip, '-DTWO="s"', 'one.c', 'two.c', '-o', 'stripped.wasm']);
  ok(r.status === 0 && r.err === '' && statSync(at('stripped.wasm')).size < 0.75 * statSync(at('z.wasm')).size, `${strip} makes it small`, r.err);
  await says('stripped.wasm', 's 1\n', 'and the program runs');
}
const names = (module) => readFileSync(at(module)).includes('ist__turn');
ok(names('both.wasm') && !names('stripped.wasm'), 'without -s the functions keep their names');
writeFileSync(at('args'), '-c\none.c\n-o\nthree.o\n');
r = await inFolder(cc, ['-Wall', '-Werror', '@args']);
ok(r.status === 0 && r.err === '', 'a response file may say -c', r.err);
r = await inFolder(cc, ['-E', '-'], { input: '#include <netdb.h>\nAF_INET6 MSG_NOSIGNAL\n' });
ok(r.status === 0 && r.out.includes('getaddrinfo'), '-E reads standard input', r.err);
r = await inFolder(cc, ['-M', 'one.c']);
ok(r.status === 0 && r.out.includes('sys/socket.h'), '-M lists headers', r.err);
for (const flag of ['--version', '-print-libgcc-file-name', '-dumpmachine', '-v']) {
  r = await inFolder(cc, [flag]);
  ok(r.status === 0 && !/unused|warning/.test(r.err), `${flag} is clang's`, r.err);
}

// As CC of a configure script
const conftest = async (code) => {
  writeFileSync(at('conftest.c'), code);
  return (await inFolder(cc, ['-o', 'conftest', '-g', '-O2', 'conftest.c'])).status === 0;
};
for (const f of ['socket', 'connect', 'sendmsg', 'getaddrinfo', 'poll', 'inet_aton', 'inet_ntoa', 'socketpair', 'if_nametoindex', 'sigaction', 'freeaddrinfo', 'gai_strerror', 'gethostbyname'])
  ok(await conftest(`char ${f}(void);\nint main(void) { return ${f}(); }\n`), `AC_CHECK_FUNC finds ${f}`);
for (const f of ['fork', 'no_such_function'])
  ok(!await conftest(`char ${f}(void);\nint main(void) { return ${f}(); }\n`), `AC_CHECK_FUNC does not find ${f}`);
ok(await conftest('#include <sys/types.h>\n#include <sys/socket.h>\nint main(void) { struct sockaddr_storage s; if (sizeof s.ss_family) return 0; return 0; }\n'), 'AC_CHECK_MEMBER finds ss_family');
ok(await conftest('int main(void) { return 0; }\n'), 'a program without sockets is built');
r = await run('node', ['-e', `WebAssembly.compile(require('fs').readFileSync(${JSON.stringify(at('conftest'))})).then((m) => console.log(WebAssembly.Module.imports(m).map((i) => i.module).join()))`]);
ok(r.out === 'wasi_snapshot_preview1\n', 'and holds nothing of the network', r.out + r.err);

// For other build systems
const flags = async (which) => (await inFolder(cc, [`--print-flags=${which}`])).out.trim().split(' ');
r = await inFolder(`clang-${LLVM}`, [...await flags('cflags'), '-O2', '-DTWO="f"', '-c', 'one.c', 'two.c']);
ok(r.status === 0, '--print-flags=cflags compiles with plain clang', r.err);
r = await inFolder(`clang-${LLVM}`, ['one.o', 'two.o', '-o', 'flags.wasm', ...await flags('ldflags')]);
ok(r.status === 0, '--print-flags=ldflags links with plain clang', r.err);
await says('flags.wasm', 'f 1\n', 'and the program runs');
r = await inFolder(cc, ['--print-flags']);
ok(/^cflags: .*\nldflags: .*\n$/.test(r.out), '--print-flags prints both');
r = await inFolder(cc, ['--help']);
ok(r.status === 0 && /usage: isthmus-cc/.test(r.out), '--help tells');

// Moved, called through a link, and with a wasi-sdk
const moved = at('moved to another place');
mkdirSync(join(moved, 'deps'), { recursive: true });
for (const part of ['bin', 'include', 'wasm', 'wasm-nosimd']) {
  mkdirSync(join(moved, part));
  for (const f of readdirSync(join(B, part)).filter((n) => part === 'include' || part === 'bin' || n.endsWith('.a')))
    cpSync(join(B, part, f), join(moved, part, f), { recursive: true, verbatimSymlinks: true });
}
symlinkSync(join(B, 'deps/wasi-libc'), join(moved, 'deps/wasi-libc'));
r = await inFolder(join(moved, 'bin/isthmus-cc'), ['-DTWO="m"', 'one.c', 'two.c', '-o', 'moved.wasm']);
ok(r.status === 0, 'the build folder may be moved, even to a path with blanks', r.err);
await says('moved.wasm', 'm 1\n', 'and the program runs');
symlinkSync(cc, at('icc'));
r = await inFolder('icc', ['-DTWO="l"', 'one.c', 'two.c', '-o', 'link.wasm'], { env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
ok(r.status === 0, 'it may be called through a link on the path', r.err);
const sdk = at('wasi-sdk');
mkdirSync(join(sdk, 'bin'), { recursive: true });
mkdirSync(join(sdk, 'share'));
symlinkSync(`/usr/bin/clang-${LLVM}`, join(sdk, 'bin/clang'));
symlinkSync(resolve(B, 'deps/wasi-libc/usr'), join(sdk, 'share/wasi-sysroot'));
const withSdk = (path) => ({ env: { ...process.env, WASI_SDK_PATH: path } });
r = await inFolder(cc, ['-DTWO="s"', 'one.c', 'two.c', '-o', 'sdk.wasm'], withSdk(sdk));
ok(r.status === 0, 'WASI_SDK_PATH names the compiler and the libc', r.err);
await says('sdk.wasm', 's 1\n', 'and the program runs');
r = await inFolder(join(B, 'bin/isthmus-c++'), ['-x', 'c++', '-std=c++17', '-fno-exceptions', '-o', 'plus.wasm', '-'],
  { input: '#include <sys/socket.h>\n#include <netinet/in.h>\nstruct A { int f; A() : f(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)) {} };\nint main() { A a; return a.f < 256; }\n' });
ok(r.status === 0, 'isthmus-c++ compiles C++', r.err);
r = await run(isthmus, ['run', '--link', 'switch:x', at('plus.wasm')]);
ok(r.status === 0, 'and the program runs', r.err);

// Refused, clearly
const refused = async (args, words, name, options) => {
  const e = await inFolder(cc, args, options);
  ok(e.status === 1 && e.err.startsWith('isthmus-cc: ') && words.test(e.err) && e.err.trim().split('\n').length === 1, name, `${e.status}: ${e.err}`);
};
await refused(['-shared', 'one.c'], /-shared/, '-shared is refused in one line');
await refused(['-pthread', 'one.c'], /threads/, '-pthread is refused in one line');
await refused(['--print-flags=x'], /cflags or ldflags/, 'a wrong --print-flags is refused');
await refused(['one.c'], /WASI_SDK_PATH/, 'a wrong WASI_SDK_PATH is named', withSdk('/nowhere'));
mkdirSync(at('bare/bin'), { recursive: true });
cpSync(cc, at('bare/bin/isthmus-cc'));
r = await inFolder(at('bare/bin/isthmus-cc'), ['one.c']);
ok(r.status === 1 && /missing.*run make/.test(r.err), 'without its libraries it says what is missing', r.err);
r = await inFolder(cc, ['broken.c']);
ok(r.status !== 0 && /no such file/.test(r.err), 'errors of clang come through', r.err);

// Every header of ours compiles alone
const tree = (folder) => readdirSync(folder, { withFileTypes: true })
  .flatMap((f) => (f.isDirectory() ? tree(join(folder, f.name)) : [join(folder, f.name)]));
const headers = tree('include/posix').map((f) => relative('include/posix', f)).filter((f) => !f.startsWith('__'))
  .concat(['netinet/tcp.h', 'netinet/ip_icmp.h', 'netinet/icmp6.h', 'sys/select.h', 'sys/ioctl.h', 'tls.h']);
for (const header of headers)
  for (const [language, std] of [['c', 'c99'], ['c', 'gnu17'], ['c++', 'c++17']]) {
    const e = await run(cc, ['-x', language, `-std=${std}`, '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-'], { input: `#include <${header}>\n` });
    ok(e.status === 0, `<${header}> compiles alone as ${std}`, e.err);
  }
await done();
