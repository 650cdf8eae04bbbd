/*
 * memory.c - the client's memory, and the link seen from behind it
 *
 * The functions of isthmus_shim are the few lines of WAT that `isthmus compose` adds: they alone know both memories.
 */
#include <string.h>
#include <isthmus/link.h>
#include "merge.h"

#define SHIM(name) __attribute__((import_module("isthmus_shim"), import_name(#name)))

SHIM(read) void shim_read(void *dst, uint32_t from, uint32_t len);
SHIM(write) void shim_write(uint32_t to, const void *src, uint32_t len);
SHIM(pages) uint32_t shim_pages(void);
SHIM(base) uint32_t shim_base(void);   /* where our memory begins in the one the host sees: not 0 once the two are one */

__attribute__((import_module("isthmus"), import_name("exchange"))) int32_t host_exchange(uint32_t x);

static int inside(uint32_t at, size_t len)
{
    return (uint64_t)at + len <= (uint64_t)shim_pages() << 16;
}

int client_read(void *dst, uint32_t from, size_t len)
{
    if (!inside(from, len))
        return EFAULT;
    shim_read(dst, from, (uint32_t)len);
    return 0;
}

int client_write(uint32_t to, const void *src, size_t len)
{
    if (!inside(to, len))
        return EFAULT;
    shim_write(to, src, (uint32_t)len);
    return 0;
}

int client_write_u32(uint32_t to, uint32_t value)
{
    return client_write(to, &value, sizeof value);
}

/* The import of the stack, defined here: the host counts from the start of the memory that it sees. */
int32_t isthmus_exchange(struct ist_link *x)
{
    uint32_t base = shim_base();
    int32_t r;

    x->tx += base;
    x->rx += base;
    x->text += base;
    x->note += base;
    r = host_exchange((uint32_t)(uintptr_t)x + base);
    x->tx -= base;
    x->rx -= base;
    x->text -= base;
    x->note -= base;
    return r;
}

socklen_t address_length(const struct sockaddr_storage *a)
{
    return a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

int last(int r)
{
    return r < 0 ? errno : 0;
}
