/*
 * turn.c - the pump
 *
 * One turn: due timers, then one exchange for each link that has something to say or to hear, the last of them waiting; then what
 * came goes up through lwIP. Answers stay in the batch until the next turn, so that a program that reads, writes and waits makes one
 * exchange for all three.
 */
#include <lwip/priv/tcp_priv.h>

#include "link/link.h"

#define FLUSH_LEN     32768u    /* a batch worth a call of its own, while it is still in the cache */
#define LOOP_EVERY    64u       /* calls from outside between two emptyings of the loopback queue */
#define TURN_ROUNDS   128u      /* waits of one turn that end for a frame which is not there: a host that errs must not hang us */
#define PUMP_ROUNDS   64u       /* exchanges of one ist_pump(): a flood must not keep the host's event loop */

static bool turning;            /* the pump is on the call stack */

/* Packets to ourselves. What they cause is delivered as well. */
static bool loopback_run(void)
{
    struct netif *netif;
    bool any = false;

    NETIF_FOREACH(netif) {
        any |= netif->loop_first != NULL;
    }
    if (any)
        netif_poll_all();
    return any;
}

/* The link to wait on: one with work saves a call. All closed: any, to wait for time. */
static struct ist__link *waiter_choose(void)
{
    struct ist__link *open = NULL, *any = NULL;

    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (!link)
            continue;
        any = any ? any : link;
        if (link->closed)
            continue;
        if (ist__link_has_work(link))
            return link;
        open = open ? open : link;
    }
    return open ? open : any;
}

static bool all_closed(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && !ist__links.at[i]->closed)
            return false;
    return true;
}

/* Feeds every link; whether anything came. */
static bool links_feed(void)
{
    bool any = false;

    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && ist__links.at[i]->rx_len) {
            ist__link_feed(ist__links.at[i]);
            any = true;
        }
    return any;
}

/* One exchange for each link with work, the last one waits unless frames came by then. Whether frames wait to be fed. */
static bool links_exchange(uint64_t deadline)
{
    struct ist__link *waiter = waiter_choose();
    bool got = false;

    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (!link || link == waiter || !ist__link_has_work(link))
            continue;
        ist__link_exchange(link, IST_LINK_NO_WAIT, true);
        got |= link->rx_len != 0;
    }
    if (waiter->refused && !got && deadline != IST_LINK_NO_WAIT) {
        /* A wait does not end because its batch was taken (rule 5): what was refused is offered without one first. */
        ist__link_exchange(waiter, IST_LINK_NO_WAIT, true);
        if (waiter->rx_len || waiter->moved)
            return waiter->rx_len != 0;
    }
    ist__link_exchange(waiter, got ? IST_LINK_NO_WAIT : deadline, true);
    return got || waiter->rx_len != 0;
}

static bool own_ready(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && !ist__links.at[i]->closed && (ist__links.ready >> i & 1))
            return true;
    return false;
}

/* What one round of exchanges brought is acted on. Whether anything was. */
static bool arrivals_take(void)
{
    bool any = ist__links_settle();

    if (links_feed()) {
        ist__links_settle();          /* a broken batch; a batch that moved meanwhile */
        any = true;
    }
    return loopback_run() || any;
}

static uint64_t nearer(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * @deadline: as ist__turn(); NOWAIT hosts are told the nearest one in any case, @tell. Who does not wait pays for timers once in a
 * millisecond, their unit.
 */
static int32_t turn(uint64_t deadline, bool tell)
{
    bool polled = deadline == IST_NO_WAIT && !ist__links.nowait && ist__timers_ran();
    bool worked = !polled && ist__timers_run();
    uint64_t until, timers;

    worked |= loopback_run();
    if (deadline == IST_NO_DEADLINE && !worked && all_closed() && ist__timers_idle())
        return IST_ENOLINK;
    for (uint32_t round = 0; ; round++) {
        timers = polled ? ist__timers_ran() : ist__timers_next();
        until = worked || deadline == IST_NO_WAIT ? IST_LINK_NO_WAIT : nearer(deadline, timers);
        if (until == IST_LINK_NO_WAIT && tell && ist__links.nowait)
            until = timers;
        links_exchange(until);
        if (arrivals_take() || worked)
            return 1;
        if (ist__links.monotonic >= timers && ist__timers_run())
            return 1;
        if (deadline == IST_NO_WAIT || ist__links.monotonic >= deadline)
            return 0;
        if (ist__links.nowait)
            return IST_EDEADLK;
        if (!own_ready() || round == TURN_ROUNDS)
            return ist__links.monotonic >= timers ? 1 : IST_EINTR;
    }
}

int32_t ist__turn(uint64_t deadline)
{
    int32_t r;

    if (turning || !ist__started())
        return IST_ESTATE;
    turning = true;
    r = turn(deadline, true);
    turning = false;
    return r;
}

void ist_pump(void)
{
    if (turning || !ist__started())
        return;
    turning = true;
    for (uint32_t i = 0; i < PUMP_ROUNDS && turn(IST_NO_WAIT, true) > 0 && ist__links.nowait; i++)
        ;
    turning = false;
}

void ist__queued(void)
{
    static uint32_t calls;

    if (turning || !ist__started())
        return;
    if (ist__links.nowait) {
        ist_pump();
        return;
    }
    turning = true;
    if (++calls % LOOP_EVERY == 0)
        loopback_run();
    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (link && !link->refused && link->tx_len >= FLUSH_LEN)
            ist__link_exchange(link, IST_LINK_NO_WAIT, false);
    }
    turning = false;
}
