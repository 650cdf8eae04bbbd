/*
 * transfer.c - handshake, read, write, close: records between the engine and the callbacks
 *
 * A call that returns TLS_WANT_POLLIN or TLS_WANT_POLLOUT has lost nothing and is made again with the same arguments. tls_write() counts bytes
 * as written only when their records have left the engine: who then polls for input only would otherwise wait for an answer to
 * what was never sent.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "libtls.h"

static ssize_t descriptor_result(struct tls *ctx, ssize_t n, ssize_t want)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return want;
    return ctx_error(ctx, want == TLS_WANT_POLLIN ? "read: " : "write: ", strerror(errno));
}

static ssize_t fd_read(struct tls *ctx, void *buf, size_t len, void *arg)
{
    ssize_t n;

    (void)arg;
    do
        n = read(ctx->fd_read, buf, len);
    while (n < 0 && errno == EINTR);
    return descriptor_result(ctx, n, TLS_WANT_POLLIN);
}

static ssize_t fd_write(struct tls *ctx, const void *buf, size_t len, void *arg)
{
    ssize_t n;

    (void)arg;
    do
        n = write(ctx->fd_write, buf, len);
    while (n < 0 && errno == EINTR);
    return descriptor_result(ctx, n, TLS_WANT_POLLOUT);
}

void use_fds(struct tls *ctx, int from, int to)
{
    ctx->fd_read = from;
    ctx->fd_write = to;
    ctx->read_cb = fd_read;
    ctx->write_cb = fd_write;
}

static int is_want(ssize_t r)
{
    return r == TLS_WANT_POLLIN || r == TLS_WANT_POLLOUT;
}

/* 0 once all records are out, or what the callback said. */
static int records_out(struct tls *ctx)
{
    const uint8_t *buf;
    uint32_t len;

    while ((buf = ist_tls_engine_record_out_buf(ctx->engine, &len)) != NULL) {
        ssize_t n = ctx->write_cb(ctx, buf, len, ctx->cb_arg);
        if (is_want(n))
            return (int)n;
        if (n <= 0)
            return ctx->error.is_set ? -1 : ctx_error(ctx, "write failed", NULL);
        ist_tls_engine_record_out_ack(ctx->engine, (uint32_t)n);
    }
    return 0;
}

/* Takes some bytes of the peer, if the engine wants any. */
static int records_in(struct tls *ctx)
{
    uint32_t room;
    uint8_t *buf = ist_tls_engine_record_in_buf(ctx->engine, &room);
    ssize_t n;

    if (!buf)
        return 0;
    n = ctx->read_cb(ctx, buf, room, ctx->cb_arg);
    if (is_want(n))
        return (int)n;
    if (n < 0)
        return ctx->error.is_set ? -1 : ctx_error(ctx, "read failed", NULL);
    if (n == 0)
        ist_tls_engine_record_end(ctx->engine);
    else
        ist_tls_engine_record_in_ack(ctx->engine, (uint32_t)n);
    return 0;
}

static void session_keep(struct tls *ctx, int failed)
{
    if (ctx->config->session_file)
        ctx->config->session_file->keep(ctx, failed);
}

/* The engine's reason becomes the error. The alert is sent if it goes out at once. */
static int engine_failed(struct tls *ctx)
{
    struct ist_tls_detail why;

    records_out(ctx);
    if (!(ist_tls_engine_state(ctx->engine) & IST_TLS_HANDSHAKE_DONE))
        session_keep(ctx, 1);
    ist_tls_engine_detail(ctx->engine, &why);
    return ctx_error(ctx, why.reason == IST_TLS_OK ? "the connection was closed during the handshake" : why.text, NULL);
}

static int ready(struct tls *ctx)
{
    error_clear(&ctx->error);
    return ctx->engine ? 0 : ctx_error(ctx, ctx->role == ROLE_SERVER ? "a server context accepts; use what tls_accept_*() gave"
                                                                      : "not connected", NULL);
}

static int handshake(struct tls *ctx)
{
    for (;;) {
        uint32_t s = ist_tls_engine_state(ctx->engine);
        int r;
        if (s & (IST_TLS_FAILED | IST_TLS_CLOSED) && !(s & IST_TLS_HANDSHAKE_DONE))
            return engine_failed(ctx);
        if (s & IST_TLS_FAILED)
            return engine_failed(ctx);
        r = records_out(ctx);
        if (r)
            return r;
        if (ist_tls_engine_state(ctx->engine) & IST_TLS_HANDSHAKE_DONE) {      /* its last record may be ours */
            session_keep(ctx, 0);
            return 0;
        }
        r = records_in(ctx);
        if (r)
            return r;
    }
}

int tls_handshake(struct tls *ctx)
{
    return ready(ctx) ? -1 : handshake(ctx);
}

static int handshake_first(struct tls *ctx)
{
    if (ready(ctx))
        return -1;
    return ist_tls_engine_state(ctx->engine) & IST_TLS_HANDSHAKE_DONE ? 0 : handshake(ctx);
}

ssize_t tls_read(struct tls *ctx, void *buf, size_t len)
{
    int r = handshake_first(ctx);

    if (r)
        return r;
    for (;;) {
        uint32_t n, s = ist_tls_engine_state(ctx->engine);
        const uint8_t *from = ist_tls_engine_data_in_buf(ctx->engine, &n);
        if (from) {
            n = len < n ? (uint32_t)len : n;
            memcpy(buf, from, n);
            ist_tls_engine_data_in_ack(ctx->engine, n);
            return (ssize_t)n;
        }
        if (s & IST_TLS_FAILED)
            return engine_failed(ctx);
        if (s & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED)) {
            records_out(ctx);          /* our close_notify, if the peer still takes it */
            error_clear(&ctx->error);
            return 0;
        }
        r = records_out(ctx);          /* never in the way of reading */
        if (r == -1)
            error_clear(&ctx->error);
        r = records_in(ctx);
        if (r)
            return r;
    }
}

/* What is unreported is out now: tell. */
static ssize_t report(struct tls *ctx, size_t before, size_t len)
{
    size_t n = ctx->n_unreported < len - before ? ctx->n_unreported : len - before;

    ctx->n_unreported = 0;
    return (ssize_t)(before + n);
}

ssize_t tls_write(struct tls *ctx, const void *buf, size_t len)
{
    const uint8_t *from = buf;
    size_t done = 0;
    int r = handshake_first(ctx);

    if (r)
        return r;
    if (len > INT32_MAX)
        len = INT32_MAX;
    for (;;) {
        uint32_t room, s = ist_tls_engine_state(ctx->engine);
        uint8_t *to;
        if (s & IST_TLS_FAILED)
            return engine_failed(ctx);
        r = records_out(ctx);
        if (r)
            return is_want(r) && done ? (ssize_t)done : r;
        if (ctx->n_unreported)
            done = (size_t)report(ctx, done, len);
        if (done == len)
            return (ssize_t)done;
        to = ist_tls_engine_data_out_buf(ctx->engine, &room);
        if (!to)
            return done ? (ssize_t)done : ctx_error(ctx, "the peer has closed the connection", NULL);
        room = len - done < room ? (uint32_t)(len - done) : room;
        memcpy(to, from + done, room);
        ist_tls_engine_data_out_ack(ctx->engine, room);
        ist_tls_engine_flush(ctx->engine);
        ctx->n_unreported = room;
    }
}

int tls_close(struct tls *ctx)
{
    struct ist_tls_detail why;
    int r = 0;

    error_clear(&ctx->error);
    if (ctx->role == ROLE_SERVER)
        return ctx_error(ctx, "a server context has no connection to close", NULL);
    if (ctx->engine && ist_tls_engine_state(ctx->engine) & IST_TLS_HANDSHAKE_DONE) {
        ist_tls_engine_close(ctx->engine);
        r = records_out(ctx);
        if (is_want(r))
            return r;
        ist_tls_engine_detail(ctx->engine, &why);
        /* A peer that has gone after its own close_notify is no error. */
        if (r && ist_tls_engine_state(ctx->engine) & IST_TLS_PEER_CLOSED) {
            error_clear(&ctx->error);
            r = 0;
        } else if (why.reason != IST_TLS_OK) {
            r = ctx_error(ctx, why.text, NULL);
        }
    }
    if (ctx->socket != -1) {
        shutdown(ctx->socket, SHUT_RDWR);
        if (close(ctx->socket) != 0 && r == 0)
            r = ctx_error(ctx, "close: ", strerror(errno));
        ctx->socket = -1;
    }
    return r;
}
