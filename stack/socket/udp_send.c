/*
 * udp_send.c - a datagram's way out: where to, from which address, by which interface
 */
#include <string.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/multicast.h"
#include "socket/udp.h"

/* tot_len of a packet is 16 bits in lwIP, headers included. */
#define LEN_MOST_V4 (65535u - 20u - 8u)
#define LEN_MOST_V6 (65535u - 40u - 8u)

int32_t ist__udp_remote(const struct udp *u, const struct ist_address *to, ip_addr_t *ip)
{
    int32_t r = ist__address_in(to, u->d.family, u->d.options.v6only, ip);

    if (r)
        return r;
    if (to->port == 0)
        return IST_EINVAL;
    if (ip_addr_isany(ip))
        ip_addr_set_loopback(IP_IS_V6(ip), ip);
    if (!IP_IS_ANY_TYPE_VAL(u->pcb->local_ip) && IP_IS_V6(&u->pcb->local_ip) != IP_IS_V6(ip))
        return IST_ENETUNREACH;
    return 0;
}

int32_t ist__udp_broadcast_check(const struct udp *u, const ip_addr_t *to, const struct netif *netif)
{
    return IP_IS_V4(to) && ip4_addr_isbroadcast(ip_2_ip4(to), netif) && !u->d.options.broadcast ? IST_EACCES : 0;
}

struct netif *ist__udp_way(const struct udp *u, ip_addr_t *to, const ip_addr_t **source)
{
    if (ip_addr_ismulticast(to))
        return ist__multicast_route(&u->pcb->local_ip, to, udp_get_multicast_netif_index(u->pcb), source);
    return ist__route(&u->pcb->local_ip, to, source);
}

/* A datagram on its way: what of it is not the socket's. */
struct route {
    ip_addr_t to;
    uint16_t port;
    struct netif *netif;          /* NULL: there is no way */
    const ip_addr_t *source;
    ip_addr_t from;               /* asked for; type ANY: not */
};

/* As ist__udp_way(), from the address and by the interface that @with asks for. */
static int32_t way_with(const struct udp *u, struct route *r, const struct ist_sending *with)
{
    int32_t e;

    r->from = *IP_ANY_TYPE;
    if (with->from.family) {
        e = ist__address_in(&with->from, u->d.family, u->d.options.v6only, &r->from);
        if (!e)
            e = ist__address_is_local(&r->from, false);
        if (!e && IP_IS_V6(&r->from) != IP_IS_V6(&r->to) && !ip_addr_isany(&r->from))
            e = IST_EAFNOSUPPORT;
        if (e)
            return e;
        if (ip_addr_isany(&r->from))
            r->from = *IP_ANY_TYPE;
    }
    if (!with->interface) {
        r->netif = IP_IS_ANY_TYPE_VAL(r->from) ? ist__udp_way(u, &r->to, &r->source) : ist__route(&r->from, &r->to, &r->source);
        return 0;
    }
    r->netif = with->interface > 255 ? NULL : netif_get_by_index((u8_t)with->interface);
    if (r->netif && !netif_is_up(r->netif))
        r->netif = NULL;
    if (r->netif && IP_IS_V6(&r->to))
        ip6_addr_assign_zone(ip_2_ip6(&r->to), IP6_UNKNOWN, r->netif);
    r->source = !IP_IS_ANY_TYPE_VAL(r->from) ? &r->from : !ip_addr_isany(&u->pcb->local_ip) && !ip_addr_ismulticast(&u->pcb->local_ip) ?
        &u->pcb->local_ip : r->netif ? ip_netif_get_local_ip(r->netif, &r->to) : NULL;
    return r->netif && r->source ? 0 : IST_ENETUNREACH;
}

/* lwIP takes TTL and TOS from the pcb. */
static err_t transmit_with(struct udp *u, struct pbuf *p, const struct route *r, const struct ist_sending *with)
{
    struct udp_pcb *pcb = u->pcb;
    uint8_t ttl = pcb->ttl, tos = pcb->tos, mcast_ttl = udp_get_multicast_ttl(pcb);
    err_t err;

    if (with->ttl) {
        pcb->ttl = with->ttl;
        udp_set_multicast_ttl(pcb, with->ttl);
    }
    if (with->has_tos)
        pcb->tos = with->tos;
    if (with->interface || !IP_IS_ANY_TYPE_VAL(r->from))
        err = udp_sendto_if_src(pcb, p, &r->to, r->port, r->netif, r->source);
    else if (ip_addr_ismulticast(&r->to))
        err = udp_sendto_if(pcb, p, &r->to, r->port, r->netif);
    else
        err = udp_sendto(pcb, p, &r->to, r->port);
    pcb->ttl = ttl;
    pcb->tos = tos;
    udp_set_multicast_ttl(pcb, mcast_ttl);
    return err;
}

static int32_t transmit(struct udp *u, const void *buf, uint32_t len, const struct route *r, const struct ist_sending *with)
{
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
    err_t err;

    if (!p)
        return IST_ENOMEM;
    if (len)
        memcpy(p->payload, buf, len);
    if (u->loop && r->netif->state)      /* the loopback gives it back anyway */
        udp_set_flags(u->pcb, UDP_FLAGS_MULTICAST_LOOP);
    else
        udp_clear_flags(u->pcb, UDP_FLAGS_MULTICAST_LOOP);
    err = transmit_with(u, p, r, with);
    pbuf_free(p);
    return err == ERR_OK ? (int32_t)len : ist__error_lwip(err);
}

int32_t ist__udp_send_with(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to, const struct ist_sending *with)
{
    static const struct ist_sending plain;
    struct udp *u = ist__udp_of(o);
    struct route way = { .to = u->pcb->remote_ip, .port = to ? to->port : u->pcb->remote_port };
    int32_t r;

    if (u->d.error)
        return ist__letterbox_failure(o);
    if (!with)
        with = &plain;
    r = to ? ist__udp_remote(u, to, &way.to) : ist__udp_is_connected(u) ? 0 : IST_ENOTCONN;
    if (!r && len > (IP_IS_V6(&way.to) ? LEN_MOST_V6 : LEN_MOST_V4))
        r = IST_EMSGSIZE;
    if (!r)
        r = way_with(u, &way, with);
    if (r)
        return r;
    r = way.netif ? ist__udp_broadcast_check(u, &way.to, way.netif) : ist__no_route(&way.to);
    if (!r)
        r = ist__udp_ensure_bound(u);
    if (!r)
        r = transmit(u, buf, len, &way, with);
    return ist__letterbox_sent(&u->d, r, &way.to, way.netif);
}

int32_t ist__udp_send(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to)
{
    return ist__udp_send_with(o, buf, len, to, NULL);
}
