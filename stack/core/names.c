/*
 * names.c - which name servers there are: the grant's first, then those of DHCP and of router advertisements
 *
 * lwIP tells the last two through the hook its own resolver would have; DHCP names IPv4 servers and routers IPv6 ones, which keeps
 * the two lists apart.
 */
#include <isthmus/resolve.h>
#include <string.h>

#include "link/link.h"
#include "port/hooks.h"

static ip_addr_t dhcp_servers[DNS_MAX_SERVERS], router_servers[DNS_MAX_SERVERS];
static bool dhcp_given[DNS_MAX_SERVERS], router_given[DNS_MAX_SERVERS];

void dns_setserver(uint8_t i, const ip_addr_t *server)
{
    if (i >= DNS_MAX_SERVERS)
        return;
    if (!server) {
        router_given[i] = false;         /* an advertised lifetime of 0 */
    } else if (IP_IS_V6(server)) {
        ip_addr_copy(router_servers[i], *server);
        router_given[i] = true;
    } else {
        ip_addr_copy(dhcp_servers[i], *server);
        dhcp_given[i] = true;
    }
}

const ip_addr_t *dns_getserver(uint8_t i)
{
    return i < DNS_MAX_SERVERS && router_given[i] ? &router_servers[i] : IP6_ADDR_ANY;
}

void ist__name_servers_stop(void)
{
    memset(dhcp_given, 0, sizeof dhcp_given);
    memset(router_given, 0, sizeof router_given);
}

void ist__address_from_lwip(const ip_addr_t *ip, struct ist_address *out)
{
    memset(out, 0, sizeof *out);
    if (IP_IS_V4(ip)) {
        out->family = IST_IPV4;
        memcpy(out->ip, &ip_2_ip4(ip)->addr, 4);
        return;
    }
    out->family = IST_IPV6;
    memcpy(out->ip, ip_2_ip6(ip)->addr, 16);
    if (ip6_addr_has_zone(ip_2_ip6(ip)))
        out->scope = (uint32_t)ip6_addr_zone(ip_2_ip6(ip)) - 1;
}

/* The i-th "dns=" line that is an address. */
static bool granted_server(uint32_t *i, struct ist_address *out)
{
    char value[64];

    for (uint32_t n = 0; ist_grant_value("dns", n, value, sizeof value) >= 0; n++)
        if (ist_address_parse(value, out) == 0 && (*i)-- == 0)
            return true;
    return false;
}

int32_t ist_name_server(uint32_t i, struct ist_address *out)
{
    if (!ist__started())
        return IST_ESTATE;
    if (granted_server(&i, out))
        return 0;
    for (uint32_t k = 0; k < 2 * DNS_MAX_SERVERS; k++) {
        bool dhcp = k < DNS_MAX_SERVERS;
        uint32_t n = k % DNS_MAX_SERVERS;
        if (!(dhcp ? dhcp_given : router_given)[n] || i-- > 0)
            continue;
        ist__address_from_lwip(&(dhcp ? dhcp_servers : router_servers)[n], out);
        return 0;
    }
    return IST_EINVAL;
}

int32_t ist_grant_value(const char *key, uint32_t i, char *value, uint32_t cap)
{
    if (!ist__started())
        return IST_ESTATE;
    for (uint32_t k = 0; k < ist__links.n; k++) {
        uint32_t len, n;
        const char *at = ist__links.at[k] ? ist__grant_find(ist__links.at[k]->text, key, &i, &len) : NULL;
        if (!at)
            continue;
        if (cap) {
            n = len < cap - 1 ? len : cap - 1;
            memcpy(value, at, n);
            value[n] = 0;
        }
        return (int32_t)len;
    }
    return IST_EINVAL;
}
