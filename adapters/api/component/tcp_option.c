/*
 * tcp_option.c - wasi:sockets/tcp: keep-alive, hop limit, buffers
 */
#include "option.h"
#include "tcp.h"

#define SECOND UINT64_C(1000000000)

METHOD("[method]tcp-socket.keep-alive-enabled") void *tcp_socket_keep_alive_enabled(struct socket *self)
{
    return option_get(self, IST_OPTION_KEEPALIVE, 1, 1, 1);
}

METHOD("[method]tcp-socket.set-keep-alive-enabled")
void *tcp_socket_set_keep_alive_enabled(struct socket *self, int32_t value)
{
    return out_result(ist_option_set(self->handle, IST_OPTION_KEEPALIVE, value != 0));
}

METHOD("[method]tcp-socket.keep-alive-idle-time") void *tcp_socket_keep_alive_idle_time(struct socket *self)
{
    return option_get(self, IST_OPTION_KEEPALIVE_IDLE_S, SECOND, 8, 8);
}

METHOD("[method]tcp-socket.set-keep-alive-idle-time")
void *tcp_socket_set_keep_alive_idle_time(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_KEEPALIVE_IDLE_S, value, SECOND, 32767);
}

METHOD("[method]tcp-socket.keep-alive-interval") void *tcp_socket_keep_alive_interval(struct socket *self)
{
    return option_get(self, IST_OPTION_KEEPALIVE_INTERVAL_S, SECOND, 8, 8);
}

METHOD("[method]tcp-socket.set-keep-alive-interval")
void *tcp_socket_set_keep_alive_interval(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_KEEPALIVE_INTERVAL_S, value, SECOND, 32767);
}

METHOD("[method]tcp-socket.keep-alive-count") void *tcp_socket_keep_alive_count(struct socket *self)
{
    return option_get(self, IST_OPTION_KEEPALIVE_COUNT, 1, 4, 4);
}

METHOD("[method]tcp-socket.set-keep-alive-count")
void *tcp_socket_set_keep_alive_count(struct socket *self, uint32_t value)
{
    return option_set(self, IST_OPTION_KEEPALIVE_COUNT, value, 1, 127);
}

METHOD("[method]tcp-socket.hop-limit") void *tcp_socket_hop_limit(struct socket *self)
{
    return option_get(self, IST_OPTION_TTL, 1, 1, 1);
}

METHOD("[method]tcp-socket.set-hop-limit") void *tcp_socket_set_hop_limit(struct socket *self, uint32_t value)
{
    return option_set(self, IST_OPTION_TTL, value, 1, 255);
}

METHOD("[method]tcp-socket.receive-buffer-size") void *tcp_socket_receive_buffer_size(struct socket *self)
{
    return option_get(self, IST_OPTION_RECEIVE_BUFFER, 1, 8, 8);
}

METHOD("[method]tcp-socket.set-receive-buffer-size")
void *tcp_socket_set_receive_buffer_size(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_RECEIVE_BUFFER, value, 1, INT32_MAX);
}

METHOD("[method]tcp-socket.send-buffer-size") void *tcp_socket_send_buffer_size(struct socket *self)
{
    return option_get(self, IST_OPTION_SEND_BUFFER, 1, 8, 8);
}

METHOD("[method]tcp-socket.set-send-buffer-size")
void *tcp_socket_set_send_buffer_size(struct socket *self, uint64_t value)
{
    return option_set(self, IST_OPTION_SEND_BUFFER, value, 1, INT32_MAX);
}
