/*
 * udp.h - what the files of UDP share (private)
 */
#ifndef IST_UDP_H
#define IST_UDP_H

#include <lwip/udp.h>
#include "socket/letterbox.h"

struct udp {
    struct ist__letterbox d;
    struct udp_pcb *pcb;
    struct ist__group *groups;
    int32_t send_buffer;     /* remembered; a datagram goes straight to the link */
    bool loop;               /* multicast of ours is heard here too */
};

static inline struct udp *ist__udp_of(struct ist__object *o)
{
    return (struct udp *)o;
}

static inline bool ist__udp_is_connected(const struct udp *u)
{
    return u->pcb->flags & UDP_FLAGS_CONNECTED;
}

/* Gives it a port if it has none. */
int32_t ist__udp_ensure_bound(struct udp *u);
/* Where to send to. :: and 0.0.0.0 mean this instance, as on Linux. */
int32_t ist__udp_remote(const struct udp *u, const struct ist_address *to, ip_addr_t *ip);
int32_t ist__udp_broadcast_check(const struct udp *u, const ip_addr_t *to, const struct netif *netif);
/* As ist__route(). A group's address may be given a zone. */
struct netif *ist__udp_way(const struct udp *u, ip_addr_t *to, const ip_addr_t **source);

/* Of the class: */
int32_t ist__udp_send(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to);
int32_t ist__udp_send_with(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to,
                           const struct ist_sending *with);

#endif
