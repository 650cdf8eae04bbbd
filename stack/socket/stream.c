/*
 * stream.c - the public calls on byte streams: look the handle up, check, hand on
 */
#include "socket/class.h"

#define LEN_MAX ((uint32_t)INT32_MAX)

int32_t ist_stream_send(ist_handle stream, const void *buf, uint32_t len)
{
    struct ist__object *o = ist__handle_get(stream, NULL);

    if (!o || !o->class->send)
        return IST_EBADF;
    if (!buf || len == 0)
        return IST_EINVAL;
    return o->class->send(o, buf, len < LEN_MAX ? len : LEN_MAX);
}

int32_t ist_stream_recv(ist_handle stream, void *buf, uint32_t cap)
{
    struct ist__object *o = ist__handle_get(stream, NULL);

    if (!o || !o->class->recv)
        return IST_EBADF;
    if (!buf || cap == 0)
        return IST_EINVAL;
    return o->class->recv(o, buf, cap < LEN_MAX ? cap : LEN_MAX);
}

int32_t ist_stream_peek(ist_handle stream, void *buf, uint32_t cap, uint32_t offset)
{
    struct ist__object *o = ist__handle_get(stream, NULL);

    if (!o || !o->class->peek)
        return IST_EBADF;
    if (!buf || cap == 0)
        return IST_EINVAL;
    return o->class->peek(o, buf, cap < LEN_MAX ? cap : LEN_MAX, offset);
}

int32_t ist_stream_pending(ist_handle stream)
{
    struct ist__object *o = ist__handle_get(stream, NULL);

    return o && o->class->pending ? o->class->pending(o) : IST_EBADF;
}

int32_t ist_stream_shutdown(ist_handle stream, uint32_t how)
{
    struct ist__object *o = ist__handle_get(stream, NULL);

    if (!o || !o->class->shutdown)
        return IST_EBADF;
    if (how == 0 || (how & ~(IST_SHUT_READ | IST_SHUT_WRITE)) != 0)
        return IST_EINVAL;
    return o->class->shutdown(o, how);
}
