/*
 * order.c - which address to try first (RFC 6724)
 *
 * Of the rules of section 6 these need only the list of our own addresses: 1 (avoid what cannot be reached), 2 (same scope), 5 (same
 * label), 6 (higher precedence), 8 (smaller scope), 10 (else as it was), and of 9 (longest common prefix) what stands within a
 * prefix of ours: the rest of it would defeat servers that turn their answers round to spread load. The list knows no deprecated and no
 * mobile addresses and no tunnels: rules 3, 4 and 7 have nothing to say.
 */
#include "host.h"

#include <isthmus/link.h>
#include <isthmus/stack.h>
#include <string.h>

enum scope { SCOPE_LINK = 2, SCOPE_SITE = 5, SCOPE_GLOBAL = 14 };

/* The policy table of RFC 6724 2.1. */
struct policy {
    uint8_t prefix[16], bits, precedence, label;
};
static const struct policy policies[] = {
    { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, 128, 50, 0 },
    { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 35, 4 },
    { { 0 }, 96, 1, 3 },
    { { 0x20, 0x01 }, 32, 5, 5 },
    { { 0x20, 0x02 }, 16, 30, 2 },
    { { 0x3f, 0xfe }, 16, 1, 12 },
    { { 0xfe, 0xc0 }, 10, 1, 11 },
    { { 0xfc }, 7, 3, 13 },
    { { 0 }, 0, 40, 1 },
};

static void as_ipv6(const struct ist_address *a, uint8_t ip[16])
{
    memcpy(ip, a->ip, 16);
    if (a->family == IST_IPV4) {
        memset(ip, 0, 16);
        ip[10] = ip[11] = 0xff;
        memcpy(ip + 12, a->ip, 4);
    }
}

static int has_prefix(const uint8_t ip[16], const uint8_t prefix[16], uint32_t bits)
{
    uint32_t whole = bits / 8, rest = bits % 8;

    return memcmp(ip, prefix, whole) == 0 && (rest == 0 || (ip[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

static const struct policy *policy_of(const uint8_t ip[16])
{
    const struct policy *p = policies;

    while (!has_prefix(ip, p->prefix, p->bits)) p++;
    return p;
}

/* RFC 6724 3.1 and 3.2; private IPv4 addresses are global. */
static enum scope scope_of(const uint8_t ip[16])
{
    static const uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };

    if (has_prefix(ip, mapped, 96)) return (ip[12] == 169 && ip[13] == 254) || ip[12] == 127 ? SCOPE_LINK : SCOPE_GLOBAL;
    if (ip[0] == 0xff) return (enum scope)(ip[1] & 15);
    if ((ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) || policy_of(ip)->label == 0) return SCOPE_LINK;
    if (ip[0] == 0xfe && (ip[1] & 0xc0) == 0xc0) return SCOPE_SITE;
    return SCOPE_GLOBAL;
}

static int is_loopback(const struct ist_address *a)
{
    uint8_t ip[16];

    as_ipv6(a, ip);
    return a->family == IST_IPV4 ? a->ip[0] == 127 : policy_of(ip)->label == 0;
}

/* How bad it is to go from one of ours to there: 0 good, +1 another label, +2 another scope. */
static uint32_t badness(const uint8_t ours[16], const uint8_t there[16])
{
    return (policy_of(ours)->label != policy_of(there)->label ? 1u : 0u) + (scope_of(ours) != scope_of(there) ? 2u : 0u);
}

/* The least badness over our addresses of that family, 4 when there is none; *on_link: the destination stands within a prefix of ours. */
static uint32_t best_source(const struct ist_address *to, const uint8_t there[16], uint32_t *on_link)
{
    struct ist_interface interface;
    uint32_t best = 4;
    uint8_t ours[16];

    *on_link = 0;
    if (is_loopback(to)) return 0;
    for (uint32_t i = 1; i <= IST_LINK_MAX && ist_interface_get(i, &interface) == 0; i++) {
        if (!interface.up || (to->scope && to->scope != i)) continue;
        for (uint32_t k = 0; k < interface.n_addresses && k < 8; k++) {
            const struct ist_address *a = &interface.addresses[k].address;
            if (a->family != to->family) continue;
            as_ipv6(a, ours);
            /* a link-local address reaches nothing beyond the link */
            if (scope_of(ours) == SCOPE_LINK && scope_of(there) != SCOPE_LINK) continue;
            uint32_t b = badness(ours, there), bits = interface.addresses[k].prefix + (a->family == IST_IPV4 ? 96u : 0u);
            if (b < best) best = b;
            if (bits <= 128 && has_prefix(there, ours, bits)) *on_link = 1;
        }
    }
    return best;
}

/* Less is better. */
static uint16_t rank(const struct ist_address *to)
{
    uint8_t there[16];
    uint32_t on_link, source;

    as_ipv6(to, there);
    source = best_source(to, there, &on_link);
    return (uint16_t)((source * 51 + (50u - policy_of(there)->precedence)) << 5 | (uint32_t)scope_of(there) << 1 | !on_link);
}

void ist__addresses_order(struct ist_address *addresses, uint32_t n)
{
    /* the port, which is 0, holds the rank meanwhile */
    for (uint32_t i = 0; i < n; i++) addresses[i].port = rank(&addresses[i]);
    for (uint32_t i = 1; i < n; i++) {
        struct ist_address a = addresses[i];
        uint32_t k = i;
        for (; k > 0 && addresses[k - 1].port > a.port; k--) addresses[k] = addresses[k - 1];
        addresses[k] = a;
    }
    for (uint32_t i = 0; i < n; i++) addresses[i].port = 0;
}
