/*
 * input.c - wasi:io/streams.input-stream
 */
#include <stdlib.h>
#include <string.h>
#include "component.h"
#include "host.h"
#include "stream.h"

#define READ_MAX   UINT32_C(1048576)  /* bytes of one read */
#define TURN_BYTES UINT32_C(65536)    /* read without an empty read between: then the peer is told of the room */

RESOURCE(STREAMS, "input-stream", stream, input_new)

int32_t input_make(struct stream value)
{
    struct stream *s = take(sizeof *s);

    *s = value;
    if (s->socket)
        socket_hold(s->socket);
    return input_new(s);
}

EXPORT(STREAMS, "input-stream_dtor") void input_dtor(struct stream *self)
{
    if (self->host)
        host_input_drop(self->host);
    if (self->socket)
        socket_release(self->socket);
    free(self);
}

/* Bytes that are there, without a turn if there are any: 1.., 0: none, or an error; the end is IST_EPIPE. */
static int32_t available(struct socket *s)
{
    int32_t n = ist_stream_pending(s->handle);
    int32_t levels;

    if (n <= 0) {
        turn();
        n = ist_stream_pending(s->handle);
    }
    if (n != 0)
        return n;
    levels = ist_ready(s->handle);
    return levels > 0 && levels & (int32_t)(IST_READABLE | IST_FAILED) ? IST_EPIPE : 0;
}

static void result_list(uint8_t *data, int32_t len)
{
    out8(0, 0);
    out_pointer(4, data);
    out32(8, (uint32_t)len);
}

static void socket_read(struct stream *self, uint64_t len)
{
    static uint32_t since_turn;
    struct socket *s = self->socket;
    int32_t n = available(s);
    uint32_t cap = n > 0 ? (uint32_t)n : 1;
    uint8_t *data;

    cap = cap > READ_MAX ? READ_MAX : cap;
    cap = cap > len && n >= 0 ? (uint32_t)len : cap;   /* the end is told also to who asks for nothing */
    data = take(cap);
    if (n != 0 && cap) {
        n = ist_stream_recv(s->handle, data, cap);
        if (n <= 0 && n != IST_EAGAIN) {
            give(data, cap);
            out_stream_error(4, self->failed ? 0 : n, s);
            self->failed = true;
            return;
        }
    }
    n = n > 0 && cap ? n : 0;
    if (n == 0)
        give(data, cap);
    result_list(data, n);
    since_turn += n > 0 ? (uint32_t)n : 0;
    if (since_turn >= TURN_BYTES) {
        since_turn = 0;
        turn();
    }
}

void input_read(struct stream *self, uint64_t len, bool block)
{
    if (self->host) {
        (block ? host_input_blocking_read : host_input_read)(self->host, len, out);
        out_own_error(4);
    } else if (self->socket) {
        if (block && len) {
            struct pollable p = { .kind = POLLABLE_SOCKET, .socket = self->socket, .want = IST_READABLE };
            pollable_wait(&p);
        }
        socket_read(self, len);
    } else {
        out_stream_error(4, 0, NULL);
    }
}

EXPORT(STREAMS, "[method]input-stream.read") void *input_stream_read(struct stream *self, uint64_t len)
{
    input_read(self, len, false);
    return out;
}

EXPORT(STREAMS, "[method]input-stream.blocking-read") void *input_stream_blocking_read(struct stream *self, uint64_t len)
{
    input_read(self, len, true);
    return out;
}

/* result<list<u8>, stream-error> in @result */
static void list_free(const uint8_t *result)
{
    uint32_t list[2];

    memcpy(list, result + 4, sizeof list);
    if (result[0] == 0)
        give((void *)(uintptr_t)list[0], list[1]);
}

EXPORT(STREAMS, "[method]input-stream.read_post") void input_stream_read_post(const uint8_t *result)
{
    list_free(result);
}

EXPORT(STREAMS, "[method]input-stream.blocking-read_post") void input_stream_blocking_read_post(const uint8_t *result)
{
    list_free(result);
}

/* result<list<u8>, stream-error> in `out` becomes result<u64, stream-error>. */
static void *skipped(void)
{
    uint32_t word[2];

    memcpy(word, out + 4, sizeof word);
    if (out[0] == 0) {
        list_free(out);
        out64(8, word[1]);
    } else {
        memmove(out + 8, out + 4, 8);
    }
    return out;
}

EXPORT(STREAMS, "[method]input-stream.skip") void *input_stream_skip(struct stream *self, uint64_t len)
{
    input_read(self, len, false);
    return skipped();
}

EXPORT(STREAMS, "[method]input-stream.blocking-skip") void *input_stream_blocking_skip(struct stream *self, uint64_t len)
{
    input_read(self, len, true);
    return skipped();
}

EXPORT(STREAMS, "[method]input-stream.subscribe") int32_t input_stream_subscribe(struct stream *self)
{
    if (self->host)
        return pollable_make((struct pollable){ .kind = POLLABLE_HOST, .host = host_input_subscribe(self->host) });
    if (self->socket)
        return pollable_make((struct pollable){ .kind = POLLABLE_SOCKET, .socket = self->socket, .want = IST_READABLE });
    return pollable_make((struct pollable){ .kind = POLLABLE_READY });
}
