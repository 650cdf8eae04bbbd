/*
 * tcp.c - worlds of TCP
 */
#include "harm.h"
#include "scenario.h"

void tcp_world(void)
{
    uint32_t n = 1 + (uint32_t)rng_skewed(&world.chance, 29);

    network_begin(rng_below(&world.chance, 4) ? 2 : 3 + (uint32_t)rng_below(&world.chance, STACKS_MAX - 2));
    flows_begin(128);
    memory_baseline(64);
    for (uint32_t i = 0; i < n; i++) {
        struct plan p = plan_draw(harm->bytes_most);
        struct rng own = rng_of(world.seed, 1u << 29 | i);
        p.crossed = rng_below(&own, 5) == 0;
        flow_add(&p);
    }
    if (harm->after)
        harm->after();
    world_judge();
}
