/*
 * letterbox.h - what UDP and ICMP handles have in common: an inbox, and why nothing can be sent now (private)
 */
#ifndef IST_LETTERBOX_H
#define IST_LETTERBOX_H

#include <lwip/netif.h>
#include "socket/class.h"
#include "socket/inbox.h"
#include "socket/option.h"
#include "socket/unreachable.h"

/* Stands first in what a handle is made of. */
struct ist__letterbox {
    struct ist__object object;
    struct ist__inbox inbox;
    struct ist__options options;
    int32_t error;           /* what ICMP said, or the loss of the link */
    uint8_t family;
    bool blocked;            /* send said IST_EAGAIN; WRITABLE waits for the link, or for an address */
    uint8_t unrouted;        /* 0, or the family whose address that waits for */
};

/* A handle's object of @size bytes, zeroed behind this part; IST_ESTATE, IST_EAFNOSUPPORT, IST_ENOMEM. @heard: of ICMP errors. */
int32_t ist__letterbox_new(struct ist__letterbox **out, size_t size, const struct ist__class *class, uint32_t family,
                          enum ist__unreachable_of of, ist__unreachable_fn heard);
void ist__letterbox_free(struct ist__letterbox *d);
/* Sending to @to by @netif, NULL when there is no way, gave @result. Returns @result. */
int32_t ist__letterbox_sent(struct ist__letterbox *d, int32_t result, const ip_addr_t *to, const struct netif *netif);

/* Of the class: */
int32_t ist__letterbox_recv(struct ist__object *o, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info);
uint32_t ist__letterbox_ready(struct ist__object *o);
int32_t ist__letterbox_failure(struct ist__object *o);
void ist__letterbox_drop(struct ist__object *o, int32_t error);

#endif
