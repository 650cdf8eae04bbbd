// wasi:sockets/udp and ip-name-lookup: every function where it is allowed and where it is refused
import { done, ok } from '../lib/tap.mjs';
import { all, available, drop, HOME, instantiate, ipv4, ipv6, lonelyLink, LOOP6, outcome, sockets } from './provider.mjs';

if (!available('wasi:sockets/udp and ip-name-lookup, function by function')) await done();

const grant = 'address=10.0.0.1/24\nhost=192.0.2.5 known other.example\nhost=2001:db8::5 known\n';
const instance = await instantiate('sealed', lonelyLink({ grant })), { ipNameLookup: { resolveAddresses } } = instance;
const { network, createUdpSocket, boundUdp: bound } = sockets(instance);
const datagram = (text, remoteAddress) => ({ data: new Uint8Array(Buffer.from(text)), remoteAddress });
const send = (out, ...list) => {
  out.checkSend();
  return out.send(list);
};
const texts = (list) => list.map(({ data }) => Buffer.from(data).toString()).join();

{
  const s = createUdpSocket('ipv4'), six = createUdpSocket('ipv6');
  all('bind refuses another family, IPv4 in IPv6, what is not ours; and can be tried again', [() => s.startBind(network, ipv6(0, ...LOOP6)), 'invalid-argument'],
    [() => six.startBind(network, ipv6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)), 'invalid-argument'], [() => s.startBind(network, ipv4(0, 192, 0, 2, 7)), 'address-not-bindable'],
    [() => s.startBind(network, ipv4(0, ...HOME)), 'ok'], [() => s.finishBind(), 'ok']);
  all('a port that is taken', [() => createUdpSocket('ipv4').startBind(network, s.localAddress()), 'address-in-use']);
  ok(s.localAddress().val.port > 0, 'a port was chosen');
  all('peers that cannot be', [() => s.stream(ipv4(0, ...HOME)), 'invalid-argument'], [() => s.stream(ipv4(1, 0, 0, 0, 0)), 'invalid-argument'], [() => s.stream(ipv6(1, ...LOOP6)), 'invalid-argument']);
  const [, out] = s.stream(undefined), to = (...address) => () => send(out, datagram('x', ipv4(...address)));
  all('where no datagram can go', [to(0, ...HOME), 'invalid-argument'], [to(1, 0, 0, 0, 0), 'invalid-argument'], [to(1, 192, 0, 2, 1), 'remote-unreachable'], [to(1, 255, 255, 255, 255), 'access-denied']);
  const wild = bound(ipv4(0, 0, 0, 0, 0));
  wild.stream(s.localAddress());
  ok(wild.localAddress().val.address.join('.') === '127.0.0.1', 'with a peer, a socket tells the address it speaks from');
  wild.stream(undefined);
  ok(wild.localAddress().val.address.join('.') === '0.0.0.0', 'and without it, that it has all');
}

for (const [family, address] of [['ipv4', ipv4(0, ...HOME)], ['ipv6', ipv6(0, 0, 0, 0, 0, 0, 0, 0, 1)]]) {
  const a = bound(address, family), b = bound(address, family);
  const [aIn, aOut] = a.stream(undefined), [bIn, bOut] = b.stream(undefined);
  ok(bIn.receive(10n).length === 0 && !bIn.subscribe().ready() && aOut.subscribe().ready(), `${family}: nothing has come, and there is room to send`);
  ok(aOut.checkSend() === 16n && aOut.send([]) === 0n, `${family}: check-send permits 16 datagrams; none is fine`);
  ok(send(aOut, datagram('one', b.localAddress()), datagram('', b.localAddress()), datagram('three', b.localAddress())) === 3n, `${family}: three are sent, one of them empty`);
  bIn.subscribe().block();
  const got = bIn.receive(2n), rest = bIn.receive(100n);
  ok(texts(got) === 'one,' && texts(rest) === 'three' && JSON.stringify(got[0].remoteAddress) === JSON.stringify(a.localAddress()), `${family}: they come in order, as many as are asked for, with their sender`);
  all(`${family}: what cannot be sent`, [() => send(aOut, datagram('x', undefined)), 'invalid-argument'], [() => send(aOut, datagram('x', family === 'ipv4' ? ipv6(1, 0, 0, 0, 0, 0, 0, 0, 1) : ipv4(1, ...HOME))), 'invalid-argument'],
    [() => send(aOut, { data: new Uint8Array(65_536), remoteAddress: b.localAddress() }), 'datagram-too-large']);
  ok(send(aOut, datagram('first', b.localAddress()), datagram('x', undefined)) === 1n, `${family}: a datagram that fails behind one that does not is left out`);
  const [cIn, cOut] = a.stream(b.localAddress());
  all(`${family}: the streams of before are over`, [() => aIn.receive(1n), 'invalid-state'], [() => aOut.checkSend(), 'invalid-state'], [() => aOut.send([]), 'invalid-state']);
  ok(JSON.stringify(a.remoteAddress()) === JSON.stringify(b.localAddress()), `${family}: a socket with a peer tells it`);
  ok(send(cOut, datagram('to the peer', undefined), datagram('by name', b.localAddress())) === 2n && outcome(() => send(cOut, datagram('x', a.localAddress()))) === 'invalid-argument', `${family}: it sends to that one only`);
  const other = bound(address, family), [, otherOut] = other.stream(undefined);
  send(otherOut, datagram('stranger', a.localAddress()));
  send(bOut, datagram('friend', a.localAddress()));
  cIn.subscribe().block();
  ok(texts(cIn.receive(10n)) === 'friend', `${family}: and hears that one only`);
  const [dIn] = a.stream(undefined);
  all(`${family}: without a peer again`, [() => a.remoteAddress(), 'invalid-state'], [() => dIn.receive(1n), 'ok']);
  const gone = bound(address, family), where = gone.localAddress();
  drop(gone);
  const [eIn, eOut] = a.stream(where);
  send(eOut, datagram('anybody?', undefined));
  ok([outcome(() => eIn.receive(1n)), outcome(() => eIn.receive(1n))].join() === 'connection-refused,ok', `${family}: nobody listens there: told once`);
}

{
  const fresh = await instantiate('sealed');
  const s = fresh.udpCreateSocket.createUdpSocket('ipv4');
  s.startBind(fresh.instanceNetwork.instanceNetwork(), ipv4(0, ...HOME));
  s.finishBind();
  const [, out] = s.stream(undefined);
  ok(/RuntimeError|ComponentError/.test(outcome(() => out.send([datagram('x', s.localAddress())]))), 'sending without a permit traps, as the interface demands');
}

{
  const s = createUdpSocket('ipv4');
  for (const [name, first, zero, value, huge, most] of [['unicastHopLimit', 64, 0, 5, 255, 255], ['receiveBufferSize', 262_144n, 0n, 65_536n, 2n ** 63n, 16_777_216n]]) {
    const set = (v) => outcome(() => s[`set${name[0].toUpperCase()}${name.slice(1)}`](v));
    ok(s[name]() === first && set(zero) === 'invalid-argument' && set(value) === 'ok' && s[name]() === value && set(huge) === 'ok' && s[name]() === most, `${name}: ${first} at first, zero is refused, too much is cut`, s[name]());
  }
  ok(outcome(() => s.setSendBufferSize(0n)) === 'invalid-argument' && outcome(() => s.setSendBufferSize(65_536n)) === 'ok' && s.sendBufferSize() === 65_536n, 'sendBufferSize: zero is refused, others are taken');
}

{
  const { monotonicClock, ...alone } = await instantiate('sealed', lonelyLink({ jump: 50e6 })), { boundUdp } = sockets(alone);
  const any = ipv6(0, 0, 0, 0, 0, 0, 0, 0, 0), far = ipv6(1, 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), s = boundUdp(any, 'ipv6'), [, out] = s.stream(undefined);
  monotonicClock.subscribeDuration(20_000_000_000n).block();
  all('no way leads there', [() => s.stream(far), 'remote-unreachable'], [() => s.remoteAddress(), 'invalid-state'], [() => send(out, datagram('x', far)), 'remote-unreachable'], [() => out.checkSend(), 'ok']);
}

// names
const addresses = (name) => {
  const list = [], query = resolveAddresses(network, name);
  query.subscribe().block();
  for (let a; (a = query.resolveNextAddress()) !== undefined;) list.push(a.tag === 'ipv4' ? a.val.join('.') : a.val.map((p) => p.toString(16)).join(':'));
  ok(query.resolveNextAddress() === undefined, `${name}: the end stays the end`);
  return list.sort().join(' ');
};
ok(addresses('192.0.2.9') === '192.0.2.9' && addresses('2001:db8::9') === '2001:db8:0:0:0:0:0:9', 'literals are their own addresses');
ok(addresses('::ffff:192.0.2.9') === '192.0.2.9' && addresses('[2001:db8::9]') === '2001:db8:0:0:0:0:0:9', 'IPv4 is IPv4 however it is written; brackets are no part of an address');
ok(addresses('localhost') === '0:0:0:0:0:0:0:1 127.0.0.1', 'localhost');
ok(addresses('known') === '192.0.2.5 2001:db8:0:0:0:0:0:5', 'a name that the grant knows');
all('what is no name', [() => resolveAddresses(network, ''), 'invalid-argument'], [() => resolveAddresses(network, 'a..b'), 'invalid-argument'], [() => resolveAddresses(network, 'a b'), 'invalid-argument'], [() => resolveAddresses(network, '127.0.0.1:80'), 'invalid-argument'], [() => resolveAddresses(network, '[::]:80'), 'invalid-argument'],
  [() => resolveAddresses(network, '[::'), 'invalid-argument'], [() => resolveAddresses(network, '[127.0.0.1]'), 'invalid-argument'], [() => resolveAddresses(network, 'http://a.example/'), 'invalid-argument'],
  [() => resolveAddresses(network, 'nul\0.example'), 'invalid-argument'], [() => resolveAddresses(network, 'x'.repeat(300)), 'invalid-argument'], [() => resolveAddresses(network, 'bücher.example'), 'invalid-argument']);
{
  const q = resolveAddresses(network, 'unknown.example');
  q.subscribe().block();
  all('without a name server: a failure that may pass, told as often as it is asked for', [() => q.resolveNextAddress(), 'temporary-resolver-failure'], [() => q.resolveNextAddress(), 'temporary-resolver-failure']);
}
{
  const slow = await instantiate('sealed', lonelyLink({ grant: 'address=10.0.0.1/24\ndns=10.0.0.2\n', kind: 1, jump: 5e6 }));
  const q = slow.ipNameLookup.resolveAddresses(slow.instanceNetwork.instanceNetwork(), 'far.example');
  const first = outcome(() => q.resolveNextAddress()), p = q.subscribe(), early = p.ready();
  drop(q);
  p.block();
  ok(first === 'would-block' && !early, 'a query that is under way: would-block; its pollable outlives it');
}
await done();
