/*
 * multicast.c - the socket options of multicast whose values are structures
 *
 * Interfaces are named by their number or, in IPv4, by one of their addresses; the stack's numbers are those of if_nametoindex().
 */
#include <string.h>
#include "option.h"

/* The number of the interface with an address; 0: none has it. */
static uint32_t interface_with(const struct in_addr *ip)
{
    struct ist_interface it;

    for (uint32_t i = 0; ist_interface_get(i, &it) == 0; i++)
        for (uint32_t a = 0; a < it.n_addresses; a++)
            if (it.addresses[a].address.family == IST_IPV4 && memcmp(it.addresses[a].address.ip, ip, 4) == 0)
                return i + 1;
    return 0;
}

/* 0 or -errno. A number goes before an address; neither is the stack's choice, 0. @none: what an unknown one is. */
static int interface_of(int number, const struct in_addr *ip, int none, uint32_t *out)
{
    struct ist_interface it;

    *out = number > 0 ? (uint32_t)number : ip->s_addr ? interface_with(ip) : 0;
    if (number < 0 || (number == 0 && ip->s_addr && !*out) || (number > 0 && ist_interface_get(*out - 1, &it) != 0))
        return none;
    return 0;
}

/* ip_mreqn, ip_mreq, or (to send) an address alone; told apart by length. */
static int mreq_read(struct ip_mreqn *out, const void *value, socklen_t len, int address_alone)
{
    memset(out, 0, sizeof *out);
    if (len >= sizeof *out)
        memcpy(out, value, sizeof *out);
    else if (len >= sizeof(struct ip_mreq))
        memcpy(out, value, sizeof(struct ip_mreq));
    else if (address_alone && len >= sizeof out->imr_address)
        memcpy(&out->imr_address, value, sizeof out->imr_address);
    else
        return -EINVAL;
    return 0;
}

static int member(struct ist__fd *f, const struct ist_address *group, uint32_t interface, int join)
{
    int32_t r;

    if (join && ist__wait_configured())
        return -ENODEV;
    r = join ? ist_multicast_join(f->handle, group, interface) : ist_multicast_leave(f->handle, group, interface);
    switch (r) {
    case IST_ENETUNREACH: return -ENODEV;
    case IST_ENOMEM:      return -ENOBUFS;
    default:              return -ist__errno(r);
    }
}

static int member4(struct ist__fd *f, const void *value, socklen_t len, int join)
{
    struct ist_address group = { .family = f->domain == AF_INET ? IST_IPV4 : IST_IPV6 };
    struct ip_mreqn mreq;
    uint32_t interface;
    int r = mreq_read(&mreq, value, len, 0);

    if (r)
        return r;
    if (group.family == IST_IPV6)
        memset(group.ip + 10, 0xff, 2);
    memcpy(group.ip + (group.family == IST_IPV6 ? 12 : 0), &mreq.imr_multiaddr, 4);
    r = interface_of(mreq.imr_ifindex, &mreq.imr_address, join ? -ENODEV : -EADDRNOTAVAIL, &interface);
    return r ? r : member(f, &group, interface, join);
}

static int member6(struct ist__fd *f, const void *value, socklen_t len, int join)
{
    struct ist_address group = { .family = IST_IPV6 };
    struct ipv6_mreq mreq;

    if (len < sizeof mreq)
        return -EINVAL;
    memcpy(&mreq, value, sizeof mreq);
    memcpy(group.ip, &mreq.ipv6mr_multiaddr, 16);
    if (group.ip[0] != 0xff)
        return -EINVAL;
    return member(f, &group, mreq.ipv6mr_interface, join);
}

/* RFC 3678 5.1: either family, by sockaddr. */
static int member_any(struct ist__fd *f, int level, const void *value, socklen_t len, int join)
{
    struct ist_address group;
    struct group_req request;
    int r;

    if (len < sizeof request)
        return -EINVAL;
    memcpy(&request, value, sizeof request);
    if (request.gr_group.ss_family != (level == IPPROTO_IP ? AF_INET : AF_INET6))
        return -EADDRNOTAVAIL;
    r = ist__address_from(&group, f, (struct sockaddr *)&request.gr_group, sizeof request.gr_group);
    return r ? r : member(f, &group, request.gr_interface, join);
}

static int send_interface_set(struct ist__fd *f, const void *value, socklen_t len)
{
    struct ip_mreqn mreq;
    uint32_t interface;
    int r = mreq_read(&mreq, value, len, 1);

    if (r == 0)
        r = interface_of(mreq.imr_ifindex, &mreq.imr_address, -EADDRNOTAVAIL, &interface);
    return r ? r : -ist__errno(ist_option_set(f->handle, IST_OPTION_MULTICAST_INTERFACE, (int32_t)interface));
}

int ist__multicast_set(struct ist__fd *f, int level, int name, const void *value, socklen_t len)
{
    if (f->protocol != IPPROTO_UDP)
        return 1;
    if (level == IPPROTO_IP)
        switch (name) {
        case IP_ADD_MEMBERSHIP:
        case IP_DROP_MEMBERSHIP: return member4(f, value, len, name == IP_ADD_MEMBERSHIP);
        case IP_MULTICAST_IF:    return send_interface_set(f, value, len);
        }
    if (level == IPPROTO_IPV6 && f->domain == AF_INET6 && (name == IPV6_JOIN_GROUP || name == IPV6_LEAVE_GROUP))
        return member6(f, value, len, name == IPV6_JOIN_GROUP);
    if (level == (f->domain == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP) && (name == MCAST_JOIN_GROUP || name == MCAST_LEAVE_GROUP))
        return member_any(f, level, value, len, name == MCAST_JOIN_GROUP);
    return 1;
}

int ist__multicast_get(struct ist__fd *f, int level, int name, struct in_addr *out)
{
    struct ist_interface it;
    int32_t interface;

    if (f->protocol != IPPROTO_UDP || level != IPPROTO_IP || name != IP_MULTICAST_IF)
        return 1;
    out->s_addr = INADDR_ANY;
    if (ist_option_get(f->handle, IST_OPTION_MULTICAST_INTERFACE, &interface) || interface == 0)
        return 0;
    if (ist_interface_get((uint32_t)interface - 1, &it))
        return 0;
    for (uint32_t a = it.n_addresses; a-- > 0; )
        if (it.addresses[a].address.family == IST_IPV4)
            memcpy(out, it.addresses[a].address.ip, 4);
    return 0;
}
