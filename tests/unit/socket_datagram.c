/*
 * UDP and ICMP echo handles, inside one instance.
 */
#include "socket.h"

static uint8_t buf[70000], other[70000];

static ist_handle udp_on(struct ist_address a)
{
    ist_handle h = ist_udp_open(a.family);

    if (h < 0 || ist_socket_bind(h, &a)) abort();
    return h;
}

static void there_and_back(void)
{
    ist_handle s = udp_on(v4("127.0.0.1", 5353)), c = ist_udp_open(IST_IPV4);
    struct ist_address to = v4("127.0.0.1", 5353), at, none = v4("0.0.0.0", 0);
    struct ist_datagram info;

    ok(levels(c) == IST_WRITABLE && ist_datagram_recv(c, buf, 9, 0, &info) == IST_EAGAIN, "a new UDP socket is writable, with nothing to read");
    at = local_of(c);
    ok(same_address(&at, &none), "and not bound");
    ok(ist_datagram_send(c, "ping", 4, NULL) == IST_ENOTCONN, "send without an address says ENOTCONN");
    ok(ist_datagram_send(c, "ping", 4, &to) == 4, "send with one takes the datagram");
    ok(wait_for(s, IST_READABLE, 100) == IST_READABLE, "it arrives");
    at = v4("127.0.0.1", local_of(c).port);
    ok(at.port >= 32768, "the sender has been bound to an ephemeral port");
    ok(ist_datagram_recv(s, buf, 2, IST_PEEK, &info) == 4 && memcmp(buf, "pi", 2) == 0, "peek tells the whole length, and gives what fits");
    ok(ist_datagram_recv(s, buf, sizeof buf, 0, &info) == 4 && memcmp(buf, "ping", 4) == 0, "it is still there, whole");
    ok(same_address(&info.from, &at) && same_address(&info.to, &to) && info.ttl == 64 && info.link == 0,
       "from, to, hop limit and link are told");
    ok(ist_datagram_send(s, "", 0, &info.from) == 0 && wait_for(c, IST_READABLE, 100) &&
       ist_datagram_recv(c, buf, 9, 0, &info) == 0 && ist_datagram_recv(c, buf, 9, 0, NULL) == IST_EAGAIN,
       "an empty datagram is a datagram");
    ok(ist_socket_bind(c, &at) == IST_EINVAL, "a bound socket does not bind again");
    ist_close(c), ist_close(s);
}

static void with_its_own(void)
{
    ist_handle s = udp_on(v4("0.0.0.0", 5353)), c = ist_udp_open(IST_IPV4), e = ist_icmp_open(IST_IPV4);
    struct ist_address to = v4("10.0.0.1", 5353), back = v4("127.0.0.1", 5353);
    struct ist_sending with = { .from = v4("127.0.0.1", 0), .ttl = 9, .has_tos = 1, .tos = 0x28 };
    struct ist_datagram info;

    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == 1 && wait_for(s, IST_READABLE, 100) && ist_datagram_recv(s, buf, 9, 0, &info) == 1 &&
       info.from.ip[0] == 127 && info.ttl == 9 && info.tos == 0x28, "a datagram has a source, a TTL and a TOS of its own");
    ok(ist_datagram_send_with(c, "a", 1, &to, NULL) == 1 && wait_for(s, IST_READABLE, 100) && ist_datagram_recv(s, buf, 9, 0, &info) == 1 &&
       info.from.ip[0] == 10 && info.ttl == 64 && info.tos == 0, "the next has those of the handle");
    with = (struct ist_sending) { .interface = 1 };
    ok(ist_datagram_send_with(c, "a", 1, &back, &with) == 1 && wait_for(s, IST_READABLE, 100) && ist_datagram_recv(s, buf, 9, 0, &info) == 1 &&
       info.from.ip[0] == 127 && info.link == 0, "by the loopback");
    with.interface = 2;
    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == 1 && wait_for(s, IST_READABLE, 100) && ist_datagram_recv(s, buf, 9, 0, &info) == 1 &&
       info.from.ip[0] == 10, "by the first link, from its address");
    with.interface = 77;
    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == IST_ENETUNREACH, "an interface that does not exist: ENETUNREACH");
    with.interface = 300;
    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == IST_ENETUNREACH, "nor does one beyond all");
    with = (struct ist_sending) { .from = v4("10.0.0.9", 0) };
    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == IST_EADDRNOTAVAIL, "the address of somebody else: EADDRNOTAVAIL");
    with.from = v6(0, 1, 0);
    ok(ist_datagram_send_with(c, "a", 1, &to, &with) == IST_EAFNOSUPPORT, "of another family: EAFNOSUPPORT");
    ok(ist_datagram_send_with(e, "a", 1, &to, &with) == IST_EBADF, "an ICMP handle does not have it");
    ok(ist_datagram_recv(s, buf, 9, 0, &info) == IST_EAGAIN, "and nothing of that was sent");
    ist_close(c), ist_close(s), ist_close(e);
}

static void sizes(void)
{
    ist_handle s = udp_on(v4("127.0.0.1", 5000)), c = ist_udp_open(IST_IPV4), six = ist_udp_open(IST_IPV6), t = udp_on(v6(0, 1, 5001));
    struct ist_address to = v4("127.0.0.1", 5000), to6 = v6(0, 1, 5001);

    for (uint32_t i = 0; i < sizeof other; i++)
        other[i] = (uint8_t)(i * 31 + i / 256);
    ok(ist_datagram_send(c, other, 65507, &to) == 65507 && wait_for(s, IST_READABLE, 1000) &&
       ist_datagram_recv(s, buf, sizeof buf, 0, NULL) == 65507 && memcmp(buf, other, 65507) == 0, "65,507 bytes go through");
    ok(ist_datagram_send(c, other, 65508, &to) == IST_EMSGSIZE, "65,508 do not");
    ok(ist_datagram_send(six, other, 65487, &to6) == 65487 && wait_for(t, IST_READABLE, 1000) &&
       ist_datagram_recv(t, buf, sizeof buf, 0, NULL) == 65487 && memcmp(buf, other, 65487) == 0, "IPv6: 65,487 bytes go through");
    ok(ist_datagram_send(six, other, 65488, &to6) == IST_EMSGSIZE, "IPv6: 65,488 do not");
    to = v4("10.0.0.1", 5000);
    ist_close(s);
    s = udp_on(to);
    ok(ist_datagram_send(c, other, 40000, &to) == 40000 && wait_for(s, IST_READABLE, 1000) &&
       ist_datagram_recv(s, buf, sizeof buf, 0, NULL) == 40000 && memcmp(buf, other, 40000) == 0, "a datagram in fragments is put together");
    ist_close(s), ist_close(c), ist_close(six), ist_close(t);
}

static void connected(void)
{
    ist_handle s = udp_on(v4("127.0.0.1", 5002)), stranger = udp_on(v4("127.0.0.1", 5003)), c = ist_udp_open(IST_IPV4);
    struct ist_address to = v4("127.0.0.1", 5002), at, nowhere = { 0 };
    struct ist_datagram info;

    ok(ist_socket_connect(c, &to) == 0 && ist_socket_peer(c, &at) == 0 && same_address(&at, &to), "connect sets the peer");
    at = local_of(c);
    ok(at.ip[0] == 127 && at.port, "and a connected socket knows where it sends from");
    ok(ist_datagram_send(c, "a", 1, NULL) == 1 && wait_for(s, IST_READABLE, 100), "send needs no address then");
    ist_datagram_send(stranger, "intruder", 8, &at);
    ist_datagram_send(s, "friend", 6, &at);
    settle();
    ok(ist_datagram_recv(c, buf, 64, 0, &info) == 6 && ist_datagram_recv(c, buf, 64, 0, &info) == IST_EAGAIN,
       "only the peer is heard");
    ok(ist_socket_connect(c, &nowhere) == 0 && ist_socket_peer(c, &at) == IST_ENOTCONN &&
       ist_datagram_send(c, "a", 1, NULL) == IST_ENOTCONN, "family 0 dissolves it");
    ist_close(s);
    ist_socket_connect(c, &to);
    ist_datagram_send(c, "a", 1, NULL);
    ok(wait_for(c, IST_READABLE, 100) & IST_FAILED, "nobody there: FAILED");
    ok(ist_datagram_recv(c, buf, 64, 0, NULL) == IST_ECONNREFUSED && ist_datagram_recv(c, buf, 64, 0, NULL) == IST_EAGAIN,
       "nobody there: ECONNREFUSED, once");
    ist_datagram_send(c, "a", 1, NULL);
    settle();
    ok(ist_datagram_send(c, "a", 1, NULL) == IST_ECONNREFUSED && ist_datagram_send(c, "a", 1, NULL) == 1, "send reports it as well");
    ist_close(c), ist_close(stranger);
}

static void limits(void)
{
    ist_handle s = udp_on(v4("127.0.0.1", 5004)), c = ist_udp_open(IST_IPV4);
    struct ist_address to = v4("127.0.0.1", 5004);
    int32_t value;
    int n;

    ok(ist_option_set(s, IST_OPTION_RECEIVE_BUFFER, 8192) == 0 && ist_option_get(s, IST_OPTION_RECEIVE_BUFFER, &value) == 0 &&
       value == 8192, "RECEIVE_BUFFER is set");
    for (int i = 0; i < 100; i++)
        ist_datagram_send(c, other, 1000, &to), settle();
    for (n = 0; ist_datagram_recv(s, buf, sizeof buf, 0, NULL) == 1000; n++)
        ;
    ok(n > 3 && n < 9, "it bounds what is kept; the rest is dropped (%d kept)", n);
    for (int i = 0; i < 1000; i++)
        ist_datagram_send(c, other, 0, &to), settle();
    for (n = 0; ist_datagram_recv(s, buf, sizeof buf, 0, NULL) == 0; n++)
        ;
    ok(n > 3 && n < 100, "empty datagrams count too (%d kept)", n);
    ok(ist_datagram_send(c, other, 60000, &to) == 60000 && wait_for(s, IST_READABLE, 100) &&
       ist_datagram_recv(s, buf, sizeof buf, 0, NULL) == 60000, "one datagram of any size is always kept");
    ist_close(s), ist_close(c);
}

static void refusals(void)
{
    ist_handle c = ist_udp_open(IST_IPV4), d, six;
    struct ist_address to = v4("255.255.255.255", 67);

    ok(ist_datagram_send(c, "x", 1, &to) == IST_EACCES, "broadcast without the option says EACCES");
    ok(ist_socket_connect(c, &to) == IST_EACCES, "so does connect");
    ok(ist_option_set(c, IST_OPTION_BROADCAST, 1) == 0 && ist_datagram_send(c, "x", 1, &to) == 1, "with it, it is sent");
    to = v6(0, 1, 9);
    ok(ist_datagram_send(c, "x", 1, &to) == IST_EAFNOSUPPORT, "IPv6 over an IPv4 socket is refused");
    to = v4("127.0.0.1", 0);
    ok(ist_datagram_send(c, "x", 1, &to) == IST_EINVAL, "port 0 is refused");
    d = udp_on(v4("0.0.0.0", 5005));
    six = ist_udp_open(IST_IPV6), to = v6(0, 0, 5005);
    ok(ist_socket_bind(six, &to) == IST_EADDRINUSE, "a bound port is in use, also for a socket of both families");
    ist_option_set(six, IST_OPTION_V6ONLY, 1);
    ok(ist_socket_bind(six, &to) == 0, "not for V6ONLY");
    to = v4("9.9.9.9", 5006);
    ist_close(c), c = ist_udp_open(IST_IPV4);
    ok(ist_socket_bind(c, &to) == IST_EADDRNOTAVAIL, "bind to an address of somebody else is refused");
    to = v6(0x20, 9, 53), to.ip[1] = 1;
    ist_close(six), six = ist_udp_open(IST_IPV6);
    ok(ist_datagram_send(six, "x", 1, &to) == 1, "with a gateway the world can be reached");
    ist_close(c), ist_close(d), ist_close(six);
}

static void dual_stack(void)
{
    ist_handle six = udp_on(v6(0, 0, 5007)), four = ist_udp_open(IST_IPV4);
    struct ist_address to = v4("127.0.0.1", 5007), want;
    struct ist_datagram info;

    ist_datagram_send(four, "hi", 2, &to);
    wait_for(six, IST_READABLE, 100);
    want = mapped("127.0.0.1", local_of(four).port);
    ok(ist_datagram_recv(six, buf, 64, 0, &info) == 2 && same_address(&info.from, &want), "an IPv6 socket hears IPv4, v4-mapped");
    ok(ist_datagram_send(six, "back", 4, &info.from) == 4 && wait_for(four, IST_READABLE, 100) &&
       ist_datagram_recv(four, buf, 64, 0, &info) == 4, "and answers");
    to = v6(0, 1, 5007);
    ok(ist_datagram_send(six, "me", 2, &to) == 2 && wait_for(six, IST_READABLE, 100) &&
       ist_datagram_recv(six, buf, 64, 0, &info) == 2 && same_address(&info.from, &to), "and speaks IPv6");
    ist_close(six), ist_close(four);
}

static void echo(uint32_t family, struct ist_address to, uint8_t request, uint8_t reply)
{
    ist_handle h = ist_icmp_open(family), g = ist_icmp_open(family);
    const char *name = family == IST_IPV4 ? "IPv4" : "IPv6";
    uint8_t m[64] = { request, 0, 1, 2, 3, 4, 0, 7, 'd', 'a', 't', 'a' };
    struct ist_datagram info;
    struct ist_address at = { .family = (uint8_t)family, .port = 1234 };

    ok(ist_datagram_send(h, m, 12, &to) == 12 && wait_for(h, IST_READABLE, 1000), "%s: an echo request is answered", name);
    at.port = local_of(h).port;
    ok(at.port != 0, "%s: the handle has an id", name);
    ok(ist_datagram_recv(h, buf, sizeof buf, 0, &info) == 12 && buf[0] == reply && buf[1] == 0 &&
       (buf[4] << 8 | buf[5]) == at.port && buf[6] == 0 && buf[7] == 7 && memcmp(buf + 8, "data", 4) == 0,
       "%s: the reply has the handle's id, the sequence and the data", name);
    ok(memcmp(info.from.ip, to.ip, 16) == 0 && info.ttl > 0, "%s: from whom and with what hop limit is told", name);
    ok(ist_datagram_recv(g, buf, sizeof buf, 0, &info) == IST_EAGAIN, "%s: another handle does not see it", name);
    m[0] = 13;
    ok(ist_datagram_send(h, m, 12, &to) == IST_EINVAL, "%s: only echo requests can be sent", name);
    m[0] = request;
    ok(ist_datagram_send(h, m, 7, &to) == IST_EINVAL && ist_datagram_send(h, other, 65530, &to) == IST_EMSGSIZE,
       "%s: too short and too long a message is refused", name);
    ok(ist_datagram_send(h, m, 8, NULL) == IST_ENOTCONN, "%s: send without an address says ENOTCONN", name);
    ok(ist_socket_connect(h, &to) == 0 && ist_datagram_send(h, m, 8, NULL) == 8, "%s: after connect it does not", name);
    at = (struct ist_address){ .family = (uint8_t)family, .port = local_of(h).port };
    ok(ist_socket_bind(g, &at) == IST_EADDRINUSE, "%s: an id is used once", name);
    at.port = at.port == 77 ? 78 : 77;
    ok(ist_socket_bind(g, &at) == 0 && local_of(g).port == at.port && ist_socket_bind(g, &at) == IST_EINVAL, "%s: bind chooses the id, once", name);
    ist_close(h), ist_close(g);
    settle();
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    ist_close(ist_udp_open(IST_IPV4));
    pass(60000);
    memory = memory_now();
    there_and_back();
    with_its_own();
    sizes();
    connected();
    limits();
    refusals();
    dual_stack();
    echo(IST_IPV4, v4("127.0.0.1", 0), 8, 0);
    echo(IST_IPV6, v6(0, 1, 0), 128, 129);
    echo(IST_IPV4, v4("10.0.0.1", 0), 8, 0);
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
