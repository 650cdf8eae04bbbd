/* Control messages of recvmsg: IP_PKTINFO, IP_RECVTTL, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT. */
#include "tap.h"

static union { struct cmsghdr align; char room[256]; } control;
static struct msghdr m;

/* Receives one datagram into @room bytes of control data. */
static int take(int fd, size_t room)
{
    static char byte[8];
    static struct iovec iov = { byte, sizeof byte };

    memset(&control, 0xee, sizeof control);
    m = (struct msghdr) { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = (socklen_t)room };
    return (int)recvmsg(fd, &m, 0);
}

static void *find(int level, int type, size_t len)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == level && c->cmsg_type == type)
            return c->cmsg_len == CMSG_LEN(len) ? CMSG_DATA(c) : NULL;
    return NULL;
}

static int number(int level, int type)
{
    int n = -1;
    void *at = find(level, type, sizeof n);

    if (at)
        memcpy(&n, at, sizeof n);
    return n;
}

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

static void ipv4(void)
{
    struct sockaddr_in a, b;
    struct in_pktinfo info;
    int s = udp_bound(&a), c = udp_bound(&b), p[2];
    unsigned char byte = 33;
    socklen_t len = 1;
    void *at;

    ok(get(s, IPPROTO_IP, IP_PKTINFO) == 0 && set(s, IPPROTO_IP, IP_PKTINFO, 1) == 0 && get(s, IPPROTO_IP, IP_PKTINFO) == 1, "IP_PKTINFO is off, and goes on");
    ok(setsockopt(s, IPPROTO_IP, IP_RECVTTL, &byte, 1) == 0 && get(s, IPPROTO_IP, IP_RECVTTL) == 1, "IP_RECVTTL too, given as a byte");
    ok(setsockopt(c, IPPROTO_IP, IP_TTL, &byte, 1) == 0 && get(c, IPPROTO_IP, IP_TTL) == 33, "IP_TTL is set by a byte");
    ok(getsockopt(c, IPPROTO_IP, IP_TTL, &byte, &len) == 0 && len == 1 && byte == 33, "and read into one");
    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(take(s, sizeof control.room) == 1 && m.msg_flags == 0, "a datagram comes with control data");
    at = find(IPPROTO_IP, IP_PKTINFO, sizeof info);
    memset(&info, 0, sizeof info);
    if (at)
        memcpy(&info, at, sizeof info);
    ok(info.ipi_addr.s_addr == htonl(INADDR_LOOPBACK) && info.ipi_spec_dst.s_addr == info.ipi_addr.s_addr, "that names the address it went to");
    ok(info.ipi_ifindex == 1, "and the interface, lo");
    ok(number(IPPROTO_IP, IP_TTL) == 33, "and the TTL");
    ok(m.msg_controllen == CMSG_SPACE(sizeof info) + CMSG_SPACE(sizeof(int)), "msg_controllen is as long as both");

    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(take(s, 4) == 1 && m.msg_flags & MSG_CTRUNC && m.msg_controllen == 0, "no room at all is MSG_CTRUNC");
    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(take(s, CMSG_SPACE(sizeof info)) == 1 && m.msg_flags & MSG_CTRUNC && find(IPPROTO_IP, IP_PKTINFO, sizeof info) && number(IPPROTO_IP, IP_TTL) == -1,
        "room for one: the other is cut");
    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(take(s, sizeof(struct cmsghdr) + 2) == 1 && m.msg_flags & MSG_CTRUNC && m.msg_controllen == sizeof(struct cmsghdr) + 2 &&
        control.align.cmsg_len == sizeof(struct cmsghdr) + 2 && (unsigned char)control.room[sizeof(struct cmsghdr) + 2] == 0xee, "half a message is cut, and nothing written past the room");
    set(s, IPPROTO_IP, IP_PKTINFO, 0);
    set(s, IPPROTO_IP, IP_RECVTTL, 0);
    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(take(s, sizeof control.room) == 1 && m.msg_controllen == 0 && m.msg_flags == 0, "off again: none");
    fails(set(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1), ENOPROTOOPT, "IPV6_RECVPKTINFO of an IPv4 socket is ENOPROTOOPT");
    ok(setsockopt(s, IPPROTO_IP, IP_PKTINFO, &byte, 0) == 0 && get(s, IPPROTO_IP, IP_PKTINFO) == 0, "no value is 0");

    tcp_pair(p);
    set(p[1], IPPROTO_IP, IP_PKTINFO, 1);
    send(p[0], "x", 1, 0);
    ok(take(p[1], sizeof control.room) == 1 && m.msg_controllen == 0, "a stream has none");
}

static void ipv6(void)
{
    struct sockaddr_in6 a = at6(&in6addr_any, 0);
    struct sockaddr_in a4;
    struct in6_pktinfo info;
    socklen_t len = sizeof a;
    int s = socket(AF_INET6, SOCK_DGRAM, 0), c = socket(AF_INET6, SOCK_DGRAM, 0), c4 = socket(AF_INET, SOCK_DGRAM, 0);
    unsigned char byte = 1;
    void *at;

    need(bind(s, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(s, (struct sockaddr *)&a, &len) == 0, "bind");
    ok(set(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) == 0 && set(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0 && get(s, IPPROTO_IPV6, IPV6_RECVPKTINFO) == 1, "the options of IPv6");
    fails(setsockopt(s, IPPROTO_IPV6, IPV6_RECVPKTINFO, &byte, 1), EINVAL, "take no byte");
    set(c, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44);
    a4 = at4(INADDR_LOOPBACK, ntohs(a.sin6_port));
    a = at6(&tap_loopback6, ntohs(a.sin6_port));
    sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    take(s, sizeof control.room);
    at = find(IPPROTO_IPV6, IPV6_PKTINFO, sizeof info);
    memset(&info, 0, sizeof info);
    if (at)
        memcpy(&info, at, sizeof info);
    ok(memcmp(&info.ipi6_addr, &tap_loopback6, 16) == 0 && info.ipi6_ifindex == 1, "IPV6_PKTINFO has ::1 and lo");
    ok(number(IPPROTO_IPV6, IPV6_HOPLIMIT) == 44, "IPV6_HOPLIMIT has the hops");
    sendto(c4, "x", 1, 0, (struct sockaddr *)&a4, sizeof a4);
    take(s, sizeof control.room);
    at = find(IPPROTO_IPV6, IPV6_PKTINFO, sizeof info);
    memset(&info, 0, sizeof info);
    if (at)
        memcpy(&info, at, sizeof info);
    ok(info.ipi6_addr.s6_addr[10] == 0xff && info.ipi6_addr.s6_addr[12] == 127, "of an IPv4 datagram the address is mapped");
    ok(number(IPPROTO_IPV6, IPV6_HOPLIMIT) == -1, "and there is no hop limit");
}

int main(void)
{
    ipv4();
    ipv6();
    return done();
}
