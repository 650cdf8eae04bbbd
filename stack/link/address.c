/*
 * address.c - the addresses of a link: the grant's, DHCP, and stateless autoconfiguration
 *
 * Addresses of the grant are used at once. Where the grant has none of a family, an Ethernet link asks DHCP (IPv4) and the routers
 * (IPv6). Duplicate address detection waits a tenth of a second and not the second of RFC 4862: on a link between instances
 * nobody is slower, and IPv6 would else come up last.
 */
#include <lwip/dhcp.h>
#include <lwip/ip6_addr.h>
#include <lwip/nd6.h>
#include <lwip/timeouts.h>
#include <stdlib.h>

#include "link/link.h"
#include "port/hooks.h"

#define PROBE_MS   100u
#define MTU6_MIN   1280u     /* RFC 8200 5 */

static void mask_make(ip4_addr_t *mask, uint32_t prefix)
{
    mask->addr = prefix ? lwip_htonl(UINT32_MAX << (32 - prefix)) : 0;
}

bool ist__wants_dhcp(const struct ist__link *link)
{
    return link->kind == IST_LINK_KIND_ETHERNET && !link->grant.has_ipv4;
}

bool ist__wants_slaac(const struct ist__link *link)
{
    return link->kind == IST_LINK_KIND_ETHERNET && !link->grant.has_ipv6 && link->mtu >= MTU6_MIN;
}

/* Index in the grant of the next IPv4 address from @from on; n_addresses: none. */
static uint32_t next4(const struct ist__grant *grant, uint32_t from)
{
    while (from < grant->n_addresses && !IP_IS_V4(&grant->addresses[from].ip))
        from++;
    return from;
}

static bool grant_has(const struct ist__grant *grant, const ip_addr_t *ip)
{
    for (uint32_t i = 0; i < grant->n_addresses; i++)
        if (ip_addr_eq(&grant->addresses[i].ip, ip) ||
            (IP_IS_V6(ip) && IP_IS_V6(&grant->addresses[i].ip) && ip6_addr_zoneless_eq(ip_2_ip6(ip), ip_2_ip6(&grant->addresses[i].ip))))
            return true;
    return false;
}

static void main4_set(struct ist__link *link, uint32_t at)
{
    struct netif *netif = &link->netif;
    ip4_addr_t mask;

    if (netif_dhcp_data(netif)) {
        dhcp_release_and_stop(netif);
        dhcp_cleanup(netif);
    }
    mask_make(&mask, link->grant.addresses[at].prefix);
    if (link->grant.addresses[at].prefix >= 31)     /* RFC 3021: no broadcast address there */
        netif->flags &= (u8_t)~NETIF_FLAG_BROADCAST;
    else if (link->kind == IST_LINK_KIND_ETHERNET)
        netif->flags |= NETIF_FLAG_BROADCAST;
    netif_set_addr(netif, ip_2_ip4(&link->grant.addresses[at].ip), &mask,
                   link->grant.has_gateway4 ? &link->grant.gateway4 : IP4_ADDR_ANY4);
}

static void aliases_set(struct ist__link *link, uint32_t from)
{
    struct ist__grant *g = &link->grant;
    ip4_addr_t mask;

    for (uint32_t i = IST__ALIASES_MAX; i-- > 0; )
        if (link->aliases[i] && !grant_has(g, &link->aliases[i]->ip_addr))
            ist__netif_alias_remove(link, i);
    for (uint32_t at = next4(g, from); at < g->n_addresses; at = next4(g, at + 1)) {
        uint32_t i = 0;
        while (i < IST__ALIASES_MAX && link->aliases[i] && !ip_addr_eq(&link->aliases[i]->ip_addr, &g->addresses[at].ip))
            i++;
        mask_make(&mask, g->addresses[at].prefix);
        if (i < IST__ALIASES_MAX && link->aliases[i])
            continue;
        if (!ist__netif_alias_add(link, ip_2_ip4(&g->addresses[at].ip), &mask))
            ist__note_link(link->index, "no room for another IPv4 address; skipped");
    }
}

static void apply4(struct ist__link *link)
{
    uint32_t first = next4(&link->grant, 0);

    if (first < link->grant.n_addresses) {
        /* An alias that moves up gives its address to the link's own netif. */
        for (uint32_t i = IST__ALIASES_MAX; i-- > 0; )
            if (link->aliases[i] && ip_addr_eq(&link->aliases[i]->ip_addr, &link->grant.addresses[first].ip))
                ist__netif_alias_remove(link, i);
        main4_set(link, first);
        aliases_set(link, first + 1);
        return;
    }
    aliases_set(link, link->grant.n_addresses);
    if (ist__wants_dhcp(link)) {
        if (!netif_dhcp_data(&link->netif)) {
            netif_set_addr(&link->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
            link->netif.flags |= NETIF_FLAG_BROADCAST;
            dhcp_start(&link->netif);
        }
    } else {
        netif_set_addr(&link->netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    }
}

static void address6_add(struct ist__link *link, uint32_t at)
{
    const ip6_addr_t *ip = ip_2_ip6(&link->grant.addresses[at].ip);
    struct netif *netif = &link->netif;
    s8_t i = netif_get_ip6_addr_match(netif, ip);

    for (s8_t free = ip6_addr_islinklocal(ip) ? 0 : 1; i < 0 && free < LWIP_IPV6_NUM_ADDRESSES; free++)
        if (free == 0 || ip6_addr_isinvalid(netif_ip6_addr_state(netif, free)))
            i = free;
    if (i < 0) {
        ist__note_link(link->index, "no room for another IPv6 address; skipped");
        return;
    }
    netif_ip6_addr_set_state(netif, i, IP6_ADDR_INVALID);
    netif_ip6_addr_set(netif, i, ip);
    netif_ip6_addr_set_valid_life(netif, i, IP6_ADDR_LIFE_STATIC);
    netif_ip6_addr_set_pref_life(netif, i, IP6_ADDR_LIFE_STATIC);
    netif_ip6_addr_set_state(netif, i, IP6_ADDR_PREFERRED);
    link->prefix6[i] = link->grant.addresses[at].prefix;
}

static bool address6_stays(struct ist__link *link, s8_t i)
{
    struct netif *netif = &link->netif;

    if (i > 0 && !netif_ip6_addr_isstatic(netif, i))
        return ist__wants_slaac(link);
    return i == 0 || grant_has(&link->grant, netif_ip_addr6(netif, i));
}

static void apply6(struct ist__link *link)
{
    struct netif *netif = &link->netif;

    if (link->mtu < MTU6_MIN) {
        if (link->grant.has_ipv6)
            ist__note_link(link->index, "IPv6 needs an MTU of 1,280; its addresses are skipped");
        return;
    }
    if (link->kind == IST_LINK_KIND_ETHERNET && ip6_addr_isinvalid(netif_ip6_addr_state(netif, 0))) {
        netif_create_ip6_linklocal_address(netif, 1);
        link->prefix6[0] = 64;
    }
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (!ip6_addr_isinvalid(netif_ip6_addr_state(netif, i)) && !address6_stays(link, i))
            netif_ip6_addr_set_state(netif, i, IP6_ADDR_INVALID);
    for (uint32_t at = 0; at < link->grant.n_addresses; at++)
        if (IP_IS_V6(&link->grant.addresses[at].ip) &&
            (netif_get_ip6_addr_match(netif, ip_2_ip6(&link->grant.addresses[at].ip)) < 0))
            address6_add(link, at);
    if (link->grant.has_gateway6)
        ip6_addr_assign_zone(&link->grant.gateway6, IP6_UNICAST, netif);
    netif_set_ip6_autoconfig_enabled(netif, ist__wants_slaac(link));
    nd6_clear_destination_cache();
}

void ist__addresses_apply(struct ist__link *link)
{
    netif_set_hostname(&link->netif, link->grant.hostname[0] ? link->grant.hostname : NULL);
    link->netif.mtu = (u16_t)link->mtu;
    apply4(link);
    apply6(link);
    if (link->kind == IST_LINK_KIND_IP && link->grant.n_addresses == 0)
        ist__note_link(link->index, "the grant has no address for a link of IP packets");
}

/* Connections from these addresses are aborted by lwIP. */
void ist__addresses_drop(struct ist__link *link)
{
    struct netif *netif = &link->netif;

    sys_untimeout(ist__addresses_probed, netif);
    for (uint32_t i = IST__ALIASES_MAX; i-- > 0; )
        if (link->aliases[i])
            ist__netif_alias_remove(link, i);
    if (netif_dhcp_data(netif)) {
        dhcp_release_and_stop(netif);
        dhcp_cleanup(netif);
    }
    netif_set_addr(netif, IP4_ADDR_ANY4, IP4_ADDR_ANY4, IP4_ADDR_ANY4);
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        netif_ip6_addr_set_state(netif, i, IP6_ADDR_INVALID);
}

/* Nobody objected: the addresses are ours. */
void ist__addresses_probed(void *arg)
{
    struct netif *netif = arg;

    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (ip6_addr_istentative(netif_ip6_addr_state(netif, i)) && netif_ip6_addr_state(netif, i) != IP6_ADDR_TENTATIVE) {
            netif_ip6_addr_set_state(netif, i, IP6_ADDR_PREFERRED);
            if (i == 0 && netif->rs_count)
                nd6_solicit_router(netif);     /* once more, now with an address that can be answered */
        }
}

/* Asks about each new address of @netif whether somebody has it. */
static void addresses_probe(struct netif *netif)
{
    bool any = false;

    if (!netif_is_link_up(netif))
        return;
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; i++)
        if (netif_ip6_addr_state(netif, i) == IP6_ADDR_TENTATIVE) {
            netif_ip6_addr_set_state(netif, i, IP6_ADDR_TENTATIVE_1);
            nd6_probe_duplicate(netif, i);
            any = true;
        }
    if (any) {
        sys_untimeout(ist__addresses_probed, netif);
        sys_timeout(PROBE_MS, ist__addresses_probed, netif);
    }
}

void ist__addresses_up(struct ist__link *link)
{
    netif_set_link_up(&link->netif);
    for (uint32_t i = 0; i < IST__ALIASES_MAX && link->aliases[i]; i++)
        netif_set_link_up(link->aliases[i]);
    if (link->kind == IST_LINK_KIND_ETHERNET && link->mtu >= MTU6_MIN) {
        addresses_probe(&link->netif);
        if (ist__wants_slaac(link))
            nd6_solicit_router(&link->netif);
    }
}

/* A router's advertisement has made an address: do not leave it to the next second. */
static void on_netif_event(struct netif *netif, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args)
{
    const struct ist__link *link = netif->state;

    if (link && reason == LWIP_NSC_IPV6_ADDR_STATE_CHANGED && args->ipv6_addr_state_changed.addr_index > 0 &&
        netif_ip6_addr_state(netif, args->ipv6_addr_state_changed.addr_index) == IP6_ADDR_TENTATIVE)
        addresses_probe(netif);
    if (link && (reason & (LWIP_NSC_IPV4_SETTINGS_CHANGED | LWIP_NSC_IPV4_GATEWAY_CHANGED | LWIP_NSC_IPV4_ADDRESS_CHANGED |
                           LWIP_NSC_LINK_CHANGED | LWIP_NSC_STATUS_CHANGED)))
        ist__routes_update();
}

void ist__addresses_watch(bool on)
{
    static netif_ext_callback_t callback;

    if (on)
        netif_add_ext_callback(&callback, on_netif_event);
    else
        netif_remove_ext_callback(&callback);
}
