/*
 * control_send.c - control messages of sendmsg(): from which address, by which interface, with which TTL and TOS
 *
 * As Linux: on a stream, and of a level that is not the socket's, they are passed over; of its level an unknown one is EINVAL.
 */
#include <string.h>
#include "control.h"

/* An int of @least..255; -1 is the default where the protocol says so. 0, -EINVAL. */
static int number(const struct cmsghdr *c, int least, int *out)
{
    if (c->cmsg_len != CMSG_LEN(sizeof *out))
        return -EINVAL;
    memcpy(out, CMSG_DATA(c), sizeof *out);
    return *out < least || *out > 255 ? -EINVAL : 0;
}

static int packet4(const struct ist__fd *f, const struct cmsghdr *c, struct ist_sending *out)
{
    struct in_pktinfo info;

    if (c->cmsg_len != CMSG_LEN(sizeof info))
        return -EINVAL;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    out->interface = (uint32_t)info.ipi_ifindex;
    if (!info.ipi_spec_dst.s_addr)
        return 0;
    out->from.family = f->domain == AF_INET6 ? IST_IPV6 : IST_IPV4;
    memcpy(out->from.ip + (f->domain == AF_INET6 ? 12 : 0), &info.ipi_spec_dst, 4);
    if (f->domain == AF_INET6)
        out->from.ip[10] = out->from.ip[11] = 0xff;
    return 0;
}

static int packet6(const struct cmsghdr *c, struct ist_sending *out)
{
    struct in6_pktinfo info;

    if (c->cmsg_len < CMSG_LEN(sizeof info))
        return -EINVAL;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    out->interface = info.ipi6_ifindex;
    if (memcmp(&info.ipi6_addr, &in6addr_any, 16) == 0)
        return 0;
    out->from.family = IST_IPV6;
    memcpy(out->from.ip, &info.ipi6_addr, 16);
    if (info.ipi6_ifindex > 1)      /* lo is 1, link i is 2 + i; a scope is a link's index plus one */
        out->from.scope = info.ipi6_ifindex - 1;
    return 0;
}

static int message4(const struct ist__fd *f, const struct cmsghdr *c, struct ist_sending *out)
{
    int n, r;

    switch (c->cmsg_type) {
    case IP_PKTINFO:
        return packet4(f, c, out);
    case IP_TTL:
        r = number(c, 1, &n);
        out->ttl = r ? 0 : (uint8_t)n;
        return r;
    case IP_TOS:
        n = c->cmsg_len == CMSG_LEN(1) ? *CMSG_DATA(c) : 0;
        r = c->cmsg_len == CMSG_LEN(1) ? 0 : number(c, 0, &n);
        out->has_tos = 1;
        out->tos = (uint8_t)n;
        return r;
    default:
        return -EINVAL;
    }
}

static int message6(const struct cmsghdr *c, struct ist_sending *out)
{
    int n, r;

    switch (c->cmsg_type) {
    case IPV6_PKTINFO:
        return packet6(c, out);
    case IPV6_HOPLIMIT:
        r = number(c, -1, &n);
        if (r == 0 && n == 0)
            r = -EINVAL;    /* nothing goes out with none, as in setsockopt() */
        out->ttl = r || n < 0 ? 0 : (uint8_t)n;
        return r;
    case IPV6_TCLASS:
        r = number(c, -1, &n);
        out->has_tos = r == 0 && n >= 0;
        out->tos = (uint8_t)n;
        return r;
    default:
        return -EINVAL;
    }
}

int ist__control_get(const struct ist__fd *f, const struct msghdr *m, struct ist_sending *out, int *used)
{
    memset(out, 0, sizeof *out);
    *used = 0;
    if (!m->msg_control)
        return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
        size_t left = (size_t)m->msg_controllen - (size_t)((uint8_t *)c - (uint8_t *)m->msg_control);
        int r = 0;
        if (c->cmsg_len < sizeof *c || c->cmsg_len > left)
            return -EINVAL;
        if (c->cmsg_level == SOL_SOCKET && (c->cmsg_type != SCM_RIGHTS || f->domain == AF_UNIX))
            r = -EINVAL;    /* descriptors go nowhere; on Internet sockets Linux passes them over */
        else if (f->type == SOCK_DGRAM && c->cmsg_level == IPPROTO_IP)
            r = message4(f, c, out);
        else if (f->type == SOCK_DGRAM && c->cmsg_level == IPPROTO_IPV6 && f->domain == AF_INET6)
            r = message6(c, out);
        else
            continue;
        if (r)
            return r;
        *used = c->cmsg_level != SOL_SOCKET || *used;
    }
    return 0;
}
