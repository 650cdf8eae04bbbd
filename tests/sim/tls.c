/*
 * tls.c - worlds of TLS: whatever the link does, what is read is what was sent
 */
#include "identity.h"
#include "scenario.h"

static void begin(uint32_t n_flows, uint64_t bytes_most)
{
    network_begin(2);
    identities_begin();
    flows_begin(128);
    memory_baseline();
    for (uint32_t i = 0; i < n_flows; i++) {
        struct plan p = plan_draw(bytes_most);
        p.tls = true;
        p.ending = END_POLITE;
        flow_add(&p);
    }
}

static uint32_t few(void)
{
    return 1 + (uint32_t)rng_skewed(&world.chance, 9);
}

static void clean(void)
{
    begin(few(), 500000);
    world_judge();
}

const struct scenario tls_scenarios[] = {
    { "tls-clean", clean, "rates, delays, jitter, batches" },
    { NULL, NULL, NULL },
};
