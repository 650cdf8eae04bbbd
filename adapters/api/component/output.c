/*
 * output.c - wasi:io/streams.output-stream
 */
#include <stdlib.h>
#include <string.h>
#include "component.h"
#include "host.h"
#include "notes.h"
#include "stream.h"

#define PERMIT_MAX UINT32_C(65536)    /* bytes that check-write permits at most */
#define RECORD     UINT32_C(16384)    /* bytes that TLS takes at once */
#define CHUNK      UINT32_C(4096)     /* what the blocking calls of the interface take at most */

RESOURCE(STREAMS, "output-stream", stream, output_new)

int32_t output_make(struct stream value)
{
    struct stream *s = take(sizeof *s);

    *s = value;
    if (s->socket)
        socket_hold(s->socket);
    return output_new(s);
}

EXPORT(STREAMS, "output-stream_dtor") void output_dtor(struct stream *self)
{
    if (self->host)
        host_output_drop(self->host);
    if (self->socket)
        socket_release(self->socket);
    free(self);
}

static struct pollable writable(struct stream *self)
{
    if (self->host)
        return (struct pollable){ .kind = POLLABLE_HOST, .host = host_output_subscribe(self->host) };
    if (self->socket)
        return (struct pollable){ .kind = POLLABLE_SOCKET, .socket = self->socket, .want = IST_WRITABLE };
    return (struct pollable){ .kind = POLLABLE_READY };
}

EXPORT(STREAMS, "[method]output-stream.subscribe") int32_t output_stream_subscribe(struct stream *self)
{
    return pollable_make(writable(self));
}

/* 0, or why no write can be: IST_EPIPE when writing is over, an error once. */
static int32_t over(struct socket *s, struct ist_tcp_info *info)
{
    int32_t levels = ist_ready(s->handle);

    if (levels & (int32_t)IST_FAILED)
        return ist_failure(s->handle);
    if (s->shut_after_rest)
        return IST_EPIPE;
    if (s->below)
        return levels & (int32_t)(IST_PEER_CLOSED | IST_HANGUP) ? IST_EPIPE : 0;
    if (ist_tcp_info(s->handle, info) < 0)
        return IST_EPIPE;
    return info->state == IST_TCP_ESTABLISHED || info->state == IST_TCP_CLOSE_WAIT ? 0 : IST_EPIPE;
}

/* Bytes that a write may have now; 0: none; or an error. */
static int32_t allowed(struct socket *s)
{
    struct ist_tcp_info info;
    int32_t r, size = 0;
    uint32_t held;

    r = over(s, &info);
    if (r < 0)
        return r;
    if (s->rest_len || !(ist_ready(s->handle) & (int32_t)IST_WRITABLE))
        return 0;
    if (s->below)
        return (int32_t)RECORD;
    ist_option_get(s->handle, IST_OPTION_SEND_BUFFER, &size);
    held = info.unsent + info.in_flight;
    held = held < (uint32_t)size ? (uint32_t)size - held : 1;
    return (int32_t)(held < PERMIT_MAX ? held : PERMIT_MAX);
}

/* The same. It makes a turn only when there is nothing: the write that follows makes one. */
static int32_t permit(struct socket *s)
{
    int32_t n = allowed(s);

    if (n == 0) {
        turn();
        n = allowed(s);
    }
    return n;
}

EXPORT(STREAMS, "[method]output-stream.check-write") void *output_stream_check_write(struct stream *self)
{
    int32_t n = (int32_t)CHUNK;

    if (self->host) {
        host_output_check_write(self->host, out);
        out_own_error(8);
        return out;
    }
    if (self->socket)
        n = permit(self->socket);
    out8(0, 0);
    if (n < 0)
        out_stream_error(8, n, self->socket);
    else
        out64(8, (uint64_t)n);
    return out;
}

/* The bytes that a permit was given for; what the stack cannot take is kept. 0, or an error. */
static int32_t socket_write(struct socket *s, const uint8_t *from, uint32_t len)
{
    struct ist_tcp_info info;
    int32_t n = over(s, &info);

    if (n < 0 || len == 0)
        return n;
    if (s->rest_len)
        trap();              /* there was no permit */
    n = ist_stream_send(s->handle, from, len);
    if (n == IST_EAGAIN || n == IST_ENOMEM)
        n = 0;
    if (n >= 0 && (uint32_t)n < len)
        rest_keep(s, from + n, len - (uint32_t)n);
    turn();
    return n < 0 ? n : 0;
}

static void unit_result(struct stream *self, int32_t error)
{
    out8(0, 0);
    if (error < 0)
        out_stream_error(4, error, self->socket);
}

static void write_bytes(struct stream *self, const uint8_t *from, uint32_t len)
{
    if (self->host) {
        host_output_write(self->host, from, len, out);
        out_own_error(4);
    } else if (self->socket) {
        unit_result(self, socket_write(self->socket, from, len));
    } else {
        notes_write(from, len);
        unit_result(self, 0);
    }
}

static void flush(struct stream *self, bool block)
{
    struct ist_tcp_info info;

    if (self->host) {
        (block ? host_output_blocking_flush : host_output_flush)(self->host, out);
        out_own_error(4);
        return;
    }
    turn();
    if (block && self->socket && self->socket->rest_len) {
        struct pollable p = writable(self);
        pollable_wait(&p);
    }
    unit_result(self, self->socket ? over(self->socket, &info) : 0);
}

/* Writes all, waiting as long as it takes. */
static void write_blocking(struct stream *self, const uint8_t *from, uint32_t len)
{
    if (self->host) {
        host_output_blocking_write_and_flush(self->host, from, len, out);
        out_own_error(4);
        return;
    }
    while (self->socket && len) {
        struct pollable p = writable(self);
        uint32_t n;
        int32_t room;
        pollable_wait(&p);
        room = permit(self->socket);
        if (room < 0) {
            unit_result(self, room);
            return;
        }
        n = len < (uint32_t)room ? len : (uint32_t)room;
        write_bytes(self, from, n);
        if (out[0])
            return;
        from += n;
        len -= n;
    }
    if (len)
        write_bytes(self, from, len);
    flush(self, true);
}

EXPORT(STREAMS, "[method]output-stream.write")
void *output_stream_write(struct stream *self, uint8_t *from, uint32_t len)
{
    write_bytes(self, from, len);
    give(from, len);
    return out;
}

EXPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void *output_stream_blocking_write_and_flush(struct stream *self, uint8_t *from, uint32_t len)
{
    write_blocking(self, from, len);
    give(from, len);
    return out;
}

EXPORT(STREAMS, "[method]output-stream.flush") void *output_stream_flush(struct stream *self)
{
    flush(self, false);
    return out;
}

EXPORT(STREAMS, "[method]output-stream.blocking-flush") void *output_stream_blocking_flush(struct stream *self)
{
    flush(self, true);
    return out;
}

/* More than this is no permit that check-write ever gave. */
static uint8_t *zeroes(uint64_t len)
{
    uint8_t *z;

    if (len > PERMIT_MAX)
        trap();
    z = take((size_t)len);
    memset(z, 0, (size_t)len);
    return z;
}

EXPORT(STREAMS, "[method]output-stream.write-zeroes") void *output_stream_write_zeroes(struct stream *self, uint64_t len)
{
    if (self->host) {
        host_output_write_zeroes(self->host, len, out);
        out_own_error(4);
        return out;
    }
    return output_stream_write(self, zeroes(len), (uint32_t)len);
}

EXPORT(STREAMS, "[method]output-stream.blocking-write-zeroes-and-flush")
void *output_stream_blocking_write_zeroes_and_flush(struct stream *self, uint64_t len)
{
    if (self->host) {
        host_output_blocking_write_zeroes_and_flush(self->host, len, out);
        out_own_error(4);
        return out;
    }
    return output_stream_blocking_write_and_flush(self, zeroes(len), (uint32_t)len);
}

/* What can be written is read from @from, and written. */
static void *splice(struct stream *self, struct stream *from, uint64_t len, bool block)
{
    uint64_t room;
    uint32_t list[2];
    uint8_t *data;

    if (block) {
        struct pollable p = writable(self);
        pollable_wait(&p);
        if (p.kind == POLLABLE_HOST)
            host_pollable_drop(p.host);
    }
    output_stream_check_write(self);
    if (out[0])
        return out;
    memcpy(&room, out + 8, sizeof room);
    room = room < PERMIT_MAX ? room : PERMIT_MAX;
    input_read(from, len < room ? len : room, block && room);
    memcpy(list, out + 4, sizeof list);
    if (out[0]) {
        memmove(out + 8, out + 4, 8);
        return out;
    }
    data = (uint8_t *)(uintptr_t)list[0];
    write_bytes(self, data, list[1]);
    give(data, list[1]);
    if (out[0])
        memmove(out + 8, out + 4, 8);
    else
        out64(8, list[1]);
    return out;
}

EXPORT(STREAMS, "[method]output-stream.splice")
void *output_stream_splice(struct stream *self, struct stream *from, uint64_t len)
{
    return splice(self, from, len, false);
}

EXPORT(STREAMS, "[method]output-stream.blocking-splice")
void *output_stream_blocking_splice(struct stream *self, struct stream *from, uint64_t len)
{
    return splice(self, from, len, true);
}
