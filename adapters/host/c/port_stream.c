/*
 * port_stream.c - frames over a connected stream socket: QEMU's framing, which is that of a batch
 *
 * A batch goes out with one send(). When the socket takes half a frame the rest of it is kept here, and nothing else is
 * taken before it is gone: the guest never sees half a frame. What comes in is gathered until whole frames are there.
 */
#include "port.h"
#include "queue.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GATHER (256u * 1024)   /* bytes read ahead, at least two frames */

struct stream {
    struct isthmus_port port;
    int fd;
    int ended;                  /* the peer will send no more */
    uint8_t *half;              /* rest of a frame begun */
    uint32_t half_at, half_len;
    uint8_t *in;                /* in[in_at..in_end): what has come */
    uint32_t in_at, in_end, in_cap;
    uint32_t skip;              /* bytes of an oversize frame still to be thrown away */
};

static struct stream *stream_of(struct isthmus_port *port)
{
    return (struct stream *)port;
}

static void stream_end(struct stream *s)
{
    s->ended = 1;
    s->half_len = s->half_at = 0;
    s->port.closed = 1;
    s->port.writable = 0;
}

/* Returns bytes, 0 when the socket is full or gone. */
static uint32_t stream_send(struct stream *s, const uint8_t *bytes, uint32_t len)
{
    ssize_t n = send(s->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n >= 0)
        return (uint32_t)n;
    if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
        stream_end(s);
    return 0;
}

/* Returns 1 when no half frame is left. */
static int stream_flush(struct stream *s)
{
    if (s->half_at < s->half_len)
        s->half_at += stream_send(s, s->half + s->half_at, s->half_len - s->half_at);
    return s->half_at == s->half_len;
}

static uint32_t stream_take(struct isthmus_port *port, const uint8_t *batch, uint32_t len)
{
    struct stream *s = stream_of(port);
    uint32_t sent, whole;

    port->writable = 0;
    if (!stream_flush(s))
        return 0;
    sent = stream_send(s, batch, len);
    whole = frames_within(batch, len, sent);
    if (sent > whole) { /* this frame is begun: it counts as taken */
        uint32_t frame = 4 + frame_length(batch + whole);

        s->half_at = sent - whole;
        s->half_len = frame;
        memcpy(s->half, batch + whole, frame);
        whole += frame;
    }
    return whole;
}

/* Whether a whole frame stands at the front; throws oversize ones away. */
static int stream_whole(struct stream *s)
{
    for (;;) {
        uint32_t have = s->in_end - s->in_at, length;

        if (s->skip) {
            uint32_t n = s->skip < have ? s->skip : have;

            s->skip -= n;
            s->in_at += n;
            if (s->skip)
                return 0;
            continue;
        }
        if (have < 4)
            return 0;
        length = frame_length(s->in + s->in_at);
        if (length != 0 && length <= s->port.frame_max)
            return have - 4 >= length;
        if (length)
            s->port.dropped++;
        s->in_at += 4;
        s->skip = length;
    }
}

/* Reads what the socket holds, as far as there is room. */
static void stream_read(struct stream *s)
{
    ssize_t n;

    if (s->in_at) {
        memmove(s->in, s->in + s->in_at, s->in_end - s->in_at);
        s->in_end -= s->in_at;
        s->in_at = 0;
    }
    if (s->ended || s->in_end == s->in_cap)
        return;
    n = recv(s->fd, s->in + s->in_end, s->in_cap - s->in_end, MSG_DONTWAIT);
    if (n > 0)
        s->in_end += (uint32_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        stream_end(s);
}

static uint32_t stream_give(struct isthmus_port *port, uint8_t *into, uint32_t cap)
{
    struct stream *s = stream_of(port);
    uint32_t given = 0;

    while (stream_whole(s)) {
        uint32_t frame = 4 + frame_length(s->in + s->in_at);

        if (frame > cap - given)
            break;
        memcpy(into + given, s->in + s->in_at, frame);
        given += frame;
        s->in_at += frame;
    }
    port->readable = (uint8_t)stream_whole(s);
    return given;
}

static void stream_turn(struct isthmus_port *port)
{
    struct stream *s = stream_of(port);
    struct pollfd room = { .fd = s->fd, .events = POLLOUT };

    if (!stream_whole(s)) {
        stream_read(s);
        port->readable = (uint8_t)stream_whole(s);
    }
    if (stream_flush(s) && port->seen.refused && !port->closed)
        port->writable = poll(&room, 1, 0) == 1;
}

/* A peer that has gone is noticed by reading, so the socket is left alone only while a whole frame is at hand. */
static short stream_events(struct isthmus_port *port, int *fd)
{
    struct stream *s = stream_of(port);
    int in = !s->ended && !port->readable;
    int out = !s->ended && (s->half_at < s->half_len || port->seen.refused);

    *fd = s->fd;
    return (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));
}

static void stream_release(struct isthmus_port *port)
{
    struct stream *s = stream_of(port);

    close(s->fd);
    free(s->half);
    free(s->in);
    free(s);
}

static const struct isthmus_port_class stream_class = {
    .take = stream_take, .give = stream_give, .turn = stream_turn, .events = stream_events, .release = stream_release,
};

struct isthmus_port *isthmus_port_stream(int fd, uint32_t kind, uint32_t mtu, const char *grant)
{
    struct stream *s = calloc(1, sizeof *s);
    int flags = fcntl(fd, F_GETFL);

    if (!s)
        return NULL;
    isthmus_port_init(&s->port, &stream_class, kind, mtu, grant);
    s->fd = fd;
    s->in_cap = GATHER > 2 * (4 + s->port.frame_max) ? GATHER : 2 * (4 + s->port.frame_max);
    s->in = malloc(s->in_cap);
    s->half = malloc(4 + s->port.frame_max);
    if (s->in && s->half && flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
        return &s->port;
    free(s->in);
    free(s->half);
    free(s);
    return NULL;
}
