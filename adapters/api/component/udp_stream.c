/*
 * udp_stream.c - wasi:sockets/udp: the two streams of datagrams
 */
#include <stdlib.h>
#include <string.h>
#include "udp.h"

#define RECEIVE_MAX   64u      /* datagrams of one receive */
#define PERMIT        16u      /* datagrams that check-send permits */
#define INCOMING_SIZE 40u      /* record incoming-datagram: list, ip-socket-address */
#define OUTGOING_SIZE 44u      /* record outgoing-datagram: list, option<ip-socket-address> */

RESOURCE(UDP, "incoming-datagram-stream", datagrams, incoming_new)
RESOURCE(UDP, "outgoing-datagram-stream", datagrams, outgoing_new)

static struct datagrams *datagrams_make(struct socket *s)
{
    struct datagrams *d = take(sizeof *d);

    *d = (struct datagrams){ .socket = socket_hold(s), .generation = s->generation };
    return d;
}

int32_t incoming_make(struct socket *s)
{
    return incoming_new(datagrams_make(s));
}

int32_t outgoing_make(struct socket *s)
{
    return outgoing_new(datagrams_make(s));
}

static void drop(struct datagrams *d)
{
    socket_release(d->socket);
    free(d);
}

METHOD("incoming-datagram-stream_dtor") void incoming_dtor(struct datagrams *self)
{
    drop(self);
}

METHOD("outgoing-datagram-stream_dtor") void outgoing_dtor(struct datagrams *self)
{
    drop(self);
}

/* A later `stream` of the socket has made other ones. */
static bool is_stale(const struct datagrams *d)
{
    return d->generation != d->socket->generation;
}

static int32_t subscribe(struct datagrams *d, uint32_t want)
{
    if (is_stale(d))
        return pollable_make((struct pollable){ .kind = POLLABLE_READY });
    return pollable_make((struct pollable){ .kind = POLLABLE_SOCKET, .socket = d->socket, .want = want });
}

METHOD("[method]incoming-datagram-stream.subscribe") int32_t incoming_subscribe(struct datagrams *self)
{
    return subscribe(self, IST_READABLE);
}

METHOD("[method]outgoing-datagram-stream.subscribe") int32_t outgoing_subscribe(struct datagrams *self)
{
    return subscribe(self, IST_WRITABLE);
}

/* ---------------------------------------------------------------- receive */

/* One datagram to @to; 1, 0: passed over, or an error. */
static int32_t receive_one(struct socket *s, uint8_t *to)
{
    static uint8_t buf[65536];
    struct ist_datagram info;
    int32_t n = ist_datagram_recv(s->handle, buf, sizeof buf, 0, &info);
    uint32_t list[2] = { 0, (uint32_t)n };
    uint8_t *data;

    if (n < 0)
        return n;
    if (!address_is_from(&s->peer, &info.from))
        return 0;
    data = take((uint32_t)n);
    memcpy(data, buf, (uint32_t)n);
    list[0] = (uint32_t)(uintptr_t)data;
    memcpy(to, list, sizeof list);
    address_store(to + 8, &info.from);
    return 1;
}

METHOD("[method]incoming-datagram-stream.receive") void *incoming_receive(struct datagrams *self, uint64_t max)
{
    struct socket *s = self->socket;
    uint32_t n = 0, cap = max < RECEIVE_MAX ? (uint32_t)max : RECEIVE_MAX;
    int32_t r = s->failure;
    uint8_t *list;

    if (is_stale(self))
        return out_code(4, CODE_INVALID_STATE);
    s->failure = 0;
    turn();
    list = take(cap * INCOMING_SIZE);
    while (n < cap && r >= 0) {
        r = receive_one(s, list + n * INCOMING_SIZE);
        n += r == 1;
    }
    if (r < 0 && r != IST_EAGAIN) {
        if (n == 0) {
            give(list, cap);
            return out_code(4, code_of(r));
        }
        s->failure = r;
    }
    if (n == 0)
        give(list, cap);
    out8(0, 0);
    out_pointer(4, list);
    out32(8, n);
    return out;
}

METHOD("[method]incoming-datagram-stream.receive_post") void incoming_receive_post(const uint8_t *result)
{
    uint32_t list[2];

    if (result[0])
        return;
    memcpy(list, result + 4, sizeof list);
    for (uint32_t i = 0; i < list[1]; i++) {
        uint32_t data[2];
        memcpy(data, (uint8_t *)(uintptr_t)list[0] + i * INCOMING_SIZE, sizeof data);
        give((void *)(uintptr_t)data[0], data[1]);
    }
    give((void *)(uintptr_t)list[0], list[1]);
}

/* ---------------------------------------------------------------- send */

METHOD("[method]outgoing-datagram-stream.check-send") void *outgoing_check_send(struct datagrams *self)
{
    if (is_stale(self))
        return out_code(8, CODE_INVALID_STATE);
    turn();
    self->permit = ist_ready(self->socket->handle) & (int32_t)(IST_WRITABLE | IST_FAILED) ? PERMIT : 0;
    out8(0, 0);
    out64(8, self->permit);
    return out;
}

static int32_t send_one(struct socket *s, const uint8_t *record)
{
    struct ist_address to = { 0 };
    uint32_t list[2];
    int32_t r;

    memcpy(list, record, sizeof list);
    if (record[8]) {
        to = address_load(record + 12);
        if (!address_is_peer(&to, s->family, true) || !address_is_from(&s->peer, &to))
            return IST_EINVAL;
    } else if (!s->peer.family) {
        return IST_EINVAL;
    }
    r = ist_datagram_send(s->handle, (const void *)(uintptr_t)list[0], list[1], s->peer.family ? NULL : &to);
    return r < 0 ? r : 0;
}

METHOD("[method]outgoing-datagram-stream.send") void *outgoing_send(struct datagrams *self, uint8_t *records, uint32_t n)
{
    bool stale = is_stale(self);
    int32_t r = 0;
    uint32_t sent = 0;

    if (n > self->permit && !stale)
        trap();                 /* as the interface demands */
    for (uint32_t i = 0; i < n; i++) {
        uint8_t *record = records + i * OUTGOING_SIZE;
        uint32_t data[2];
        if (r == 0 && !stale && (r = send_one(self->socket, record)) == 0)
            sent++;
        memcpy(data, record, sizeof data);
        give((void *)(uintptr_t)data[0], data[1]);
    }
    give(records, n);
    self->permit -= stale ? 0 : n;
    if (stale)
        return out_code(8, CODE_INVALID_STATE);
    turn();
    if (sent == 0 && r < 0 && r != IST_EAGAIN)
        return out_code(8, code_of(r));
    out8(0, 0);
    out64(8, sent);
    return out;
}
