/*
 * cache.c - answers that may be kept (see cache.h)
 */
#include "cache.h"

#include "core/core.h"

#include <isthmus/stack.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define SERVERS_MAX 8u

struct entry {
    uint8_t  name[IST__NAME_WIRE], end[IST__NAME_WIRE];
    uint16_t type;
    int32_t  outcome;
    uint64_t expires;          /* ns */
    uint64_t used;             /* the tick it was last asked for */
    uint32_t n_addresses;
    struct ist_address addresses[];
};

static struct entry *entries[IST__CACHE_MAX];
static uint64_t tick;
static uint32_t servers;       /* fingerprint of the name servers that all of this comes from */

static void forget(uint32_t i)
{
    free(entries[i]);
    entries[i] = NULL;
}

void ist__names_forget(void)
{
    for (uint32_t i = 0; i < IST__CACHE_MAX; i++) forget(i);
}

/* FNV-1a over the list; nothing hostile can choose it. */
static uint32_t servers_fingerprint(void)
{
    struct ist_address server;
    uint32_t hash = 2166136261u;

    for (uint32_t i = 0; i < SERVERS_MAX && ist_name_server(i, &server) == 0; i++) {
        const uint8_t *p = (const uint8_t *)&server;
        for (uint32_t k = 0; k < sizeof server; k++) hash = (hash ^ p[k]) * 16777619u;
    }
    return hash;
}

static void servers_check(void)
{
    uint32_t now = servers_fingerprint();

    if (now != servers) ist__names_forget();
    servers = now;
}

/* The slot that answers the question, or IST__CACHE_MAX. What is over is dropped in passing. */
static uint32_t find(const uint8_t *name, uint16_t type, uint64_t now)
{
    for (uint32_t i = 0; i < IST__CACHE_MAX; i++) {
        const struct entry *e = entries[i];
        if (e && now >= e->expires) forget(i);
        else if (e && (e->type == type || e->outcome == IST_ENONAME) && ist__name_equal(e->name, name)) return i;
    }
    return IST__CACHE_MAX;
}

static uint32_t slot_for_new(void)
{
    uint32_t oldest = 0;

    for (uint32_t i = 0; i < IST__CACHE_MAX; i++) {
        if (!entries[i]) return i;
        if (entries[i]->used < entries[oldest]->used) oldest = i;
    }
    return oldest;
}

int32_t ist__cache_get(const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now,
                       uint8_t end[IST__NAME_WIRE], struct ist_address **addresses, uint32_t *n_addresses)
{
    struct entry *e;
    uint32_t i;

    servers_check();
    i = find(name, type, now);
    if (i == IST__CACHE_MAX) return IST_EAGAIN;
    e = entries[i];
    e->used = ++tick;
    if (e->outcome != 0) return e->outcome;
    if (e->n_addresses) {
        *addresses = malloc(e->n_addresses * sizeof **addresses);
        if (!*addresses) return IST_ENOMEM;
        memcpy(*addresses, e->addresses, e->n_addresses * sizeof **addresses);
        *n_addresses = e->n_addresses;
    }
    memcpy(end, e->end, IST__NAME_WIRE);
    return 0;
}

void ist__cache_put(const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now, uint32_t ttl, int32_t outcome,
                    const uint8_t end[IST__NAME_WIRE], const struct ist_address *addresses, uint32_t n_addresses)
{
    uint32_t ttl_max = outcome == 0 ? IST__CACHE_TTL_S : IST__CACHE_NO_TTL_S, i;
    struct entry *e;

    if (ttl == 0 || ttl == UINT32_MAX || n_addresses > IST__CACHE_ADDRESSES) return;
    servers_check();
    e = malloc(sizeof *e + n_addresses * sizeof *addresses);
    if (!e) return;
    memcpy(e->name, name, IST__NAME_WIRE);
    memcpy(e->end, end, IST__NAME_WIRE);
    e->type = type;
    e->outcome = outcome;
    e->expires = now + (ttl < ttl_max ? ttl : ttl_max) * SECOND;
    e->used = ++tick;
    e->n_addresses = n_addresses;
    if (n_addresses) memcpy(e->addresses, addresses, n_addresses * sizeof *addresses);
    i = find(name, type, now);
    if (i == IST__CACHE_MAX) i = slot_for_new();
    forget(i);
    entries[i] = e;
}
