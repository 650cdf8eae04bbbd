/*
 * Options: what is kept, what is refused, what is inherited, what reaches the wire.
 */
#include "peer.h"

static void range(ist_handle h, const char *kind, uint32_t option, const char *name, int32_t least, int32_t most)
{
    int32_t value = 0, before;

    ok(ist_option_get(h, option, &before) == 0 && before >= least && before <= most, "%s %s has a default (%d)", kind, name, before);
    ok(ist_option_set(h, option, least) == 0 && ist_option_get(h, option, &value) == 0 && value == least &&
       ist_option_set(h, option, most) == 0 && ist_option_get(h, option, &value) == 0 && value == most,
       "%s %s takes %d and %d", kind, name, least, most);
    if (most > 1)
        ok(ist_option_set(h, option, least - (least == 0 ? 1 : least + 5)) == IST_EINVAL && ist_option_set(h, option, most + 1) == IST_EINVAL &&
           ist_option_get(h, option, &value) == 0 && value == most, "%s %s refuses what lies outside, and keeps its value", kind, name);
    ist_option_set(h, option, before);
}

static void tcp(void)
{
    ist_handle h = ist_tcp_open(IST_IPV4), six = ist_tcp_open(IST_IPV6);
    int32_t v;

    range(h, "TCP", IST_OPTION_NO_DELAY, "NO_DELAY", 0, 1);
    range(h, "TCP", IST_OPTION_KEEPALIVE, "KEEPALIVE", 0, 1);
    range(h, "TCP", IST_OPTION_REUSE_ADDRESS, "REUSE_ADDRESS", 0, 1);
    range(h, "TCP", IST_OPTION_KEEPALIVE_IDLE_S, "KEEPALIVE_IDLE_S", 1, 32767);
    range(h, "TCP", IST_OPTION_KEEPALIVE_INTERVAL_S, "KEEPALIVE_INTERVAL_S", 1, 32767);
    range(h, "TCP", IST_OPTION_KEEPALIVE_COUNT, "KEEPALIVE_COUNT", 1, 127);
    range(h, "TCP", IST_OPTION_TTL, "TTL", 1, 255);
    range(h, "TCP", IST_OPTION_TOS, "TOS", 0, 255);
    range(six, "TCP", IST_OPTION_V6ONLY, "V6ONLY", 0, 1);
    ok(ist_option_set(h, IST_OPTION_LINGER_S, 7) == 0 && ist_option_get(h, IST_OPTION_LINGER_S, &v) == 0 && v == 7 &&
       ist_option_set(h, IST_OPTION_LINGER_S, -9) == 0 && ist_option_get(h, IST_OPTION_LINGER_S, &v) == 0 && v == -1,
       "LINGER_S is kept; every negative value is off");
    ok(ist_option_set(h, IST_OPTION_SEND_BUFFER, 1) == 0 && ist_option_get(h, IST_OPTION_SEND_BUFFER, &v) == 0 && v == 4096 &&
       ist_option_set(h, IST_OPTION_SEND_BUFFER, INT32_MAX) == 0 && ist_option_get(h, IST_OPTION_SEND_BUFFER, &v) == 0 && v == 1 << 22,
       "SEND_BUFFER is cut to what is allowed");
    ok(ist_option_get(h, IST_OPTION_LISTENING, &v) == 0 && v == 0 && ist_option_set(h, IST_OPTION_LISTENING, 1) == IST_ENOTSUP,
       "LISTENING is read only");
    ok(ist_option_get(h, IST_OPTION_MSS, &v) == 0 && v > 500 && ist_option_set(h, IST_OPTION_MSS, 500) == 0 &&
       ist_option_get(h, IST_OPTION_MSS, &v) == 0 && v == 500 && ist_option_set(h, IST_OPTION_MSS, 87) == IST_EINVAL &&
       ist_option_set(h, IST_OPTION_MSS, 32768) == IST_EINVAL && ist_option_set(h, IST_OPTION_MSS, 0) == 0, "MSS is 88 to 32,767, or 0");
    ok(ist_option_set(h, IST_OPTION_BROADCAST, 1) == IST_ENOTSUP && ist_option_set(h, IST_OPTION_V6ONLY, 1) == IST_ENOTSUP &&
       ist_option_set(h, 0, 1) == IST_ENOTSUP && ist_option_get(h, 999, &v) == IST_ENOTSUP, "what TCP over IPv4 does not have is refused");
    ok(ist_option_get(h, IST_OPTION_TTL, NULL) == IST_EINVAL && ist_option_set(h + 1000, IST_OPTION_TTL, 1) == IST_EBADF, "so are bad arguments");
    ist_close(h), ist_close(six);
}

static void datagram(void)
{
    ist_handle u = ist_udp_open(IST_IPV6), e = ist_icmp_open(IST_IPV4);
    struct ist_address any = v6(0, 0, 0);
    int32_t v;

    range(u, "UDP", IST_OPTION_BROADCAST, "BROADCAST", 0, 1);
    range(u, "UDP", IST_OPTION_TTL, "TTL", 1, 255);
    range(u, "UDP", IST_OPTION_TOS, "TOS", 0, 255);
    range(u, "UDP", IST_OPTION_V6ONLY, "V6ONLY", 0, 1);
    range(e, "ICMP", IST_OPTION_TTL, "TTL", 1, 255);
    ok(ist_option_set(u, IST_OPTION_RECEIVE_BUFFER, 1) == 0 && ist_option_get(u, IST_OPTION_RECEIVE_BUFFER, &v) == 0 && v == 4096 &&
       ist_option_set(e, IST_OPTION_RECEIVE_BUFFER, INT32_MAX) == 0 && ist_option_get(e, IST_OPTION_RECEIVE_BUFFER, &v) == 0 &&
       v == 16777216, "RECEIVE_BUFFER is cut to what is allowed");
    ok(ist_option_set(u, IST_OPTION_TTL, 9) == 0 && ist_option_set(u, IST_OPTION_TTL, -1) == 0 &&
       ist_option_get(u, IST_OPTION_TTL, &v) == 0 && v == 64, "TTL -1 is the default");
    ok(ist_option_set(u, IST_OPTION_NO_DELAY, 1) == IST_ENOTSUP && ist_option_get(u, IST_OPTION_MSS, &v) == IST_ENOTSUP &&
       ist_option_set(e, IST_OPTION_LINGER_S, 1) == IST_ENOTSUP && ist_option_set(e, IST_OPTION_V6ONLY, 1) == IST_ENOTSUP,
       "datagram sockets have no options of streams");
    ok(ist_socket_bind(u, &any) == 0 && ist_option_set(u, IST_OPTION_V6ONLY, 1) == IST_EINVAL, "V6ONLY comes too late after bind");
    ist_close(u), ist_close(e);
}

static void on_the_wire(void)
{
    struct ist_address to = v4("10.0.0.2", 80);
    struct packet p = { 0 }, syn;
    ist_handle u = ist_udp_open(IST_IPV4), h;
    int small = 0;

    ist_option_set(u, IST_OPTION_TTL, 7), ist_option_set(u, IST_OPTION_TOS, 0x28);
    peer_forget();
    ist_datagram_send(u, "x", 1, &to);
    settle();
    ok(peer_next(&p) && p.bytes[8] == 7 && p.bytes[1] == 0x28, "TTL and TOS of UDP are on the wire");
    ist_close(u);

    h = ist_tcp_open(IST_IPV4);
    ist_option_set(h, IST_OPTION_TTL, 9);
    ist_socket_connect(h, &to);
    ok(peer_next_tcp(&syn) && syn.bytes[8] == 9, "the TTL of TCP is on the SYN");
    ist_close(h);

    h = peer_accept(&syn);
    ist_stream_send(h, "a", 1), ist_stream_send(h, "b", 1), ist_stream_send(h, "c", 1);
    while (peer_next_tcp(&p))
        small++;
    ok(small == 1, "small sends wait for the first one's ACK (RFC 896)");
    ist_close(h);
    h = peer_accept(&syn);
    ist_option_set(h, IST_OPTION_NO_DELAY, 1);
    ist_stream_send(h, "a", 1), ist_stream_send(h, "b", 1), ist_stream_send(h, "c", 1);
    for (small = 0; peer_next_tcp(&p); )
        small++;
    ok(small == 3, "NO_DELAY: they do not (%d)", small);
    ist_close(h);
}

static void inherited(void)
{
    ist_handle l = ist_tcp_open(IST_IPV4), c = ist_tcp_open(IST_IPV4), s;
    struct ist_address at;
    int32_t a, b, d, e, n = 0;
    static char buf[65536];

    ist_option_set(l, IST_OPTION_NO_DELAY, 1), ist_option_set(l, IST_OPTION_KEEPALIVE_IDLE_S, 33);
    ist_option_set(l, IST_OPTION_SEND_BUFFER, 8192), ist_option_set(l, IST_OPTION_TTL, 99);
    ist_socket_listen(l, 2);
    ok(ist_option_get(l, IST_OPTION_LISTENING, &a) == 0 && a == 1, "LISTENING tells a listener");
    at = local_of(l);
    ist_socket_connect(c, &at);
    wait_for(l, IST_READABLE, 100);
    s = ist_socket_accept(l, NULL);
    ist_option_get(s, IST_OPTION_NO_DELAY, &a), ist_option_get(s, IST_OPTION_KEEPALIVE_IDLE_S, &b);
    ist_option_get(s, IST_OPTION_SEND_BUFFER, &d), ist_option_get(s, IST_OPTION_TTL, &e);
    ok(a == 1 && b == 33 && d == 8192 && e == 99, "accept inherits the listener's options");
    ok(ist_stream_send(s, buf, sizeof buf) == 8192 && ist_stream_send(s, buf, 1) == IST_EAGAIN, "SEND_BUFFER bounds what send takes");
    while (wait_for(s, IST_WRITABLE, 1000) && ist_stream_recv(c, buf, sizeof buf) > 0 && n++ < 20)
        ist_stream_send(s, buf, sizeof buf);
    ok(n == 21, "and the stream goes on with it");
    ist_close(l), ist_close(c), ist_close(s);
}

int main(void)
{
    instance_start(GRANT, NULL);
    tcp();
    datagram();
    on_the_wire();
    inherited();
    instance_stop();
    return tap_done();
}
