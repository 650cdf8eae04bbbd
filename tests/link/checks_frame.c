/*
 * checks_frame.c - frames: taken, given, left over
 */
#include "guest.h"

#include <string.h>

#define SUM 2166136261u /* FNV-1a of nothing */

/* What has been sent on a link so far: counted over all checks, as the far side does. */
static struct { uint32_t frames, bytes, sum; } sent[L_COUNT];

static void count_sent(uint32_t link, const uint8_t *batch, uint32_t frames, uint32_t bytes)
{
    if (sent[link].frames == 0)
        sent[link].sum = SUM;
    sent[link].frames += frames;
    sent[link].bytes += bytes;
    sent[link].sum = sum_of(sent[link].sum, batch, bytes);
    expect_arrived(link, sent[link].frames, sent[link].bytes, sent[link].sum);
}

static int service(int step)
{
    const uint32_t *words;

    (void)step;
    words = far(FAR_ECHO, 0x80000001, 2, 0xfffffffe, 4);
    expect(words[0] == 0x80000001 && words[1] == 2 && words[2] == 0xfffffffe && words[3] == 4);
    return DONE;
}

static int sends(int step)
{
    (void)step;
    for (uint32_t count = 1; count <= 4; count++) {
        uint32_t bytes;

        prepare(L_ETHERNET, 0);
        bytes = fill_frames(count, 60 + 400 * (count - 1));
        expect(call() == 0);
        expect(g->x.tx_taken == bytes);
        count_sent(L_ETHERNET, g->tx, count, bytes);
    }
    return DONE;
}

static int sends_big(int step)
{
    uint32_t bytes;

    (void)step;
    prepare(L_ETHERNET, 0);
    bytes = fill_frames(300, ETHERNET_MAX);
    expect(call() == 0 && g->x.tx_taken == bytes);
    count_sent(L_ETHERNET, g->tx, 300, bytes);
    prepare(L_BIG, 0);
    bytes = fill_frames(7, BIG_MAX);
    expect(call() == 0 && g->x.tx_taken == bytes);
    count_sent(L_BIG, g->tx, 7, bytes);
    return DONE;
}

static int gives(int step)
{
    (void)step;
    far(FAR_INJECT, L_ETHERNET, 60, 1, FAR_NOW);
    expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
    expect(g->x.rx_len == 64 && received(L_ETHERNET, 60) == 1);
    expect(!(g->x.flags & IST_LINK_MORE) && g->x.ready == 0);
    far(FAR_INJECT, L_ETHERNET, 300, 5, FAR_NOW);
    expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
    expect(g->x.rx_len == 5 * 304 && received(L_ETHERNET, 300) == 5);
    expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
    expect(g->x.rx_len == 0);
    return DONE;
}

static int gives_big(int step)
{
    (void)step;
    far(FAR_INJECT, L_ETHERNET, ETHERNET_MAX, 300, FAR_NOW);
    expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
    expect(received(L_ETHERNET, ETHERNET_MAX) == 300);
    far(FAR_INJECT, L_BIG, BIG_MAX, 7, FAR_NOW);
    expect(call_on(L_BIG, sizeof g->rx) == 0);
    expect(received(L_BIG, BIG_MAX) == 7);
    return DONE;
}

static int gives_what_fits(int step)
{
    uint32_t cap = 3 * (4 + 600) - 1; /* two of 600, and 603 bytes; more than 4 + frame_max */

    (void)step;
    cap += ETHERNET_MAX;
    far(FAR_INJECT, L_ETHERNET, 600, 12, FAR_NOW);
    for (uint32_t left = 12, fit = cap / 604; left; left -= fit) {
        if (fit > left)
            fit = left;
        memset(g->rx, 0x5a, sizeof g->rx);
        expect(call_on(L_ETHERNET, cap) == 0);
        expect(g->x.rx_len == fit * 604);
        expect(received(L_ETHERNET, 600) == fit);
        expect(g->rx[fit * 604] == 0x5a && same(g->rx + fit * 604, g->rx + fit * 604 + 1, 5000));
        expect(!!(g->x.flags & IST_LINK_MORE) == (left > fit));
        expect(!!(g->x.ready & 1u << L_ETHERNET) == (left > fit));
        if (!g->x.rx_len)
            break;
    }
    far(FAR_INJECT, L_ETHERNET, ETHERNET_MAX, 2, FAR_NOW);
    for (int i = 0; i < 2; i++) {
        expect(call_on(L_ETHERNET, 4 + ETHERNET_MAX) == 0);
        expect(g->x.rx_len == 4 + ETHERNET_MAX && received(L_ETHERNET, ETHERNET_MAX) == 1);
    }
    return DONE;
}

static int gives_to_the_last_byte(int step)
{
    (void)step;
    far(FAR_INJECT, L_ETHERNET, 100, 1, FAR_NOW);
    prepare(L_ETHERNET, 4 + ETHERNET_MAX);
    g->x.rx = memory_end() - g->x.rx_cap;
    expect(call() == 0);
    expect(g->x.rx_len == 104);
    skip_frames(L_ETHERNET, 1);
    return DONE;
}

static int oversize_in(int step)
{
    uint32_t before = far(FAR_COUNT, L_IP, 0, 0, 0)[3];

    (void)step;
    far(FAR_INJECT, L_IP, 40, 1, FAR_NOW);
    far(FAR_INJECT, L_IP, IP_MAX + 1, 2, FAR_NOW);
    far(FAR_INJECT, L_IP, 40, 1, FAR_NOW);
    expect(call_on(L_IP, sizeof g->rx) == 0);
    expect(g->x.rx_len == 88);
    g->x.rx_len = 44;
    expect(received(L_IP, 40) == 1);
    skip_frames(L_IP, 2);
    memmove(g->rx, g->rx + 44, 44);
    expect(received(L_IP, 40) == 1);
    expect(far(FAR_COUNT, L_IP, 0, 0, 0)[3] == before + 2);
    return DONE;
}

static int oversize_out(int step)
{
    uint32_t before = far(FAR_COUNT, L_IP, 0, 0, 0)[4], bytes;
    uint8_t *kept = g->rx; /* the frames that should arrive */

    (void)step;
    prepare(L_IP, 0);
    bytes = fill_frames(5, IP_MAX);
    memcpy(kept, g->tx, bytes);
    memmove(g->tx + 2 * 1404 + 1405, g->tx + 3 * 1404, 2 * 1404); /* the third is a byte longer */
    g->tx[2 * 1404 + 3]++;
    g->x.tx_len = bytes + 1;
    expect(call() == 0);
    expect(g->x.tx_taken == bytes + 1);
    memmove(kept + 2 * 1404, kept + 3 * 1404, 2 * 1404);
    count_sent(L_IP, kept, 4, 4 * 1404);
    expect(far(FAR_COUNT, L_IP, 0, 0, 0)[4] == before + 1);
    return DONE;
}

static int udp(int step)
{
    struct ist_link_peer peer = { .ip = { [10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 1 }, .ecn = 2 };
    uint32_t bytes;

    (void)step;
    prepare(L_UDP, sizeof g->rx);
    bytes = fill_frames(2, sizeof peer + 100);
    memcpy(g->tx + 4, &peer, sizeof peer);
    memcpy(g->tx + 4 + bytes / 2, &peer, sizeof peer);
    expect(call() == 0 && g->x.tx_taken == bytes);
    count_sent(L_UDP, g->tx, 2, bytes);
    far(FAR_INJECT, L_UDP, sizeof peer + 1472, 3, FAR_NOW);
    expect(call_on(L_UDP, sizeof g->rx) == 0);
    expect(received(L_UDP, sizeof peer + 1472) == 3);
    return DONE;
}

static int takes_a_part(int step)
{
    uint32_t bytes;

    (void)step;
    far(FAR_LIMIT, L_ETHERNET, 3 * 104 + 50, 0, FAR_NOW);
    prepare(L_ETHERNET, 0);
    bytes = fill_frames(8, 100);
    expect(call() == 0);
    expect(g->x.tx_taken == 3 * 104); /* never half a frame */
    count_sent(L_ETHERNET, g->tx, 3, 3 * 104);
    far(FAR_LIMIT, L_ETHERNET, 104, 0, FAR_NOW);
    prepare(L_ETHERNET, 0);
    g->x.tx = at(g->tx + 3 * 104);
    g->x.tx_len = bytes - 3 * 104;
    expect(call() == 0);
    expect(g->x.tx_taken == 104);
    count_sent(L_ETHERNET, g->tx + 3 * 104, 1, 104);
    far(FAR_LIMIT, L_ETHERNET, FAR_ANY, 0, FAR_NOW);
    prepare(L_ETHERNET, 0);
    g->x.tx = at(g->tx + 4 * 104);
    g->x.tx_len = bytes - 4 * 104;
    expect(call() == 0);
    expect(g->x.tx_taken == 4 * 104);
    count_sent(L_ETHERNET, g->tx + 4 * 104, 4, 4 * 104);
    return DONE;
}

static int full_link(int step)
{
    uint32_t bytes;

    (void)step;
    far(FAR_LIMIT, L_ETHERNET, 0, 0, FAR_NOW);
    prepare(L_ETHERNET, 0);
    bytes = fill_frames(2, 100);
    expect(call() == 0 && g->x.tx_taken == 0);
    prepare(L_IP, 0);
    g->x.tx = at(g->tx);
    g->x.tx_len = bytes;
    expect(call() == 0 && g->x.tx_taken == bytes);
    count_sent(L_IP, g->tx, 2, bytes);
    far(FAR_INJECT, L_ETHERNET, 100, 1, FAR_NOW); /* a full link still gives */
    prepare(L_ETHERNET, sizeof g->rx);
    g->x.tx = at(g->tx);
    g->x.tx_len = bytes;
    expect(call() == 0 && g->x.tx_taken == 0);
    expect(g->x.rx_len == 104 && received(L_ETHERNET, 100) == 1);
    far(FAR_LIMIT, L_ETHERNET, FAR_ANY, 0, FAR_NOW);
    return DONE;
}

static int none_wanted(int step)
{
    (void)step;
    far(FAR_INJECT, L_ETHERNET, 100, 1, FAR_NOW);
    expect(call_on(L_ETHERNET, 0) == 0);
    expect(g->x.rx_len == 0);
    expect(!(g->x.flags & IST_LINK_MORE));
    expect(g->x.ready == 0);
    expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
    expect(received(L_ETHERNET, 100) == 1);
    return DONE;
}

const struct check frame_checks[] = {
    { "SERVICE: a request is taken and its answer given in one call", service },
    { "frames sent arrive whole and in order", sends },
    { "batches of half a megabyte are taken", sends_big },
    { "several frames are given in order in one batch", gives },
    { "batches of half a megabyte are given", gives_big },
    { "what does not fit into rx_cap is left, MORE says so, and no byte past rx_len is touched", gives_what_fits },
    { "rx may end with the memory", gives_to_the_last_byte },
    { "frames over frame_max from outside are dropped and counted, those around them are given", oversize_in },
    { "frames over frame_max from the guest are dropped and count as taken", oversize_out },
    { "UDP: datagrams are carried with their peer, both ways", udp },
    { "a part of a batch is taken up to a frame's end, and the rest when it is moved", takes_a_part },
    { "a full link takes nothing, gives what it has, and holds up no other", full_link },
    { "rx_cap 0 gives nothing, without MORE or a ready bit", none_wanted },
    { 0 },
};
