/*
 * exchange.c - the one import, or natively the function that stands for it
 */
#include "port/exchange.h"

#ifdef __wasm__

uint32_t ist__port_address(const uint8_t *block, const void *p)
{
    (void)block;
    return (uint32_t)(uintptr_t)p;
}

int32_t ist__port_exchange(uint8_t *block, uint64_t block_len, struct ist_link *x)
{
    (void)block;
    (void)block_len;
    return isthmus_exchange(x);
}

#else

static ist_exchange_fn host_exchange;
static void *host_context;

void ist_link_host(ist_exchange_fn exchange, void *host)
{
    host_exchange = exchange;
    host_context = host;
}

uint32_t ist__port_address(const uint8_t *block, const void *p)
{
    return (uint32_t)((const uint8_t *)p - block);
}

int32_t ist__port_exchange(uint8_t *block, uint64_t block_len, struct ist_link *x)
{
    return host_exchange ? host_exchange(host_context, block, block_len, ist__port_address(block, x)) : IST_LINK_NO_LINK;
}

#endif
