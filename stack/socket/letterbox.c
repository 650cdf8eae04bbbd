/*
 * letterbox.c - what UDP and ICMP handles have in common
 */
#include <string.h>
#include <lwip/mem.h>
#include "core/core.h"
#include "socket/letterbox.h"

int32_t ist__letterbox_new(struct ist__letterbox **out, size_t size, const struct ist__class *class, uint32_t family,
                          enum ist__unreachable_of of, ist__unreachable_fn heard)
{
    struct ist__letterbox *d;

    if (!ist__started())
        return IST_ESTATE;
    if (family != IST_IPV4 && family != IST_IPV6)
        return IST_EAFNOSUPPORT;
    d = mem_malloc(size);
    if (!d)
        return IST_ENOMEM;
    if (ist__unreachable_open(of, heard)) {
        mem_free(d);
        return IST_ENOMEM;
    }
    memset(d, 0, size);
    d->object.class = class;
    d->family = (uint8_t)family;
    d->inbox.limit = IST__INBOX_DEFAULT;
    *out = d;
    return 0;
}

void ist__letterbox_free(struct ist__letterbox *d)
{
    ist__inbox_clear(&d->inbox);
    ist__unreachable_close();
    mem_free(d);
}

int32_t ist__letterbox_sent(struct ist__letterbox *d, int32_t result, const ip_addr_t *to, const struct netif *netif)
{
    d->blocked = result == IST_EAGAIN;
    d->unrouted = netif ? 0 : IP_IS_V6(to) ? IST_IPV6 : IST_IPV4;
    if (result >= 0)
        ist__queued();
    return result;
}

int32_t ist__letterbox_recv(struct ist__object *o, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info)
{
    struct ist__letterbox *d = (struct ist__letterbox *)o;
    int32_t r = ist__inbox_take(&d->inbox, buf, cap, flags, info);

    return r == IST_EAGAIN && d->error ? ist__letterbox_failure(o) : r;
}

uint32_t ist__letterbox_ready(struct ist__object *o)
{
    struct ist__letterbox *d = (struct ist__letterbox *)o;

    if (d->blocked && ist__writable() && !(d->unrouted && ist__configuring(d->unrouted == IST_IPV6)))
        d->blocked = false;
    return (d->inbox.first || d->error ? IST_READABLE : 0) | (!d->blocked || d->error ? IST_WRITABLE : 0) |
           (d->error ? IST_FAILED : 0);
}

int32_t ist__letterbox_failure(struct ist__object *o)
{
    struct ist__letterbox *d = (struct ist__letterbox *)o;
    int32_t error = d->error;

    d->error = 0;
    return error;
}

/* There is no connection to forget; only the loss of the link is news. */
void ist__letterbox_drop(struct ist__object *o, int32_t error)
{
    if (error == IST_ENOLINK)
        ((struct ist__letterbox *)o)->error = error;
}
