/*
 * dhcp.c - a hostile DHCP server and whoever answers for it
 *
 * Input: operations: a byte (1 time passes, 2 the ids and the cookie are as they come, else those of our question; 4 several at once), a
 * length, and a BOOTP message from its first byte on; or, for time, its logarithm in milliseconds.
 */
#include "../unit/core.h"
#include "fuzz.h"

#include <lwip/stats.h>

#include "link/link.h"

static const uint8_t server[4] = { 10, 0, 0, 2 }, all[4] = { 255, 255, 255, 255 }, server_mac[6] = { 2, 0, 0, 0, 0, 9 };
static uint8_t xid[4];
static int had_address;                  /* in the last input */

static void see(uint32_t link, const uint8_t *f, uint32_t len)
{
    (void)link;
    if (len > 14 + 28 + 240 && f[12] == 8 && f[13] == 0 && f[14 + 9] == 17 && f[14 + 23] == 67)
        memcpy(xid, f + 14 + 28 + 4, 4);
}

static void answer(struct input *in, uint32_t op)
{
    uint8_t f[1514] = { 0 }, *m = f + 14 + 28;
    uint32_t n;
    const uint8_t *bytes = take(in, take16(in) % 1400, &n);

    memcpy(m, bytes, n);
    if (!(op & 2) && n >= 240) {
        memcpy(m + 4, xid, 4);
        memcpy(m + 28, ist__links.at[0]->netif.hwaddr, 6);
        memcpy(m + 236, "\x63\x82\x53\x63", 4);
    }
    put16(f + 34, 67);
    put16(f + 36, 68);
    put16(f + 38, 8 + n);
    n = ip4(f + 14, 17, server, all, 8 + n);
    far_give(0, f, ether(f, ist__links.at[0]->netif.hwaddr, server_mac, 0x800, n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    uint64_t left_ms = 1 << 23;          /* hours cost time here too */
    char value[256];

    had_address = 0;
    far_clock = 1000 * MS;
    far_entropy = 1;
    far_link(0, IST_LINK_KIND_ETHERNET, 1500, "mac=02:00:00:00:00:01\nhostname=fuzz\n");
    far[0].flags |= IST_LINK_RX_SUMMED;
    far[0].on_frame = see;
    must(far_start() == 0);
    pass(100);
    for (int i = 0; in.left && i < 60; i++) {
        struct ist_interface interface;
        struct ist_address name_server;
        uint32_t op = take8(&in);
        if (op & 1) {
            uint64_t ms = UINT64_C(1) << take8(&in) % 24;
            ms = ms < left_ms ? ms : left_ms;
            left_ms -= ms;
            pass(ms);
        } else
            answer(&in, op);
        if (!(op & 4))
            turns(2);
        ist_interface_get(0, &interface);
        had_address |= netif_ip4_addr(&ist__links.at[0]->netif)->addr != 0;
        for (uint32_t k = 0; k < 4; k++)
            ist_name_server(k, &name_server);
        ist_grant_value("hostname", 0, value, sizeof value);
    }
    must(!ist__links.at[0]->closed);
    ist_stop();
    must(lwip_stats.mem.used == 0);
    return 0;
}

const uint32_t fuzz_rounds = 200;
static struct seed s;

/* A message: type, your address, then @options as hex. */
static void message(uint32_t op, uint32_t type, const char *options)
{
    size_t at;

    add8(&s, op);
    add16(&s, 0);
    at = s.len;
    add_hex(&s, "02010600 00000000 00000000 00000000 0a000005 0a000002 00000000");
    memset(s.at + s.len, 0, 212);
    s.len = at + 240;
    add_hex(&s, "3501");
    add8(&s, type);
    add_hex(&s, options);
    s.at[at - 2] = (uint8_t)((s.len - at) >> 8);
    s.at[at - 1] = (uint8_t)(s.len - at);
}

static void emit(seed_fn seed, const char *name, int address)
{
    LLVMFuzzerTestOneInput(s.at, s.len);
    must(had_address == address);
    seed(name, s.at, s.len);
}

#define USUAL "36040a000002 330400000e10 0104ffffff00 03040a000001 06080a00000208080808 0f046578616d ff"

void fuzz_seeds(seed_fn seed)
{
    s.len = 0;
    message(0, 2, USUAL), message(0, 5, USUAL);
    emit(seed, "an address is offered and given", 1);
    add8(&s, 1), add8(&s, 21), message(0, 5, USUAL), add8(&s, 1), add8(&s, 22);
    emit(seed, "and renewed", 1);
    s.len = 0;
    message(0, 2, USUAL), message(0, 6, "36040a000002 ff"), add8(&s, 1), add8(&s, 14), message(0, 2, USUAL);
    emit(seed, "refused", 0);
    s.len = 0;
    message(0, 2, "36040a000002 340103 ff"), message(0, 5, "36040a000002 340103 330400000001 ff"), add8(&s, 1), add8(&s, 16);
    memcpy(s.at + 3 + 44, "\x06\x08\x0a\0\0\x02\x08\x08\x08\x08\xff", 11);
    memcpy(s.at + 3 + 108, "\x01\x04\xff\xff\xff\0\xff", 7);
    emit(seed, "options in file and server name", 1);
    s.len = 0;
    message(0, 2, "36040a000002 0106ff 0600 3301"), message(0, 5, "36ff 0a00"), message(0, 5, "06fc 0a000002 0a000003");
    emit(seed, "options that are cut", 0);
    s.len = 0;
    message(4, 2, USUAL), message(4, 5, USUAL), message(0, 5, USUAL), message(2, 5, USUAL);
    emit(seed, "answers all at once", 1);
    s.len = 0;
    message(0, 2, "3304ffffffff 3a04ffffffff 3b0400000000" USUAL), message(0, 5, "330400000000 3a0400000000 3b0400000001" USUAL);
    add8(&s, 1), add8(&s, 20);
    emit(seed, "leases without end and without length", 1);
}
