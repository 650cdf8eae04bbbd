/*
 * checks_wait.c - what ends a wait, and what does not
 */
#include "guest.h"

#include <string.h>

#define LONG 5000u  /* ms: a wait that should end before */
#define SHORT 25u   /* ms: a wait that should not */

static int until_the_deadline(int step)
{
    switch (step) {
    case 0:
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(result == 0 && g->x.rx_len == 0 && g->x.ready == 0);
        expect(!in_time());
        expect(g->x.monotonic >= began + SHORT * UINT64_C(1000000));
        return DONE;
    }
}

static int past_deadline(int step)
{
    (void)step;
    call_on(L_IP, sizeof g->rx);
    prepare(L_IP, sizeof g->rx);
    g->x.deadline = 1;
    expect(call() == 0 && g->x.rx_len == 0);
    return DONE;
}

static int frame(int step)
{
    switch (step) {
    case 0:
        far(FAR_INJECT, L_IP, 200, 2, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(received(L_IP, 200) == 2);
        far(FAR_INJECT, L_IP, 200, 1, 20);
        return wait_on(L_IP, sizeof g->rx, FAR_ANY);
    default:
        expect(received(L_IP, 200) == 1);
        return DONE;
    }
}

static int frame_is_there(int step)
{
    switch (step) {
    case 0:
        call_on(L_IP, sizeof g->rx);
        far(FAR_INJECT, L_IP, 200, 1, FAR_NOW);
        return wait_on(L_IP, sizeof g->rx, LONG);
    default:
        expect(in_time());
        expect(received(L_IP, 200) == 1);
        return DONE;
    }
}

static int frame_elsewhere(int step)
{
    switch (step) {
    case 0:
        call_on(L_ETHERNET, sizeof g->rx);
        far(FAR_INJECT, L_ETHERNET, 80, 1, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(g->x.rx_len == 0);
        expect(g->x.ready == 1u << L_ETHERNET);
        return wait_on(L_IP, sizeof g->rx, LONG); /* a level: it still ends the wait */
    case 2:
        expect(in_time());
        expect(g->x.ready == 1u << L_ETHERNET);
        expect(call_on(L_ETHERNET, sizeof g->rx) == 0);
        expect(received(L_ETHERNET, 80) == 1 && g->x.ready == 0);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time() && g->x.ready == 0);
        return DONE;
    }
}

static int frames_on_two(int step)
{
    switch (step) {
    case 0:
        call_on(L_ETHERNET, sizeof g->rx);
        call_on(L_UDP, sizeof g->rx);
        far(FAR_INJECT, L_ETHERNET, 80, 1, FAR_NOW);
        far(FAR_INJECT, L_UDP, 80, 1, FAR_NOW);
        return wait_on(L_IP, sizeof g->rx, LONG);
    default:
        expect(in_time());
        expect(g->x.ready == (1u << L_ETHERNET | 1u << L_UDP));
        call_on(L_ETHERNET, sizeof g->rx);
        expect(received(L_ETHERNET, 80) == 1 && g->x.ready == 1u << L_UDP);
        call_on(L_UDP, sizeof g->rx);
        expect(received(L_UDP, 80) == 1 && g->x.ready == 0);
        return DONE;
    }
}

static int unwanted_here(int step)
{
    switch (step) {
    case 0:
        far(FAR_INJECT, L_IP, 80, 1, 5);
        return wait_on(L_IP, 0, SHORT);
    case 1:
        expect(!in_time());
        expect(g->x.rx_len == 0 && g->x.ready == 0 && !(g->x.flags & IST_LINK_MORE));
        return wait_on(L_IP, sizeof g->rx, LONG);
    default:
        expect(in_time());
        expect(received(L_IP, 80) == 1);
        return DONE;
    }
}

static int unwanted_elsewhere(int step)
{
    switch (step) {
    case 0:
        call_on(L_ETHERNET, 0);
        far(FAR_INJECT, L_ETHERNET, 80, 1, 5);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time());
        expect(g->x.ready == 0);
        call_on(L_ETHERNET, sizeof g->rx);
        expect(received(L_ETHERNET, 80) == 1);
        return DONE;
    }
}

static int never_served(int step)
{
    switch (step) {
    case 0:
        far(FAR_INJECT, L_IDLE, 80, 1, FAR_NOW);
        far(FAR_GRANT, L_IDLE, 10, 0, FAR_NOW);
        far(FAR_UP, L_IDLE, 0, 0, FAR_NOW);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time());
        expect(g->x.ready == 0);
        return DONE;
    }
}

static int refused_here(int step)
{
    switch (step) {
    case 0:
        far(FAR_LIMIT, L_IP, 104, 0, FAR_NOW);
        far(FAR_LIMIT, L_IP, 150, 0, 20); /* room for one more */
        prepare(L_IP, sizeof g->rx);
        fill_frames(4, 100);
        return wait_ms(LONG);
    case 1:
        expect(in_time());
        expect(g->x.tx_taken == 2 * 104); /* the second in the same call */
        far(FAR_LIMIT, L_IP, 50, 0, 5); /* room, but not for a frame */
        prepare(L_IP, sizeof g->rx);
        fill_frames(2, 100);
        return wait_ms(SHORT);
    default:
        expect(!in_time());
        expect(g->x.tx_taken == 0);
        far(FAR_LIMIT, L_IP, FAR_ANY, 0, FAR_NOW);
        call_on(L_IP, sizeof g->rx);
        return DONE;
    }
}

static int refused_elsewhere(int step)
{
    switch (step) {
    case 0:
        far(FAR_LIMIT, L_ETHERNET, 0, 0, FAR_NOW);
        prepare(L_ETHERNET, sizeof g->rx);
        fill_frames(1, 100);
        expect(call() == 0 && g->x.tx_taken == 0 && g->x.ready == 0);
        far(FAR_LIMIT, L_ETHERNET, 104, 0, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(g->x.ready == 1u << L_ETHERNET);
        call_on(L_ETHERNET, sizeof g->rx); /* without the frame: the refusal is forgotten */
        expect(g->x.ready == 0);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    case 2:
        expect(!in_time() && g->x.ready == 0);
        far(FAR_LIMIT, L_ETHERNET, 0, 0, FAR_NOW);
        prepare(L_ETHERNET, sizeof g->rx);
        fill_frames(1, 100);
        call();
        call_on(L_ETHERNET, sizeof g->rx); /* forgotten while there is no room yet */
        far(FAR_LIMIT, L_ETHERNET, 104, 0, 5);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time() && g->x.ready == 0);
        far(FAR_LIMIT, L_ETHERNET, FAR_ANY, 0, FAR_NOW);
        return DONE;
    }
}

/* A request that is refused at first: taken later, it is answered in the same call. */
static int answered_after_a_wait(int step)
{
    if (step == 0) {
        far(FAR_LIMIT, L_SERVICE, FAR_ANY, 0, 20);
        far(FAR_LIMIT, L_SERVICE, 0, 0, FAR_NOW);
        prepare(L_SERVICE, sizeof g->rx);
        fill_frames(1, 5 + 16);
        memset(g->tx + 4 + 4, 0, 1 + 16);
        g->tx[4 + 4] = FAR_ECHO;
        g->x.deadline = g->far.monotonic + LONG * UINT64_C(1000000);
        return WAIT;
    }
    expect(in_time());
    expect(g->x.tx_taken == g->x.tx_len);
    expect(g->x.rx_len == 4 + 5 + 4 * FAR_WORDS && same(g->rx + 4, g->tx + 4, 5));
    return DONE;
}

static int taken_whole(int step)
{
    switch (step) {
    case 0:
        prepare(L_IP, sizeof g->rx);
        fill_frames(3, 100);
        return wait_ms(SHORT);
    default:
        expect(!in_time());
        expect(g->x.tx_taken == 3 * 104);
        return DONE;
    }
}

static int own_reason(int step)
{
    switch (step) {
    case 0:
        far(FAR_WAKE, 0, 0, 0, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(result == 0 && g->x.rx_len == 0 && g->x.ready == 0);
        return wait_on(L_IP, sizeof g->rx, SHORT);
    default:
        expect(!in_time());
        return DONE;
    }
}

static int goes_down_and_up(int step)
{
    switch (step) {
    case 0:
        far(FAR_UP, L_IP, 0, 0, 20);
        return wait_on(L_IP, sizeof g->rx, LONG);
    case 1:
        expect(in_time());
        expect(!(g->x.flags & IST_LINK_UP));
        return wait_on(L_IP, sizeof g->rx, SHORT);
    case 2:
        expect(!in_time());
        far(FAR_UP, L_IP, 1, 0, 20);
        return wait_on(L_UDP, sizeof g->rx, LONG);
    case 3:
        expect(in_time());
        expect(g->x.flags & IST_LINK_UP); /* this is L_UDP's */
        expect(g->x.ready == 1u << L_IP);
        call_on(L_IP, sizeof g->rx);
        expect(g->x.flags & IST_LINK_UP);
        expect(g->x.ready == 0);
        return wait_on(L_UDP, sizeof g->rx, SHORT);
    default:
        expect(!in_time());
        return DONE;
    }
}

static int odd_moments(int step)
{
    enum { ROUNDS = 300 };

    if (step > 0) {
        expect(in_time());
        expect(received(L_IP, 60) == 1);
    }
    if (step == ROUNDS || (step > 0 && !in_time()))
        return DONE;
    far(FAR_INJECT, L_IP, 60, 1, (uint32_t)step % 4);
    for (volatile int spin = 0; spin < step * 7919 % 300000; spin++)
        ;
    return wait_on(L_IP, sizeof g->rx, LONG);
}

/* On a host that cannot wait, run.c makes an exchange with deadline 0 between any wait and the return to the host. */
static int zero_leaves_the_deadline(int step)
{
    if (step == 0)
        return wait_on(L_IP, sizeof g->rx, SHORT);
    expect(!in_time() && result == 0);
    return DONE;
}

static int on_all_links(int step)
{
    switch (step) {
    case 0:
        for (uint32_t link = L_ETHERNET; link < L_HELD; link++)
            call_on(link, sizeof g->rx);
        return wait_on(L_BIG, sizeof g->rx, SHORT);
    default:
        expect(!in_time() && g->x.ready == 0);
        return DONE;
    }
}

const struct check wait_checks[] = {
    { "a wait for nothing ends at its deadline and not before", until_the_deadline },
    { "a deadline in the past is not waited for", past_deadline },
    { "a frame ends the wait and is given in that call, also without a deadline", frame },
    { "a frame that is there already is given without a wait", frame_is_there },
    { "a frame for another link ends the wait, and ready says which, until it is fetched", frame_elsewhere },
    { "frames for two other links set two ready bits", frames_on_two },
    { "rx_cap 0: frames for this link do not end the wait, but those that came end the next that wants them", unwanted_here },
    { "rx_cap 0 in a link's last call: its frames neither end a wait on another nor set ready", unwanted_elsewhere },
    { "a link that has never been served ends no wait", never_served },
    { "room for a refused frame ends the wait, and the frame is taken in that call", refused_here },
    { "room for another link's refused frame ends the wait, until the next call forgets the refusal", refused_elsewhere },
    { "a refused request that is taken during the wait is answered in that call", answered_after_a_wait },
    { "having taken the whole batch does not end the wait", taken_whole },
    { "the host's own reason ends one wait with nothing", own_reason },
    { "UP: a change ends the wait here and, by a ready bit, elsewhere, once", goes_down_and_up },
    { "300 frames at odd moments: no wake-up is lost", odd_moments },
    { "a deadline of 0 leaves the last one as it was", zero_leaves_the_deadline },
    { "with nothing new on any link, all are quiet", on_all_links },
    { 0 },
};
