/* Groups: joining, leaving, and where multicast goes. On the loopback, which every machine has, and IPv6 on a link where there is one. */
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include "tap.h"

#define GROUP 0xefc1d2e3u   /* 239.193.210.227 */

static int set(int fd, int level, int name, int v)
{
    return setsockopt(fd, level, name, &v, sizeof v);
}

static int get(int fd, int level, int name)
{
    int v = -1;
    socklen_t len = sizeof v;
    return getsockopt(fd, level, name, &v, &len) == 0 && len == sizeof v ? v : -1;
}

static int member(int fd, int name, uint32_t group, uint32_t interface)
{
    struct ip_mreq m = { { htonl(group) }, { htonl(interface) } };
    return setsockopt(fd, IPPROTO_IP, name, &m, sizeof m);
}

/* The bytes of a datagram that comes within a moment, -1 when none does. */
static int hears(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char buf[64];

    return poll(&p, 1, 200) == 1 ? (int)recv(fd, buf, sizeof buf, 0) : -1;
}

static void options(void)
{
    int u = socket(AF_INET, SOCK_DGRAM, 0), u6 = socket(AF_INET6, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_STREAM, 0);
    struct in_addr lo = { htonl(INADDR_LOOPBACK) }, any = { 0 }, foreign = { htonl(0x01020304) }, now;
    struct ip_mreqn by_number = { .imr_ifindex = 1 };
    unsigned char byte = 7;
    socklen_t len = sizeof now;

    ok(get(u, IPPROTO_IP, IP_MULTICAST_TTL) == 1 && get(u6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS) == 1, "multicast goes one hop at first");
    ok(setsockopt(u, IPPROTO_IP, IP_MULTICAST_TTL, &byte, 1) == 0 && get(u, IPPROTO_IP, IP_MULTICAST_TTL) == 7, "IP_MULTICAST_TTL is set, by a byte too");
    ok(set(u6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 9) == 0 && get(u6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS) == 9, "IPV6_MULTICAST_HOPS is set");
    ok(set(u6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, -1) == 0 && get(u6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS) == 1, "-1 is the default");
    fails(set(u, IPPROTO_IP, IP_MULTICAST_TTL, 256), EINVAL, "256 hops are EINVAL");
    ok(get(u, IPPROTO_IP, IP_TTL) == 64, "IP_TTL is another");
    ok(get(u, IPPROTO_IP, IP_MULTICAST_LOOP) == 1 && get(u6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP) == 1, "the sender's machine hears too");
    ok(set(u, IPPROTO_IP, IP_MULTICAST_LOOP, 0) == 0 && get(u, IPPROTO_IP, IP_MULTICAST_LOOP) == 0, "until IP_MULTICAST_LOOP is off");
    ok(getsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &now, &len) == 0 && len == sizeof now && now.s_addr == 0, "IP_MULTICAST_IF is none at first");
    ok(setsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo) == 0, "it is set by an address");
    ok(getsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &now, &len) == 0 && now.s_addr == lo.s_addr, "and read");
    ok(setsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &any, sizeof any) == 0 && setsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &by_number, sizeof by_number) == 0, "undone, and set by a number");
    fails(setsockopt(u, IPPROTO_IP, IP_MULTICAST_IF, &foreign, sizeof foreign), EADDRNOTAVAIL, "by somebody else's address: EADDRNOTAVAIL");
    ok(set(u6, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1) == 0 && get(u6, IPPROTO_IPV6, IPV6_MULTICAST_IF) == 1, "IPV6_MULTICAST_IF is a number");
    ok(set(t, IPPROTO_IP, IP_MULTICAST_TTL, 1) == -1 && member(t, IP_ADD_MEMBERSHIP, GROUP, INADDR_LOOPBACK) == -1, "TCP has none of it");
    close(u);
    close(u6);
    close(t);
}

static void membership(void)
{
    int u = socket(AF_INET, SOCK_DGRAM, 0), v = socket(AF_INET, SOCK_DGRAM, 0), u6 = socket(AF_INET6, SOCK_DGRAM, 0);
    struct ipv6_mreq m6 = { .ipv6mr_interface = 1 };
    struct group_req any;
    struct sockaddr_in g = at4(GROUP + 1, 0);

    ok(member(u, IP_ADD_MEMBERSHIP, GROUP, INADDR_LOOPBACK) == 0, "a socket joins a group");
    fails(member(u, IP_ADD_MEMBERSHIP, GROUP, INADDR_LOOPBACK), EADDRINUSE, "once: EADDRINUSE");
    ok(member(v, IP_ADD_MEMBERSHIP, GROUP, INADDR_LOOPBACK) == 0, "another may too");
    fails(member(u, IP_ADD_MEMBERSHIP, 0x0a000001, INADDR_LOOPBACK), EINVAL, "10.0.0.1 is no group: EINVAL");
    fails(member(u, IP_ADD_MEMBERSHIP, GROUP, 0x01020304), ENODEV, "on somebody else's address: ENODEV");
    fails(member(u, IP_DROP_MEMBERSHIP, GROUP + 7, INADDR_LOOPBACK), EADDRNOTAVAIL, "leaving what was not joined is EADDRNOTAVAIL");
    ok(member(u, IP_DROP_MEMBERSHIP, GROUP, INADDR_LOOPBACK) == 0, "it leaves");
    fails(member(u, IP_DROP_MEMBERSHIP, GROUP, INADDR_LOOPBACK), EADDRNOTAVAIL, "once");
    ok(member(u, IP_ADD_MEMBERSHIP, 0xe0000001, INADDR_LOOPBACK) == 0 && member(u, IP_DROP_MEMBERSHIP, 0xe0000001, INADDR_LOOPBACK) == 0, "the group of all, 224.0.0.1, is joined and left");
    fails(setsockopt(u, IPPROTO_IP, IP_ADD_MEMBERSHIP, &g, 3), EINVAL, "a short request is EINVAL");
    memset(&any, 0, sizeof any);
    any.gr_interface = 1;
    memcpy(&any.gr_group, &g, sizeof g);
    ok(setsockopt(u, IPPROTO_IP, MCAST_JOIN_GROUP, &any, sizeof any) == 0 && setsockopt(u, IPPROTO_IP, MCAST_LEAVE_GROUP, &any, sizeof any) == 0, "MCAST_JOIN_GROUP and MCAST_LEAVE_GROUP do the same");
    inet_pton(AF_INET6, "ff05::1234", &m6.ipv6mr_multiaddr);
    ok(setsockopt(u6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m6, sizeof m6) == 0, "IPV6_JOIN_GROUP joins");
    fails(setsockopt(u6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m6, sizeof m6), EADDRINUSE, "once");
    ok(setsockopt(u6, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &m6, sizeof m6) == 0, "IPV6_LEAVE_GROUP leaves");
    fails(setsockopt(u6, IPPROTO_IPV6, IPV6_LEAVE_GROUP, &m6, sizeof m6), EADDRNOTAVAIL, "once");
    m6.ipv6mr_interface = 7777;
    fails(setsockopt(u6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m6, sizeof m6), ENODEV, "on an interface that is not there: ENODEV");
    m6.ipv6mr_multiaddr = tap_loopback6;
    fails(setsockopt(u6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m6, sizeof m6), EINVAL, "::1 is no group: EINVAL");
    close(u);
    close(v);
    close(u6);
}

static int bound(uint32_t ip, int *port)
{
    struct sockaddr_in a = at4(ip, *port);
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    need(set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0, "bind");
    need(getsockname(fd, (struct sockaddr *)&a, &len) == 0, "getsockname");
    *port = ntohs(a.sin_port);
    return fd;
}

static void delivery(void)
{
    int port = 0, a = bound(INADDR_ANY, &port), b = bound(GROUP, &port), c = bound(INADDR_LOOPBACK, &port), s = socket(AF_INET, SOCK_DGRAM, 0);
    struct in_addr lo = { htonl(INADDR_LOOPBACK) };
    struct sockaddr_in to = at4(GROUP, port), from;
    socklen_t len = sizeof from;
    char byte[8];

    setsockopt(s, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo);
    ok(sendto(s, "nobody", 6, 0, (struct sockaddr *)&to, sizeof to) == 6 && hears(a) == -1, "a group that nobody has joined is not heard");
    need(member(a, IP_ADD_MEMBERSHIP, GROUP, INADDR_LOOPBACK) == 0, "join");
    ok(sendto(s, "both", 4, 0, (struct sockaddr *)&to, sizeof to) == 4 && hears(a) == 4 && hears(b) == 4, "one that somebody has joined is heard by all on its port");
    ok(hears(a) == -1 && hears(b) == -1, "once each");
    ok(hears(c) == -1, "but not by a socket bound to a host's address");
    to = at4(GROUP + 1, port);
    ok(sendto(s, "other", 5, 0, (struct sockaddr *)&to, sizeof to) == 5 && hears(a) == -1, "nor is another group");
    to = at4(GROUP, port);
    ok(connect(s, (struct sockaddr *)&to, sizeof to) == 0 && send(s, "peer", 4, 0) == 4, "a group may be connected to");
    ok(recvfrom(a, byte, sizeof byte, 0, (struct sockaddr *)&from, &len) == 4 && from.sin_addr.s_addr == lo.s_addr, "the sender is the interface's address");
    hears(b);
    close(a);
    ok(send(s, "gone", 4, 0) == 4 && hears(b) == -1, "closing leaves");
    close(b);
    close(c);
    close(s);
}

/* A link that does multicast and has an IPv6 address; 0: there is none. */
static unsigned int link_index(void)
{
    struct ifaddrs *list, *e;
    unsigned int n = 0;

    need(getifaddrs(&list) == 0, "getifaddrs");
    for (e = list; e && !n; e = e->ifa_next)
        if ((e->ifa_flags & (IFF_MULTICAST | IFF_UP | IFF_LOOPBACK)) == (IFF_MULTICAST | IFF_UP) && e->ifa_addr && e->ifa_addr->sa_family == AF_INET6)
            n = if_nametoindex(e->ifa_name);
    freeifaddrs(list);
    return n;
}

static void over_a_link(void)
{
    struct ipv6_mreq m6 = { .ipv6mr_interface = link_index() };
    struct sockaddr_in6 a = at6(&in6addr_any, 0);
    socklen_t len = sizeof a;
    int r = socket(AF_INET6, SOCK_DGRAM, 0), s = socket(AF_INET6, SOCK_DGRAM, 0), none = m6.ipv6mr_interface == 0;

#ifdef __wasm__
    need(!none, "a link with IPv6");
#endif
    need(bind(r, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(r, (struct sockaddr *)&a, &len) == 0, "bind");
    inet_pton(AF_INET6, "ff02::1234", &m6.ipv6mr_multiaddr);
    a.sin6_addr = m6.ipv6mr_multiaddr;
    a.sin6_scope_id = m6.ipv6mr_interface;
    ok(none || setsockopt(r, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m6, sizeof m6) == 0, "a link's group is joined");
    ok(none || (sendto(s, "scope", 5, 0, (struct sockaddr *)&a, sizeof a) == 5 && hears(r) == 5), "what this machine sends to it is heard, once");
    ok(none || hears(r) == -1, "and no more than once");
    a.sin6_scope_id = 0;
    set(s, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)m6.ipv6mr_interface);
    ok(none || (sendto(s, "if", 2, 0, (struct sockaddr *)&a, sizeof a) == 2 && hears(r) == 2), "IPV6_MULTICAST_IF stands for the scope");
    set(s, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
    ok(none || (sendto(s, "off", 3, 0, (struct sockaddr *)&a, sizeof a) == 3 && hears(r) == -1), "without IPV6_MULTICAST_LOOP it is not heard here");
    close(r);
    close(s);
}

int main(void)
{
    options();
    membership();
    delivery();
    over_a_link();
    return done();
}
