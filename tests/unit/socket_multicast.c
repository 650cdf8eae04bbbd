/*
 * Groups on the wire: what a link is told, which groups are heard, and how far multicast goes.
 */
#include "peer.h"

#define IGMP_REPORT 0x16
#define IGMP_LEAVE  0x17

static const uint8_t group_ip[4] = { 239, 1, 2, 3 };
static uint8_t buf[2000];

/* How many IGMP messages of a type about the group have been sent; each must be well made. */
static int igmp_seen(uint8_t type)
{
    struct packet p;
    int n = 0;

    settle();
    while (peer_next(&p)) {
        uint32_t header = (p.bytes[0] & 15u) * 4;
        if (p.protocol == 2 && p.bytes[header] == type && memcmp(p.bytes + header + 4, group_ip, 4) == 0)
            n += p.bytes[8] == 1 && header == 24 && p.bytes[20] == 0x94;    /* TTL 1, router alert: RFC 2236 2 */
    }
    return n;
}

/* A datagram from 10.0.0.2 to @last of the groups 239.1.2.x, port 5000. */
static void far_sends(uint8_t last)
{
    uint8_t b[4 + 20 + 8 + 3] = { 0, 0, 0, 31, 0x45, 0, 0, 31, 0, 0, 0, 0, 1, 17, 0, 0, 10, 0, 0, 2, 239, 1, 2, last, 0x13, 0x88, 0x13, 0x88, 0, 11, 0, 0, 'm', 'c', 't' };

    put16(b + 4 + 10, sum_end(sum_add(0, b + 4, 20)));
    if (far_port->vtable->take(far_port, b, sizeof b) != sizeof b) abort();
    settle();
}

static void joined_and_left(void)
{
    ist_handle u = ist_udp_open(IST_IPV4), v = ist_udp_open(IST_IPV4);
    struct ist_address group = v4("239.1.2.3", 0), any = v4("0.0.0.0", 5000), foreign = v4("10.0.0.9", 0);
    struct ist_datagram info;

    if (ist_socket_bind(u, &any)) abort();
    peer_forget();
    far_sends(3);
    ok(ist_datagram_recv(u, buf, sizeof buf, 0, NULL) == IST_EAGAIN, "a group that nobody has joined is not heard");
    ok(ist_multicast_join(u, &group, 0) == 0 && igmp_seen(IGMP_REPORT) == 1, "a join is reported to the link");
    pass(60000);
    ok(igmp_seen(IGMP_REPORT) == 1, "and once more, later");
    far_sends(3);
    ok(ist_datagram_recv(u, buf, sizeof buf, 0, &info) == 3 && memcmp(info.to.ip, group_ip, 4) == 0 && info.link == 1 && info.ttl == 1, "it is heard, and group, link and TTL are told");
    far_sends(4);
    ok(ist_datagram_recv(u, buf, sizeof buf, 0, NULL) == IST_EAGAIN, "the group beside it is not");
    ok(ist_multicast_join(u, &group, 2) == IST_EADDRINUSE, "the same on the same link is EADDRINUSE");
    ok(ist_multicast_join(v, &group, 2) == 0 && igmp_seen(IGMP_REPORT) == 0, "for a second handle nothing more is reported");
    ok(ist_multicast_leave(u, &group, 0) == 0 && igmp_seen(IGMP_LEAVE) == 0, "nor when the first leaves");
    ist_close(v);
    ok(igmp_seen(IGMP_LEAVE) == 1, "the last one that closes leaves");
    ok(ist_multicast_leave(u, &group, 0) == IST_EADDRNOTAVAIL, "there is nothing to leave then");
    ok(ist_multicast_join(u, &foreign, 0) == IST_EINVAL && ist_multicast_leave(u, &foreign, 0) == IST_EINVAL, "an address that is no group is EINVAL");
    ok(ist_multicast_join(u, &group, 9) == IST_ENETUNREACH && ist_multicast_join(u, &group, 100000) == IST_ENETUNREACH, "an interface that is not there is ENETUNREACH");
    ok(ist_multicast_join(u, NULL, 0) == IST_EINVAL && ist_multicast_join(v, &group, 0) == IST_EBADF, "no group is EINVAL, no handle EBADF");
    ist_close(u);
}

static void instance_changes(void)
{
    ist_handle u = ist_udp_open(IST_IPV4);
    struct ist_address group = v4("239.1.2.3", 0), any = v4("0.0.0.0", 5000);

    if (ist_socket_bind(u, &any) || ist_multicast_join(u, &group, 0)) abort();
    pass(60000);
    peer_forget();
    if (isthmus_host_renew(&host)) abort();
    pass(60000);
    ok(igmp_seen(IGMP_REPORT) == 1, "a copy of the instance joins anew what its handles have joined");
    far_sends(3);
    ok(ist_datagram_recv(u, buf, sizeof buf, 0, NULL) == 3, "and goes on hearing it");
    ist_close(u);
    ok(igmp_seen(IGMP_LEAVE) == 1, "until it is closed");
}

static void limit(void)
{
    ist_handle u = ist_udp_open(IST_IPV4);
    struct ist_address group = v4("239.9.9.0", 0);
    int good = 1;

    for (int i = 0; i < 64; i++) {
        group.ip[3] = (uint8_t)i;
        good &= ist_multicast_join(u, &group, 0) == 0;
    }
    group.ip[3] = 200;
    ok(good && ist_multicast_join(u, &group, 0) == IST_ENOMEM, "64 groups a handle, no more");
    group.ip[3] = 7;
    ok(ist_multicast_leave(u, &group, 0) == 0, "leaving one");
    group.ip[3] = 200;
    ok(ist_multicast_join(u, &group, 0) == 0, "makes room for another");
    ist_close(u);
}

static void sent(void)
{
    ist_handle u = ist_udp_open(IST_IPV4), six = ist_udp_open(IST_IPV6), t = ist_tcp_open(IST_IPV4);
    struct ist_address to = v4("239.1.2.3", 5000), all = { .family = IST_IPV6, .port = 5000, .ip = { 0xff, 2, [15] = 0x77 } };
    struct packet p;
    int32_t value;

    peer_forget();
    ok(ist_datagram_send(u, "x", 1, &to) == 1 && (settle(), peer_next(&p)) && p.protocol == 17 && p.bytes[8] == 1, "multicast leaves with a TTL of 1");
    ok(ist_option_set(u, IST_OPTION_MULTICAST_TTL, 5) == 0 && ist_datagram_send(u, "x", 1, &to) == 1 && (settle(), peer_next(&p)) && p.bytes[8] == 5, "or the one that was set");
    ok(memcmp(p.bytes + 12, "\x0a\0\0\1", 4) == 0, "from the link's address");
    ok(ist_option_set(u, IST_OPTION_MULTICAST_INTERFACE, 1) == 0 && ist_datagram_send(u, "x", 1, &to) == 1 && (settle(), !peer_next(&p)), "by the loopback it does not leave");
    ok(ist_option_set(u, IST_OPTION_MULTICAST_INTERFACE, 9) == IST_EADDRNOTAVAIL && ist_option_set(u, IST_OPTION_MULTICAST_INTERFACE, -1) == IST_EADDRNOTAVAIL &&
       ist_option_get(u, IST_OPTION_MULTICAST_INTERFACE, &value) == 0 && value == 1, "an interface that is not there changes nothing");
    ok(ist_option_set(u, IST_OPTION_MULTICAST_TTL, 0) == IST_EINVAL && ist_option_set(u, IST_OPTION_MULTICAST_TTL, 256) == IST_EINVAL, "a TTL of 0 or 256 is EINVAL");
    ok(ist_option_set(t, IST_OPTION_MULTICAST_TTL, 1) == IST_ENOTSUP && ist_multicast_join(t, &to, 0) == IST_EBADF, "TCP has none of it");
    ok(ist_datagram_send(six, "x", 1, &all) == 1, "an IPv6 group without a scope goes out by the first link");
    ist_close(u), ist_close(six), ist_close(t);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    ist_close(ist_udp_open(IST_IPV4));
    pass(60000);
    memory = memory_now();
    joined_and_left();
    limit();
    sent();
    instance_changes();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
