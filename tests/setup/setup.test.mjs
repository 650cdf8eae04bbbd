// The set-up: does nothing when all is there, fetches by checksum, stops at a wrong file or patch; a wasi-sdk; no network for a rebuild.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { B, ok, done, run, scratch, has } from '../lib/tap.mjs';

const folder = scratch();
const llvm = process.env.LLVM ?? '19';

let r = await run('stack/setup.sh', ['test', 'git', 'make', 'NODE', 'no-such-package:sh']);
ok(r.status === 0 && r.out === '', 'with all packages there, set-up does and says nothing', r.out + r.err);
const bare = join(folder, 'bare');
mkdirSync(bare);
for (const tool of ['sh', 'node', 'id', 'dpkg-query', 'grep', 'mktemp', 'rm']) symlinkSync(`${(await run('sh', ['-c', `command -v ${tool}`])).out.trim()}`, join(bare, tool));
r = await run('stack/setup.sh', ['a reason', 'no-such-package'], { env: { PATH: bare } });
ok(r.status === 1 && /a reason.*no-such-package/.test(r.out) && /no Debian/.test(r.err), 'a missing package is named with the reason, and where there is no apt, that is said', r.out + r.err);

// fetch.sh from a folder in the shape of an archive
const deps = readFileSync('stack/deps.lock', 'utf8').split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split(/\s+/));
const [, path] = deps.find(([name]) => name === 'lwip');
const pool = join(folder, 'archive/pool/main', dirname(decodeURIComponent(path)));
mkdirSync(pool, { recursive: true });
cpSync(join(B, 'deps/download', path.split('/').at(-1)), join(pool, decodeURIComponent(path.split('/').at(-1))));
const tree = join(folder, 'stack');
cpSync('stack/deps.lock', join(tree, 'deps.lock'));
cpSync('stack/fetch.sh', join(tree, 'fetch.sh'));
cpSync('stack/patches', join(tree, 'patches'), { recursive: true });
const fetch = (out) => run(join(tree, 'fetch.sh'), ['lwip', join(folder, out, 'lwip')], { env: { ...process.env, FETCH_FROM: `file:${join(folder, 'archive')}` } });
r = await fetch('good');
ok(r.status === 0 && existsSync(join(folder, 'good/lwip/src/core/tcp.c')), 'a dependency is fetched, unpacked and patched', r.out + r.err);
writeFileSync(join(tree, 'patches/lwip-zz-wrong.patch'), '--- a/src/core/tcp.c\n+++ b/src/core/tcp.c\n@@ -1,1 +1,1 @@\n-this line is nowhere\n+x\n');
r = await fetch('good');
ok(r.status === 1 && /lwip-zz-wrong\.patch does not apply/.test(r.err), 'a patch that does not apply stops the build and is named', r.out + r.err);
writeFileSync(join(pool, decodeURIComponent(path.split('/').at(-1))), 'something else');
r = await fetch('bad');
ok(r.status === 1 && !existsSync(join(folder, 'bad/lwip')) && /no package source/.test(r.err), 'a file with another checksum is refused', r.out + r.err);

// A folder in the shape of a wasi-sdk, made of links to Debian's parts; built without a network from what was fetched.
const sdk = join(folder, 'sdk');
mkdirSync(join(sdk, 'bin'), { recursive: true });
mkdirSync(join(sdk, 'share'));
for (const [name, target] of [['clang', `/usr/lib/llvm-${llvm}/bin/clang`], ['clang++', `/usr/lib/llvm-${llvm}/bin/clang++`], ['llvm-ar', `/usr/lib/llvm-${llvm}/bin/llvm-ar`], ['wasm-ld', `/usr/lib/llvm-${llvm}/bin/wasm-ld`]])
  symlinkSync(target, join(sdk, 'bin', name));
symlinkSync(join(B, 'deps/wasi-libc/usr'), join(sdk, 'share/wasi-sysroot'));
const out = join(folder, 'build');
mkdirSync(join(out, 'deps'), { recursive: true });
cpSync(join(B, 'deps/download'), join(out, 'deps/download'), { recursive: true });
writeFileSync(join(folder, 'main.c'), '#include <sys/socket.h>\n#include <unistd.h>\nint main(void) { int fd = socket(AF_INET, SOCK_STREAM, 0); return fd < 0 || close(fd); }\n');
const offline = process.getuid() === 0 && has('unshare') ? ['unshare', '-n'] : ['env'];
const [command, ...args] = [...offline, 'make', `WASI_SDK_PATH=${sdk}`, `B=${out}`, '-j2', ...["bin/isthmus-cc", "wasm/libisthmus.a", "wasm/libisthmus-posix.a", "wasm/libtls.a"].map((f) => join(out, f))];
r = await run(command, args, { timeout: 280_000, env: { ...process.env, MAKEFLAGS: '' } });
ok(r.status === 0, `make WASI_SDK_PATH=... builds with an installed wasi-sdk${offline[0] === 'unshare' ? ', without a network' : ''}`, (r.out + r.err).slice(-3000));
r = await run(join(out, 'bin/isthmus-cc'), [join(folder, 'main.c'), '-o', join(folder, 'main.wasm')]);
ok(r.status === 0, 'the isthmus-cc that came of it compiles a program', r.err);
r = await run('make', [`WASI_SDK_PATH=${folder}/none`, `B=${folder}/none-build`, `${folder}/none-build/bin/isthmus-cc`], { env: { ...process.env, MAKEFLAGS: '' } });
ok(r.status !== 0 && /WASI_SDK_PATH/.test(r.err), 'a WASI_SDK_PATH that is none is refused with its name', r.err);
await done();
