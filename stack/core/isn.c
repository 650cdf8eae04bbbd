/*
 * isn.c - initial sequence numbers of TCP, RFC 6528: ISN = M + F(addresses, ports, secret)
 *
 * M counts every 4 us. F is SHA-256 cut to 32 bits; the secret is drawn at the first connection and again for a new instance.
 */
#include <bearssl.h>
#include <string.h>

#include "core/private.h"
#include "port/hooks.h"

static uint8_t secret[32];
static int drawn;

void ist__isn_renew(void)
{
    memset(secret, 0, sizeof secret);
    drawn = 0;
}

/* Addresses of both families take the same room: what an IPv4 address leaves is zero. */
static void address_add(br_sha256_context *sha, const ip_addr_t *ip, uint16_t port)
{
    uint8_t bytes[19] = { 0 };

    bytes[0] = IP_IS_V6(ip);
    memcpy(bytes + 1, &port, sizeof port);
    if (IP_IS_V6(ip))
        memcpy(bytes + 3, ip_2_ip6(ip)->addr, 16);
    else
        memcpy(bytes + 3, &ip_2_ip4(ip)->addr, 4);
    br_sha256_update(sha, bytes, sizeof bytes);
}

uint32_t ist__tcp_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port)
{
    br_sha256_context sha;
    uint8_t hash[32];
    uint32_t f;

    if (!drawn) {
        ist__random_weak(secret, sizeof secret);
        drawn = 1;
    }
    br_sha256_init(&sha);
    br_sha256_update(&sha, secret, sizeof secret);
    address_add(&sha, local, local_port);
    address_add(&sha, remote, remote_port);
    br_sha256_out(&sha, hash);
    memcpy(&f, hash, sizeof f);
    return f + (uint32_t)(ist_monotonic() / 4000);
}
