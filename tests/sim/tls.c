/*
 * tls.c - worlds of TLS: whatever the link does, what is read is what was sent
 */
#include "harm.h"
#include "identity.h"
#include "scenario.h"

void tls_world(void)
{
    uint32_t n = 1 + (uint32_t)rng_skewed(&world.chance, 9);

    network_begin(2);
    identities_begin();
    flows_begin(128);
    memory_baseline(64);
    for (uint32_t i = 0; i < n; i++) {
        struct plan p = plan_draw(harm->bytes_most / 4);
        p.tls = true;
        p.ending = END_POLITE;
        flow_add(&p);
    }
    if (harm->after)
        harm->after();
    world_judge();
}
