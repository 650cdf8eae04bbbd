// wasi:sockets/tcp: every function where it is allowed and where it is refused, in one instance that talks to itself
import { done, ok } from '../lib/tap.mjs';
import { all, available, bytes, drop, HOME, instantiate, ipv4, ipv6, lonelyLink, LOOP6, outcome, sockets, text } from './provider.mjs';

if (!available('wasi:sockets/tcp, function by function')) await done();

const instance = await instantiate('sealed'), { poll: { poll } } = instance;
const { network, createTcpSocket, wait, bound, listener, connection } = sockets(instance);

// bind
{
  const s = createTcpSocket('ipv4'), six = createTcpSocket('ipv6');
  all('bind refuses another family, groups, broadcast, IPv4 in IPv6, and what is not ours; and can be tried again',
    [() => s.startBind(network, ipv6(0, ...LOOP6)), 'invalid-argument'], [() => six.startBind(network, ipv4(0, ...HOME)), 'invalid-argument'],
    [() => s.startBind(network, ipv4(0, 224, 0, 0, 1)), 'invalid-argument'], [() => s.startBind(network, ipv4(0, 255, 255, 255, 255)), 'invalid-argument'],
    [() => six.startBind(network, ipv6(0, 0xff02, 0, 0, 0, 0, 0, 0, 1)), 'invalid-argument'], [() => six.startBind(network, ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), 'invalid-argument'],
    [() => s.startBind(network, ipv4(0, 192, 0, 2, 7)), 'address-not-bindable'], [() => s.startBind(network, ipv4(0, ...HOME)), 'ok'], [() => s.finishBind(), 'ok']);
  const { tag, val } = s.localAddress();
  ok(tag === 'ipv4' && val.port >= 32768 && val.address.join('.') === '127.0.0.1', 'a bound socket has an address and a port that was chosen', JSON.stringify(val));
  s.startListen();
  s.finishListen();
  all('a port where somebody listens is in use', [() => createTcpSocket('ipv4').startBind(network, s.localAddress()), 'address-in-use']);
  const wild = createTcpSocket('ipv6');
  wild.startBind(network, ipv6(s.localAddress().val.port, 0, 0, 0, 0, 0, 0, 0, 0));
  ok(outcome(() => wild.finishBind()) === 'ok' && wild.localAddress().tag === 'ipv6', 'but not in the other family: sockets are not dual-stack');
}

// listen, accept
{
  const first = listener(ipv4(20_000, ...HOME));
  ok(!first.subscribe().ready(), 'a listener is not ready before somebody comes');
  const { c, peer } = connection(first);
  all('one has come, one is accepted', [() => first.accept(), 'would-block']);
  drop(first, c, peer);
  ok(listener(ipv4(20_000, ...HOME)).isListening(), 'its port is free again after a drop, whatever becomes of its connections');
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
  all('nobody listens: refused', [() => s.finishConnect(), 'connection-refused'], [() => s.finishConnect(), 'not-in-progress']);
  const l = listener(), one = bound(), two = bound(one.localAddress());
  one.startConnect(network, l.localAddress());
  wait(one);
  two.startConnect(network, l.localAddress());
  wait(two);
  all('two sockets of one address cannot have the same peer', [() => one.finishConnect(), 'ok'], [() => two.finishConnect(), 'address-in-use']);
}
{
  const { network, createTcpSocket, wait } = sockets(await instantiate('sealed', lonelyLink({ jump: 5e6 })));
  const far = createTcpSocket('ipv6');
  far.startConnect(network, ipv6(80, 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1));
  wait(far);
  all('no way leads there', [() => far.finishConnect(), 'remote-unreachable'], [() => far.finishConnect(), 'not-in-progress']);
}
{
  const { network, createTcpSocket } = sockets(await instantiate('sealed', lonelyLink({ grant: 'address=10.0.0.1/24\ngateway=10.0.0.2\n', jump: 5e6, kind: 1 })));
  const s = createTcpSocket('ipv4');
  s.startConnect(network, ipv4(80, 192, 0, 2, 1));
  const p = s.subscribe();
  ok(!p.ready() && outcome(() => s.finishConnect()) === 'would-block', 'a connect that is under way is not ready');
  p.block();
  all('a peer that never answers: timeout', [() => s.finishConnect(), 'timeout']);
}

// a connection
for (const [family, address] of [['ipv4', ipv4(0, ...HOME)], ['ipv6', ipv6(0, ...LOOP6)]]) {
  const { l, c, input, output, peer, peerInput, peerOutput } = connection(listener(address, family));
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  ok(same(c.remoteAddress(), l.localAddress()) && same(c.localAddress(), peer.remoteAddress()) && peer.addressFamily() === family, `${family}: both ends agree about their addresses`);
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
    [() => output.write(bytes('')), 'closed'], [() => output.flush(), 'closed'], [() => output.blockingFlush(), 'closed'], [() => output.writeZeroes(1n), 'closed'],
    [() => peerInput.blockingRead(1n), 'closed'], [() => peerInput.read(1n), 'closed'], [() => peerInput.read(0n), 'closed'], [() => peerInput.skip(0n), 'closed'], [() => peerOutput.blockingWriteAndFlush(bytes('late')), 'ok']);
  ok(peerInput.subscribe().ready() && text(input.blockingRead(9n)).endsWith('late'), `${family}: an end is ready, and late bytes arrive`);
  peerOutput.blockingWriteAndFlush(bytes('never read'));
  input.subscribe().block();
  all(`${family}: shut down for reading: what has come is thrown away`, [() => c.shutdown('receive'), 'ok'], [() => input.read(99n), 'closed'], [() => input.read(0n), 'closed'],
    [() => peer.shutdown('both'), 'ok'], [() => peer.shutdown('both'), 'ok'], [() => peerOutput.checkWrite(), 'closed'], [() => c.shutdown('both'), 'ok']);
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
  const OPTIONS = { keepAliveEnabled: true, keepAliveIdleTime: 42_000_000_000n, keepAliveInterval: 43_000_000_000n, keepAliveCount: 44, hopLimit: 45, receiveBufferSize: 65_536n, sendBufferSize: 32_768n };
  const l = listener(), has = (s) => Object.entries(OPTIONS).filter(([name, value]) => s[name]() !== value).map(([name]) => `${name} ${s[name]()}`).join();
  for (const [name, value] of Object.entries(OPTIONS)) l[`set${name[0].toUpperCase()}${name.slice(1)}`](value);
  const { peer } = connection(l);
  ok(has(peer) === '', 'what is accepted has the options of its listener', has(peer));
  l.setHopLimit(9);
  l.setKeepAliveEnabled(false);
  ok(has(peer) === '', 'and keeps them when the listener gets others', has(peer));
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
