/*
 * socket.c - socket(): TCP, UDP, and the ICMP echo sockets of Linux
 */
#include "posix.h"

/* The protocol that 0 stands for, or a negative errno as Linux gives it. */
static int protocol_of(int domain, int type, int protocol)
{
    if (domain != AF_INET && domain != AF_INET6)
        return -EAFNOSUPPORT;
    if (type == SOCK_STREAM)
        return protocol == 0 || protocol == IPPROTO_TCP ? IPPROTO_TCP : -EPROTONOSUPPORT;
    if (type == SOCK_RAW)
        return -EPERM;
    if (type != SOCK_DGRAM)
        return type == SOCK_SEQPACKET || type == SOCK_RDM ? -EPROTONOSUPPORT : -EINVAL;
    if (protocol == 0 || protocol == IPPROTO_UDP)
        return IPPROTO_UDP;
    if (protocol == (domain == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
        return protocol;
    return -EPROTONOSUPPORT;
}

int socket(int domain, int type, int protocol)
{
    uint32_t family = domain == AF_INET ? IST_IPV4 : IST_IPV6;
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    int p = protocol_of(domain, kind, protocol), r;
    struct ist__fd f;
    ist_handle h;

    if (p < 0)
        return ist__result(p);
    r = ist__posix_start();
    if (r < 0)
        return ist__result(r);
    h = p == IPPROTO_TCP ? ist_tcp_open(family) : p == IPPROTO_UDP ? ist_udp_open(family) : ist_icmp_open(family);
    if (h < 0)
        return ist__result(-ist__errno(h));
    f = (struct ist__fd) {
        .handle = h, .domain = (uint8_t)domain, .type = (uint8_t)kind, .protocol = (uint8_t)p, .nonblock = (type & SOCK_NONBLOCK) != 0
    };
    r = ist__fd_new(&f, type & SOCK_CLOEXEC);
    if (r < 0)
        ist_close(h);
    return ist__result(r);
}
