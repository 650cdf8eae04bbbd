// A Go program for wasip1, built by Go's own compiler: merged, it dials and listens by name, and its memory grows while bytes go both ways
import { cpSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isthmus, ok, run, skip, scratch, done } from '../lib/tap.mjs';

const version = /go1\.(\d+)/.exec(spawnSync('go', ['version'], { encoding: 'utf8' }).stdout ?? '')?.[1];
if (!(version >= 21)) {
  skip('a Go program through the dialect of WasmEdge', 'extra: Go 1.21 or later is not installed');
} else {
  const folder = scratch(), source = join(folder, 'source'), [plain, net] = ['go.wasm', 'go.net.wasm'].map((name) => join(folder, name));
  cpSync('tests/compose/go', source, { recursive: true });
  let r = await run('go', ['build', '-tags', 'getaddrinfo', '-trimpath', '-o', plain, '.'], { cwd: source, env: { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm', GOFLAGS: '' }, timeout: 280_000 });
  ok(r.status === 0, 'Go builds the program', r.err);
  r = await run(isthmus, ['compose', plain, '-o', net], { timeout: 280_000 });
  ok(r.status === 0 && r.out.includes('dialect wasmedge2'), 'it is composed; its dialect is wasmedge2', r.out + r.err);
  r = await run(isthmus, ['run', '--link', 'switch:lan', '--name', 'server', net, 'listen', ':7000', '1', '--', '--link', 'switch:lan', net, 'dial', 'server:7000', '20000000']);
  ok(r.status === 0 && r.out.includes('echoed 20000000 bytes') && r.out.includes('served 1'), 'two Go programs: one listens, one dials it by name, 20 MB both ways', r.out + r.err);
  r = await run(isthmus, ['run', '--link', 'switch:lan', net, 'dial', 'nobody.invalid:7000', '1']);
  ok(r.status === 1 && /dial:/.test(r.out), 'a name that is not known is an error', r.out + r.err);
}
await done();
