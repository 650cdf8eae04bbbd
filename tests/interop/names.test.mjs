// Names: the grant's lines, the switch's, and a real dnsmasq, reached through passt at port 53 of this machine's loopback.
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { B, ok, skip, done, atEnd, scratch, run, start, isthmus } from '../lib/tap.mjs';

const folder = scratch();
const module = join(folder, 'lookup.wasm');
let r = await run(join(B, 'bin/isthmus-cc'), ['-Wall', '-Wextra', '-Werror', 'tests/interop/lookup.c', '-o', module]);
ok(r.status === 0, 'the program of this test compiles', r.err);

const lines = (r) => r.out.trimEnd().split('\n');
const lookup = (link, grants, ...args) =>
  run(isthmus, ['run', '--link', link, ...grants.flatMap((g) => ['--grant', g]), module, ...args], { timeout: 40_000 });
const is = async (name, link, grants, args, expected, status = 0) => {
  const r = await lookup(link, grants, ...args);
  const fits = expected instanceof RegExp ? expected.test(r.out) : r.out === expected;
  ok(r.status === status && fits, name, `status ${r.status}\n${r.out}${r.err}`);
  return r;
};

// --- the grant
const lan = 'switch:lan';
const granted = ['host=10.9.0.7 one.test one', 'host=2001:db8::7 one.test'];
await is('a host= line by its first name', lan, granted, ['one.test', 'http', '4', 'c'], '10.9.0.7 80\ncanonical one.test\n');
await is('by an alias, in capitals', lan, granted, ['ONE', '443', '4', 'c'], '10.9.0.7 443\ncanonical one.test\n');
await is('in IPv6', lan, granted, ['one.test', '80', '6'], '2001:db8::7 80\n');
await is('mapped, where both are wanted', lan, granted, ['one.test', '80', '6', 'ma'], /^2001:db8::7 80\n::ffff:10\.9\.0\.7 80\n$|^::ffff:10\.9\.0\.7 80\n2001:db8::7 80\n$/);
await is('not mapped where there is an IPv6 address', lan, granted, ['one.test', '80', '6', 'm'], '2001:db8::7 80\n');
await is('mapped where there is none', lan, ['host=10.9.0.8 two'], ['two', '80', '6', 'm'], '::ffff:10.9.0.8 80\n');
await is('a name without an address of that family', lan, ['host=10.9.0.8 two'], ['two', '80', '6'], /^error -5: /, 1);
const four = 'switch:lan?address=10.9.1.5/24';
await is('AI_ADDRCONFIG leaves out the family that the instance has no address of', four, granted, ['one.test', '80', '0', 'x'], '10.9.0.7 80\n');
await is('also when it is the only one wanted', four, granted, ['one.test', '80', '6', 'x'], /^error -2: /, 1);
await is('IPv6 comes last where there is no IPv6 address', four, granted, ['one.test'], '10.9.0.7 80\n2001:db8::7 80\n');
await is('a scope by the name of a link', lan, [], ['fe80::1%if0'], 'fe80::1%if0 80\n');
await is('by its index', lan, [], ['fe80::1%2'], 'fe80::1%if0 80\n');
await is('no such link', lan, [], ['fe80::1%if7'], /^error -2: /, 1);
await is('without a name server there is no answer', lan, [], ['nosuch.example'], /^error -3: /, 1);
await is('getnameinfo() finds the name', lan, granted, ['reverse', '10.9.0.7'], 'one.test ssh\n');
await is('and says so where there is nobody to ask', lan, granted, ['reverse', '10.9.0.9'], /^Temporary failure/, 1);
await is('the switch knows the name of the module itself', lan, [], ['lookup', '80', '4'], /^[0-9.]+ 80\n$/);

// --- a real server
writeFileSync(join(folder, 'hosts'), [
  '192.0.2.10 web.test', '2001:db8::10 web.test', '192.0.2.11 four.test', '2001:db8::12 six.test', '192.0.2.13 host.search.test',
  ...Array.from({ length: 100 }, (_, i) => `198.51.100.${i + 1} many.test`),
  ...Array.from({ length: 100 }, (_, i) => `2001:db8:1::${(i + 1).toString(16)} many.test`)].join('\n') + '\n');
let dnsmasq;
if (process.getuid() !== 0) {
  skip('names from a real dnsmasq', 'needs root, for port 53');
  await done();
}
try {
  dnsmasq = await start('dnsmasq', ['--keep-in-foreground', '--conf-file=/dev/null', '--port=53', '--listen-address=127.0.0.1', '--bind-interfaces',
    '--no-resolv', '--no-hosts', `--addn-hosts=${join(folder, 'hosts')}`, '--local=/test/', '--cname=alias.test,second.test', '--cname=second.test,web.test',
    '--log-queries', '--log-facility=-', '--user=root', '--pid-file='], { until: /started/ });
} catch (e) {
  ok(false, 'dnsmasq serves 127.0.0.1 port 53 (needs root, the package dnsmasq-base and a free port)', e.message);
  await done();
}
const passt = 'passt:address=10.9.0.15,gateway=10.9.0.2,dns=10.9.0.2';
const dns = (name, args, expected, status) => is(name, passt, [], args, expected, status);
await dns('an A record, with the server that DHCP told', ['web.test', '80', '4'], '192.0.2.10 80\n');
await dns('an AAAA record', ['web.test', '80', '6'], '2001:db8::10 80\n');
r = await dns('both', ['web.test'], /^(192\.0\.2\.10 80\n2001:db8::10 80\n|2001:db8::10 80\n192\.0\.2\.10 80\n)$/);
await dns('in capitals and with a final dot', ['WEB.test.', '80', '4'], '192.0.2.10 80\n');
await dns('a name with IPv4 only', ['four.test'], '192.0.2.11 80\n');
await dns('a name with IPv6 only, asked for IPv4', ['six.test', '80', '4'], /^error -5: /, 1);
await dns('an alias of an alias, and its canonical name', ['alias.test', '80', '4', 'c'], '192.0.2.10 80\ncanonical web.test\n');
await dns('a name that does not exist', ['nosuch.test'], /^error -2: /, 1);
await dns('a name that the server refuses to look for', ['elsewhere.example'], /^error -3: /, 1);
await dns('the name of an IPv4 address, from its PTR record', ['reverse', '192.0.2.10'], 'web.test ssh\n');
await dns('and of an IPv6 address', ['reverse', '2001:db8::12'], 'six.test ssh\n');
await dns('an address that the server has no name for', ['reverse', '192.0.2.99'], /^Temporary failure/, 1);
await dns('two look-ups in one program', ['twice', 'web.test'], '192.0.2.10 80\n192.0.2.10 80\n');
r = await lookup(passt, [], 'many.test');
ok(new Set(lines(r)).size === 200 && /198\.51\.100\.100 /.test(r.out) && /2001:db8:1::64 /.test(r.out), 'a hundred addresses of each family, which need TCP', r.out + r.err);
const asked = (name) => dnsmasq.out.split('\n').filter((l) => l.includes('query[') && l.includes(` ${name} `)).length;
ok(asked('many.test') === 4, 'each asked for by UDP and then by TCP', dnsmasq.out);
ok(asked('localhost') === 0 && await lookup(passt, [], 'localhost').then((r) => r.status === 0) && asked('localhost') === 0, 'localhost is never asked for');
await is('a search= line completes a name without a dot', passt, ['search=nosuch.test search.test'], ['host', '80', '4', 'c'], '192.0.2.13 80\ncanonical host.search.test\n');
// --- a server that is authorized for nothing
await dnsmasq.stop();
const stranger = createSocket('udp4');
stranger.on('message', (m, from) => {
  m[2] |= 0x80;              // an answer
  m[3] = (m[3] & 0xf0) | 9;  // NOTAUTH
  stranger.send(m, from.port, from.address);
});
await new Promise((bound) => stranger.bind(53, '127.0.0.1', bound));
atEnd(() => stranger.close());
await dns('a server whose answer will not change: EAI_FAIL', ['web.test', '80', '4'], /^error -4: /, 1);
await done();
