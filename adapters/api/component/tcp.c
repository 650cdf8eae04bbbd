/*
 * tcp.c - wasi:sockets/tcp and tcp-create-socket: the states of a socket
 *
 * unbound -> binding -> bound -> listening soon -> listening
 *    |                    |
 *    +--------------------+-> connecting -> connected; what fails is closed, and can only be dropped
 *
 * Nothing but a connection takes time here: what start-bind and start-listen begin is done when they return, and finish tells it.
 */
#include "tcp.h"

#define BACKLOG UINT32_C(128)

RESOURCE(TCP, "tcp-socket", socket, tcp_socket_new)

EXPORT("wasi:sockets/tcp-create-socket@0.2", "create-tcp-socket") void *create_tcp_socket(int32_t family)
{
    int32_t error;
    struct socket *s = socket_open(family ? IST_IPV6 : IST_IPV4, false, &error);

    if (!s)
        return out_code(4, code_of(error));
    s->backlog = BACKLOG;
    ist_option_set(s->handle, IST_OPTION_REUSE_ADDRESS, 1);   /* a server may start again behind its old connections' TIME-WAIT */
    out8(0, 0);
    out32(4, (uint32_t)tcp_socket_new(s));
    return out;
}

METHOD("tcp-socket_dtor") void tcp_socket_dtor(struct socket *self)
{
    socket_release(self);
}

/* ---------------------------------------------------------------- bind */

METHOD("[method]tcp-socket.start-bind")
void *tcp_socket_start_bind(struct socket *self, void *network, ADDRESS_PARAMETERS)
{
    struct ist_address a = ADDRESS_ARGUMENTS;

    (void)network;
    return socket_bind(self, &a);
}

METHOD("[method]tcp-socket.finish-bind") void *tcp_socket_finish_bind(struct socket *self)
{
    if (self->state != SOCKET_BINDING)
        return out_code(1, CODE_NOT_IN_PROGRESS);
    self->state = SOCKET_BOUND;
    return out_result(0);
}

/* ---------------------------------------------------------------- connect */

METHOD("[method]tcp-socket.start-connect")
void *tcp_socket_start_connect(struct socket *self, void *network, ADDRESS_PARAMETERS)
{
    struct ist_address a = ADDRESS_ARGUMENTS;

    (void)network;
    if (self->state != SOCKET_UNBOUND && self->state != SOCKET_BOUND)
        return out_code(1, socket_refusal(self));
    if (!address_is_peer(&a, self->family, false))
        return out_code(1, CODE_INVALID_ARGUMENT);
    self->failure = ist_socket_connect(self->handle, &a);
    if (self->failure == IST_EADDRNOTAVAIL)
        self->failure = IST_EADDRINUSE;       /* no port was left to speak from */
    self->state = SOCKET_CONNECTING;
    turn();
    return out_result(0);
}

/* The two streams of a connection, at @at of `out`. */
static void streams_make(struct socket *s, uint32_t at)
{
    out32(at, (uint32_t)input_make((struct stream){ .socket = s }));
    out32(at + 4, (uint32_t)output_make((struct stream){ .socket = s }));
}

METHOD("[method]tcp-socket.finish-connect") void *tcp_socket_finish_connect(struct socket *self)
{
    int32_t levels;

    if (self->state != SOCKET_CONNECTING)
        return out_code(4, CODE_NOT_IN_PROGRESS);
    turn();
    levels = ist_ready(self->handle);
    if (self->failure == 0 && levels & (int32_t)IST_FAILED)
        self->failure = ist_failure(self->handle);
    if (self->failure) {
        self->state = SOCKET_CLOSED;
        return out_code(4, code_of(self->failure));
    }
    if (!(levels & (int32_t)IST_WRITABLE))
        return out_code(4, CODE_WOULD_BLOCK);
    self->state = SOCKET_CONNECTED;
    out8(0, 0);
    streams_make(self, 4);
    return out;
}

/* ---------------------------------------------------------------- listen, accept */

METHOD("[method]tcp-socket.start-listen") void *tcp_socket_start_listen(struct socket *self)
{
    if (self->state != SOCKET_BOUND)
        return out_code(1, socket_refusal(self));
    self->failure = ist_socket_listen(self->handle, self->backlog);
    self->state = SOCKET_LISTENING_SOON;
    return out_result(0);
}

METHOD("[method]tcp-socket.finish-listen") void *tcp_socket_finish_listen(struct socket *self)
{
    if (self->state != SOCKET_LISTENING_SOON)
        return out_code(1, CODE_NOT_IN_PROGRESS);
    self->state = self->failure ? SOCKET_CLOSED : SOCKET_LISTENING;
    return out_result(self->failure);
}

METHOD("[method]tcp-socket.accept") void *tcp_socket_accept(struct socket *self)
{
    struct socket *s;
    ist_handle handle;

    if (self->state != SOCKET_LISTENING)
        return out_code(4, CODE_INVALID_STATE);
    turn();
    handle = ist_socket_accept(self->handle, NULL);
    if (handle < 0)
        return out_code(4, code_of(handle));
    s = socket_adopt(handle, self->family, false);
    if (!s)
        return out_code(4, CODE_OUT_OF_MEMORY);
    s->state = SOCKET_CONNECTED;
    s->backlog = self->backlog;
    out8(0, 0);
    out32(4, (uint32_t)tcp_socket_new(s));
    streams_make(s, 8);
    return out;
}

METHOD("[method]tcp-socket.is-listening") int32_t tcp_socket_is_listening(struct socket *self)
{
    return self->state == SOCKET_LISTENING;
}

METHOD("[method]tcp-socket.set-listen-backlog-size")
void *tcp_socket_set_listen_backlog_size(struct socket *self, uint64_t value)
{
    if (value == 0)
        return out_code(1, CODE_INVALID_ARGUMENT);
    if (self->state >= SOCKET_CONNECTING)
        return out_code(1, CODE_INVALID_STATE);
    self->backlog = value < 65535 ? (uint32_t)value : 65535;
    return out_result(self->state == SOCKET_LISTENING ? ist_socket_listen(self->handle, self->backlog) : 0);
}

/* ---------------------------------------------------------------- addresses, the end */

METHOD("[method]tcp-socket.local-address") void *tcp_socket_local_address(struct socket *self)
{
    return socket_local(self);
}

METHOD("[method]tcp-socket.remote-address") void *tcp_socket_remote_address(struct socket *self)
{
    struct ist_address a;

    if (self->state != SOCKET_CONNECTED || ist_socket_peer(self->handle, &a) < 0)
        return out_code(4, CODE_INVALID_STATE);
    return out_address(&a);
}

METHOD("[method]tcp-socket.address-family") int32_t tcp_socket_address_family(struct socket *self)
{
    return self->family == IST_IPV6;
}

METHOD("[method]tcp-socket.subscribe") int32_t tcp_socket_subscribe(struct socket *self)
{
    return pollable_make((struct pollable){ .kind = POLLABLE_SOCKET, .socket = self });
}

METHOD("[method]tcp-socket.shutdown") void *tcp_socket_shutdown(struct socket *self, int32_t how)
{
    static const uint32_t ways[] = { IST_SHUT_READ, IST_SHUT_WRITE, IST_SHUT_READ | IST_SHUT_WRITE };
    uint32_t way = ways[how];
    int32_t r = 0;

    if (self->state != SOCKET_CONNECTED)
        return out_code(1, CODE_INVALID_STATE);
    if (way & IST_SHUT_WRITE && self->rest_len) {
        self->shut_after_rest = true;
        way &= ~IST_SHUT_WRITE;
    }
    if (way)
        r = ist_stream_shutdown(self->handle, way);
    turn();
    return out_result(r);
}
