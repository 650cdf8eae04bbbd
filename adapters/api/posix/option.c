/*
 * option.c - the socket options that are plain numbers of the stack; the table is what exists
 */
#include <netinet/tcp.h>
#include "option.h"

#define TCP_ONLY 1u    /* TCP sockets */
#define IPV6_ONLY 4u   /* sockets of AF_INET6 */
#define YES_NO 8u      /* anything but 0 is 1 */
#define MINUS_IS 16u   /* -1 stands for the default */
#define UDP_ONLY 32u

static const struct ist__option options[] = {
    { SOL_SOCKET,   SO_REUSEADDR,      IST_OPTION_REUSE_ADDRESS,        YES_NO,                INT32_MIN, INT32_MAX, 0 },
    { SOL_SOCKET,   SO_KEEPALIVE,      IST_OPTION_KEEPALIVE,            YES_NO | TCP_ONLY,     INT32_MIN, INT32_MAX, 0 },
    { SOL_SOCKET,   SO_BROADCAST,      IST_OPTION_BROADCAST,            YES_NO,                INT32_MIN, INT32_MAX, 0 },
    { SOL_SOCKET,   SO_RCVBUF,         IST_OPTION_RECEIVE_BUFFER,       0,                     0,         INT32_MAX, 0 },
    { SOL_SOCKET,   SO_SNDBUF,         IST_OPTION_SEND_BUFFER,          0,                     0,         INT32_MAX, 0 },
    { IPPROTO_TCP,  TCP_NODELAY,       IST_OPTION_NO_DELAY,             YES_NO | TCP_ONLY,     INT32_MIN, INT32_MAX, 0 },
    { IPPROTO_TCP,  TCP_KEEPIDLE,      IST_OPTION_KEEPALIVE_IDLE_S,     TCP_ONLY,              1,         32767,     0 },
    { IPPROTO_TCP,  TCP_KEEPINTVL,     IST_OPTION_KEEPALIVE_INTERVAL_S, TCP_ONLY,              1,         32767,     0 },
    { IPPROTO_TCP,  TCP_KEEPCNT,       IST_OPTION_KEEPALIVE_COUNT,      TCP_ONLY,              1,         127,       0 },
    { IPPROTO_TCP,  TCP_MAXSEG,        IST_OPTION_MSS,                  TCP_ONLY,              0,         32767,     0 },
    { IPPROTO_IP,   IP_TTL,            IST_OPTION_TTL,                  MINUS_IS,              1,         255,       64 },
    { IPPROTO_IP,   IP_TOS,            IST_OPTION_TOS,                  0,                     0,         255,       0 },
    { IPPROTO_IPV6, IPV6_UNICAST_HOPS, IST_OPTION_TTL,                  MINUS_IS | IPV6_ONLY,  0,         255,       64 },
    { IPPROTO_IPV6, IPV6_TCLASS,       IST_OPTION_TOS,                  MINUS_IS | IPV6_ONLY,  0,         255,       0 },
    { IPPROTO_IPV6, IPV6_V6ONLY,       IST_OPTION_V6ONLY,               YES_NO | IPV6_ONLY,    INT32_MIN, INT32_MAX, 0 },
    { IPPROTO_IP,   IP_MULTICAST_TTL,    IST_OPTION_MULTICAST_TTL,       MINUS_IS | UDP_ONLY,  1,         255,       1 },
    { IPPROTO_IP,   IP_MULTICAST_LOOP,   IST_OPTION_MULTICAST_LOOP,      YES_NO | UDP_ONLY,    INT32_MIN, INT32_MAX, 0 },
    { IPPROTO_IPV6, IPV6_MULTICAST_HOPS, IST_OPTION_MULTICAST_TTL,       MINUS_IS | UDP_ONLY | IPV6_ONLY, 1, 255, 1 },
    { IPPROTO_IPV6, IPV6_MULTICAST_LOOP, IST_OPTION_MULTICAST_LOOP,      UDP_ONLY | IPV6_ONLY, 0,         1,         0 },
    { IPPROTO_IPV6, IPV6_MULTICAST_IF,   IST_OPTION_MULTICAST_INTERFACE, UDP_ONLY | IPV6_ONLY, 0,         INT32_MAX, 0 },
};

const struct ist__option *ist__option_find(const struct ist__fd *f, int level, int name)
{
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct ist__option *o = &options[i];
        if (o->level != level || o->name != name)
            continue;
        if ((o->flags & TCP_ONLY && f->protocol != IPPROTO_TCP) || (o->flags & UDP_ONLY && f->protocol != IPPROTO_UDP) ||
            (o->flags & IPV6_ONLY && f->domain != AF_INET6))
            return NULL;
        return o;
    }
    return NULL;
}

int ist__option_set(struct ist__fd *f, const struct ist__option *o, int32_t value)
{
    if (o->flags & MINUS_IS && value == -1)
        value = o->minus;
    if (value < o->min || value > o->max)
        return -EINVAL;
    if (o->flags & YES_NO)
        value = value != 0;
    if (o->option == IST_OPTION_V6ONLY && (f->bound || f->state != IST_FD_NEW))
        return -EINVAL;
    return -ist__errno(ist_option_set(f->handle, o->option, value));
}
