/*
 * checks_layout.c - what a host must refuse, and what it must not touch
 */
#include "guest.h"

#include <string.h>

/* The next call is refused for its layout, and writes nothing. */
static int refused(uint32_t x)
{
    struct ist_link before = g->x;

    return call_at(x) == IST_LINK_LAYOUT && same(&before, &g->x, sizeof before);
}

static int wrong_head(int step)
{
    (void)step;
    prepare(L_IP, 0);
    g->x.magic ^= 1;
    expect(refused(at(&g->x)));
    prepare(L_IP, 0);
    g->x.version = 2;
    expect(refused(at(&g->x)));
    g->x.version = 0;
    expect(refused(at(&g->x)));
    prepare(L_IP, 0);
    for (uint16_t size = 0; size < 56; size++) {
        g->x.size = size;
        expect(refused(at(&g->x)));
    }
    return DONE;
}

static int wrong_address(int step)
{
    (void)step;
    for (uint32_t off = 1; off < 8; off++) {
        prepare(L_IP, 0);
        memmove((uint8_t *)&g->x + off, &g->x, sizeof g->x);
        expect(refused(at(&g->x) + off));
    }
    prepare(L_IP, 0);
    expect(refused(memory_end()));
    expect(refused(memory_end() - 8));
    expect(refused(memory_end() + 8));
    expect(refused(0xfffffff8));
    expect(refused(0x80000000));
    return DONE;
}

/* A structure that the memory ends within. */
static int cut_by_the_end(int step)
{
    static uint8_t saved[8];
    uint8_t *last = g->last + sizeof g->last - 8;

    (void)step;
    if (at(g->last) + sizeof g->last != memory_end())
        return DONE; /* only natively does the guest's memory end there */
    memcpy(saved, last, 8);
    prepare(L_IP, 0);
    memcpy(last, &g->x, 8);
    expect(refused(at(last)));
    memcpy(last, saved, 8);
    return DONE;
}

static int wrong_ranges(int step)
{
    static const uint32_t address_of[] = { offsetof(struct ist_link, tx), offsetof(struct ist_link, rx),
                                           offsetof(struct ist_link, text), offsetof(struct ist_link, note) };
    uint32_t end = memory_end();
    const struct { uint32_t address, len; } ranges[] = {
        { end, 1 }, { end - 4, 5 }, { end + 8, 8 }, { 0xffffffff, 1 }, { 0xfffffff0, 0x20 }, { 8, 0xffffffff },
        { 0, end + 1 }, { 0x80000000, 0x80000000 }, { 0xffffffff, 0xffffffff }, { 4096, 0xfffff000 },
    };

    (void)step;
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < sizeof ranges / sizeof ranges[0]; j++) {
            prepare(L_IP, 0);
            memcpy((uint8_t *)&g->x + address_of[i], &ranges[j], sizeof ranges[j]);
            expect(refused(at(&g->x)));
        }
        prepare(L_IP, 0);
        memset((uint8_t *)&g->x + address_of[i], 0xff, 4); /* nothing at a wild address is nothing */
        expect(call() == 0);
    }
    return DONE;
}

static int broken_batches(int step)
{
    static const uint32_t lengths[] = { 0, 51, 0x00010000, 0x7fffffff, 0x80000000, 0xfffffffb, 0xfffffffc, 0xffffffff };
    const uint32_t *count = far(FAR_COUNT, L_IP, 0, 0, FAR_NOW);
    uint32_t before = count[0];

    (void)step;
    for (uint32_t stray = 1; stray < 4; stray++) {
        prepare(L_IP, 0);
        fill_frames(2, 50);
        memset(g->tx + g->x.tx_len, 0, stray);
        g->x.tx_len += stray;
        expect(refused(at(&g->x)));
        g->x.tx_len = stray;
        expect(refused(at(&g->x)));
    }
    for (uint32_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        prepare(L_IP, 0);
        fill_frames(3, 50);
        for (uint32_t k = 0; k < 4; k++)
            g->tx[2 * 54 + k] = (uint8_t)(lengths[i] >> (24 - 8 * k)); /* the third of three */
        expect(refused(at(&g->x)));
    }
    prepare(L_IP, 0);
    fill_frames(2, 50);
    memset(g->tx + g->x.tx_len, 0, 4); /* a frame of no bytes, and nothing after it */
    g->x.tx_len += 4;
    expect(refused(at(&g->x)));
    prepare(L_IP, 0);
    fill_frames(3, 50);
    g->x.tx_len--;
    expect(refused(at(&g->x)));
    g->x.link = L_COUNT;
    expect(refused(at(&g->x)));
    expect(far(FAR_COUNT, L_IP, 0, 0, FAR_NOW)[0] == before); /* nor were the good frames before it taken */
    return DONE;
}

static int no_link(int step)
{
    static const uint32_t links[] = { L_COUNT, 63, 64, 0x10000, 0x80000000, 0xffffffff };

    (void)step;
    for (uint32_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        prepare(links[i], sizeof g->rx);
        fill_frames(1, 50);
        g->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
        g->x.deadline = IST_LINK_NO_DEADLINE; /* not waited for */
        expect(call() == IST_LINK_NO_LINK);
        expect(g->x.tx_taken == 0 && g->x.rx_len == 0);
        expect(g->x.monotonic != 0 && !same(g->x.entropy, g->x.entropy + 1, 31));
        expect(g->x.kind == 0 && g->x.frame_max == 0 && g->x.text_len == 0 && g->x.n_links == L_COUNT);
    }
    return DONE;
}

static int small(int step)
{
    static const uint32_t caps[] = { 1, 4, 4 + IP_MAX - 1 };
    uint32_t before = far(FAR_COUNT, L_IP, 0, 0, FAR_NOW)[0];

    (void)step;
    far(FAR_INJECT, L_IP, 20, 1, FAR_NOW);
    for (uint32_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        prepare(L_IP, caps[i]);
        fill_frames(1, 50);
        g->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
        g->x.deadline = IST_LINK_NO_DEADLINE;
        memset(g->rx, 0x5a, 64);
        expect(call() == IST_LINK_SMALL);
        expect(g->x.tx_taken == 0 && g->x.rx_len == 0 && g->rx[0] == 0x5a);
        expect(g->x.frame_max == IP_MAX && g->x.n_links == L_COUNT);
        expect(g->x.flags & IST_LINK_UP);
        expect(g->x.monotonic != 0 && !same(g->x.entropy, g->x.entropy + 1, 31));
    }
    expect(far(FAR_COUNT, L_IP, 0, 0, FAR_NOW)[0] == before);
    expect(call_on(L_IP, 4 + IP_MAX) == 0);
    expect(received(L_IP, 20) == 1);
    return DONE;
}

/* The last byte of each field that the host writes. */
static const uint8_t field_ends[] = { 60, 64, 68, 72, 80, 88, 96, 112, 144, 148, 152, 156, 160 };

static int short_structures(int step)
{
    (void)step;
    for (uint16_t size = 56; size <= sizeof g->x; size++) {
        uint32_t whole = 56;
        uint8_t *bytes = (uint8_t *)&g->x;

        for (uint32_t i = 0; i < sizeof field_ends && field_ends[i] <= size; i++)
            whole = field_ends[i];
        prepare(L_ETHERNET, 0);
        g->x.size = size;
        g->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
        g->x.text = at(g->text);
        g->x.text_cap = sizeof g->text;
        memset(bytes + 56, 0x5a, sizeof g->x - 56 + sizeof g->beyond);
        expect(call_at(at(&g->x)) == 0);
        for (uint32_t i = whole; i < sizeof g->x + sizeof g->beyond; i++)
            expect(bytes[i] == 0x5a);
        if (size >= 80)
            expect(g->x.ready == 0);
        if (size >= 88)
            expect(g->x.monotonic != UINT64_C(0x5a5a5a5a5a5a5a5a));
        if (size >= 112)
            expect(!same(g->x.instance, g->x.instance + 1, 15));
    }
    return DONE;
}

static int longer_structure(int step)
{
    (void)step;
    prepare(L_ETHERNET, 0);
    g->x.size = sizeof g->x + sizeof g->beyond;
    g->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
    memset(g->beyond, 0x5a, sizeof g->beyond);
    expect(call() == 0);
    expect(g->beyond[0] == 0x5a && same(g->beyond, g->beyond + 1, sizeof g->beyond - 1));
    return DONE;
}

const struct check layout_checks[] = {
    { "LAYOUT: magic, version, a size below 56; nothing is written", wrong_head },
    { "LAYOUT: a structure that is misaligned or outside of the memory", wrong_address },
    { "LAYOUT: a structure that the memory ends within", cut_by_the_end },
    { "LAYOUT: ranges past the memory or past 2^32; a range of no bytes may stand anywhere", wrong_ranges },
    { "LAYOUT: broken batches, and nothing of them is taken", broken_batches },
    { "NO_LINK stamps the time, answers want, takes and waits for nothing", no_link },
    { "SMALL stamps the time, answers want, takes, gives and waits for nothing", small },
    { "a short structure: no byte past its size and no part of a field is written", short_structures },
    { "a longer structure: what this version does not know is left alone", longer_structure },
    { 0 },
};
