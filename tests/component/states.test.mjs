// wasi:sockets: what each function of a socket gives in each of its states, as tcp.wit, udp.wit and their operational semantics have it
import { done, ok } from '../lib/tap.mjs';
import { available, HOME, instantiate, ipv4, ipv6, lonelyLink, LOOP6, outcome, sockets } from './provider.mjs';

if (!available('wasi:sockets, each function in each state')) await done();
// Who is behind the gateway never answers.
const { network, createTcpSocket, createUdpSocket, wait, bound, listener, connection, boundUdp } =
  sockets(await instantiate('sealed', lonelyLink({ grant: 'address=10.0.0.1/24\ngateway=10.0.0.2\naddress=2001:db8::1/64\ngateway=2001:db8::2\n', kind: 1 })));
const ANY = { ipv4: ipv4(0, ...HOME), ipv6: ipv6(0, ...LOOP6) }, FAR = { ipv4: ipv4(80, 192, 0, 2, 1), ipv6: ipv6(80, 0x2001, 0xdb8, 1, 0, 0, 0, 0, 1) };
const started = (make, start) => (family) => {
  const s = make(family);
  start(s, family);
  return s;
};

const [OK, STATE, CONFLICT, NOT, BLOCK] = ['ok', 'invalid-state', 'concurrency-conflict', 'not-in-progress', 'would-block'];
const keep = [];

/** In `states`: how a socket comes into it, whether its pollable is ready, and what each of `calls` gives then. */
function table(kind, calls, options, states) {
  for (const family of ['ipv4', 'ipv6']) {
    for (const [name, [make, ready, ...want]] of Object.entries(states)) {
      const got = Object.values(calls).map((call) => outcome(() => call(make(family), family)));
      ok(got.join() === want.join(), `${kind}, ${family}, ${name}: ${Object.keys(calls).join(', ')}`, `got  ${got}\nwant ${want}`);
      const s = make(family), free = options.map((option) => outcome(() => option(s))).filter((code) => code !== 'ok');
      ok(s.addressFamily() === family && s.subscribe().ready() === ready && (s.isListening?.() ?? false) === (name === 'listening') && free.length === 0,
        `${kind}, ${family}, ${name}: it has its family and options, and is ${ready ? '' : 'not '}ready`, free.join());
    }
  }
}

const tcp = (family) => createTcpSocket(family);
const boundTcp = (family) => bound(ANY[family], family);
const connecting = started(tcp, (s, family) => s.startConnect(network, FAR[family]));
const both = (family) => {
  const all = connection(listener(ANY[family], family));
  keep.push(all);
  return all;
};
table('tcp', {
  'start-bind': (s, family) => s.startBind(network, ANY[family]), 'finish-bind': (s) => s.finishBind(), 'start-connect': (s, family) => s.startConnect(network, FAR[family]), 'finish-connect': (s) => s.finishConnect(),
  'start-listen': (s) => s.startListen(), 'finish-listen': (s) => s.finishListen(), accept: (s) => s.accept(), 'local-address': (s) => s.localAddress(), 'remote-address': (s) => s.remoteAddress(),
  shutdown: (s) => s.shutdown('send'), 'set-listen-backlog-size': (s) => s.setListenBacklogSize(5n),
}, [
  (s) => s.setKeepAliveEnabled(s.keepAliveEnabled()), (s) => s.setKeepAliveIdleTime(s.keepAliveIdleTime()), (s) => s.setKeepAliveInterval(s.keepAliveInterval()), (s) => s.setKeepAliveCount(s.keepAliveCount()),
  (s) => s.setHopLimit(s.hopLimit()), (s) => s.setReceiveBufferSize(s.receiveBufferSize()), (s) => s.setSendBufferSize(s.sendBufferSize()),
], {
  //                  ready  start-b   fin-b start-c   fin-c  start-l   fin-l accept local  remote shutd  backlog
  unbound: [tcp,      true,  OK,       NOT,  OK,       NOT,   STATE,    NOT,  STATE, STATE, STATE, STATE, OK],
  'bind in progress':
    [started(tcp, (s, family) => s.startBind(network, ANY[family])),
                      true,  CONFLICT, OK,   CONFLICT, NOT,   CONFLICT, NOT,  STATE, STATE, STATE, STATE, OK],
  bound: [boundTcp,   true,  STATE,    NOT,  OK,       NOT,   OK,       NOT,  STATE, OK,    STATE, STATE, OK],
  'listen in progress':
    [started(boundTcp, (s) => s.startListen()),
                      true,  CONFLICT, NOT,  CONFLICT, NOT,   CONFLICT, OK,   STATE, OK,    STATE, STATE, OK],
  listening: [(family) => listener(ANY[family], family),
                      false, STATE,    NOT,  STATE,    NOT,   STATE,    NOT,  BLOCK, OK,    STATE, STATE, OK],
  'connect in progress':
    [connecting,      false, CONFLICT, NOT,  CONFLICT, BLOCK, CONFLICT, NOT,  STATE, OK,    STATE, STATE, STATE],
  connected: [(family) => both(family).c,
                      true,  STATE,    NOT,  STATE,    NOT,   STATE,    NOT,  STATE, OK,    OK,    OK,    STATE],
  accepted: [(family) => both(family).peer,
                      true,  STATE,    NOT,  STATE,    NOT,   STATE,    NOT,  STATE, OK,    OK,    OK,    STATE],
  'closed by a failure':
    [started(tcp, (s, family) => {
      s.startConnect(network, { tag: family, val: { ...ANY[family].val, port: 1 } });
      wait(s);
      outcome(() => s.finishConnect());
    }),               true,  STATE,    NOT,  STATE,    NOT,   STATE,    NOT,  STATE, STATE, STATE, STATE, STATE],
});

const udp = (family) => createUdpSocket(family);
const streaming = (peer) => started((family) => boundUdp(ANY[family], family), (s, family) => keep.push(s.stream(peer && { tag: family, val: { ...ANY[family].val, port: 9 } })));
table('udp', {
  'start-bind': (s, family) => s.startBind(network, ANY[family]), 'finish-bind': (s) => s.finishBind(), stream: (s) => s.stream(undefined), 'stream of a peer': (s, family) => s.stream({ tag: family, val: { ...ANY[family].val, port: 9 } }),
  'local-address': (s) => s.localAddress(), 'remote-address': (s) => s.remoteAddress(),
}, [
  (s) => s.setUnicastHopLimit(s.unicastHopLimit()), (s) => s.setReceiveBufferSize(s.receiveBufferSize()), (s) => s.setSendBufferSize(s.sendBufferSize()),
], {
  //            ready start-b   fin-b stream peer   local  remote
  unbound: [udp, true, OK,       NOT,  STATE, STATE, STATE, STATE],
  'bind in progress':
    [started(udp, (s, family) => s.startBind(network, ANY[family])),
                 true, CONFLICT, OK,   STATE, STATE, STATE, STATE],
  bound: [(family) => boundUdp(ANY[family], family),
                 true, STATE,    NOT,  OK,    OK,    OK,    STATE],
  streaming: [streaming(undefined),
                 true, STATE,    NOT,  OK,    OK,    OK,    STATE],
  'streaming with a peer':
    [streaming(true),
                 true, STATE,    NOT,  OK,    OK,    OK,    OK],
});
await done();
