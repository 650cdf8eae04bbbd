/*
 * netif.c - a link as lwIP sees it
 *
 * lwIP's number of a netif is the link's index + 1 (the loopback is 0), its index and IPv6 zone one more. An alias carries one
 * more IPv4 address of a link; what it sends goes the way of the link.
 */
#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/ethip6.h>
#include <lwip/ip.h>
#include <netif/ethernet.h>
#include <stdlib.h>
#include <string.h>

#include "link/link.h"

#define ALIAS_NUM_FIRST (IST_LINK_MAX + 1)

static err_t netif_frame(struct netif *netif, struct pbuf *p)
{
    return ist__link_send(netif->state, p);
}

static err_t netif_packet4(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)to;
    return ist__link_send(netif->state, p);
}

static err_t netif_packet6(struct netif *netif, struct pbuf *p, const ip6_addr_t *to)
{
    (void)to;
    return ist__link_send(netif->state, p);
}

uint32_t ist__link_window(const struct netif *netif)
{
    const struct ist__link *link = netif ? netif->state : NULL;

    return link ? link->grant.window : 0;
}

static err_t netif_setup(struct netif *netif)
{
    struct ist__link *link = netif->state;

    netif->name[0] = 'i';
    netif->name[1] = 'f';
    netif->num = (u8_t)(netif == &link->netif ? link->index + 1 : ALIAS_NUM_FIRST);
    netif->mtu = (u16_t)link->mtu;
    if (link->kind == IST_LINK_KIND_IP) {
        netif->flags = netif == &link->netif ? NETIF_FLAG_IGMP : 0;    /* joins only: nobody resolves addresses here */
        netif->output = netif_packet4;
        netif->output_ip6 = netif_packet6;
        return ERR_OK;
    }
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = netif_frame;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, link->netif.hwaddr, ETH_HWADDR_LEN);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    if (netif == &link->netif)
        netif->flags |= NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
    return ERR_OK;
}

/* The grant's, or a random one, locally administered (IEEE 802c). */
static void mac_choose(struct ist__link *link)
{
    uint8_t *mac = link->netif.hwaddr;

    if (link->grant.has_mac) {
        memcpy(mac, link->grant.mac, 6);
        return;
    }
    ist__random_weak(mac, 6);
    mac[0] = (uint8_t)((mac[0] & 0xfc) | 2);
}

bool ist__netif_attach(struct ist__link *link)
{
    netif_input_fn input = link->kind == IST_LINK_KIND_ETHERNET ? ethernet_input : ip_input;

    memset(&link->netif, 0, sizeof link->netif);
    memset(link->aliases, 0, sizeof link->aliases);
    mac_choose(link);
    if (!netif_add(&link->netif, NULL, NULL, NULL, link, netif_setup, input))
        return false;
    link->attached = true;
    ist__netif_checksums(link);
    netif_set_up(&link->netif);
    ist__addresses_apply(link);
    return true;
}

/* Packets to ourselves that wait in it would never be freed. */
static void netif_end(struct netif *netif)
{
    netif_poll(netif);
    netif_remove(netif);
}

void ist__netif_detach(struct ist__link *link)
{
    if (!link->attached)
        return;
    ist__addresses_drop(link);
    netif_end(&link->netif);
    link->attached = false;
}

/*
 * A host that vouches for what it gives has the checks off. Sums are left out of what is sent only if it vouches too: a packet
 * to an address of our own comes back by the same netif, and would fail the check.
 */
void ist__netif_checksums(struct ist__link *link)
{
    u16_t on = NETIF_CHECKSUM_ENABLE_ALL;

    link->summed = link->flags & IST__SUMMED;
    if (link->flags & IST_LINK_RX_SUMMED) {
        on &= (u16_t)~(NETIF_CHECKSUM_CHECK_IP | NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_TCP | NETIF_CHECKSUM_CHECK_ICMP |
                       NETIF_CHECKSUM_CHECK_ICMP6);
        if (link->flags & IST_LINK_TX_SUM_FREE)
            on = NETIF_CHECKSUM_DISABLE_ALL;
    }
    NETIF_SET_CHECKSUM_CTRL(&link->netif, on);
    for (uint32_t i = 0; i < IST__ALIASES_MAX && link->aliases[i]; i++)
        NETIF_SET_CHECKSUM_CTRL(link->aliases[i], on);
}

bool ist__netif_alias_add(struct ist__link *link, const ip4_addr_t *ip, const ip4_addr_t *mask)
{
    struct netif *alias;
    uint32_t i = 0;

    while (i < IST__ALIASES_MAX && link->aliases[i])
        i++;
    if (i == IST__ALIASES_MAX)
        return false;
    alias = calloc(1, sizeof *alias);
    if (!alias)
        return false;
    if (!netif_add(alias, ip, mask, NULL, link, netif_setup, link->netif.input)) {
        free(alias);
        return false;
    }
    netif_set_ip6_autoconfig_enabled(alias, 0);
    alias->rs_count = 0;
    link->aliases[i] = alias;
    ist__netif_checksums(link);
    netif_set_up(alias);
    if (netif_is_link_up(&link->netif))
        netif_set_link_up(alias);
    return true;
}

void ist__netif_alias_remove(struct ist__link *link, uint32_t i)
{
    netif_end(link->aliases[i]);
    free(link->aliases[i]);
    for (; i + 1 < IST__ALIASES_MAX; i++)
        link->aliases[i] = link->aliases[i + 1];
    link->aliases[i] = NULL;
}
