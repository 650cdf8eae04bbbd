// tls_guest.mjs - a client of wasi:tls in JavaScript, run by spawn() as if jco had written it: its only import is the link
//
// Its argument is JSON, { scenario, ...ports }; what it finds out it prints, which in `sealed` leaves as notes: one JSON line each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { B } from '../lib/tap.mjs';
import { drop, outcome, transpiled } from './provider.mjs';

const entry = await transpiled(join(B, 'component/sealed-tls-draft.wasm'), 'sealed-tls-draft');
const provider = await import(entry);
const HOST = [10, 9, 0, 1];
const bytes = (s) => new Uint8Array(Buffer.from(s));

export function instantiate(_, imports) {
  let memory;
  const face = provider.instantiate((path) => new WebAssembly.Module(readFileSync(new URL(path, entry))), imports, (module, given) => {
    const instance = new WebAssembly.Instance(module, given);
    memory ??= Object.values(instance.exports).find((e) => e instanceof WebAssembly.Memory);
    return instance;
  });
  const { tcpCreateSocket: { createTcpSocket }, instanceNetwork, monotonicClock, poll: { poll }, stdout } = face;
  const { ClientHandshake, isAvailable } = face['wasi:tls/types@0.2.0-draft'];
  const network = instanceNetwork.instanceNetwork(), out = stdout.getStdout();
  const say = (line) => out.blockingWriteAndFlush(bytes(`${JSON.stringify(line)}\n`));
  const ok = (good, name, detail = '') => say({ good: Boolean(good), name, detail: String(detail) });
  const [plan] = imports['wasi:cli/environment'].getArguments().slice(-1).map(JSON.parse);

  const wait = (resource) => {
    const p = resource.subscribe();
    p.block();
    drop(p);
  };
  const connect = (port) => {
    const socket = createTcpSocket('ipv4');
    socket.startConnect(network, { tag: 'ipv4', val: { port, address: HOST } });
    wait(socket);
    const [input, output] = socket.finishConnect();
    return { socket, input, output };
  };
  const start = (name, { input, output }) => ClientHandshake.finish(new ClientHandshake(name, input, output));
  /** The streams, or the sentence that tells why there are none. */
  const result = (future) => {
    wait(future);
    const { tag, val } = future.get().val;
    if (tag === 'err') return val.toDebugString();
    return { connection: val[0], input: val[1], output: val[2] };
  };
  const tls = (port, name = 'tls.test') => {
    const below = connect(port), future = start(name, below), r = result(future);
    drop(future);
    return typeof r === 'string' ? r : { socket: below.socket, ...r };
  };
  /** What can be read, and how it ends. */
  const readAll = (input) => {
    let text = '';
    for (;;) {
      try {
        text += Buffer.from(input.blockingRead(65_536n)).toString();
      } catch ({ payload }) {
        return `${text}|${payload.tag === 'closed' ? 'closed' : payload.val.toDebugString()}`;
      }
    }
  };
  const close = (...resources) => drop(...resources.filter((r) => r !== undefined));

  const scenarios = {
    /** Talking. */
    talk({ echo, openssl, farewell, cut, twice }) {
      ok(isAvailable(), 'a host that grants authorities has TLS');
      const a = tls(echo);
      ok(typeof a === 'object', 'a handshake', a);
      a.output.blockingWriteAndFlush(bytes('question'));
      ok(Buffer.from(a.input.blockingRead(100n)).toString() === 'question', 'an echo');
      ok(a.input.read(100n).length === 0 && !a.input.subscribe().ready() && a.output.subscribe().ready(), 'then there is nothing to read, and room to write');
      a.connection.closeOutput();
      ok(outcome(() => a.output.checkWrite()) === 'closed' && outcome(() => a.output.write(bytes('x'))) === 'closed', 'close-output: nothing more can be written');
      a.connection.closeOutput();
      ok(readAll(a.input) === '|closed', 'the peer closes too: the end');
      const p = a.input.subscribe(), q = a.output.subscribe();
      close(a.input, a.output, a.connection, a.socket);
      ok([...poll([p, q])].join() === '0,1', 'pollables outlive all, and are ready');
      drop(p, q);

      const b = tls(openssl);
      b.output.blockingWriteAndFlush(bytes('reversed\n'));
      ok(Buffer.from(b.input.blockingRead(100n)).toString() === 'desrever\n', 'with openssl s_server', b);
      const ip = tls(echo, '10.9.0.1');
      ok(typeof ip === 'object', 'an address as the name', ip);

      const c = tls(farewell);
      ok(readAll(c.input) === 'bye|closed', 'data and close_notify of the peer: data, then closed');
      ok(outcome(() => c.output.blockingWriteAndFlush(bytes('x'))) === 'closed', 'its close_notify ends writing too');
      const d = tls(cut), first = readAll(d.input);
      ok(/^half\|.*without close_notify/.test(first) && readAll(d.input) === '|closed', 'the end without close_notify is an error, once, behind the data; then closed', first);

      const low = connect(twice), outer = result(start('tls.test', low)), inner = result(start('tls.test', outer));
      inner.output.blockingWriteAndFlush(bytes('onion'));
      ok(Buffer.from(inner.input.blockingRead(100n)).toString() === 'onion', 'TLS over TLS');
      drop(outer.connection, low.socket, inner.input, inner.output, inner.connection);

      const e = tls(echo), size = 1_000_000;
      let sent = 0, got = 0, wrong = 0;
      const pattern = Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 8)), readable = e.input.subscribe(), writable = e.output.subscribe();
      while (got < size) {
        poll(sent < size ? [readable, writable] : [readable]);
        const n = sent < size ? Math.min(Number(e.output.checkWrite()), size - sent) : 0;
        if (n) e.output.write(pattern.subarray(sent, sent += n));
        for (const b of e.input.read(65_536n)) wrong += b !== pattern[got++];
      }
      ok(wrong === 0, '1,000,000 bytes there and back, polling both ways');
      close(readable, writable, e.input, e.output, e.connection, e.socket);
    },

    /** What is refused, and what the peer does wrong. */
    refuse({ echo, wrong, rogue, expired, gone, garbage, early, silent }) {
      const because = (got, why, name) => ok(typeof got === 'string' && why.test(got), name, JSON.stringify(got));
      because(tls(wrong), /for another host/, 'refused: a certificate for another name');
      because(tls(echo, 'other.test'), /for another host/, 'refused: another name for the same certificate');
      because(tls(echo, '10.9.0.2'), /for another host/, 'refused: another address');
      because(tls(rogue), /not trusted/, 'refused: an authority that the host does not grant');
      because(tls(expired), /expired/, 'refused: a certificate that has expired');
      for (const name of ['', 'tls.test\0.evil', 'a b', `${'x'.repeat(300)}.test`]) because(tls(echo, name), /server name/, `refused: the name ${JSON.stringify(name.slice(0, 20))}`);
      because(tls(gone), /without close_notify/, 'the peer closes during the handshake');
      because(tls(garbage), /does not speak TLS/, 'the peer speaks something else');
      because(tls(early), /ended the connection during the handshake/, 'the peer says close_notify during the handshake');

      const a = connect(echo), b = connect(echo);
      because(result(start('tls.test', { input: a.input, output: b.output })), /two streams of one connection/, 'refused: streams of two connections');
      because(result(start('tls.test', { input: face.stdin.getStdin(), output: a.output })), /two streams of one connection/, 'refused: what is no connection');
      ok(a.socket.remoteAddress().val.port === echo && outcome(() => drop(a.socket, b.socket, b.input)) === 'ok', 'their sockets are still there');

      const low = connect(silent), future = start('tls.test', low), p = future.subscribe();
      ok(future.get() === undefined && !p.ready(), 'a handshake under way: nothing to get, not ready');
      const timer = monotonicClock.subscribeDuration(30_000_000n);
      ok([...poll([p, timer])].join() === '1', 'a peer that says nothing does not hold up a timer');
      drop(future);
      ok(p.ready() && outcome(() => drop(p, timer, low.socket)) === 'ok', 'dropped midway: its pollable is ready');
      const shut = connect(silent), abandoned = start('tls.test', shut);
      shut.socket.shutdown('both');
      because(result(abandoned), /./, 'the connection below is shut down by ourselves');
      const never = connect(echo), handshake = new ClientHandshake('tls.test', never.input, never.output);
      ok(outcome(() => drop(handshake, never.socket)) === 'ok', 'a handshake that is never finished');

      const below = connect(echo), got = start('tls.test', below), done = got.subscribe();
      done.block();
      const r = got.get(), again = got.get();
      ok(r.val.tag === 'ok' && again.tag === 'err' && got.subscribe().ready(), 'get gives the streams once, then an error');
      drop(got);
      ok(r.val.val[0].closeOutput() === undefined && readAll(r.val.val[1]) === '|closed', 'which outlive the future');
    },

    /** Every order of dropping, each after a line that must arrive. */
    orders({ log, lines }) {
      const permutations = (list) => (list.length < 2 ? [list] : list.flatMap((x, i) => permutations(list.filter((_, j) => j !== i)).map((rest) => [x, ...rest])));
      const round = () => {
        for (const order of permutations(['socket', 'connection', 'input', 'output'])) {
          const c = tls(log);
          c.output.blockingWriteAndFlush(bytes(`${order.join()}\n`));
          drop(...order.map((name) => c[name]));
        }
      };
      round();
      const before = memory.buffer.byteLength;
      for (let i = 1; i < lines / 24; i++) round();
      ok(memory.buffer.byteLength === before, 'memory does not grow', `${before} then ${memory.buffer.byteLength}`);
      const last = tls(log), much = bytes(`${'x'.repeat(65_535)}\n`);
      for (let i = 0; i < 8; i++) last.output.write(much.subarray(0, Number(last.output.checkWrite())));
      last.output.blockingWriteAndFlush(bytes('\nthe end\n'));
      drop(last.input, last.output, last.connection, last.socket);
    },

    /** A host that grants no authority. */
    none({ echo }) {
      const r = tls(echo);
      ok(!isAvailable() && /no trust anchors/.test(r), 'without authorities there is no TLS, and every handshake is refused', JSON.stringify(r));
    },
  };
  return { run: { run: () => scenarios[plan.scenario](plan) } };
}
