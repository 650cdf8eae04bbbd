/*
 * memory.c - the guest's memory and its one import, as wasm and natively
 */
#include "guest.h"

#ifdef __wasm__

static _Alignas(8) struct guest all;
struct guest *g = &all;

uint32_t at(const void *p)
{
    return (uint32_t)(uintptr_t)p;
}

uint32_t memory_end(void)
{
    return (uint32_t)(__builtin_wasm_memory_size(0) * 65536u);
}

int32_t call_at(uint32_t x)
{
    return isthmus_exchange((struct ist_link *)(uintptr_t)x);
}

#else
#include <stdlib.h>

struct guest *g;
static ist_exchange_fn host_exchange;
static void *host;

void ist_link_host(ist_exchange_fn exchange, void *of)
{
    host_exchange = exchange;
    host = of;
    g = calloc(1, sizeof *g);
    if (!g)
        abort();
}

uint32_t at(const void *p)
{
    return (uint32_t)((const uint8_t *)p - (const uint8_t *)g);
}

uint32_t memory_end(void)
{
    return sizeof *g;
}

int32_t call_at(uint32_t x)
{
    return host_exchange(host, (uint8_t *)g, sizeof *g, x);
}

#endif
