// The closed set: clock, poll, standard streams, files, in both profiles; and connections in numbers, without growth
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { done, ok, scratch } from '../lib/tap.mjs';
import { available, drop, instantiate, ipv4, lonelyLink, outcome, shim } from './provider.mjs';

if (!available('the closed set of wasi:io, and connections in numbers')) await done();
const bytes = (s) => new Uint8Array(Buffer.from(s));
const text = (b) => Buffer.from(b).toString();

// sealed
{
  const notes = [];
  const { stdin, stdout, stderr, preopens, poll, monotonicClock } = await instantiate('sealed', lonelyLink({ onNote: (note) => notes.push(note) }));
  const out = stdout.getStdout(), in_ = stdin.getStdin();
  out.blockingWriteAndFlush(bytes('a line\n'));
  stderr.getStderr().write(bytes('gr\u00fc\u00dfe'));
  out.write(Uint8Array.of(0x41, 0xff, 0xed, 0xa0, 0x80, 0x42));
  ok(notes.join('|') === 'a line\n|gr\u00fc\u00dfe|A????B', 'sealed: output leaves by notes, as it is; what is no UTF-8 is question marks', JSON.stringify(notes));
  ok(out.checkWrite() === 4096n && out.subscribe().ready() && outcome(() => out.flush()) === 'ok', 'sealed: there is always room');
  ok(outcome(() => in_.read(1n)) === 'closed' && in_.subscribe().ready(), 'sealed: standard input is at its end');
  ok(preopens.getDirectories().length === 0, 'sealed: there are no folders');

  const start = monotonicClock.now(), timer = monotonicClock.subscribeDuration(30_000_000n), past = monotonicClock.subscribeInstant(0n), never = monotonicClock.subscribeDuration(2n ** 64n - 1n);
  ok(!timer.ready() && past.ready() && !never.ready() && monotonicClock.resolution() > 0n, 'timers: one ahead, one past, one that never comes');
  ok([...poll.poll([never, timer])].join() === '1' && monotonicClock.now() - start >= 30_000_000n, 'poll waits for the nearest timer');
  drop(timer, past, never);
  ok(/RuntimeError|ComponentError/.test(outcome(() => poll.poll([]))), 'poll of nothing traps, as the interface demands');
}

// full: the host's files and streams, wrapped
{
  const folder = scratch(), { filesystem } = await import(shim);
  writeFileSync(join(folder, 'old'), 'old text');
  mkdirSync(join(folder, 'sub'));
  filesystem._setPreopens({ '/data': folder });
  const { preopens, poll, tcpCreateSocket, instanceNetwork } = await instantiate('full');
  const [[dir, name]] = preopens.getDirectories();
  ok(name === '/data' && dir.getType() === 'directory', 'full: the folder of the host');
  const file = dir.openAt({}, 'new', { create: true }, { read: true, write: true });
  const out = file.writeViaStream(0n);
  out.blockingWriteAndFlush(bytes('by stream'));
  ok(file.write(bytes(', by call'), 9n) === 9n && readFileSync(join(folder, 'new'), 'utf8') === 'by stream, by call', 'full: a file is written, by stream and by call');
  ok(text(file.readViaStream(3n).blockingRead(6n)) === 'stream' && text(file.read(4n, 11n)[0]) === 'by c', 'full: and read');
  ok(file.stat().size === 18n && dir.statAt({}, 'old').type === 'regular-file' && file.isSameObject(file), 'full: stat, and whether two are one');
  const here = dir.openAt({}, '.', { directory: true }, { read: true }), names = [], entries = here.readDirectory();
  for (let e; (e = entries.readDirectoryEntry()) !== undefined;) names.push(e.name);
  ok(names.sort().join() === 'new,old,sub', 'full: the entries of a folder', names.join());
  dir.renameAt('old', dir.openAt({}, 'sub', { directory: true }, { read: true }), 'moved');
  ok(readFileSync(join(folder, 'sub/moved'), 'utf8') === 'old text', 'full: two descriptors in one call');
  ok(outcome(() => dir.openAt({}, 'none', {}, { read: true })) === 'no-entry' && outcome(() => dir.openAt({}, '../x', {}, { read: true })) === 'not-permitted', 'full: the errors of the host');
  const network = instanceNetwork.instanceNetwork(), l = tcpCreateSocket.createTcpSocket('ipv4');
  l.startBind(network, ipv4(0, 127, 0, 0, 1));
  l.finishBind();
  l.startListen();
  l.finishListen();
  ok([...poll.poll([l.subscribe(), file.readViaStream(0n).subscribe()])].join() === '1', 'full: a pollable of the host and one of a socket in one set');
}

// numbers
{
  let memory;
  // Time runs ahead, so that what is in TIME-WAIT goes meanwhile.
  const { tcpCreateSocket: { createTcpSocket }, instanceNetwork } = await instantiate('sealed', lonelyLink({ jump: 50e6 }), {}, ({ exports }) => {
    memory ??= Object.values(exports).find((e) => e instanceof WebAssembly.Memory);
  });
  const network = instanceNetwork.instanceNetwork(), l = createTcpSocket('ipv4');
  l.startBind(network, ipv4(0, 127, 0, 0, 1));
  l.finishBind();
  l.setListenBacklogSize(500n);
  l.startListen();
  l.finishListen();
  const wait = (resource) => {
    const p = resource.subscribe();
    p.block();
    drop(p);
  };
  const open = () => {
    const c = createTcpSocket('ipv4');
    c.startConnect(network, l.localAddress());
    wait(c);
    const [input, output] = c.finishConnect();
    wait(l);
    return { c, input, output, far: l.accept() };
  };
  const talk = ({ input, output, far: [, farInput, farOutput] }) => {
    output.blockingWriteAndFlush(bytes('question'));
    farOutput.blockingWriteAndFlush(farInput.blockingRead(100n));
    return text(input.blockingRead(100n)) === 'question';
  };
  const close = ({ c, input, output, far: [socket, farInput, farOutput] }) => drop(input, output, c, farInput, farOutput, socket);
  const oneAfterAnother = (n) => {
    let good = 0;
    for (let i = 0; i < n; i++) {
      const connection = open();
      good += talk(connection);
      close(connection);
    }
    return good;
  };
  const together = (n) => {
    const all = Array.from({ length: n }, open), good = all.filter(talk).length;
    all.forEach(close);
    return good;
  };
  ok(oneAfterAnother(1000) === 1000 && together(200) === 200, '1,000 connections one after another, and 200 at once');
  const before = memory.buffer.byteLength;
  ok(oneAfterAnother(1000) === 1000, '1,000 again');
  ok(together(200) === 200 && memory.buffer.byteLength === before, 'and 200 at once again: memory has not grown', `${before} then ${memory.buffer.byteLength}`);
}
await done();
