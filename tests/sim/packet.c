/*
 * packet.c - IPv4 and IPv6 without options and extension headers, as the stacks send them
 */
#include "packet.h"

#include <stddef.h>
#include <string.h>

enum { ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58 };

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

bool packet_is_ip(const uint8_t *p, uint32_t len)
{
    return len >= 20 && ((p[0] == 0x45 && get16(p + 2) <= len) || (p[0] >> 4 == 6 && len >= 40 && get16(p + 4) + 40 <= len));
}

bool packet_is_to(const uint8_t *p, uint32_t len, uint8_t last)
{
    if (len >= 20 && p[0] >> 4 == 4)
        return p[16] != 10 || p[19] == last || p[19] == 255;
    if (len >= 40 && p[0] >> 4 == 6)
        return p[24] == 0xff || p[39] == last;
    return true;
}

/* The upper layer's bytes: @n of them, by the IP header; NULL: not IP, or a fragment. */
static uint8_t *upper(uint8_t *p, uint32_t len, uint32_t *protocol, uint32_t *n)
{
    if (!packet_is_ip(p, len))
        return NULL;
    if (p[0] == 0x45) {
        *protocol = p[9];
        *n = get16(p + 2) - 20;
        return get16(p + 2) >= 20 && !(get16(p + 6) & 0x3fff) ? p + 20 : NULL;
    }
    *protocol = p[6];
    *n = get16(p + 4);
    return p + 40;
}

bool packet_tcp(const uint8_t *p, uint32_t len, uint32_t *flags, uint32_t *n)
{
    uint32_t protocol;
    const uint8_t *tcp = upper((uint8_t *)(uintptr_t)p, len, &protocol, n);
    uint32_t head;

    if (!tcp || protocol != TCP || *n < 20)
        return false;
    head = (uint32_t)(tcp[12] >> 4) * 4;
    *flags = tcp[13];
    *n = *n > head ? *n - head : 0;
    return true;
}

const uint8_t *packet_udp(const uint8_t *p, uint32_t len, uint16_t *port, uint32_t *n)
{
    uint32_t protocol;
    const uint8_t *udp = upper((uint8_t *)(uintptr_t)p, len, &protocol, n);

    if (!udp || protocol != UDP || *n < 8)
        return NULL;
    *port = (uint16_t)get16(udp + 2);
    *n -= 8;
    return udp + 8;
}

static uint32_t sum(const uint8_t *p, uint32_t len)
{
    uint32_t s = 0;

    for (; len > 1; p += 2, len -= 2)
        s += get16(p);
    s += len ? (uint32_t)*p << 8 : 0;
    return (s & 0xffff) + (s >> 16);
}

static void put_checksum(uint8_t *at, uint32_t s, bool never_zero)
{
    while (s >> 16)
        s = (s & 0xffff) + (s >> 16);
    s = ~s & 0xffff;
    if (s == 0 && never_zero)
        s = 0xffff;
    at[0] = (uint8_t)(s >> 8);
    at[1] = (uint8_t)s;
}

void checksums_repair(uint8_t *p, uint32_t len)
{
    uint32_t protocol, n, at, pseudo;
    uint8_t *up;

    if (packet_is_ip(p, len) && p[0] == 0x45) {
        memset(p + 10, 0, 2);
        put_checksum(p + 10, sum(p, 20), false);
    }
    up = upper(p, len, &protocol, &n);
    if (!up)
        return;
    at = protocol == TCP ? 16 : protocol == UDP ? 6 : protocol == ICMP || protocol == ICMP6 ? 2 : UINT32_MAX;
    if (at == UINT32_MAX || n < at + 2)
        return;
    pseudo = protocol == ICMP ? 0 : protocol + n + (p[0] == 0x45 ? sum(p + 12, 8) : sum(p + 8, 32));
    memset(up + at, 0, 2);
    put_checksum(up + at, pseudo + sum(up, n), protocol == UDP);
}
