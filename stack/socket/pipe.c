/*
 * pipe.c - two streams joined back to back inside the instance
 *
 * Each end owns the ring of bytes that come to it. An end that is closed leaves its peer what it has sent.
 */
#include <stdbool.h>
#include <string.h>
#include <lwip/mem.h>
#include "socket/class.h"

#define CAP_DEFAULT 65536u
#define CAP_MOST    (UINT32_C(1) << 30)

struct end {
    struct ist__object object;
    struct end *peer;         /* NULL: closed */
    uint32_t first, n, cap;   /* bytes waiting, from first on, around the end */
    bool shut_read, shut_write;
    uint8_t ring[];
};

static const struct ist__class pipe_class;

static struct end *end_of(struct ist__object *o)
{
    return (struct end *)o;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void ring_put(struct end *e, const uint8_t *buf, uint32_t len)
{
    uint32_t at = (e->first + e->n) % e->cap, n = least(len, e->cap - at);

    memcpy(e->ring + at, buf, n);
    memcpy(e->ring, buf + n, len - n);
    e->n += len;
}

static void ring_copy(const struct end *e, uint8_t *buf, uint32_t len, uint32_t offset)
{
    uint32_t at = (e->first + offset) % e->cap, n = least(len, e->cap - at);

    memcpy(buf, e->ring + at, n);
    memcpy(buf + n, e->ring, len - n);
}

static bool broken(const struct end *e)
{
    return e->shut_write || !e->peer || e->peer->shut_read;
}

static bool ended(const struct end *e)
{
    return e->shut_read || !e->peer || e->peer->shut_write;
}

static int32_t send_(struct ist__object *o, const void *buf, uint32_t len)
{
    struct end *e = end_of(o);
    uint32_t n;

    if (broken(e))
        return IST_EPIPE;
    n = least(len, e->peer->cap - e->peer->n);
    if (n == 0)
        return IST_EAGAIN;
    ring_put(e->peer, buf, n);
    return (int32_t)n;
}

static int32_t peek(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset)
{
    struct end *e = end_of(o);
    uint32_t n;

    if (offset >= e->n)
        return ended(e) ? 0 : IST_EAGAIN;
    n = least(cap, e->n - offset);
    ring_copy(e, buf, n, offset);
    return (int32_t)n;
}

static int32_t recv_(struct ist__object *o, void *buf, uint32_t cap)
{
    struct end *e = end_of(o);
    int32_t n = peek(o, buf, cap, 0);

    if (n > 0) {
        e->first = (e->first + (uint32_t)n) % e->cap;
        e->n -= (uint32_t)n;
    }
    return n;
}

static int32_t pending(struct ist__object *o)
{
    return (int32_t)end_of(o)->n;
}

static int32_t shutdown_(struct ist__object *o, uint32_t how)
{
    struct end *e = end_of(o);

    if (how & IST_SHUT_READ) {
        e->shut_read = true;
        e->n = 0;
    }
    if (how & IST_SHUT_WRITE)
        e->shut_write = true;
    return 0;
}

static uint32_t ready(struct ist__object *o)
{
    struct end *e = end_of(o);
    bool peer_closed = !e->peer || e->peer->shut_write;

    return (e->n || ended(e) ? IST_READABLE : 0) | (broken(e) || e->peer->n < e->peer->cap ? IST_WRITABLE : 0) |
           (peer_closed ? IST_PEER_CLOSED : 0) | (ended(e) && broken(e) ? IST_HANGUP : 0);
}

static void close_(struct ist__object *o)
{
    struct end *e = end_of(o);

    if (e->peer)
        e->peer->peer = NULL;
    mem_free(e);
}

static struct end *end_new(uint32_t cap)
{
    struct end *e = mem_malloc((mem_size_t)(sizeof *e + cap));

    if (!e)
        return NULL;
    memset(e, 0, sizeof *e);
    e->object.class = &pipe_class;
    e->cap = cap;
    return e;
}

int32_t ist_pipe_open(ist_handle out[2], uint32_t cap)
{
    struct end *a, *b;
    int32_t r;

    if (!out || cap > CAP_MOST)
        return IST_EINVAL;
    a = end_new(cap ? cap : CAP_DEFAULT);
    b = end_new(cap ? cap : CAP_DEFAULT);
    r = a && b ? ist__handle_new(&a->object) : IST_ENOMEM;
    if (r > 0) {
        out[0] = r;
        r = ist__handle_new(&b->object);
        if (r < 0)
            ist__handle_forget(out[0]);
    }
    if (r < 0) {
        if (a)
            mem_free(a);
        if (b)
            mem_free(b);
        return r;
    }
    out[1] = r;
    a->peer = b;
    b->peer = a;
    return 0;
}

static const struct ist__class pipe_class = {
    .ready = ready,
    .close = close_,
    .send = send_,
    .recv = recv_,
    .peek = peek,
    .pending = pending,
    .shutdown = shutdown_
};
