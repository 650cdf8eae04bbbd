/*
 * lookup.c - wasi:sockets/ip-name-lookup
 */
#include <stdlib.h>
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

EXPORT(LOOKUP, "[method]resolve-address-stream.resolve-next-address") void *query_next(struct query *self)
{
    if (!decide(self))
        return out_code(2, CODE_WOULD_BLOCK);
    if (self->result < 0)
        return out_code(2, code_of(self->result));
    out8(0, 0);
    out8(2, self->next < self->result);
    if (self->next < self->result)
        ip_store(out + 4, self->addresses[self->next++]);
    return out;
}

EXPORT(LOOKUP, "[method]resolve-address-stream.subscribe") int32_t query_subscribe(struct query *self)
{
    return pollable_make((struct pollable){ .kind = POLLABLE_QUERY, .query = self });
}
