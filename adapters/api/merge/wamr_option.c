/*
 * wamr_option.c - the socket options of WAMR: a pair of calls for each
 */
#include <netinet/tcp.h>
#include <sys/time.h>
#include "wamr.h"

static int set(int32_t fd, int level, int option, int value)
{
    return last(setsockopt(fd_of(fd), level, option, &value, sizeof value));
}

static int get(int32_t fd, int level, int option, uint32_t out, size_t width)
{
    int value = 0;
    socklen_t len = sizeof value;

    if (getsockopt(fd_of(fd), level, option, &value, &len) < 0)
        return errno;
    return client_write(out, &value, width);   /* little-endian: its low bytes */
}

/* @width: of the value in the client's memory: a bool or u8 is 1 byte, a size or a time in seconds 4. */
#define OPTION(name, level, option, width) \
    EXPORT(wamr_set_##name)(int32_t fd, int32_t value) { return set(fd, level, option, value); } \
    EXPORT(wamr_get_##name)(int32_t fd, uint32_t out) { return get(fd, level, option, out, width); }

OPTION(reuse_addr, SOL_SOCKET, SO_REUSEADDR, 1)
OPTION(keep_alive, SOL_SOCKET, SO_KEEPALIVE, 1)
OPTION(broadcast, SOL_SOCKET, SO_BROADCAST, 1)
OPTION(recv_buf_size, SOL_SOCKET, SO_RCVBUF, 4)
OPTION(send_buf_size, SOL_SOCKET, SO_SNDBUF, 4)
OPTION(tcp_no_delay, IPPROTO_TCP, TCP_NODELAY, 1)
OPTION(tcp_keep_idle, IPPROTO_TCP, TCP_KEEPIDLE, 4)
OPTION(tcp_keep_intvl, IPPROTO_TCP, TCP_KEEPINTVL, 4)
OPTION(ip_ttl, IPPROTO_IP, IP_TTL, 1)
OPTION(ip_multicast_ttl, IPPROTO_IP, IP_MULTICAST_TTL, 1)
OPTION(ipv6_only, IPPROTO_IPV6, IPV6_V6ONLY, 1)

static int timeout_set(int32_t fd, int option, int64_t us)
{
    struct timeval t = { .tv_sec = us / 1000000, .tv_usec = (suseconds_t)(us % 1000000) };

    return us < 0 ? EDOM : last(setsockopt(fd_of(fd), SOL_SOCKET, option, &t, sizeof t));
}

static int timeout_get(int32_t fd, int option, uint32_t out)
{
    struct timeval t;
    socklen_t len = sizeof t;
    uint64_t us;

    if (getsockopt(fd_of(fd), SOL_SOCKET, option, &t, &len) < 0)
        return errno;
    us = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
    return client_write(out, &us, sizeof us);
}

EXPORT(wamr_set_recv_timeout)(int32_t fd, int64_t us) { return timeout_set(fd, SO_RCVTIMEO, us); }
EXPORT(wamr_get_recv_timeout)(int32_t fd, uint32_t out) { return timeout_get(fd, SO_RCVTIMEO, out); }
EXPORT(wamr_set_send_timeout)(int32_t fd, int64_t us) { return timeout_set(fd, SO_SNDTIMEO, us); }
EXPORT(wamr_get_send_timeout)(int32_t fd, uint32_t out) { return timeout_get(fd, SO_SNDTIMEO, out); }

EXPORT(wamr_set_linger)(int32_t fd, int32_t on, int32_t seconds)
{
    struct linger l = { .l_onoff = on, .l_linger = seconds };

    return last(setsockopt(fd_of(fd), SOL_SOCKET, SO_LINGER, &l, sizeof l));
}

EXPORT(wamr_get_linger)(int32_t fd, uint32_t on, uint32_t seconds)
{
    struct linger l;
    socklen_t len = sizeof l;
    int e;

    if (getsockopt(fd_of(fd), SOL_SOCKET, SO_LINGER, &l, &len) < 0)
        return errno;
    e = client_write(on, &(uint8_t) { l.l_onoff != 0 }, 1);
    return e ? e : client_write_u32(seconds, (uint32_t)l.l_linger);
}

static int loop_level(int six) { return six ? IPPROTO_IPV6 : IPPROTO_IP; }
static int loop_option(int six) { return six ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP; }

EXPORT(wamr_set_ip_multicast_loop)(int32_t fd, int32_t six, int32_t value)
{
    return set(fd, loop_level(six), loop_option(six), value);
}

EXPORT(wamr_get_ip_multicast_loop)(int32_t fd, int32_t six, uint32_t out)
{
    return get(fd, loop_level(six), loop_option(six), out, 1);
}

static int member(int32_t fd, uint32_t group, uint32_t interface, int four, int six)
{
    struct ip_mreq m4 = { .imr_interface.s_addr = interface };
    struct ipv6_mreq m6 = { .ipv6mr_interface = interface };
    uint8_t ip[16];
    uint32_t kind;
    int e = wamr_ip_read(ip, group, &kind);

    if (e)
        return e;
    if (kind) {
        __builtin_memcpy(&m6.ipv6mr_multiaddr, ip, 16);
        return last(setsockopt(fd_of(fd), IPPROTO_IPV6, six, &m6, sizeof m6));
    }
    __builtin_memcpy(&m4.imr_multiaddr, ip, 4);
    return last(setsockopt(fd_of(fd), IPPROTO_IP, four, &m4, sizeof m4));
}

EXPORT(wamr_set_ip_add_membership)(int32_t fd, uint32_t group, uint32_t interface)
{
    return member(fd, group, interface, IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP);
}

EXPORT(wamr_set_ip_drop_membership)(int32_t fd, uint32_t group, uint32_t interface)
{
    return member(fd, group, interface, IP_DROP_MEMBERSHIP, IPV6_LEAVE_GROUP);
}

/* What the stack has not: reuse of ports, TCP fast open, quick acknowledgements. */
EXPORT(wamr_unsupported)(int32_t fd, int32_t value)
{
    (void)fd;
    (void)value;
    return ENOPROTOOPT;
}
