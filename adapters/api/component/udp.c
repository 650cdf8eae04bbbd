/*
 * udp.c - wasi:sockets/udp and udp-create-socket: the socket
 */
#include "option.h"
#include "udp.h"

RESOURCE(UDP, "udp-socket", socket, udp_socket_new)

EXPORT("wasi:sockets/udp-create-socket@0.2", "create-udp-socket") void *create_udp_socket(int32_t family)
{
    int32_t error;
    struct socket *s = socket_open(family ? IST_IPV6 : IST_IPV4, true, &error);

    if (!s)
        return out_code(4, code_of(error));
    out8(0, 0);
    out32(4, (uint32_t)udp_socket_new(s));
    return out;
}

METHOD("udp-socket_dtor") void udp_socket_dtor(struct socket *self)
{
    socket_release(self);
}

METHOD("[method]udp-socket.start-bind")
void *udp_socket_start_bind(struct socket *self, void *network, ADDRESS_PARAMETERS)
{
    struct ist_address a = ADDRESS_ARGUMENTS;

    (void)network;
    return socket_bind(self, &a);
}

METHOD("[method]udp-socket.finish-bind") void *udp_socket_finish_bind(struct socket *self)
{
    if (self->state != SOCKET_BINDING)
        return out_code(1, CODE_NOT_IN_PROGRESS);
    self->state = SOCKET_BOUND;
    return out_result(0);
}

METHOD("[method]udp-socket.stream") void *udp_socket_stream(struct socket *self, int32_t has_peer, ADDRESS_PARAMETERS)
{
    struct ist_address a = ADDRESS_ARGUMENTS;
    int32_t r;

    if (self->state != SOCKET_BOUND && self->state != SOCKET_CONNECTED)
        return out_code(4, CODE_INVALID_STATE);
    if (has_peer && !address_is_peer(&a, self->family, true))
        return out_code(4, CODE_INVALID_ARGUMENT);
    r = socket_peer_set(self, has_peer ? &a : &(struct ist_address){ 0 });
    if (r < 0)
        return out_code(4, code_of(r));
    self->generation++;
    self->failure = 0;
    out8(0, 0);
    out32(4, (uint32_t)incoming_make(self));
    out32(8, (uint32_t)outgoing_make(self));
    return out;
}

METHOD("[method]udp-socket.local-address") void *udp_socket_local_address(struct socket *self)
{
    return socket_local(self);
}

METHOD("[method]udp-socket.remote-address") void *udp_socket_remote_address(struct socket *self)
{
    return self->peer.family ? out_address(&self->peer) : out_code(4, CODE_INVALID_STATE);
}

METHOD("[method]udp-socket.address-family") int32_t udp_socket_address_family(struct socket *self)
{
    return self->family == IST_IPV6;
}

METHOD("[method]udp-socket.subscribe") int32_t udp_socket_subscribe(struct socket *self)
{
    (void)self;
    return pollable_make((struct pollable){ .kind = POLLABLE_READY });    /* nothing that it starts takes time */
}

METHOD("[method]udp-socket.unicast-hop-limit") void *udp_socket_unicast_hop_limit(struct socket *self)
{
    return option_get(self, IST_OPTION_TTL, 1, 1, 1);
}

METHOD("[method]udp-socket.set-unicast-hop-limit")
void *udp_socket_set_unicast_hop_limit(struct socket *self, uint32_t value)
{
    return option_set(self, IST_OPTION_TTL, value, 1, 255);
}

METHOD("[method]udp-socket.receive-buffer-size") void *udp_socket_receive_buffer_size(struct socket *self)
{
    return option_get(self, IST_OPTION_RECEIVE_BUFFER, 1, 8, 8);
}

METHOD("[method]udp-socket.set-receive-buffer-size")
void *udp_socket_set_receive_buffer_size(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_RECEIVE_BUFFER, value, 1, INT32_MAX);
}

METHOD("[method]udp-socket.send-buffer-size") void *udp_socket_send_buffer_size(struct socket *self)
{
    return option_get(self, IST_OPTION_SEND_BUFFER, 1, 8, 8);
}

METHOD("[method]udp-socket.set-send-buffer-size")
void *udp_socket_set_send_buffer_size(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_SEND_BUFFER, value, 1, INT32_MAX);
}
