/*
 * isn.c - initial sequence numbers of TCP, RFC 6528: ISN = M + F(addresses, ports, secret)
 *
 * M counts every 4 us. F is SipHash (demux.c), with a secret of its own that is drawn at the first connection and again for a new
 * instance.
 */
#include "core/private.h"
#include "port/hooks.h"

static uint64_t secret;   /* 0: not drawn */

void ist__isn_renew(void)
{
    secret = 0;
}

uint32_t ist__tcp_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port)
{
    while (!secret)
        ist__random_weak(&secret, sizeof secret);
    return ist__tcp_hash(local, local_port, remote, remote_port, secret) + (uint32_t)(ist_monotonic() / 4000);
}
