/*
 * route.c - gateways of the grant, and which link is the default
 *
 * lwIP knows subnets and one default netif. For IPv4 that is the first link with a gateway, else the first that may do without
 * one (IP packets), else the first with an address. For IPv6 routers advertise themselves; a gateway of the grant goes first.
 */
#include <lwip/ip6.h>

#include "link/link.h"
#include "port/hooks.h"

static bool usable(const struct ist__link *link)
{
    return link && link->attached && netif_is_up(&link->netif) && netif_is_link_up(&link->netif);
}

static int preference4(const struct ist__link *link)
{
    if (!usable(link))
        return 0;
    if (!ip4_addr_isany(netif_ip4_gw(&link->netif)))
        return 4;
    if (ip4_addr_isany(netif_ip4_addr(&link->netif)))
        return 1;
    return link->kind == IST_LINK_KIND_IP ? 3 : 2;
}

void ist__routes_update(void)
{
    struct netif *best = NULL;
    int most = 0;

    for (uint32_t i = 0; i < ist__links.n; i++) {
        int n = preference4(ist__links.at[i]);
        if (n > most) {
            most = n;
            best = &ist__links.at[i]->netif;
        }
    }
    if (netif_default != best)
        netif_set_default(best);
}

const ip6_addr_t *ist__gateway6(struct netif *netif)
{
    const struct ist__link *link = netif->state;

    return link && link->grant.has_gateway6 ? &link->grant.gateway6 : NULL;
}

/* Whether @dest lies in the /64 of an address of @link. */
static bool on_link6(const struct ist__link *link, const ip6_addr_t *dest)
{
    for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(&link->netif, i)) &&
            ip6_addr_net_eq(dest, netif_ip6_addr(&link->netif, i)))
            return true;
    return false;
}

/* lwIP asks before it looks at subnets: NULL leaves the answer to it. */
struct netif *ist__route6(const ip6_addr_t *dest)
{
    struct netif *way = NULL;

    if (ip6_addr_isloopback(dest))
        return NULL;
    for (uint32_t i = ist__links.n; i-- > 0; ) {
        struct ist__link *link = ist__links.at[i];
        if (!usable(link))
            continue;
        if (on_link6(link, dest))
            return NULL;
        if (link->grant.has_gateway6 || (link->kind == IST_LINK_KIND_IP && link->grant.has_ipv6 && !way))
            way = &link->netif;
    }
    return way;
}
