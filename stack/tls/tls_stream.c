/*
 * tls_stream.c - a TLS connection as a handle over another stream
 *
 * Theory of Operation: nothing happens behind the reader's back. ready(), send() and recv() first carry records between the engine
 * and the stream below as far as both go without waiting; the one wait pumps what is below. A handle that is closed while records
 * are unsent becomes an object without calls that a timer carries on, for at most LINGER_MAX_MS: what send() took is delivered.
 */
#include <stdlib.h>
#include <string.h>
#include <lwip/timeouts.h>
#include "core/core.h"
#include "socket/class.h"
#include "tls/parts.h"

#define LINGER_STEP_MS 20u
#define LINGER_MAX_MS  60000u

struct tls_stream {
    struct ist__object object;
    ist_handle lower;
    struct ist_tls_engine *engine;
    int32_t failure;              /* what failed the stream; 0 while nothing has */
    int failure_told;
    int read_shut, write_shut;
    ist_handle linger;            /* our handle while the closed stream is carried on */
    uint32_t linger_ms;
};

static const struct ist__class tls_class, linger_class;

static struct tls_stream *of(struct ist__object *o)
{
    return (struct tls_stream *)(void *)o;
}

static void fail(struct tls_stream *t, int32_t error)
{
    if (!t->failure)
        t->failure = error;
}

/* A stream below that is still connecting is not an error. */
static int is_wait(struct tls_stream *t, int32_t r)
{
    return r == IST_EAGAIN || (r == IST_ENOTCONN && !(ist_ready(t->lower) & (int32_t)(IST_FAILED | IST_HANGUP)));
}

static int send_records(struct tls_stream *t)
{
    const uint8_t *buf;
    uint32_t len;
    int moved = 0;

    while ((buf = ist_tls_engine_record_out_buf(t->engine, &len)) != NULL) {
        int32_t r = ist_stream_send(t->lower, buf, len);
        if (r <= 0) {
            /* A peer that went after its close_notify takes no more of ours: that is its right. */
            if (!is_wait(t, r) && !(ist_tls_engine_state(t->engine) & (IST_TLS_PEER_CLOSED | IST_TLS_FAILED)))
                fail(t, r);
            break;
        }
        ist_tls_engine_record_out_ack(t->engine, (uint32_t)r);
        moved = 1;
    }
    return moved;
}

static int recv_records(struct tls_stream *t)
{
    uint8_t *buf;
    uint32_t len;
    int moved = 0;

    while ((buf = ist_tls_engine_record_in_buf(t->engine, &len)) != NULL) {
        int32_t r = ist_stream_recv(t->lower, buf, len);
        if (r == 0) {
            ist_tls_engine_record_end(t->engine);
            return 1;
        }
        if (r < 0) {
            if (!is_wait(t, r))
                fail(t, r);
            break;
        }
        ist_tls_engine_record_in_ack(t->engine, (uint32_t)r);
        moved = 1;
    }
    return moved;
}

/* Carries records until neither way goes on, and gives the state. */
static uint32_t advance(struct tls_stream *t)
{
    uint32_t s;

    while (!t->failure && send_records(t) | recv_records(t))
        ist__moved++;
    s = ist_tls_engine_state(t->engine);
    if (s & IST_TLS_FAILED) {
        send_records(t);          /* the alert, if it fits */
        fail(t, IST_ETLS);
    }
    return s;
}

static uint32_t stream_ready(struct ist__object *o)
{
    struct tls_stream *t = of(o);
    uint32_t s = advance(t), levels = 0;

    if (s & IST_TLS_DATA_IN || t->read_shut)
        levels |= IST_READABLE;
    if (s & IST_TLS_DATA_OUT || t->write_shut)
        levels |= IST_WRITABLE;
    if (s & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED))
        levels |= IST_READABLE | IST_WRITABLE | IST_PEER_CLOSED;
    if (s & IST_TLS_CLOSED)
        levels |= IST_HANGUP;
    if (t->failure)
        levels |= IST_READABLE | IST_WRITABLE | IST_HANGUP | (t->failure_told ? 0 : IST_FAILED);
    return levels;
}

static int32_t stream_failure(struct ist__object *o)
{
    struct tls_stream *t = of(o);

    advance(t);
    if (!t->failure || t->failure_told)
        return 0;
    t->failure_told = 1;
    return t->failure;
}

static int32_t stream_send(struct ist__object *o, const void *buf, uint32_t len)
{
    struct tls_stream *t = of(o);
    const uint8_t *from = buf;
    uint32_t taken = 0, room, s = advance(t);
    uint8_t *to;

    if (t->failure)
        return t->failure;
    if (t->write_shut || s & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED))
        return IST_EPIPE;
    while (taken < len && (to = ist_tls_engine_data_out_buf(t->engine, &room)) != NULL) {
        uint32_t n = len - taken < room ? len - taken : room;
        memcpy(to, from + taken, n);
        ist_tls_engine_data_out_ack(t->engine, n);
        ist_tls_engine_flush(t->engine);
        taken += n;
        send_records(t);
    }
    return taken ? (int32_t)taken : IST_EAGAIN;
}

/* What there is to say when no data is there. */
static int32_t no_data(const struct tls_stream *t, uint32_t s)
{
    if (t->failure)
        return t->failure;
    return s & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED) ? 0 : IST_EAGAIN;
}

static int32_t stream_recv(struct ist__object *o, void *buf, uint32_t cap)
{
    struct tls_stream *t = of(o);
    uint8_t *to = buf;
    uint32_t taken = 0, len, s;
    const uint8_t *from;

    if (t->read_shut)
        return 0;
    s = advance(t);
    while (taken < cap && (from = ist_tls_engine_data_in_buf(t->engine, &len)) != NULL) {
        uint32_t n = cap - taken < len ? cap - taken : len;
        memcpy(to + taken, from, n);
        ist_tls_engine_data_in_ack(t->engine, n);
        taken += n;
        s = advance(t);
    }
    return taken ? (int32_t)taken : no_data(t, s);
}

static int32_t stream_peek(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset)
{
    struct tls_stream *t = of(o);
    uint32_t s = t->read_shut ? IST_TLS_CLOSED : advance(t), len = 0;
    const uint8_t *from = t->read_shut ? NULL : ist_tls_engine_data_in_buf(t->engine, &len);

    if (!from)
        return t->read_shut ? 0 : no_data(t, s);
    if (offset >= len)
        return IST_EAGAIN;
    if (cap > len - offset)
        cap = len - offset;
    memcpy(buf, from + offset, cap);
    return (int32_t)cap;
}

static int32_t stream_pending(struct ist__object *o)
{
    struct tls_stream *t = of(o);
    uint32_t len = 0;

    if (t->read_shut)
        return 0;
    advance(t);
    if (!ist_tls_engine_data_in_buf(t->engine, &len) && t->failure)
        return t->failure;
    return (int32_t)len;
}

static int32_t stream_shutdown(struct ist__object *o, uint32_t how)
{
    struct tls_stream *t = of(o);

    if (how & IST_SHUT_READ)
        t->read_shut = 1;
    if (how & IST_SHUT_WRITE && !t->write_shut) {
        t->write_shut = 1;
        ist_tls_engine_close(t->engine);
        advance(t);
    }
    return 0;
}

/* Addresses and options are those of the stream below. */
static int32_t stream_local(struct ist__object *o, struct ist_address *out)
{
    return ist_socket_local(of(o)->lower, out);
}

static int32_t stream_peer(struct ist__object *o, struct ist_address *out)
{
    return ist_socket_peer(of(o)->lower, out);
}

static int32_t stream_option_set(struct ist__object *o, uint32_t option, int32_t value)
{
    return ist_option_set(of(o)->lower, option, value);
}

static int32_t stream_option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    return ist_option_get(of(o)->lower, option, value);
}

static void stream_drop(struct ist__object *o, int32_t error)
{
    fail(of(o), error);
    ist_tls_engine_drop(of(o)->engine);
}

static void stream_free(struct tls_stream *t)
{
    ist_close(t->lower);
    ist_tls_engine_free(t->engine);
    free(t);
}

static int unsent(struct tls_stream *t)
{
    return !t->failure && ist_tls_engine_state(t->engine) & IST_TLS_RECORD_OUT;
}

static void linger_step(void *arg)
{
    struct tls_stream *t = arg;

    send_records(t);
    t->linger_ms += LINGER_STEP_MS;
    if (unsent(t) && t->linger_ms < LINGER_MAX_MS) {
        sys_timeout(LINGER_STEP_MS, linger_step, t);
        return;
    }
    ist__handle_forget(t->linger);
    stream_free(t);
}

static uint32_t linger_ready(struct ist__object *o)
{
    (void)o;
    return 0;
}

static void linger_close(struct ist__object *o)
{
    sys_untimeout(linger_step, o);
    stream_free(of(o));
}

static void stream_close(struct ist__object *o)
{
    struct tls_stream *t = of(o);

    if (!t->failure) {
        ist_tls_engine_close(t->engine);
        send_records(t);
    }
    if (unsent(t) && ist__started()) {
        t->object.class = &linger_class;
        t->linger = ist__handle_new(&t->object);
        if (t->linger > 0 && ist__timeout(LINGER_STEP_MS, linger_step, t))
            return;
        if (t->linger > 0)
            ist__handle_forget(t->linger);
    }
    stream_free(t);
}

static const struct ist__class tls_class = {
    .ready = stream_ready, .failure = stream_failure, .close = stream_close, .drop = stream_drop,
    .send = stream_send, .recv = stream_recv, .peek = stream_peek, .pending = stream_pending, .shutdown = stream_shutdown,
    .local = stream_local, .peer = stream_peer, .option_set = stream_option_set, .option_get = stream_option_get,
};

static const struct ist__class linger_class = { .ready = linger_ready, .close = linger_close, .drop = stream_drop };

ist_handle ist_tls_open(ist_handle stream, const struct ist_tls_config *config, struct ist_tls_detail *detail)
{
    struct ist__object *lower = ist__handle_get(stream, NULL);
    struct ist_tls_config with = *config;
    struct tls_stream *t;
    ist_handle r;

    ist__tls_detail(detail, IST_TLS_OK, 0);
    if (!lower || !lower->class->send || !lower->class->recv)
        return IST_EBADF;
    with.random_fn = ist_random;
    if (with.realtime_ns == 0)
        with.realtime_ns = ist_realtime();
    t = calloc(1, sizeof *t);
    if (!t)
        return IST_ENOMEM;
    t->object.class = &tls_class;
    t->lower = stream;
    r = ist_tls_engine_new(&t->engine, &with, detail);
    if (r == IST_OK) {
        r = ist__handle_new(&t->object);
        if (r > 0) {
            advance(t);
            return r;
        }
        ist_tls_engine_free(t->engine);
    }
    free(t);
    return r;
}

int32_t ist_tls_detail(ist_handle tls, struct ist_tls_detail *out)
{
    struct ist__object *o = ist__handle_get(tls, &tls_class);

    if (!o)
        return IST_EBADF;
    if (of(o)->failure && of(o)->failure != IST_ETLS && !(ist_tls_engine_state(of(o)->engine) & IST_TLS_FAILED))
        ist__tls_detail(out, IST_TLS_TRANSPORT, of(o)->failure);
    else
        ist_tls_engine_detail(of(o)->engine, out);
    return IST_OK;
}

const struct ist_tls_engine *ist_tls_engine_of(ist_handle tls)
{
    struct ist__object *o = ist__handle_get(tls, &tls_class);

    return o ? of(o)->engine : NULL;
}
