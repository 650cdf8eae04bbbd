/*
 * address.c - addresses and routes as the sockets need them
 */
#include <string.h>
#include <lwip/ip.h>
#include <isthmus/link.h>
#include "core/core.h"
#include "socket/address.h"

/* lwIP numbers netifs from 1, the loopback first; we number links from 1 in a scope. */
#define ZONE_OF_SCOPE(scope) ((scope) + 1)

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static void v4_in(const uint8_t *b, ip_addr_t *out)
{
    uint32_t a;

    memcpy(&a, b, 4);
    ip_addr_set_ip4_u32(out, a);
}

static int32_t v6_in(const struct ist_address *a, ip_addr_t *out)
{
    uint32_t w[4];
    ip6_addr_t *ip6;

    memcpy(w, a->ip, 16);
    memset(out, 0, sizeof *out);
    IP_SET_TYPE(out, IPADDR_TYPE_V6);
    ip6 = ip_2_ip6(out);
    memcpy(ip6->addr, w, 16);
    ip6_addr_clear_zone(ip6);
    if (a->scope && ip6_addr_has_scope(ip6, IP6_UNKNOWN)) {
        if (a->scope > IST_LINK_MAX || !netif_get_by_index((u8_t)ZONE_OF_SCOPE(a->scope)))
            return IST_EADDRNOTAVAIL;
        ip6_addr_set_zone(ip6, (u8_t)ZONE_OF_SCOPE(a->scope));
    }
    return 0;
}

int32_t ist__address_in(const struct ist_address *a, uint32_t family, bool v6only, ip_addr_t *out)
{
    if (a->family != family)
        return IST_EAFNOSUPPORT;
    if (family == IST_IPV4) {
        v4_in(a->ip, out);
        return 0;
    }
    if (memcmp(a->ip, mapped, sizeof mapped) != 0)
        return v6_in(a, out);
    if (v6only)
        return IST_EAFNOSUPPORT;
    v4_in(a->ip + 12, out);
    return 0;
}

void ist__address_out(const ip_addr_t *ip, uint16_t port, uint32_t family, struct ist_address *out)
{
    memset(out, 0, sizeof *out);
    out->family = (uint8_t)family;
    out->port = port;
    if (IP_IS_V6(ip)) {
        memcpy(out->ip, ip_2_ip6(ip)->addr, 16);
        if (ip6_addr_has_zone(ip_2_ip6(ip)))
            out->scope = (uint32_t)ip6_addr_zone(ip_2_ip6(ip)) - 1;
    } else if (IP_IS_ANY_TYPE_VAL(*ip)) {
        /* :: and every IPv4 address */
    } else if (family == IST_IPV4) {
        memcpy(out->ip, &ip_2_ip4(ip)->addr, 4);
    } else {
        memcpy(out->ip, mapped, sizeof mapped);
        memcpy(out->ip + 12, &ip_2_ip4(ip)->addr, 4);
    }
}

const ip_addr_t *ist__address_any(uint32_t family, bool v6only)
{
    return family == IST_IPV4 ? IP4_ADDR_ANY : v6only ? IP6_ADDR_ANY : IP_ANY_TYPE;
}

int32_t ist__address_is_local(const ip_addr_t *ip, bool multicast)
{
    struct netif *n;

    if (ip_addr_isany(ip) || (multicast && ip_addr_ismulticast(ip)))
        return 0;
    NETIF_FOREACH(n) {
        if (IP_IS_V4(ip) ? ip4_addr_eq(netif_ip4_addr(n), ip_2_ip4(ip)) : netif_get_ip6_addr_match(n, ip_2_ip6(ip)) >= 0)
            return 0;
    }
    return IST_EADDRNOTAVAIL;
}

bool ist__address_overlap(const ip_addr_t *a, const ip_addr_t *b)
{
    if (IP_IS_ANY_TYPE_VAL(*a) || IP_IS_ANY_TYPE_VAL(*b))
        return true;
    if (IP_IS_V6(a) != IP_IS_V6(b))
        return false;
    return ip_addr_isany(a) || ip_addr_isany(b) || ip_addr_eq(a, b);
}

struct netif *ist__route(const ip_addr_t *local, const ip_addr_t *remote, const ip_addr_t **source)
{
    struct netif *n = ip_route(local, remote);

    if (!n)
        return NULL;
    if (!ip_addr_isany(local) && !ip_addr_ismulticast(local)) {
        *source = local;
        return n;
    }
    *source = ip_netif_get_local_ip(n, remote);
    if (!*source)
        return NULL;
    if (IP_IS_V6(remote) && ip6_addr_islinklocal(ip_2_ip6(*source)) && !ip6_addr_has_scope(ip_2_ip6(remote), IP6_UNKNOWN))
        return NULL;
    return n;
}

int32_t ist__no_route(const ip_addr_t *remote)
{
    return ist__configuring(IP_IS_V6(remote)) ? IST_EAGAIN : IST_ENETUNREACH;
}
