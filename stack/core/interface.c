/*
 * interface.c - what the outside may know: interfaces, statistics, whether there is an address yet
 */
#include <lwip/dhcp.h>
#include <lwip/mem.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include <string.h>

#include "link/link.h"
#include "socket/class.h"

#define GIVE_UP_NS  UINT64_C(5000000000)
#define GIVE_UP6_NS UINT64_C(2000000000)   /* routers answer at once or not at all */

#pragma weak ist__handles_live

static uint64_t configuring_since;

void ist__configured_restart(void)
{
    configuring_since = ist__links.monotonic;
}

static bool has_address4(const struct ist__link *link)
{
    return !ip4_addr_isany(netif_ip4_addr(&link->netif));
}

static bool has_address6(const struct ist__link *link)
{
    const struct netif *netif = &link->netif;

    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(netif, i)) && !ip6_addr_islinklocal(netif_ip6_addr(netif, i)))
            return true;
    return false;
}

int32_t ist_configured(void)
{
    if (!ist__started())
        return 0;
    for (uint32_t i = 0; i < ist__links.n; i++) {
        const struct ist__link *link = ist__links.at[i];
        if (link && !link->closed && (link->flags & IST_LINK_UP) && (has_address4(link) || has_address6(link)))
            return 1;
    }
    return ist__links.monotonic - configuring_since >= GIVE_UP_NS;
}

bool ist__configuring(bool ipv6)
{
    if (ist__links.monotonic - configuring_since >= (ipv6 ? GIVE_UP6_NS : GIVE_UP_NS))
        return false;
    for (uint32_t i = 0; i < ist__links.n; i++) {
        const struct ist__link *link = ist__links.at[i];
        if (!link || link->closed)
            continue;
        if (!(link->flags & IST_LINK_UP))
            return true;
        if (ipv6 ? ist__wants_slaac(link) && !has_address6(link) : ist__wants_dhcp(link) && !has_address4(link))
            return true;
    }
    return false;
}

static void address_add(struct ist_interface *out, const ip_addr_t *ip, uint32_t prefix)
{
    if (out->n_addresses == sizeof out->addresses / sizeof out->addresses[0])
        return;
    ist__address_from_lwip(ip, &out->addresses[out->n_addresses].address);
    out->addresses[out->n_addresses++].prefix = prefix;
}

static void address4_add(struct ist_interface *out, const struct netif *netif)
{
    if (!ip4_addr_isany(netif_ip4_addr(netif)))
        address_add(out, netif_ip_addr4(netif), (uint32_t)__builtin_popcount(netif_ip4_netmask(netif)->addr));
}

static void name_set(struct ist_interface *out, uint32_t link)
{
    char *p = out->name;

    *p++ = 'i';
    *p++ = 'f';
    if (link >= 10)
        *p++ = (char)('0' + link / 10);
    *p = (char)('0' + link % 10);
}

static void loopback_get(struct ist_interface *out)
{
    struct netif *netif;

    memcpy(out->name, "lo", 3);
    out->up = 1;
    NETIF_FOREACH(netif) {
        if (netif->state)
            continue;
        out->mtu = 65535;      /* lwIP keeps none for it */
        address4_add(out, netif);
        address_add(out, netif_ip_addr6(netif, 0), 128);
    }
}

int32_t ist_interface_get(uint32_t index, struct ist_interface *out)
{
    const struct ist__link *link;

    if (!ist__started())
        return IST_ESTATE;
    if (index > ist__links.n)
        return IST_EINVAL;
    memset(out, 0, sizeof *out);
    if (index == 0) {
        loopback_get(out);
        return 0;
    }
    name_set(out, index - 1);
    link = ist__links.at[index - 1];
    if (!link)
        return 0;
    out->kind = link->kind;
    out->mtu = link->mtu;
    out->up = !link->closed && (link->flags & IST_LINK_UP);
    memcpy(out->mac, link->netif.hwaddr, sizeof out->mac);
    address4_add(out, &link->netif);
    for (uint32_t i = 0; i < IST__ALIASES_MAX && link->aliases[i]; i++)
        address4_add(out, link->aliases[i]);
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_isvalid(netif_ip6_addr_state(&link->netif, i)))
            address_add(out, netif_ip_addr6(&link->netif, i), link->prefix6[i] ? link->prefix6[i] : 64);
    return 0;
}

static uint32_t tcp_count(void)
{
    uint32_t n = 0;

    for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next)
        n++;
    for (const struct tcp_pcb *p = tcp_tw_pcbs; p; p = p->next)
        n++;
    for (const struct tcp_pcb *p = tcp_bound_pcbs; p; p = p->next)
        n++;
    for (const struct tcp_pcb_listen *p = tcp_listen_pcbs.listen_pcbs; p; p = p->next)
        n++;
    return n;
}

int32_t ist_statistics_get(struct ist_statistics *out)
{
    struct ist_statistics s = ist__links.counts;
    uint32_t size = out->size < sizeof s ? out->size : (uint32_t)sizeof s;

    if (!ist__started())
        return IST_ESTATE;
    if (size < sizeof s.size)
        return IST_EINVAL;
    s.size = size;
    s.n_handles = ist__handles_live ? ist__handles_live() : 0;
    s.memory_used = lwip_stats.mem.used;
    s.n_tcp = tcp_count();
    memcpy(out, &s, size);
    return 0;
}

uint64_t ist_monotonic(void)
{
    return ist__links.monotonic;
}

uint64_t ist_realtime(void)
{
    return ist__links.realtime;
}

uint32_t ist__netif_link(const struct netif *netif)
{
    const struct ist__link *link = netif ? netif->state : NULL;

    return link ? link->index + 1 : 0;
}
