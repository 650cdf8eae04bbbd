/*
 * lookup.c - wasi:sockets/ip-name-lookup
 */
#include <stdlib.h>
#include <string.h>
#include <isthmus/resolve.h>
#include "component.h"
#include "query.h"

#define LOOKUP "wasi:sockets/ip-name-lookup@0.2"

struct query {
    uint32_t refs;
    ist_handle handle;              /* 0: decided */
    int32_t result;                 /* the count, or an error */
    int32_t next;
    struct ist_address *addresses;
};
RESOURCE(LOOKUP, "resolve-address-stream", query, query_new)

void query_hold(struct query *q)
{
    q->refs++;
}

void query_release(struct query *q)
{
    if (--q->refs)
        return;
    if (q->handle)
        ist_close(q->handle);
    free(q->addresses);
    free(q);
}

ist_handle query_handle(const struct query *q)
{
    return q->handle;
}

EXPORT(LOOKUP, "resolve-address-stream_dtor") void query_dtor(struct query *self)
{
    query_release(self);
}

/* A handle, or an error. An IPv6 address may stand in brackets. */
static ist_handle query_open(const char *name, uint32_t len)
{
    char text[IST_NAME_MAX];
    int32_t r;

    if (len > 2 && name[0] == '[' && name[len - 1] == ']' && memchr(name, ':', len)) {
        name++;
        len -= 2;
    }
    if (len >= sizeof text || memchr(name, 0, len))
        return IST_EINVAL;
    memcpy(text, name, len);
    text[len] = 0;
    r = network_start();
    return r < 0 ? r : ist_resolve_open(text, 0);
}

EXPORT(LOOKUP, "resolve-addresses") void *resolve_addresses(void *network, char *name, uint32_t len)
{
    ist_handle handle = query_open(name, len);
    struct query *q;

    (void)network;
    give(name, len);
    if (handle < 0)
        return out_code(4, code_of(handle));
    q = take(sizeof *q);
    *q = (struct query){ .refs = 1, .handle = handle };
    turn();
    out8(0, 0);
    out32(4, (uint32_t)query_new(q));
    return out;
}

/* Takes what was found, once it is; false: it is not decided. */
static bool decide(struct query *q)
{
    if (!q->handle)
        return true;
    turn();
    q->result = ist_resolve_result(q->handle, NULL, 0);
    if (q->result == IST_EAGAIN)
        return false;
    if (q->result > 0) {
        q->addresses = take((uint32_t)q->result * sizeof *q->addresses);
        ist_resolve_result(q->handle, q->addresses, (uint32_t)q->result);
    }
    ist_close(q->handle);
    q->handle = 0;
    return true;
}

/* ip-address at @at: no port, no scope, and IPv4 as such. */
static void out_ip(uint32_t at, struct ist_address a)
{
    uint8_t stored[ADDRESS_SIZE];

    if (address_is_mapped(&a)) {
        a.family = IST_IPV4;
        memcpy(a.ip, a.ip + 12, 4);
    }
    address_store(stored, &a);
    out8(at, stored[0]);
    if (a.family == IST_IPV4)
        memcpy(out + at + 2, stored + 6, 4);
    else
        memcpy(out + at + 2, stored + 12, 16);
}

EXPORT(LOOKUP, "[method]resolve-address-stream.resolve-next-address") void *query_next(struct query *self)
{
    if (!decide(self))
        return out_code(2, CODE_WOULD_BLOCK);
    if (self->result < 0)
        return out_code(2, code_of(self->result));
    out8(0, 0);
    out8(2, self->next < self->result);
    if (self->next < self->result)
        out_ip(4, self->addresses[self->next++]);
    return out;
}

EXPORT(LOOKUP, "[method]resolve-address-stream.subscribe") int32_t query_subscribe(struct query *self)
{
    return pollable_make((struct pollable){ .kind = POLLABLE_QUERY, .query = self });
}
