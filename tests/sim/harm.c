/*
 * harm.c - the faults of links, clocks and peers, and what each of them excuses
 */
#include "harm.h"

#include <stdio.h>

#include "flow.h"
#include "link.h"
#include "oracle.h"

#define LONG (3600 * S)

const struct harm *harm;

static uint32_t ppm(uint32_t most)
{
    return (uint32_t)rng_below(&world.chance, most);
}

static uint64_t moment(uint64_t most)
{
    return world.now + rng_below(&world.chance, most);
}

static struct stack *any_stack(void)
{
    return &world.stacks[rng_below(&world.chance, world.n_stacks)];
}

/* On Ethernet an attempt ends when three questions for its neighbour stay without an answer. */
static void excuse_neighbours(void)
{
    mercy.neighbours = the_link.kind == IST_LINK_KIND_ETHERNET;
}

static void excuse_errors(void)
{
    mercy.errors_until = NEVER;
}

bool harm_loses(void)
{
    return mercy.slow || mercy.unreachable || the_link.n_lost || the_link.n_flipped || the_link.n_truncated || the_link.n_refused || the_link.narrow || mercy.slack ||
           the_link.n_reordered;
}

/* ---- frames */

static void lossy(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].loss = ppm(50000);
    excuse_neighbours();
}

static void very_lossy(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].loss = (uint32_t)rng_between(&world.chance, 50000, 300000);
    excuse_errors();
}

static void disorder(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        the_link.faults[i].reorder = ppm(300000);
        the_link.faults[i].duplicate = ppm(300000);
        the_link.faults[i].reorder_most = (uint32_t)rng_between(&world.chance, 1, 64);
    }
}

static void flips(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].flip = ppm(100000);
    excuse_neighbours();
}

static void lies(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        the_link.faults[i].flip = ppm(50000);
        the_link.faults[i].flip_repaired = true;
    }
    excuse_errors();
    mercy.wrong_bytes = true;
}

static void truncated(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].truncate = ppm(50000);
    excuse_neighbours();
}

static void asymmetric(void)
{
    struct faults *f = &the_link.faults[any_stack()->index];

    f->delay = rng_between(&world.chance, 100, 2000) * MS;
    f->rate = rng_between(&world.chance, 4000, 30000);
    f->queue = 20 * S;
    f->loss = ppm(20000);
    mercy.slow = true;
    excuse_neighbours();
}

/* ---- paths */

static void hole_begins(void *arg)
{
    struct faults *f = arg;

    f->hole = (uint32_t)rng_between(&world.chance, 600, the_link.mtu - 1);
}

static void hole(void)
{
    event_at(moment(10 * S), hole_begins, &the_link.faults[any_stack()->index]);
    excuse_errors();
}

static void blocked(void *arg)
{
    the_link.blocked = arg != NULL;
}

static void unplugged(void *arg)
{
    ((struct stack *)arg)->ist_native_up(0, 0);
}

static void plugged(void *arg)
{
    ((struct stack *)arg)->ist_native_up(0, 1);
}

static void outage(void)
{
    uint64_t at = moment(20 * S), end = at + 60 * S;
    struct stack *s = any_stack();

    if (rng_half(&world.chance)) {
        event_at(at, unplugged, s);
        event_at(end, plugged, s);
    } else {
        event_at(at, blocked, s);
        event_at(end, blocked, NULL);
    }
    excuse_neighbours();
    mercy.unreachable = true;
}

static void address_changes(void *arg)
{
    struct stack *s = arg;
    char grant[512];

    s->last = (uint8_t)(s->last + 4 * STACKS_MAX);
    stack_grant(s, "", grant, sizeof grant);
    if (s->ist_native_grant(0, grant) != 0)
        broken("stack %u: no new grant", s->index);
    plugged(s);
}

static void restart(void)
{
    uint64_t at = moment(20 * S), gone = 1 + rng_skewed(&world.chance, 60 * S);
    struct stack *s = any_stack();

    event_at(at, unplugged, s);
    event_at(at + gone, address_changes, s);
    mercy.errors_until = at + gone + 10 * S;      /* who connects then, to or from the new address, must get through */
}

static void vanishes(void)
{
    the_link.vanish = (enum vanishing)rng_between(&world.chance, VANISH_SYN, VANISH_DATA);
    the_link.vanish_after = rng_skewed(&world.chance, 200000);
    excuse_errors();
}

/* ---- clocks */

static void ahead(void *arg)
{
    stack_clock_jump(arg, (int64_t)LONG);
}

static void back(void *arg)
{
    stack_clock_jump(arg, -(int64_t)LONG);
}

static void stands(void *arg)
{
    stack_clock_stop(arg);
}

static void goes_on(void *arg)
{
    stack_clock_go_on(arg);
}

static void clock_ahead(void)
{
    event_at(moment(20 * S), ahead, any_stack());
    mercy.slow = mercy.half_open = true;
}

static void clock_back(void)
{
    event_at(moment(20 * S), back, any_stack());
    mercy.slack = LONG;
}

static void clock_stands(void)
{
    struct stack *s = any_stack();
    uint64_t at = moment(20 * S);

    event_at(at, stands, s);
    event_at(at + rng_skewed(&world.chance, LONG), goes_on, s);
    mercy.slack = LONG;
}

/* ---- hosts and programs */

static void batches_before(void)
{
    the_link.narrow = (uint32_t)rng_between(&world.chance, 1, 8);
    the_link.pressing = rng_half(&world.chance);
}

static void batches(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].tick = rng_between(&world.chance, 1, 30) * MS;
    excuse_neighbours();
}

static void stalls(void)
{
    flows_stall(600 * S);
}

static void resets(void)
{
    flows_reset();
    excuse_errors();
}

static void mixed(void)
{
    lossy();
    disorder();
    flips();
    truncated();
    for (uint32_t i = 0; i < world.n_stacks; i++)
        the_link.faults[i].loss /= 2, the_link.faults[i].flip /= 4, the_link.faults[i].truncate /= 4;
    if (rng_half(&world.chance))
        stalls();
    if (rng_half(&world.chance)) {
        outage();
        mercy.slow = true;      /* of the seven SYNs of an attempt the outage may take five, and chance the others */
    }
}

const struct harm harms[] = {
    { "clean", "rates, delays, jitter, batches", OVER_ALL, 2000000, NULL, NULL },
    { "lossy", "up to 5 % lost", OVER_ALL, 300000, NULL, lossy },
    { "very-lossy", "5 to 30 % lost", OVER_ALL, 30000, NULL, very_lossy },
    { "disorder", "reordered by up to 64, and duplicated", OVER_ALL, 300000, NULL, disorder },
    { "flips", "bits flipped", OVER_ALL, 200000, NULL, flips },
    { "lies", "bits flipped, and the checksums made to fit", OVER_ALL, 200000, NULL, lies },
    { "truncated", "frames cut short", OVER_ALL, 200000, NULL, truncated },
    { "asymmetric", "one way is slow, narrow and lossy", OVER_ALL, 50000, NULL, asymmetric },
    { "hole", "long packets vanish without a word", OVER_TCP | OVER_TLS, 200000, NULL, hole },
    { "outage", "60 s of nothing, the plug out or in", OVER_ALL, 500000, NULL, outage },
    { "restart", "the link goes and comes again with a new address", OVER_TCP | OVER_TLS, 500000, NULL, restart },
    { "vanish", "the peer is gone after SYN, SYN-ACK, FIN, or in mid-stream", OVER_TCP | OVER_TLS, 200000, NULL, vanishes },
    { "clock-ahead", "a clock jumps ahead by an hour", OVER_ALL, 200000, NULL, clock_ahead },
    { "clock-back", "a clock jumps back by an hour", OVER_ALL, 200000, NULL, clock_back },
    { "clock-stands", "a clock stands for up to an hour", OVER_ALL, 200000, NULL, clock_stands },
    { "batches", "narrow queues, frames in batches", OVER_ALL, 300000, batches_before, batches },
    { "stall", "readers that stop for ten minutes", OVER_TCP | OVER_TLS, 3000000, NULL, stalls },
    { "resets", "programs that abort", OVER_TCP | OVER_TLS, 300000, NULL, resets },
    { "memory", "the n-th request for memory gets nothing", OVER_SCARCE, 20000, NULL, NULL },
    { "many", "10,000 connections that do nothing, and 100 that are busy", OVER_MANY, 0, NULL, NULL },
    { "mixed", "all of it at once, in small doses", OVER_ALL, 100000, NULL, mixed },
    { NULL, NULL, 0, 0, NULL, NULL },
};
