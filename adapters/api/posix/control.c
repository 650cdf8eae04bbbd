/*
 * control.c - control messages of recvmsg(): by which interface a datagram came, to which address, with which TTL
 *
 * The address is the one in the packet's header; ipi_spec_dst, which Linux means for answering, is the same, but for a group or
 * broadcast it is unset: an answer's address is then the stack's choice.
 */
#include <string.h>
#include "control.h"

static const struct {
    int level, name;
    uint8_t want;
} wishes[] = {
    { IPPROTO_IP,   IP_PKTINFO,        IST_TELL_PACKET4 },
    { IPPROTO_IP,   IP_RECVTTL,        IST_TELL_TTL4 },
    { IPPROTO_IPV6, IPV6_RECVPKTINFO,  IST_TELL_PACKET6 },
    { IPPROTO_IPV6, IPV6_RECVHOPLIMIT, IST_TELL_TTL6 },
    { IPPROTO_IP,   IP_RECVTOS,        IST_TELL_TOS4 },
    { IPPROTO_IPV6, IPV6_RECVTCLASS,   IST_TELL_TOS6 }
};

uint8_t ist__control_option(const struct ist__fd *f, int level, int name)
{
    for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++)
        if (wishes[i].level == level && wishes[i].name == name)
            return f->domain == AF_INET6 || (f->domain == AF_INET && level == IPPROTO_IP) ? wishes[i].want : 0;
    return 0;
}

/* As much as fits; @at counts the bytes of msg_control that are filled. */
static void put(struct msghdr *m, size_t *at, int level, int type, const void *data, size_t len)
{
    struct cmsghdr head = { .cmsg_len = (socklen_t)CMSG_LEN(len), .cmsg_level = level, .cmsg_type = type };
    size_t room = m->msg_controllen - *at, whole = CMSG_SPACE(len);
    uint8_t *to = (uint8_t *)m->msg_control + *at;

    if (!m->msg_control || room < sizeof head) {
        m->msg_flags |= MSG_CTRUNC;
        return;
    }
    if (head.cmsg_len > room) {
        m->msg_flags |= MSG_CTRUNC;
        head.cmsg_len = (socklen_t)room;
    }
    memcpy(to, &head, sizeof head);
    memcpy(to + sizeof head, data, head.cmsg_len - sizeof head);
    *at += whole < room ? whole : room;
}

static int is_mapped(const struct ist_address *a)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    return a->family == IST_IPV6 && memcmp(a->ip, mapped, sizeof mapped) == 0;
}

static void put4(const struct ist__fd *f, struct msghdr *m, size_t *at, const struct ist_datagram *d)
{
    const uint8_t *ip = d->to.family == IST_IPV4 ? d->to.ip : d->to.ip + 12;
    struct in_pktinfo info = { .ipi_ifindex = (int)d->link + 1 };
    int ttl = (int)d->ttl;

    memcpy(&info.ipi_addr, ip, 4);
    if (ip[0] >> 4 != 14 && info.ipi_addr.s_addr != INADDR_BROADCAST)
        info.ipi_spec_dst = info.ipi_addr;
    if (f->tell & IST_TELL_PACKET4)
        put(m, at, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    if (f->tell & IST_TELL_TTL4)
        put(m, at, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    if (f->tell & IST_TELL_TOS4)
        put(m, at, IPPROTO_IP, IP_TOS, &(uint8_t) { (uint8_t)d->tos }, 1);
}

static void put6(const struct ist__fd *f, struct msghdr *m, size_t *at, const struct ist_datagram *d)
{
    struct in6_pktinfo info = { .ipi6_ifindex = d->link + 1 };
    int hops = (int)d->ttl, class = (int)d->tos;

    memcpy(&info.ipi6_addr, d->to.ip, 16);
    if (f->tell & IST_TELL_PACKET6)
        put(m, at, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    if (f->tell & IST_TELL_TTL6 && !is_mapped(&d->to))
        put(m, at, IPPROTO_IPV6, IPV6_HOPLIMIT, &hops, sizeof hops);
    if (f->tell & IST_TELL_TOS6 && !is_mapped(&d->to))
        put(m, at, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof class);
}

void ist__control_put(const struct ist__fd *f, struct msghdr *m, const struct ist_datagram *d)
{
    size_t at = 0;

    if (d->to.family == IST_IPV6)
        put6(f, m, &at, d);
    if (d->to.family == IST_IPV4 || is_mapped(&d->to))
        put4(f, m, &at, d);
    m->msg_controllen = (socklen_t)at;
}
