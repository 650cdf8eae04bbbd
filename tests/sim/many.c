/*
 * many.c - 10,000 connections that do nothing, and 100 among them that are busy
 */
#include "harm.h"
#include "scenario.h"

#define N_IDLE 10000u
#define N_BUSY 100u
#define IDLE   (1800 * S)

void many_world(void)
{
    uint32_t part = rng_below(&world.chance, 4) ? 10 : 1;      /* most of these worlds are a tenth of it */

    network_begin(2);
    for (uint32_t i = 0; i < 2; i++)          /* no chance: ten thousand handshakes do not fit a slow path */
        the_link.faults[i].rate = 0;
    flows_begin(1000);
    memory_baseline(16000);
    for (uint32_t i = 0; i < (N_IDLE + N_BUSY) / part; i++) {
        struct plan p = plan_draw(i < N_IDLE / part ? 100 : 100000);
        p.client = 0;
        p.server = 1;
        p.begin = world.now + rng_below(&world.chance, 100 * S);
        if (i < N_IDLE / part)
            p.idle_until = world.now + IDLE + rng_below(&world.chance, 100 * S);
        else
            p.begin += 100 * S;
        flow_add(&p);
    }
    world_judge();
}
