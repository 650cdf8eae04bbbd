/*
 * multicast.c - the groups of a UDP handle, and where multicast leaves
 *
 * lwIP counts the members of a group on a netif and speaks IGMPv2 and MLDv1 for them; each handle keeps a list of what it has joined,
 * so that closing it leaves. As on Linux a group that anybody here has joined is heard by every socket bound to its port.
 */
#include <lwip/igmp.h>
#include <lwip/ip.h>
#include <lwip/mem.h>
#include <lwip/mld6.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/multicast.h"

struct ist__group {
    struct ist__group *next;
    ip_addr_t ip;              /* without a zone */
    u8_t netif_index;
};

/* 224.0.0.1, ff01::1 and ff02::1 are always heard and never reported (RFC 2236 6, RFC 2710 5). */
static bool is_for_all(const ip_addr_t *ip)
{
    if (IP_IS_V4(ip))
        return ip_2_ip4(ip)->addr == PP_HTONL(0xe0000001u);
    return ip6_addr_isallnodes_iflocal(ip_2_ip6(ip)) || ip6_addr_isallnodes_linklocal(ip_2_ip6(ip));
}

static int32_t tell(struct netif *netif, const ip_addr_t *ip, bool join)
{
    err_t err;

    if (is_for_all(ip))
        return 0;
    if (IP_IS_V4(ip))
        err = join ? igmp_joingroup_netif(netif, ip_2_ip4(ip)) : igmp_leavegroup_netif(netif, ip_2_ip4(ip));
    else
        err = join ? mld6_joingroup_netif(netif, ip_2_ip6(ip)) : mld6_leavegroup_netif(netif, ip_2_ip6(ip));
    return err == ERR_OK ? 0 : IST_ENOMEM;
}

/* The place of the group in the list, or the end of it. */
static struct ist__group **find(struct ist__group **list, const ip_addr_t *ip, uint32_t interface)
{
    while (*list && !(ip_addr_eq(&(*list)->ip, ip) && (!interface || (*list)->netif_index == interface)))
        list = &(*list)->next;
    return list;
}

static ip_addr_t without_zone(const ip_addr_t *ip)
{
    ip_addr_t bare = *ip;

    if (IP_IS_V6(ip))
        ip6_addr_clear_zone(ip_2_ip6(&bare));
    return bare;
}

int32_t ist__group_join(struct ist__group **list, const ip_addr_t *ip, uint32_t interface)
{
    ip_addr_t bare = without_zone(ip), to = *ip;
    const ip_addr_t *source;
    struct netif *netif = interface ? netif_get_by_index((u8_t)(interface < 256 ? interface : 0))
                                    : ist__multicast_route(IP_IS_V6(ip) ? IP6_ADDR_ANY : IP4_ADDR_ANY, &to, 0, &source);
    struct ist__group **at = list, *g;
    uint32_t n = 0;
    int32_t r;

    if (!ip_addr_ismulticast(ip))
        return IST_EINVAL;
    if (!netif)
        return IST_ENETUNREACH;
    for (; *at; at = &(*at)->next, n++)
        if (ip_addr_eq(&(*at)->ip, &bare) && (*at)->netif_index == netif_get_index(netif))
            return IST_EADDRINUSE;
    g = n < IST__GROUPS_MAX ? mem_malloc(sizeof *g) : NULL;
    if (!g)
        return IST_ENOMEM;
    *g = (struct ist__group) { .ip = bare, .netif_index = netif_get_index(netif) };
    r = tell(netif, &bare, true);
    if (r) {
        mem_free(g);
        return r;
    }
    *at = g;
    return 0;
}

static void leave(struct ist__group **at)
{
    struct ist__group *g = *at;
    struct netif *netif = netif_get_by_index(g->netif_index);

    if (netif)
        tell(netif, &g->ip, false);
    *at = g->next;
    mem_free(g);
}

int32_t ist__group_leave(struct ist__group **list, const ip_addr_t *ip, uint32_t interface)
{
    ip_addr_t bare = without_zone(ip);
    struct ist__group **at = find(list, &bare, interface);

    if (!ip_addr_ismulticast(ip))
        return IST_EINVAL;
    if (!*at)
        return IST_EADDRNOTAVAIL;
    leave(at);
    return 0;
}

void ist__groups_leave(struct ist__group **list)
{
    while (*list)
        leave(list);
}

void ist__groups_rejoin(const struct ist__group *list, struct netif *netif)
{
    for (; list; list = list->next)
        if (list->netif_index == netif_get_index(netif))
            tell(netif, &list->ip, true);
}

static struct netif *netif_with(const ip_addr_t *local)
{
    struct netif *n;

    NETIF_FOREACH(n) {
        if (IP_IS_V6(local) ? netif_get_ip6_addr_match(n, ip_2_ip6(local)) >= 0 : ip4_addr_eq(netif_ip4_addr(n), ip_2_ip4(local)))
            return n;
    }
    return NULL;
}

static struct netif *first_link(const ip_addr_t *to)
{
    struct netif *n, *lowest = NULL;

    NETIF_FOREACH(n) {
        if (n->state && netif_is_up(n) && netif_is_link_up(n) && ip_netif_get_local_ip(n, to) &&
            !ip_addr_isany(ip_netif_get_local_ip(n, to)) && (!lowest || n->num < lowest->num))
            lowest = n;
    }
    return lowest;
}

struct netif *ist__multicast_route(const ip_addr_t *local, ip_addr_t *to, uint32_t interface, const ip_addr_t **source)
{
    bool bound = !IP_IS_ANY_TYPE_VAL(*local) && !ip_addr_isany(local) && !ip_addr_ismulticast(local);
    struct netif *n = NULL;

    if (IP_IS_V6(to) && ip6_addr_has_zone(ip_2_ip6(to)))
        n = netif_get_by_index((u8_t)ip6_addr_zone(ip_2_ip6(to)));
    else if (interface)
        n = netif_get_by_index((u8_t)interface);
    else {
        n = bound ? netif_with(local) : NULL;
        if (!n)
            n = ist__route(local, to, source);
        if (!n)
            n = first_link(to);
    }
    if (!n)
        return NULL;
    if (IP_IS_V6(to) && ip6_addr_lacks_zone(ip_2_ip6(to), IP6_MULTICAST))
        ip6_addr_assign_zone(ip_2_ip6(to), IP6_MULTICAST, n);
    *source = bound ? local : ip_netif_get_local_ip(n, to);
    return *source && !ip_addr_isany(*source) ? n : NULL;
}
