/*
 * address.c - addresses as wasi:sockets writes them: flattened in parameters, laid out in lists and results
 */
#include <string.h>
#include "component.h"

enum { IPV4, IPV6 };

/* The parts of an IPv6 address are numbers of 16 bits. */
static void part_set(struct ist_address *a, uint32_t i, uint32_t part)
{
    a->ip[2 * i] = (uint8_t)(part >> 8);
    a->ip[2 * i + 1] = (uint8_t)part;
}

static uint32_t part(const struct ist_address *a, uint32_t i)
{
    return (uint32_t)a->ip[2 * i] << 8 | a->ip[2 * i + 1];
}

struct ist_address address_flat(int32_t variant, const int32_t word[11])
{
    struct ist_address a = { .port = (uint16_t)word[0] };

    if (variant == IPV4) {
        a.family = IST_IPV4;
        for (uint32_t i = 0; i < 4; i++)
            a.ip[i] = (uint8_t)word[1 + i];
        return a;
    }
    a.family = IST_IPV6;          /* word[1] is the flow label: not used */
    for (uint32_t i = 0; i < 8; i++)
        part_set(&a, i, (uint32_t)word[2 + i]);
    a.scope = (uint32_t)word[10];
    return a;
}

struct ist_address address_load(const uint8_t *from)
{
    struct ist_address a = { 0 };
    uint16_t parts[8];

    memcpy(&a.port, from + 4, 2);
    if (from[0] == IPV4) {
        a.family = IST_IPV4;
        memcpy(a.ip, from + 6, 4);
        return a;
    }
    a.family = IST_IPV6;
    memcpy(parts, from + 12, 16);
    for (uint32_t i = 0; i < 8; i++)
        part_set(&a, i, parts[i]);
    memcpy(&a.scope, from + 28, 4);
    return a;
}

void address_store(uint8_t *to, const struct ist_address *a)
{
    memset(to, 0, ADDRESS_SIZE);
    memcpy(to + 4, &a->port, 2);
    if (a->family == IST_IPV4) {
        memcpy(to + 6, a->ip, 4);
        return;
    }
    to[0] = IPV6;
    for (uint32_t i = 0; i < 8; i++) {
        uint16_t p = (uint16_t)part(a, i);
        memcpy(to + 12 + 2 * i, &p, 2);
    }
    memcpy(to + 28, &a->scope, 4);
}

void ip_store(uint8_t *to, struct ist_address a)
{
    uint8_t stored[ADDRESS_SIZE];

    if (address_is_mapped(&a)) {
        a.family = IST_IPV4;
        memcpy(a.ip, a.ip + 12, 4);
    }
    address_store(stored, &a);
    memset(to, 0, IP_SIZE);
    to[0] = stored[0];
    if (a.family == IST_IPV4)
        memcpy(to + 2, stored + 6, 4);
    else
        memcpy(to + 2, stored + 12, 16);
}

void *out_address(const struct ist_address *a)
{
    out8(0, 0);
    address_store(out + 4, a);
    return out;
}

bool address_is_mapped(const struct ist_address *a)
{
    static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

    return a->family == IST_IPV6 && memcmp(a->ip, prefix, sizeof prefix) == 0;
}

bool address_is_unspecified(const struct ist_address *a)
{
    static const uint8_t zero[16];

    return memcmp(a->ip, zero, a->family == IST_IPV4 ? 4 : 16) == 0;
}

bool address_is_from(const struct ist_address *peer, const struct ist_address *from)
{
    return !peer->family || (peer->port == from->port && memcmp(peer->ip, from->ip, peer->family == IST_IPV4 ? 4 : 16) == 0);
}

bool address_is_unicast(const struct ist_address *a)
{
    static const uint8_t ones[4] = { 255, 255, 255, 255 };

    if (a->family == IST_IPV6)
        return a->ip[0] != 0xff;
    return (a->ip[0] & 0xf0) != 0xe0 && memcmp(a->ip, ones, 4) != 0;
}

bool address_is_peer(const struct ist_address *a, uint8_t family, bool any_cast)
{
    return a->family == family && a->port != 0 && !address_is_unspecified(a) && !address_is_mapped(a) &&
           (any_cast || address_is_unicast(a));
}
