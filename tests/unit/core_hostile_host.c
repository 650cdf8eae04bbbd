/* A host that lies: the link is declared dead with a note, nothing of the call is used, and nothing leaks. */
#include "core.h"

#include "link/link.h"

#define GRANT "address=10.0.0.1/24\n"

static const uint8_t peer[4] = { 10, 0, 0, 2 }, self[4] = { 10, 0, 0, 1 };
static int lies;      /* how many more calls lie */

static void start(void)
{
    far_link(0, IST_LINK_KIND_IP, 1500, GRANT);
    if (far_start() != 0) abort();
    turns(2);
}

/* An echo request: the stack will have something to send. */
static void give_ping(void)
{
    uint8_t p[64] = { 0 };

    p[20] = 8;
    put16(p + 22, ~sum16(p + 20, 44, 0) & 0xffff);
    far_give(0, p, ip4(p, 1, peer, self, 44));
}

static int dead(void)
{
    return ist__links.at[0]->closed && ist__turn(IST_NO_DEADLINE) == IST_ENOLINK;
}

static int told(const char *text)
{
    return strstr(far_notes, text) != NULL || strstr((char *)ist__links.at[0]->note, text) != NULL;
}

static void lie_rx_len(struct ist_link *x, int32_t *r)
{
    (void)r;
    if (x->rx_cap && lies-- > 0) x->rx_len = x->rx_cap + 1;
}

static void lie_tx_past(struct ist_link *x, int32_t *r)
{
    (void)r;
    if (x->tx_len) x->tx_taken = x->tx_len + 4;
}

static void lie_tx_middle(struct ist_link *x, int32_t *r)
{
    (void)r;
    if (x->tx_len) x->tx_taken = 7;
}

static void lie_result(struct ist_link *x, int32_t *r)
{
    (void)x;
    *r = lies;
}

static void lie_clock(struct ist_link *x, int32_t *r)
{
    (void)r;
    x->monotonic = 5;
}

static void lie_ready(struct ist_link *x, int32_t *r)
{
    (void)r;
    x->ready = UINT64_MAX;
    x->monotonic = 1000 * MS;
}

static void lie_all(struct ist_link *x, int32_t *r)
{
    memset(&x->tx_taken, 0xff, sizeof *x - (size_t)((uint8_t *)&x->tx_taken - (uint8_t *)x));
    *r = 0;
}

static void lies_of_lengths(void)
{
    start();
    lies = 1;
    far_spoil = lie_rx_len;
    turns(2);
    far_spoil = NULL;
    ok(dead() && told("more than there was room"), "rx_len past rx_cap");
    ist_stop();

    start();
    give_ping();
    turns(1);
    far_spoil = lie_tx_past;
    turns(1);
    far_spoil = NULL;
    ok(dead() && told("no whole frame"), "tx_taken past tx_len");
    ist_stop();

    start();
    give_ping();
    turns(1);
    far_spoil = lie_tx_middle;
    turns(1);
    far_spoil = NULL;
    ok(dead() && told("no whole frame"), "tx_taken in the middle of a frame");
    ist_stop();
}

static const void *raw;
static uint32_t raw_len;

static void lie_batch(struct ist_link *x, int32_t *r)
{
    (void)r;
    if (!x->rx_cap || !raw_len) return;
    memcpy((uint8_t *)x + x->rx, raw, raw_len);    /* the block begins with *x */
    x->rx_len = raw_len;
    raw_len = 0;
}

static void broken_batch(const char *name, const void *batch, uint32_t len)
{
    start();
    raw = batch;
    raw_len = len;
    far_spoil = lie_batch;
    turns(1);
    far_spoil = NULL;
    ok(dead() && told("broken batch"), "%s", name);
    ist_stop();
}

static void broken_batches(void)
{
    static uint8_t long_frame[4 + 1501] = { 0, 0, 0x05, 0xdd };

    broken_batch("half a length", "\0\0\0", 3);
    broken_batch("a frame longer than the batch", "\0\0\0\5abcd", 8);
    broken_batch("a length of 4 GiB", "\xff\xff\xff\xff" "abcd", 8);
    broken_batch("a good frame, then half of one", "\0\0\0\1a\0\0\0\2b", 10);
    broken_batch("a frame over frame_max", long_frame, sizeof long_frame);
    start();
    far_give(0, "", 0);
    give_ping();
    turns(2);
    ok(!ist__links.at[0]->closed && far[0].n_out == 1, "an empty frame is dropped, the one behind it is answered");
    ist_stop();
}

static void results(void)
{
    static const int32_t bad[] = { IST_LINK_LAYOUT, IST_LINK_NO_LINK, IST_LINK_SMALL, -77, 1 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        start();
        lies = bad[i];
        far_spoil = lie_result;
        turns(1);
        far_spoil = NULL;
        ok(dead() && told("refuses to exchange"), "the host answers %d: the link is dead", bad[i]);
        ist_stop();
    }
    far_link(0, IST_LINK_KIND_IP, 1500, GRANT);
    far_spoil = lie_result;
    lies = IST_LINK_LAYOUT;
    ok(far_start() == IST_EPROTO && !ist__started(), "the first answer is LAYOUT: the start fails");
    lies = IST_LINK_CLOSED;
    ok(far_start() == IST_ENOLINK, "the first answer is CLOSED: no link");
    far_spoil = NULL;
}

static void grants(void)
{
    static const struct { uint32_t kind, mtu, frame_max; int32_t result; const char *what; } odd[] = {
        { IST_LINK_KIND_IP, 0, 1500, IST_EPROTO, "MTU 0" },
        { IST_LINK_KIND_IP, 67, 1500, IST_EPROTO, "MTU 67" },
        { IST_LINK_KIND_IP, 1500, 0, IST_EPROTO, "frame_max 0" },
        { IST_LINK_KIND_ETHERNET, 1500, 20, IST_EPROTO, "frame_max 20 on Ethernet" },
        { IST_LINK_KIND_IP, 1500, UINT32_MAX, IST_EPROTO, "frame_max of 4 GiB" },
        { IST_LINK_KIND_IP, UINT32_MAX, 100000, 0, "an MTU of 4 GiB is cut to 65,535" },
        { IST_LINK_KIND_ETHERNET, 70000, 70014, 0, "an MTU of 70,000 on Ethernet is cut to 65,520" },
        { 0, 1500, 1500, IST_ENOLINK, "kind 0" },
        { 99, 1500, 1500, IST_ENOLINK, "kind 99" },
    };

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        int32_t r;
        far_link(0, odd[i].kind, odd[i].mtu, GRANT);
        far[0].frame_max = odd[i].frame_max;
        r = far_start();
        ok(r == odd[i].result, "%s (%s)", odd[i].what, ist_error_text(r));
        ist_stop();
    }
}

static char *long_text;

static void grant_text(void)
{
    long_text = malloc(2u << 20);
    memset(long_text, 'x', 2u << 20);
    long_text[5000] = 0;
    memcpy(long_text + 4900, "\naddress=10.0.0.7/24\n", 21);
    far_link(0, IST_LINK_KIND_IP, 1500, long_text);
    ok(far_start() == 0 && ist__links.at[0]->grant.n_addresses == 1, "a grant of 5,000 bytes is asked for again");
    ist_stop();
    long_text[5000] = 'x';
    long_text[(2u << 20) - 1] = 0;
    ok(far_start() == IST_EPROTO, "a grant of 2 MiB is refused");
    ist_stop();
    free(long_text);
}

static void time_and_ready(void)
{
    uint64_t before;

    start();
    before = ist_monotonic();
    far_spoil = lie_clock;
    turns(2);
    ok(ist_monotonic() == before, "a clock that goes back is not believed");
    far_spoil = lie_ready;
    far_wakes = 1000000;
    ok(ist__turn(ist_monotonic() + 10000 * MS) == IST_EINTR, "frames that are announced and never come end a turn, not hang it");
    far_wakes = 0;
    far_spoil = NULL;
    ist_stop();
}

static void garbage(void)
{
    start();
    far_spoil = lie_all;
    turns(20);
    ok(ist__links.at[0]->closed, "all fields full of ones");
    far_spoil = NULL;
    ist_stop();
}

/* CLOSED after every number of calls, with traffic on its way. */
static void closed_at_any_moment(void)
{
    int good = 1;

    for (int n = 0; n < 30; n++) {
        far_link(0, IST_LINK_KIND_ETHERNET, 1500, "");
        if (far_start() != 0) abort();
        for (int i = 0; i < n; i++) {
            give_ping();
            pass(40);
        }
        far[0].closed = 1;
        pass(100);
        good &= ist__links.at[0]->closed && ist__links.at[0]->gone;
        ist__turn(IST_NO_DEADLINE);      /* a timer may just be due */
        good &= ist__turn(IST_NO_DEADLINE) == IST_ENOLINK;
        ist_stop();
        good &= !ist__started();
    }
    ok(good, "CLOSED at any moment of DHCP and traffic: the pump says ENOLINK, and the stop is clean");
}

int main(void)
{
    lies_of_lengths();
    broken_batches();
    results();
    grants();
    grant_text();
    time_and_ready();
    garbage();
    closed_at_any_moment();
    return tap_done();
}
