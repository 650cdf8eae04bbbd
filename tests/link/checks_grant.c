/*
 * checks_grant.c - who the guest is: grant, entropy, instance, clocks
 */
#include "guest.h"

#include <string.h>

static int32_t ask(uint32_t link, uint32_t text_cap)
{
    prepare(link, 0);
    g->x.want = IST_LINK_GRANT;
    g->x.text = at(g->text);
    g->x.text_cap = text_cap;
    memset(g->text, '#', sizeof g->text);
    return call();
}

/* Whether text holds what FAR_GRANT makes, and nothing past it. */
static int is_text(uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (g->text[i] != (i == 0 ? 'x' : i == 1 ? '=' : i == len - 1 ? '\n' : 'a'))
            return 0;
    return g->text[len] == '#';
}

static int nothing_fetched_yet(int step)
{
    (void)step;
    for (uint32_t link = 0; link < L_IDLE; link++) {
        expect(call_on(link, 0) == 0);
        expect(g->x.flags & IST_LINK_GRANT_CHANGED);
        expect(g->x.flags & IST_LINK_UP);
    }
    return DONE;
}

static int grant_of_each_link(int step)
{
    static const struct { uint32_t kind, mtu, frame_max; } links[] = {
        [L_SERVICE] = { IST_LINK_KIND_SERVICE, 1024, FAR_FRAME_MAX },
        [L_ETHERNET] = { IST_LINK_KIND_ETHERNET, 1500, ETHERNET_MAX },
        [L_IP] = { IST_LINK_KIND_IP, 1400, IP_MAX },
        [L_UDP] = { IST_LINK_KIND_UDP, 1472, UDP_MAX },
        [L_BIG] = { IST_LINK_KIND_IP, 65535, BIG_MAX },
        [L_HELD] = { IST_LINK_KIND_IP, 65535, BIG_MAX },
    };

    (void)step;
    for (uint32_t link = 0; link < L_IDLE; link++) {
        expect(ask(link, sizeof g->text) == 0);
        expect(g->x.kind == links[link].kind);
        expect(g->x.mtu == links[link].mtu);
        expect(g->x.frame_max == links[link].frame_max);
        expect(g->x.n_links == L_COUNT);
        expect(g->x.text_len < sizeof g->text && g->text[g->x.text_len] == '#');
        expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
    }
    return DONE;
}

static int grant_too_long(int step)
{
    (void)step;
    far(FAR_GRANT, L_IP, 300, 0, FAR_NOW);
    for (uint32_t cap = 0; cap < 300; cap += 299) {
        expect(ask(L_IP, cap) == 0);
        expect(g->x.text_len == 300);
        expect(g->text[0] == '#');
        expect(g->x.kind == IST_LINK_KIND_IP && g->x.n_links == L_COUNT);
        expect(g->x.flags & IST_LINK_GRANT_CHANGED);
    }
    expect(ask(L_IP, 300) == 0);
    expect(g->x.text_len == 300 && is_text(300));
    expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
    return DONE;
}

static int grant_short_structure(int step)
{
    (void)step;
    far(FAR_GRANT, L_IP, 20, 0, FAR_NOW);
    prepare(L_IP, 0);
    g->x.want = IST_LINK_GRANT;
    g->x.text = at(g->text);
    g->x.text_cap = sizeof g->text;
    g->x.size = offsetof(struct ist_link, n_links);
    expect(call() == 0);
    expect(g->x.flags & IST_LINK_GRANT_CHANGED);
    expect(ask(L_IP, sizeof g->text) == 0);
    expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
    return DONE;
}

static int grant_not_asked(int step)
{
    (void)step;
    prepare(L_IP, 0);
    g->x.text = at(g->text);
    g->x.text_cap = sizeof g->text;
    memset(g->text, '#', sizeof g->text);
    memset(g->x.entropy, 0x5a, sizeof g->x.entropy);
    g->x.kind = g->x.mtu = g->x.frame_max = g->x.n_links = 0x5a5a5a5a;
    expect(call() == 0);
    expect(g->x.text_len == 0 && g->text[0] == '#');
    expect(g->x.kind == 0x5a5a5a5a && g->x.mtu == 0x5a5a5a5a && g->x.frame_max == 0x5a5a5a5a && g->x.n_links == 0x5a5a5a5a);
    expect(g->x.entropy[0] == 0x5a && same(g->x.entropy, g->x.entropy + 1, 31));
    return DONE;
}

static int grant_changes_while_waiting(int step)
{
    switch (step) {
    case 0:
        far(FAR_GRANT, L_IP, 0, 0, 20);
        return wait_on(L_IP, 0, 5000);
    case 1:
        expect(in_time());
        expect(g->x.flags & IST_LINK_GRANT_CHANGED);
        return wait_on(L_IP, 0, 20); /* told already: it ends no second wait */
    default:
        expect(!in_time());
        expect(g->x.flags & IST_LINK_GRANT_CHANGED);
        expect(call_on(L_ETHERNET, 0) == 0);
        expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
        expect(ask(L_IP, 0) == 0);
        expect(g->x.text_len == 0 && !(g->x.flags & IST_LINK_GRANT_CHANGED));
        return DONE;
    }
}

static int grant_changes_elsewhere(int step)
{
    switch (step) {
    case 0:
        far(FAR_GRANT, L_UDP, 10, 0, 20);
        return wait_on(L_IP, 0, 5000);
    default:
        expect(in_time());
        expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
        expect(g->x.ready == 1u << L_UDP);
        expect(call_on(L_UDP, 0) == 0);
        expect(g->x.flags & IST_LINK_GRANT_CHANGED);
        expect(g->x.ready == 0);
        expect(ask(L_UDP, sizeof g->text) == 0 && is_text(10));
        return DONE;
    }
}

static int grant_of_another_size(int step)
{
    (void)step;
    far(FAR_GRANT, L_ETHERNET, 5, 2000, FAR_NOW);
    prepare(L_ETHERNET, 4 + ETHERNET_MAX);
    g->x.want = IST_LINK_GRANT;
    g->x.text = at(g->text);
    g->x.text_cap = sizeof g->text;
    expect(call() == IST_LINK_SMALL);
    expect(g->x.mtu == 2000 && g->x.frame_max == ETHERNET_MAX + 500);
    expect(call_on(L_ETHERNET, 4 + ETHERNET_MAX + 500) == 0);
    expect(!(g->x.flags & IST_LINK_GRANT_CHANGED));
    far(FAR_GRANT, L_ETHERNET, 0, 1500, FAR_NOW);
    expect(ask(L_ETHERNET, 0) == 0 && g->x.frame_max == ETHERNET_MAX);
    return DONE;
}

static int entropy(int step)
{
    uint8_t first[32];

    (void)step;
    prepare(L_IP, 0);
    g->x.want = IST_LINK_ENTROPY;
    expect(call() == 0);
    memcpy(first, g->x.entropy, 32);
    expect(!same(first, first + 1, 31));
    g->x.entropy[0] = 0;
    expect(call() == 0);
    expect(!same(first, g->x.entropy, 32) && !same(first + 16, g->x.entropy + 16, 16));
    far(FAR_ENTROPY, 0, 0, 0, FAR_NOW);
    expect(call() == 0);
    expect(g->x.entropy[0] == 0 && same(g->x.entropy, g->x.entropy + 1, 31));
    far(FAR_ENTROPY, 0, 1, 0, FAR_NOW);
    expect(call() == 0);
    expect(!same(g->x.entropy, g->x.entropy + 1, 31));
    return DONE;
}

static int instance(int step)
{
    static uint8_t first[16];

    switch (step) {
    case 0:
        call_on(L_IP, 0);
        memcpy(first, g->x.instance, 16);
        expect(!same(first, first + 1, 15));
        call_on(L_UDP, 0);
        expect(same(first, g->x.instance, 16));
        far(FAR_INSTANCE, 0, 0, 0, 20);
        return wait_on(L_IP, 0, 5000);
    case 1:
        expect(in_time());
        expect(!same(first, g->x.instance, 16));
        memcpy(first, g->x.instance, 16);
        return wait_on(L_IP, 0, 20); /* told already */
    default:
        expect(!in_time());
        expect(same(first, g->x.instance, 16));
        return DONE;
    }
}

static int clocks(int step)
{
    static uint64_t before;

    switch (step) {
    case 0:
        call_on(L_IP, 0);
        before = g->x.monotonic;
        expect(g->x.realtime == 0 || g->x.realtime > UINT64_C(1600000000000000000));
        far(FAR_CLOCK, 0, 30, 0, FAR_NOW);
        expect(g->far.monotonic >= before);
        expect(call_on(L_IP, 0) == 0);
        expect(g->x.monotonic >= before);
        return wait_on(L_IP, 0, 5);
    default:
        expect(!in_time()); /* it goes on when the step has been made up for */
        return DONE;
    }
}

const struct check grant_checks[] = {
    { "a link whose grant has not been fetched says GRANT_CHANGED", nothing_fetched_yet },
    { "the grant of each link has its kind, mtu, frame_max, n_links and text", grant_of_each_link },
    { "a grant too long for text_cap leaves text alone, tells what it needs, and is fetched with more room", grant_too_long },
    { "a grant that a short structure has no room for is not fetched", grant_short_structure },
    { "what is not asked for is not written", grant_not_asked },
    { "a changed grant ends one wait and says GRANT_CHANGED until it is fetched", grant_changes_while_waiting },
    { "a changed grant of another link ends the wait and sets its ready bit until it is told", grant_changes_elsewhere },
    { "a grant with a greater mtu makes the old rx_cap SMALL, and tells so in the same call", grant_of_another_size },
    { "entropy is fresh at every request, and all zero when the host has none", entropy },
    { "the instance is the same until the host renews it, which ends a wait", instance },
    { "monotonic does not go back when the host's clock does", clocks },
    { 0 },
};
