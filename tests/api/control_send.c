/* Control messages of sendmsg: IP_PKTINFO, IP_TTL, IP_TOS and those of IPv6; IP_RECVTOS and IPV6_RECVTCLASS at the other end. */
#include "tap.h"

static union { struct cmsghdr align; char room[256]; } control;
static struct msghdr m;
static char byte[8];
static struct iovec iov = { byte, 1 };

/* An empty message to @to. */
static void begin(void *to, socklen_t len)
{
    memset(&control, 0, sizeof control);
    m = (struct msghdr) { .msg_name = to, .msg_namelen = len, .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room };
}

static void add(int level, int type, const void *data, size_t len)
{
    struct cmsghdr *c = (struct cmsghdr *)(void *)(control.room + m.msg_controllen);

    c->cmsg_level = level;
    c->cmsg_type = type;
    c->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(c), data, len);
    m.msg_controllen += CMSG_SPACE(len);
}

static void number(int level, int type, int n)
{
    add(level, type, &n, sizeof n);
}

static int take(int fd)
{
    begin(NULL, 0);
    m.msg_controllen = sizeof control.room;
    return (int)recvmsg(fd, &m, 0);
}

/* The first @len bytes of a control message as a number; -1: there is none of that length. */
static int told(int level, int type, size_t len)
{
    int n = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len == CMSG_LEN(len)) {
            memcpy(&n, CMSG_DATA(c), len);
            return n;
        }
    return -1;
}

static int set(int fd, int level, int name, int v)
{
    return setsockopt(fd, level, name, &v, sizeof v);
}

static void ipv4(void)
{
    struct sockaddr_in a, from;
    struct in_pktinfo info = { .ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK) };
    int s = udp_bound(&a), c = socket(AF_INET, SOCK_DGRAM, 0), p[2];
    unsigned char tos = 0x48;
    char small = 1;

    ok(set(s, IPPROTO_IP, IP_RECVTTL, 1) == 0 && set(s, IPPROTO_IP, IP_RECVTOS, 1) == 0, "IP_RECVTTL and IP_RECVTOS are set");
    begin(&a, sizeof a);
    number(IPPROTO_IP, IP_TTL, 77);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1 && told(IPPROTO_IP, IP_TTL, sizeof(int)) == 77, "IP_TTL of one datagram");
    ok(told(IPPROTO_IP, IP_TOS, 1) == 0, "its TOS is 0, told as a byte");
    begin(&a, sizeof a);
    number(IPPROTO_IP, IP_TOS, 0x10);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1 && told(IPPROTO_IP, IP_TOS, 1) == 0x10, "IP_TOS as an int");
    ok(told(IPPROTO_IP, IP_TTL, sizeof(int)) == 64, "the TTL is the socket's again");
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_TOS, &tos, 1);
    number(IPPROTO_IP, IP_TTL, 5);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1 && told(IPPROTO_IP, IP_TOS, 1) == 0x48 && told(IPPROTO_IP, IP_TTL, sizeof(int)) == 5, "IP_TOS as a byte, and IP_TTL besides");
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == 1, "IP_PKTINFO with an address of this host");
    begin(&from, sizeof from);
    ok(recvmsg(s, &m, 0) == 1 && from.sin_addr.s_addr == htonl(INADDR_LOOPBACK), "is where the datagram comes from");
    info.ipi_ifindex = 1;
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1, "by the interface lo");
    info.ipi_spec_dst.s_addr = 0;
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1, "without an address too");
    info.ipi_ifindex = 0;
    info.ipi_spec_dst.s_addr = htonl(0xc0000201);
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == -1, "an address of somebody else is refused");
    info = (struct in_pktinfo) { .ipi_ifindex = 9999 };
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == -1, "an interface that does not exist is refused");
    begin(&a, sizeof a);
    number(IPPROTO_IP, IP_TTL, 0);
    fails(sendmsg(c, &m, 0), EINVAL, "IP_TTL 0 is EINVAL");
    begin(&a, sizeof a);
    number(IPPROTO_IP, IP_TTL, 256);
    fails(sendmsg(c, &m, 0), EINVAL, "256 too");
    begin(&a, sizeof a);
    add(IPPROTO_IP, IP_TTL, &small, 1);
    fails(sendmsg(c, &m, 0), EINVAL, "a byte too");
    begin(&a, sizeof a);
    number(IPPROTO_IP, 12345, 1);
    fails(sendmsg(c, &m, 0), EINVAL, "what does not exist is EINVAL");
    begin(&a, sizeof a);
    number(SOL_SOCKET, 12345, 1);
    fails(sendmsg(c, &m, 0), EINVAL, "of SOL_SOCKET too");
    begin(&a, sizeof a);
    number(IPPROTO_TCP, 1, 1);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1, "of another level it is passed over");
    begin(&a, sizeof a);
    number(IPPROTO_IP, IP_TTL, 5);
    control.align.cmsg_len = 4;
    fails(sendmsg(c, &m, 0), EINVAL, "a message shorter than its head is EINVAL");
    control.align.cmsg_len = 4000;
    fails(sendmsg(c, &m, 0), EINVAL, "one longer than all is EINVAL");
    ok(recv(s, byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN, "and nothing of that was sent");

    tcp_pair(p);
    begin(NULL, 0);
    number(IPPROTO_IP, IP_TTL, 5);
    ok(sendmsg(p[0], &m, 0) == 1 && recv(p[1], byte, 1, 0) == 1, "on a stream it is passed over");
}

static void ipv6(void)
{
    struct sockaddr_in6 a = at6(&tap_loopback6, 0);
    struct in6_pktinfo info = { .ipi6_addr = tap_loopback6, .ipi6_ifindex = 1 };
    socklen_t len = sizeof a;
    int s = socket(AF_INET6, SOCK_DGRAM, 0), c = socket(AF_INET6, SOCK_DGRAM, 0);

    need(bind(s, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(s, (struct sockaddr *)&a, &len) == 0, "bind");
    ok(set(s, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) == 0 && set(s, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) == 0, "IPV6_RECVHOPLIMIT and IPV6_RECVTCLASS are set");
    begin(&a, sizeof a);
    number(IPPROTO_IPV6, IPV6_HOPLIMIT, 78);
    number(IPPROTO_IPV6, IPV6_TCLASS, 0x20);
    add(IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1 && told(IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(int)) == 78 && told(IPPROTO_IPV6, IPV6_TCLASS, sizeof(int)) == 0x20,
        "IPV6_HOPLIMIT, IPV6_TCLASS and IPV6_PKTINFO of one datagram");
    begin(&a, sizeof a);
    number(IPPROTO_IPV6, IPV6_HOPLIMIT, -1);
    ok(sendmsg(c, &m, 0) == 1 && take(s) == 1 && told(IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(int)) == 64 && told(IPPROTO_IPV6, IPV6_TCLASS, sizeof(int)) == 0, "-1 is the default");
    begin(&a, sizeof a);
    number(IPPROTO_IPV6, IPV6_HOPLIMIT, 256);
    fails(sendmsg(c, &m, 0), EINVAL, "256 is EINVAL");
    info.ipi6_addr.s6_addr[0] = 0x20;
    begin(&a, sizeof a);
    add(IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    fails(sendmsg(c, &m, 0), EINVAL, "an address of somebody else is EINVAL");
    begin(&a, sizeof a);
    number(IPPROTO_IPV6, 12345, 1);
    fails(sendmsg(c, &m, 0), EINVAL, "what does not exist is EINVAL");
}

int main(void)
{
    ipv4();
    ipv6();
    return done();
}
