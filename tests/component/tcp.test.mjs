// wasi:sockets/tcp: every function where it is allowed and where it is refused, in one instance that talks to itself
import { done, ok } from '../lib/tap.mjs';
import { available, drop, instantiate, ipv4, ipv6, lonelyLink, outcome } from './provider.mjs';

if (!available('wasi:sockets/tcp, function by function')) await done();

const { instanceNetwork, tcpCreateSocket: { createTcpSocket }, poll: { poll } } = await instantiate('sealed');
const network = instanceNetwork.instanceNetwork();
const HOME = [127, 0, 0, 1];
const LOOP6 = [0, 0, 0, 0, 0, 0, 0, 1];
const text = (bytes) => Buffer.from(bytes).toString();
const bytes = (s) => new Uint8Array(Buffer.from(s));
/** What each of several calls gives, against what it should. */
const all = (name, ...pairs) => {
  const got = pairs.map(([f]) => outcome(f)), want = pairs.map(([, code]) => code);
  ok(got.every((code, i) => code === want[i]), name, `got  ${got}\nwant ${want}`);
};

function listener(address = ipv4(0, ...HOME), family = 'ipv4') {
  const s = createTcpSocket(family);
  s.startBind(network, address);
  s.finishBind();
  s.startListen();
  s.finishListen();
  return s;
}

function connection(l = listener(), family = 'ipv4') {
  const c = createTcpSocket(family);
  c.startConnect(network, l.localAddress());
  c.subscribe().block();
  const [input, output] = c.finishConnect();
  l.subscribe().block();
  const [peer, peerInput, peerOutput] = l.accept();
  return { l, c, input, output, peer, peerInput, peerOutput };
}

// a new socket
{
  const s = createTcpSocket('ipv4');
  ok(s.addressFamily() === 'ipv4' && !s.isListening() && createTcpSocket('ipv6').addressFamily() === 'ipv6', 'a new socket has its family and does not listen');
  all('a socket that is not bound has no address, cannot listen, accept, shut down or finish anything',
    [() => s.localAddress(), 'invalid-state'], [() => s.remoteAddress(), 'invalid-state'], [() => s.startListen(), 'invalid-state'], [() => s.accept(), 'invalid-state'],
    [() => s.shutdown('both'), 'invalid-state'], [() => s.finishBind(), 'not-in-progress'], [() => s.finishConnect(), 'not-in-progress'], [() => s.finishListen(), 'not-in-progress']);
  ok(s.subscribe().ready(), 'it is ready: nothing is under way');
}

// bind
{
  const s = createTcpSocket('ipv4'), six = createTcpSocket('ipv6');
  all('bind refuses another family, groups, IPv4 in IPv6, and what is not ours',
    [() => s.startBind(network, ipv6(0, ...LOOP6)), 'invalid-argument'], [() => six.startBind(network, ipv4(0, ...HOME)), 'invalid-argument'],
    [() => s.startBind(network, ipv4(0, 224, 0, 0, 1)), 'invalid-argument'], [() => six.startBind(network, ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), 'invalid-argument'],
    [() => s.startBind(network, ipv4(0, 192, 0, 2, 7)), 'address-not-bindable']);
  all('a bind that has begun holds up everything else until it is finished',
    [() => s.startBind(network, ipv4(0, ...HOME)), 'ok'], [() => s.startBind(network, ipv4(0, ...HOME)), 'concurrency-conflict'], [() => s.startListen(), 'concurrency-conflict'],
    [() => s.startConnect(network, ipv4(1, ...HOME)), 'concurrency-conflict'], [() => s.localAddress(), 'concurrency-conflict'], [() => s.finishBind(), 'ok'],
    [() => s.finishBind(), 'not-in-progress'], [() => s.startBind(network, ipv4(0, ...HOME)), 'invalid-state']);
  const { tag, val } = s.localAddress();
  ok(tag === 'ipv4' && val.port >= 32768 && val.address.join('.') === '127.0.0.1', 'a bound socket has an address and a port that was chosen', JSON.stringify(val));
  s.startListen();
  s.finishListen();
  all('a port where somebody listens is in use', [() => createTcpSocket('ipv4').startBind(network, s.localAddress()), 'address-in-use']);
  const wild = createTcpSocket('ipv6');
  wild.startBind(network, ipv6(s.localAddress().val.port, 0, 0, 0, 0, 0, 0, 0, 0));
  ok(outcome(() => wild.finishBind()) === 'ok' && wild.localAddress().tag === 'ipv6', 'but not in the other family: sockets are not dual-stack');
}

// listen
{
  const s = createTcpSocket('ipv4');
  s.startBind(network, ipv4(0, ...HOME));
  s.finishBind();
  all('a listen that has begun holds up the rest; a listener stays one',
    [() => s.startListen(), 'ok'], [() => s.startListen(), 'concurrency-conflict'], [() => s.accept(), 'concurrency-conflict'], [() => s.finishListen(), 'ok'], [() => s.startListen(), 'invalid-state'],
    [() => s.startConnect(network, ipv4(1, ...HOME)), 'invalid-state'], [() => s.shutdown('send'), 'invalid-state'], [() => s.remoteAddress(), 'invalid-state'], [() => s.accept(), 'would-block']);
  ok(s.isListening() && !s.subscribe().ready(), 'it listens, and is not ready before somebody comes');
  const bound = () => {
    const b = createTcpSocket('ipv4');
    b.startBind(network, ipv4(20_000, ...HOME));
    b.finishBind();
    b.startListen();
    return b;
  };
  const first = bound();
  ok(outcome(() => first.finishListen()) === 'ok', 'a port that was named');
  drop(first);
  const again = bound();
  ok(outcome(() => again.finishListen()) === 'ok', 'and is free again after a drop');
}

// connect
{
  const s = createTcpSocket('ipv4'), six = createTcpSocket('ipv6');
  all('connect refuses another family, no address, no port, groups, broadcast, IPv4 in IPv6',
    [() => s.startConnect(network, ipv6(1, ...LOOP6)), 'invalid-argument'], [() => s.startConnect(network, ipv4(1, 0, 0, 0, 0)), 'invalid-argument'],
    [() => s.startConnect(network, ipv4(0, ...HOME)), 'invalid-argument'], [() => s.startConnect(network, ipv4(1, 239, 1, 1, 1)), 'invalid-argument'],
    [() => s.startConnect(network, ipv4(1, 255, 255, 255, 255)), 'invalid-argument'], [() => six.startConnect(network, ipv6(1, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), 'invalid-argument']);
  s.startConnect(network, ipv4(1, ...HOME));
  s.subscribe().block();
  all('nobody listens: refused, and the socket is good for nothing more', [() => s.finishConnect(), 'connection-refused'], [() => s.finishConnect(), 'not-in-progress'],
    [() => s.startConnect(network, ipv4(1, ...HOME)), 'invalid-state'], [() => s.startBind(network, ipv4(0, ...HOME)), 'invalid-state'], [() => s.remoteAddress(), 'invalid-state']);
}
{
  const { instanceNetwork: n, tcpCreateSocket } = await instantiate('sealed', lonelyLink({ jump: 5e6 }));
  const far = tcpCreateSocket.createTcpSocket('ipv6');
  far.startConnect(n.instanceNetwork(), ipv6(80, 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
  far.subscribe().block();
  all('no way leads there', [() => far.finishConnect(), 'remote-unreachable'], [() => far.finishConnect(), 'not-in-progress']);
}
{
  const { instanceNetwork: n, tcpCreateSocket } = await instantiate('sealed', lonelyLink({ grant: 'address=10.0.0.1/24\ngateway=10.0.0.2\n', jump: 5e6, kind: 1 }));
  const s = tcpCreateSocket.createTcpSocket('ipv4');
  s.startConnect(n.instanceNetwork(), ipv4(80, 192, 0, 2, 1));
  all('a connect that is under way holds up the rest', [() => s.finishConnect(), 'would-block'], [() => s.startConnect(n.instanceNetwork(), ipv4(80, 192, 0, 2, 1)), 'concurrency-conflict'],
    [() => s.startListen(), 'concurrency-conflict'], [() => s.shutdown('send'), 'concurrency-conflict'], [() => s.remoteAddress(), 'concurrency-conflict'], [() => s.setListenBacklogSize(5n), 'concurrency-conflict']);
  const p = s.subscribe();
  ok(!p.ready(), 'it is not ready meanwhile');
  p.block();
  all('a peer that never answers: timeout', [() => s.finishConnect(), 'timeout']);
}

// a connection
for (const [family, address] of [['ipv4', ipv4(0, ...HOME)], ['ipv6', ipv6(0, ...LOOP6)]]) {
  const { l, c, input, output, peer, peerInput, peerOutput } = connection(listener(address, family), family);
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  ok(same(c.remoteAddress(), l.localAddress()) && same(c.localAddress(), peer.remoteAddress()) && peer.addressFamily() === family, `${family}: both ends agree about their addresses`);
  all(`${family}: a connection cannot be connected, bound or listened on again`, [() => c.startConnect(network, l.localAddress()), 'invalid-state'], [() => c.startBind(network, address), 'invalid-state'],
    [() => c.startListen(), 'invalid-state'], [() => c.finishConnect(), 'not-in-progress'], [() => c.setListenBacklogSize(1n), 'invalid-state'], [() => c.accept(), 'invalid-state']);
  ok(input.read(10n).length === 0 && !input.subscribe().ready() && output.subscribe().ready(), `${family}: nothing to read yet, room to write`);
  ok(output.checkWrite() >= 4096n, `${family}: check-write permits something`);
  output.write(bytes('hello'));
  ok(text(peerInput.blockingRead(3n)) === 'hel' && text(peerInput.read(100n)) === 'lo', `${family}: what is written is read, as much as is asked for`);
  peerOutput.blockingWriteAndFlush(bytes('answer'));
  ok(input.blockingSkip(4n) === 4n && input.skip(100n) === 2n && input.skip(1n) === 0n, `${family}: skip passes over bytes`);
  ok(input.read(0n).length === 0, `${family}: a read of no bytes`);
  output.writeZeroes(3n);
  output.flush();
  output.blockingWriteZeroesAndFlush(2n);
  output.blockingFlush();
  ok(Buffer.from(peerInput.blockingRead(9n)).equals(Buffer.alloc(5)), `${family}: zeroes`);
  output.blockingWriteAndFlush(bytes('spliced'));
  ok(peerOutput.blockingSplice(peerInput, 4n) === 4n && peerOutput.splice(peerInput, 100n) === 3n && text(input.blockingRead(20n)).startsWith('spli'), `${family}: one stream is spliced into another`);
  all(`${family}: shut down one way, the other goes on`, [() => c.shutdown('send'), 'ok'], [() => c.shutdown('send'), 'ok'], [() => output.checkWrite(), 'closed'], [() => output.write(bytes('x')), 'closed'],
    [() => peerInput.blockingRead(1n), 'closed'], [() => peerInput.read(1n), 'closed'], [() => peerOutput.blockingWriteAndFlush(bytes('late')), 'ok']);
  ok(peerInput.subscribe().ready() && text(input.blockingRead(9n)).endsWith('late'), `${family}: an end is ready, and late bytes arrive`);
  all(`${family}: shut down for reading`, [() => c.shutdown('receive'), 'ok'], [() => input.read(1n), 'closed'], [() => peer.shutdown('both'), 'ok'], [() => peerOutput.checkWrite(), 'closed']);
  drop(input, output, c, peerInput, peerOutput, peer, l);
}

// much at once, both ways
{
  const { c, input, output, peerInput, peerOutput } = connection();
  const total = 3_000_000, ends = [{ out: output, in_: peerInput, sent: 0, got: 0 }, { out: peerOutput, in_: input, sent: 0, got: 0 }];
  let right = true;
  while (ends.some((e) => e.got < total)) {
    for (const e of ends) {
      const room = Math.min(Number(e.out.checkWrite()), total - e.sent);
      if (room > 0) e.out.write(Uint8Array.from({ length: room }, (_, i) => (e.sent + i) * 7));
      e.sent += Math.max(room, 0);
      const got = e.in_.read(65536n);
      right &&= got.every((b, i) => b === ((e.got + i) * 7 & 255));
      e.got += got.length;
    }
  }
  ok(right, '3 MB each way arrive whole and in order');
  let held = 0;
  for (let room; (room = Number(output.checkWrite())) > 0; held += room) output.write(new Uint8Array(room));
  ok(held > 100_000 && !output.subscribe().ready(), `who does not read holds up who writes (after ${held} bytes)`);
  c.shutdown('send');
  let got = 0;
  while (outcome(() => { got += peerInput.blockingRead(1_000_000n).length; }) === 'ok');
  ok(got === held, 'and what was held up arrives before the end', `${got} of ${held}`);
}

// resets and drops
{
  const { c, input, output, peer, peerInput, peerOutput, l } = connection();
  output.blockingWriteAndFlush(bytes('never read'));
  peerInput.subscribe().block();
  drop(peerInput, peerOutput, peer);
  ok(outcome(() => input.blockingRead(1n)) === 'last-operation-failed', 'a peer that drops unread bytes resets');
  all('what is read or written after that is closed', [() => input.read(1n), 'closed'], [() => output.checkWrite(), 'closed'], [() => output.blockingWriteAndFlush(bytes('x')), 'closed'], [() => c.remoteAddress(), 'invalid-state']);
  try {
    const again = connection(l);
    again.output.blockingWriteAndFlush(bytes('x'));
    again.peerInput.subscribe().block();
    drop(again.peerInput, again.peerOutput, again.peer);
    again.input.blockingRead(1n);
  } catch ({ payload }) {
    ok(/reset/.test(payload.val.toDebugString()), 'the error of a stream says why', payload.val.toDebugString());
  }
  const late = connection(l), pollable = late.input.subscribe();
  const before = pollable.ready();
  drop(late.input, late.c);
  const half = outcome(() => late.output.blockingWriteAndFlush(bytes('y')));
  drop(late.output);
  ok(!before && half === 'ok' && pollable.ready(), 'a stream outlives its socket; a pollable that outlives both is ready');
  ok(late.peerInput.blockingRead(5n).length === 1 && outcome(() => late.peerInput.blockingRead(1n)) === 'closed', 'the connection ends with the last of socket and streams');
  drop(pollable);
  ok(/Error/.test(outcome(() => late.c.localAddress())), 'a handle that has been dropped is none', outcome(() => late.c.localAddress()));
}

// poll over several
{
  const { l, input, output, peerOutput } = connection();
  peerOutput.blockingWriteAndFlush(bytes('x'));
  const set = [l.subscribe(), input.subscribe(), output.subscribe()];
  set[1].block();
  ok([...poll(set)].join() === '1,2', 'poll tells which of several are ready', [...poll(set)].join());
  ok([...poll([set[1], set[1]])].join() === '0,1', 'one of them twice');
}

// options
{
  const s = createTcpSocket('ipv4');
  const set = (name, value) => outcome(() => s[`set${name[0].toUpperCase()}${name.slice(1)}`](value));
  ok(s.keepAliveEnabled() === false && set('keepAliveEnabled', true) === 'ok' && s.keepAliveEnabled() === true, 'keep-alive is off, and can be switched on');
  ok(s.keepAliveIdleTime() === 7_200_000_000_000n && s.keepAliveInterval() === 75_000_000_000n && s.keepAliveCount() === 9 && s.hopLimit() === 64, 'what holds at first');
  for (const [name, value, read, huge, most] of [['keepAliveIdleTime', 1_500_000_000n, 2_000_000_000n, 2n ** 64n - 1n, 32_767_000_000_000n], ['keepAliveInterval', 1n, 1_000_000_000n, 2n ** 64n - 1n, 32_767_000_000_000n],
    ['keepAliveCount', 3, 3, 4_000_000_000, 127], ['hopLimit', 7, 7, 255, 255], ['sendBufferSize', 65_536n, 65_536n, 2n ** 63n, null]]) {
    const zero = set(name, typeof value === 'bigint' ? 0n : 0), good = set(name, value), got = s[name](), much = set(name, huge);
    ok(zero === 'invalid-argument' && good === 'ok' && got === read && much === 'ok' && (most === null ? s[name]() > value : s[name]() === most), `${name}: zero is refused, ${value} becomes ${read}, too much is cut`, `${zero} ${good} ${got} ${much} ${s[name]()}`);
  }
  ok(set('receiveBufferSize', 0n) === 'invalid-argument' && set('receiveBufferSize', 65_536n) === 'ok' && s.receiveBufferSize() > 0n, 'receiveBufferSize: zero is refused, others are taken');
  ok(set('listenBacklogSize', 0n) === 'invalid-argument' && set('listenBacklogSize', 2n ** 40n) === 'ok', 'listenBacklogSize: zero is refused, too much is cut');
  const l = listener();
  l.setHopLimit(9);
  l.setKeepAliveEnabled(true);
  all('a listener takes another backlog', [() => l.setListenBacklogSize(3n), 'ok']);
  const { peer } = connection(l);
  ok(peer.hopLimit() === 9 && peer.keepAliveEnabled(), 'what is accepted has the options of its listener');
}

// the limit
{
  const many = [];
  let end;
  while ((end = outcome(() => many.push(createTcpSocket('ipv4')))) === 'ok' && many.length < 20_000);
  ok(end === 'new-socket-limit' && many.length > 16_000, `sockets end with new-socket-limit (after ${many.length})`, end);
  drop(...many);
  ok(outcome(() => drop(createTcpSocket('ipv4'))) === 'ok', 'and there are some again once they are dropped');
}
{
  const { instanceNetwork: n, tcpCreateSocket } = await instantiate('sealed', { exchange: () => ({ outcome: 'no-link', status: {}, taken: 0, ready: 0n, monotonic: 1n, realtime: 0n, instance: [1n, 2n], frames: new Uint8Array(), grant: undefined, entropy: undefined }) });
  n.instanceNetwork();
  ok(outcome(() => tcpCreateSocket.createTcpSocket('ipv4')) === 'access-denied', 'a host that grants no link: access-denied');
}
await done();
