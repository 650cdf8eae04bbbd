/*
 * tcp.c - worlds of TCP: every fault of the link, of clocks and of programs
 */
#include "scenario.h"

static struct rng *chance(void)
{
    return &world.chance;
}

/* Two stacks, and conversations between them. */
static void begin(uint32_t n_flows, uint64_t bytes_most)
{
    network_begin(2);
    flows_begin(128);
    memory_baseline();
    for (uint32_t i = 0; i < n_flows; i++) {
        struct plan p = plan_draw(bytes_most);
        flow_add(&p);
    }
}

static void both(void (*set)(struct faults *f))
{
    set(&the_link.faults[0]);
    set(&the_link.faults[1]);
}

static uint32_t few(void)
{
    return 1 + (uint32_t)rng_skewed(chance(), 29);
}

static void clean(void)
{
    begin(few(), 2000000);
    world_judge();
}

static void lose_some(struct faults *f)
{
    f->loss = (uint32_t)rng_below(chance(), 50000);
}

static void lossy(void)
{
    begin(few(), 300000);
    both(lose_some);
    mercy.neighbours = the_link.kind == IST_LINK_KIND_ETHERNET;
    world_judge();
}

const struct scenario tcp_scenarios[] = {
    { "tcp-clean", clean, "rates, delays, jitter, batches" },
    { "tcp-lossy", lossy, "up to 5 % lost" },
    { NULL, NULL, NULL },
};
