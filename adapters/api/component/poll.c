/*
 * poll.c - wasi:io/poll: where the stack waits
 *
 * What the host's own pollables are about cannot end a wait on the link, so with one of them in the set the wait is cut into slices.
 */
#include <stdlib.h>
#include <isthmus/handle.h>
#include "component.h"
#include "host.h"
#include "query.h"

#define SLICE_NS UINT64_C(2000000)    /* how late a pollable of the host may be noticed */

RESOURCE(POLL, "pollable", pollable, pollable_new)

int32_t pollable_make(struct pollable value)
{
    struct pollable *p = take(sizeof *p);

    *p = value;
    if (p->socket)
        socket_watch(p->socket);
    if (p->query)
        query_hold(p->query);
    return pollable_new(p);
}

EXPORT(POLL, "pollable_dtor") void pollable_dtor(struct pollable *self)
{
    if (self->kind == POLLABLE_HOST)
        host_pollable_drop(self->host);
    if (self->socket)
        socket_unwatch(self->socket);
    if (self->query)
        query_release(self->query);
    free(self);
}

/* What ist_wait() is to look at for it; no handle: it is no matter of the stack, or ready. */
static struct ist_interest interest(const struct pollable *p)
{
    struct ist_interest i = { 0 };

    if (p->kind == POLLABLE_SOCKET) {
        i.want = p->want ? p->want : socket_want(p->socket);
        if (i.want)
            i.handle = p->socket->handle;
    } else if (p->kind == POLLABLE_QUERY && query_handle(p->query)) {
        i.handle = query_handle(p->query);
        i.want = IST_READABLE;
    }
    return i;
}

static bool is_ready(const struct pollable *p)
{
    struct ist_interest i;

    switch (p->kind) {
    case POLLABLE_HOST:
        return host_pollable_ready(p->host);
    case POLLABLE_TIMER:
        return (network_start() == 0 ? ist_monotonic() : clock_now()) >= p->when;
    case POLLABLE_SOCKET:
    case POLLABLE_QUERY:
        i = interest(p);
        if (i.want & IST_WRITABLE && p->want && p->socket->rest_len)
            return false;
        return !i.handle || ist_ready(i.handle) & (int32_t)(i.want | IST_HANGUP | IST_FAILED);
    default:
        return true;
    }
}

static uint32_t ready_of(struct pollable *const *set, uint32_t n, uint32_t *ready)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++)
        if (is_ready(set[i]))
            ready[count++] = i;
    return count;
}

/* The interests of the set, and the nearest timer of it; returns their number. */
static uint32_t set_read(struct pollable *const *set, uint32_t n, struct ist_interest *interests, uint64_t *deadline)
{
    uint32_t count = 0;
    bool host = rest_any();

    *deadline = IST_NO_DEADLINE;
    for (uint32_t i = 0; i < n; i++) {
        interests[count] = interest(set[i]);
        count += interests[count].handle != 0;
        host |= set[i]->kind == POLLABLE_HOST;
        if (set[i]->kind == POLLABLE_TIMER && set[i]->when < *deadline)
            *deadline = set[i]->when;
    }
    if (host && ist_monotonic() + SLICE_NS < *deadline)
        *deadline = ist_monotonic() + SLICE_NS;
    return count;
}

/* The indices that are ready go to @ready, uint32_t[@n]; at least one. */
static uint32_t wait(struct pollable *const *set, uint32_t n, uint32_t *ready)
{
    struct ist_interest one, *interests = n == 1 ? &one : take(n * sizeof *interests);
    uint32_t count;

    turn();
    while (!(count = ready_of(set, n, ready))) {
        uint64_t deadline;
        uint32_t n_interests = set_read(set, n, interests, &deadline);
        int32_t r = network_start() < 0 ? 0 : ist_wait(interests, n_interests, deadline);
        rest_push();
        /* Closed links and no timer: nothing will ever be ready. A host that cannot wait breaks the contract. */
        if (r == IST_EDEADLK || r == IST_ENOLINK)
            trap();
    }
    if (interests != &one)
        free(interests);
    return count;
}

void pollable_wait(struct pollable *p)
{
    uint32_t ready;

    wait(&p, 1, &ready);
}

EXPORT(POLL, "[method]pollable.ready") int32_t pollable_ready(struct pollable *self)
{
    turn();
    return is_ready(self);
}

EXPORT(POLL, "[method]pollable.block") void pollable_block(struct pollable *self)
{
    pollable_wait(self);
}

EXPORT(POLL, "poll") void *poll_poll(struct pollable **set, uint32_t n)
{
    uint32_t *ready;

    if (n == 0)
        trap();                    /* as the interface demands */
    ready = take(n * sizeof *ready);
    out32(4, wait(set, n, ready));
    out_pointer(0, ready);
    free(set);
    return out;
}

EXPORT(POLL, "poll_post") void poll_post(void **result)
{
    free(result[0]);
}
