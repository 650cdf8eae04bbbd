/*
 * checks_close.c - the end of a link; last in the list, for it is for good
 */
#include "guest.h"

#define LONG 5000u
#define SHORT 25u

static int closes_here(int step)
{
    switch (step) {
    case 0:
        call_on(L_BIG, sizeof g->rx);
        far(FAR_CLOSE, L_BIG, 0, 0, 20);
        return wait_on(L_BIG, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(result == IST_LINK_CLOSED);
        expect(g->x.rx_len == 0 && !(g->x.flags & IST_LINK_UP));
        prepare(L_BIG, sizeof g->rx);
        fill_frames(2, 100);
        return wait_ms(SHORT); /* as a wait on any link does */
    case 2:
        expect(!in_time());
        expect(result == IST_LINK_CLOSED);
        expect(g->x.tx_taken == 0 && g->x.ready == 0);
        far(FAR_INJECT, L_IP, 60, 1, 20);
        call_on(L_IP, sizeof g->rx);
        return wait_on(L_BIG, sizeof g->rx, LONG);
    default:
        expect(in_time());
        expect(result == IST_LINK_CLOSED && g->x.ready == 1u << L_IP);
        call_on(L_IP, sizeof g->rx);
        expect(received(L_IP, 60) == 1);
        return DONE;
    }
}

static int still_answers(int step)
{
    (void)step;
    prepare(L_BIG, 0);
    g->x.want = IST_LINK_GRANT | IST_LINK_ENTROPY;
    g->x.text = at(g->text);
    g->x.text_cap = sizeof g->text;
    expect(call() == IST_LINK_CLOSED);
    expect(g->x.kind == IST_LINK_KIND_IP && g->x.frame_max == BIG_MAX && g->x.n_links == L_COUNT);
    expect(!same(g->x.entropy, g->x.entropy + 1, 31));
    expect(call_on(L_BIG, 5) == IST_LINK_SMALL);
    return DONE;
}

static int gives_what_it_held(int step)
{
    switch (step) {
    case 0:
        far(FAR_INJECT, L_HELD, 30000, 3, FAR_NOW);
        call_on(L_HELD, 0);
        far(FAR_CLOSE, L_HELD, 0, 0, 10);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time()); /* it has gone down */
        expect(g->x.ready == 1u << L_HELD);
        expect(call_on(L_HELD, 0) == 0); /* the frames are not wanted here, so they are kept */
        expect(!(g->x.flags & IST_LINK_UP) && g->x.ready == 0);
        expect(call_on(L_HELD, 4 + BIG_MAX) == 0);
        expect(received(L_HELD, 30000) == 2 && g->x.flags & IST_LINK_MORE);
        return wait_on(L_IP, sizeof g->rx, LONG);
    default:
        expect(in_time());
        expect(g->x.ready == 1u << L_HELD);
        expect(call_on(L_HELD, 4 + BIG_MAX) == 0);
        expect(received(L_HELD, 30000) == 1);
        expect(g->x.ready == 1u << L_HELD); /* CLOSED has not been told yet */
        expect(call_on(L_HELD, 4 + BIG_MAX) == IST_LINK_CLOSED);
        expect(g->x.ready == 0);
        return DONE;
    }
}

static int closes_elsewhere(int step)
{
    switch (step) {
    case 0:
        call_on(L_UDP, sizeof g->rx);
        far(FAR_CLOSE, L_UDP, 0, 0, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(result == 0 && g->x.ready == 1u << L_UDP);
        expect(call_on(L_UDP, sizeof g->rx) == IST_LINK_CLOSED);
        expect(g->x.ready == 0);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time() && g->x.ready == 0);
        return DONE;
    }
}

static int closes_when_full(int step)
{
    switch (step) {
    case 0:
        far(FAR_LIMIT, L_ETHERNET, 0, 0, FAR_NOW);
        far(FAR_CLOSE, L_ETHERNET, 0, 0, 20);
        prepare(L_ETHERNET, sizeof g->rx);
        fill_frames(2, 100);
        return wait_ms(LONG);
    case 1:
        expect(in_time());
        expect(result == IST_LINK_CLOSED && g->x.tx_taken == 0);
        return wait_on(L_IP, sizeof g->rx, SHORT); /* what it refused stays refused, and disturbs no one */
    default:
        expect(!in_time() && g->x.ready == 0);
        return DONE;
    }
}

/* Not an end but a beginning: L_IDLE has gone down and has changed its grant, and has never been served. */
static int first_call(int step)
{
    if (step == 0)
        return wait_on(L_IDLE, 0, SHORT);
    expect(!in_time());
    expect(!(g->x.flags & IST_LINK_UP) && g->x.flags & IST_LINK_GRANT_CHANGED && g->x.ready == 0);
    expect(call_on(L_IDLE, sizeof g->rx) == 0);
    expect(received(L_IDLE, 80) == 1);
    return DONE;
}

const struct check close_checks[] = {
    { "what holds at a link's first call is no news and ends no wait", first_call },
    { "CLOSED ends the wait; later calls say it again, take nothing, and wait as any other", closes_here },
    { "a closed link still answers want", still_answers },
    { "CLOSED comes after all that the link held has been given", gives_what_it_held },
    { "CLOSED of another link ends the wait, sets its ready bit, and is told once", closes_elsewhere },
    { "a full link that closes ends the wait for room", closes_when_full },
    { 0 },
};
