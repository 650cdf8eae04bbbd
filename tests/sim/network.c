/*
 * network.c - what every scenario begins and ends with: stacks on a link, conversations, the judgement
 */
#include "harm.h"
#include "identity.h"
#include "scenario.h"

#include <string.h>

#define CONFIGURED_MOST (10 * S)
#define WORLD_MOST      (24 * 3600 * S)    /* no world has so much to do */

static bool configured(void)
{
    return world.now >= BEGAN + 3 * S;      /* IPv6 addresses are probed for a second */
}

static uint32_t mtu_draw(struct rng *r)
{
    static const uint32_t usual[] = { 1500, 1500, 1280, 1420, 9000, 65520 };

    return rng_half(r) ? usual[rng_below(r, sizeof usual / sizeof usual[0])] : (uint32_t)rng_between(r, 1280, 4000);
}

static void faults_none(struct faults *f, struct rng *r)
{
    memset(f, 0, sizeof *f);
    f->reorder_most = 64;
    f->delay = US + rng_skewed(r, 300 * MS);
    f->jitter = rng_half(r) ? 0 : rng_skewed(r, 20 * MS);
    f->rate = rng_half(r) ? 0 : rng_between(r, 20000, 20000000);
    f->queue = rng_between(r, 50, 2000) * MS;
    f->tick = rng_below(r, 3) ? 0 : rng_skewed(r, 20 * MS);
}

void network_begin(uint32_t n_stacks)
{
    struct rng *r = &world.chance;
    uint32_t kind = rng_half(r) ? IST_LINK_KIND_ETHERNET : IST_LINK_KIND_IP;
    uint32_t mtu = mtu_draw(r);

    world.n_stacks = n_stacks;
    capture_open(kind, n_stacks);
    link_begin(kind, mtu);
    if (harm->before)
        harm->before();
    for (uint32_t i = 0; i < n_stacks; i++) {
        faults_none(&the_link.faults[i], r);
        world.stacks[i].waits = rng_half(r);
    }
    for (uint32_t i = 0; i < n_stacks; i++)
        if (stack_start(&world.stacks[i], mtu, the_link.narrow ? the_link.narrow * (mtu + 22) : 0) != 0)
            broken("stack %u does not start", i);
    world_run(configured, NEVER);
}

struct plan plan_draw(uint64_t most)
{
    struct rng *r = &world.chance;
    struct plan p = { .family = rng_half(r) ? IST_IPV4 : IST_IPV6, .ending = (enum ending)rng_below(r, 3) };

    p.client = (uint32_t)rng_below(r, world.n_stacks);
    p.server = (p.client + 1 + (uint32_t)rng_below(r, world.n_stacks - 1)) % world.n_stacks;
    p.begin = world.now + rng_skewed(r, 20 * S);
    for (int i = 0; i < 2; i++)
        p.bytes[i] = rng_below(r, 4) ? rng_skewed(r, most) : rng_below(r, most);
    p.write_most = 1 + (uint32_t)rng_skewed(r, 99999);
    p.read_most = 1 + (uint32_t)rng_skewed(r, 99999);
    if (p.write_most < 64 && most > 20000)          /* single bytes are slow to simulate */
        p.write_most += 1000;
    if (p.read_most < 64 && most > 20000)
        p.read_most += 1000;
    p.pause_ppm = rng_half(r) ? 0 : (uint32_t)rng_skewed(r, 200000);
    p.pause_most = rng_skewed(r, 2 * S);
    p.keepalive_idle = (int32_t)rng_between(r, 60, 600);
    p.keepalive_interval = (int32_t)rng_between(r, 20, 75);      /* in all more than the outage of a world */
    p.keepalive_count = (int32_t)rng_between(r, 5, 9);
    p.no_delay = rng_half(r);
    p.send_buffer = rng_half(r) ? 0 : (int32_t)rng_between(r, 4096, 262144);
    return p;
}

void world_judge(void)
{
    world.programs = flows_run;
    if (!world_run(flows_done, BEGAN + WORLD_MOST))
        broken("the world does not come to an end");
    memory_settles();
    flows_end();
    identities_end();
    memory_ends();
}
