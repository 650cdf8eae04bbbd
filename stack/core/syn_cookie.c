/*
 * syn_cookie.c - the number of a SYN-ACK that needs no memory (D. J. Bernstein; RFC 4987 3.6)
 *
 * number = H(ends, irs) + (minute, 5 bits; size, 3 bits; H(ends, irs, minute, size), 24 bits)
 *
 * The ACK brings it back. A number counts for two to three minutes, and only when cookies were given out at all: who guesses has
 * one chance in 2^24 / 3 while a flood goes on, and none at other times. Sizes are those of segments, rounded down to a table.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/private.h"

#define MINUTE_MS UINT64_C(60000)
#define AGE_MOST  2u    /* minutes begun since */

static const uint16_t sizes[8] = { 216, 536, 1220, 1360, 1440, 1460, 8940, 32000 };
static uint64_t last;   /* minute + 1 of the last one given; 0: none */

static uint64_t minute_now(void)
{
    return ist_monotonic() / (MINUTE_MS * 1000000);
}

struct ends {
    const ip_addr_t *local, *remote;
    uint16_t local_port, remote_port;
    uint32_t irs;
};

static uint32_t base(const struct ends *e)
{
    return ist__tcp_hash(e->local, e->local_port, e->remote, e->remote_port, (uint64_t)e->irs << 32 | 0xff);
}

static uint32_t check(const struct ends *e, uint32_t minute, uint32_t size)
{
    return ist__tcp_hash(e->local, e->local_port, e->remote, e->remote_port, (uint64_t)e->irs << 32 | minute << 3 | size) & 0xffffff;
}

uint32_t ist__tcp_cookie(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port, uint32_t irs,
                         uint16_t mss)
{
    struct ends e = { local, remote, local_port, remote_port, irs };
    uint32_t minute = minute_now() & 31, size = 7;

    while (size > 0 && sizes[size] > mss)
        size--;
    last = minute_now() + 1;
    return base(&e) + (minute << 27 | size << 24 | check(&e, minute, size));
}

uint16_t ist__tcp_cookie_mss(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port, uint32_t irs,
                             uint32_t iss)
{
    struct ends e = { local, remote, local_port, remote_port, irs };
    uint64_t now = minute_now();
    uint32_t told;

    if (last == 0 || now + 1 - last > AGE_MOST)
        return 0;
    told = iss - base(&e);
    if (((now - (told >> 27)) & 31) > AGE_MOST || check(&e, told >> 27, told >> 24 & 7) != (told & 0xffffff))
        return 0;
    return sizes[told >> 24 & 7];
}
