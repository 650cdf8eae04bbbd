/*
 * socket.c - the public calls on TCP, UDP and ICMP handles: look the handle up, check, hand on
 */
#include "socket/class.h"

int32_t ist_socket_bind(ist_handle socket, const struct ist_address *local)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o || !o->class->bind)
        return IST_EBADF;
    return local ? o->class->bind(o, local) : IST_EINVAL;
}

int32_t ist_socket_connect(ist_handle socket, const struct ist_address *peer)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o || !o->class->connect)
        return IST_EBADF;
    return peer ? o->class->connect(o, peer) : IST_EINVAL;
}

int32_t ist_socket_listen(ist_handle tcp, uint32_t backlog)
{
    struct ist__object *o = ist__handle_get(tcp, NULL);

    return o && o->class->listen ? o->class->listen(o, backlog) : IST_EBADF;
}

ist_handle ist_socket_accept(ist_handle tcp, struct ist_address *peer)
{
    struct ist__object *o = ist__handle_get(tcp, NULL);

    return o && o->class->accept ? o->class->accept(o, peer) : IST_EBADF;
}

int32_t ist_socket_local(ist_handle socket, struct ist_address *out)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o || !o->class->local)
        return IST_EBADF;
    return out ? o->class->local(o, out) : IST_EINVAL;
}

int32_t ist_socket_peer(ist_handle socket, struct ist_address *out)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o || !o->class->peer)
        return IST_EBADF;
    return out ? o->class->peer(o, out) : IST_EINVAL;
}

int32_t ist_datagram_send(ist_handle socket, const void *buf, uint32_t len, const struct ist_address *to)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o || !o->class->datagram_send)
        return IST_EBADF;
    if (!buf && len)
        return IST_EINVAL;
    return o->class->datagram_send(o, buf, len, to);
}

int32_t ist_datagram_send_with(ist_handle udp, const void *buf, uint32_t len, const struct ist_address *to, const struct ist_sending *with)
{
    struct ist__object *o = ist__handle_get(udp, NULL);

    if (!o || !o->class->datagram_send_with)
        return IST_EBADF;
    if (!buf && len)
        return IST_EINVAL;
    return o->class->datagram_send_with(o, buf, len, to, with);
}

int32_t ist_datagram_recv(ist_handle socket, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info)
{
    struct ist__object *o = ist__handle_get(socket, NULL);
    struct ist_datagram none;

    if (!o || !o->class->datagram_recv)
        return IST_EBADF;
    if ((!buf && cap) || (flags & ~IST_PEEK) != 0)
        return IST_EINVAL;
    return o->class->datagram_recv(o, buf, cap, flags, info ? info : &none);
}

static int32_t multicast(ist_handle udp, const struct ist_address *group, uint32_t interface, bool join)
{
    struct ist__object *o = ist__handle_get(udp, NULL);

    if (!o || !o->class->multicast)
        return IST_EBADF;
    return group ? o->class->multicast(o, group, interface, join) : IST_EINVAL;
}

int32_t ist_multicast_join(ist_handle udp, const struct ist_address *group, uint32_t interface)
{
    return multicast(udp, group, interface, true);
}

int32_t ist_multicast_leave(ist_handle udp, const struct ist_address *group, uint32_t interface)
{
    return multicast(udp, group, interface, false);
}

int32_t ist_option_set(ist_handle socket, uint32_t option, int32_t value)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o)
        return IST_EBADF;
    return o->class->option_set ? o->class->option_set(o, option, value) : IST_ENOTSUP;
}

int32_t ist_option_get(ist_handle socket, uint32_t option, int32_t *value)
{
    struct ist__object *o = ist__handle_get(socket, NULL);

    if (!o)
        return IST_EBADF;
    if (!value)
        return IST_EINVAL;
    return o->class->option_get ? o->class->option_get(o, option, value) : IST_ENOTSUP;
}
