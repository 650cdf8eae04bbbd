/*
 * udp.c - UDP handles: opened, bound, connected, heard; their options
 */
#include <string.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/multicast.h"
#include "socket/port.h"
#include "socket/udp.h"

#define MULTICAST_TTL 1    /* as Linux; RFC 1112 6.1 */

static const struct ist__class udp_class;

static void arrived(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    struct udp *u = arg;
    struct ist_datagram info;

    (void)from;
    ist__inbox_describe(&info, u->d.family, port, pcb->local_port);
    ist__inbox_put(&u->d.inbox, p, &info);
}

/* Only a connected socket learns of it: it knows whom it is about. */
static void unreachable(const struct ist__quote *q, int32_t error)
{
    for (struct udp_pcb *pcb = udp_on_port(q->local_port, NULL); pcb; pcb = udp_on_port(q->local_port, pcb)) {
        if (pcb->recv == arrived && (pcb->flags & UDP_FLAGS_CONNECTED) &&
            pcb->remote_port == q->remote_port && ip_addr_eq(&pcb->remote_ip, &q->remote))
            ((struct udp *)pcb->recv_arg)->d.error = error;
    }
}

static void close_(struct ist__object *o)
{
    struct udp *u = ist__udp_of(o);

    ist__groups_leave(&u->groups);
    if (u->pcb)
        udp_remove(u->pcb);
    ist__letterbox_free(&u->d);
}

ist_handle ist_udp_open(uint32_t family)
{
    struct ist__letterbox *d;
    struct udp *u;
    ist_handle h = ist__letterbox_new(&d, sizeof *u, &udp_class, family, IST__OF_UDP, unreachable);

    if (h < 0)
        return h;
    u = (struct udp *)d;
    u->send_buffer = IST__INBOX_DEFAULT;
    u->d.options.ttl = UDP_TTL;
    u->pcb = udp_new_ip_type(IP_GET_TYPE(ist__address_any(family, false)));
    h = u->pcb ? ist__handle_new(&u->d.object) : IST_ENOMEM;
    if (h < 0) {
        close_(&u->d.object);
        return h;
    }
    udp_recv(u->pcb, arrived, u);
    u->loop = true;
    udp_set_multicast_ttl(u->pcb, MULTICAST_TTL);
    return h;
}

static int32_t bind_to(struct udp *u, const ip_addr_t *ip, uint16_t port)
{
    if (!port)
        port = ist__port_udp(ip);
    if (!port)
        return IST_EADDRNOTAVAIL;
    return udp_bind(u->pcb, ip, port) == ERR_OK ? 0 : IST_EADDRINUSE;
}

int32_t ist__udp_ensure_bound(struct udp *u)
{
    return u->pcb->local_port ? 0 : bind_to(u, ist__address_any(u->d.family, u->d.options.v6only), 0);
}

static int32_t bind_(struct ist__object *o, const struct ist_address *local)
{
    struct udp *u = ist__udp_of(o);
    ip_addr_t ip;
    int32_t r;

    if (u->pcb->local_port)
        return IST_EINVAL;
    r = ist__address_in(local, u->d.family, u->d.options.v6only, &ip);
    if (!r)
        r = ist__address_is_local(&ip, true);
    if (r)
        return r;
    if (ip_addr_isany(&ip) && IP_IS_V6(&ip))
        ip = *ist__address_any(u->d.family, u->d.options.v6only);
    return bind_to(u, &ip, local->port);
}

static int32_t connect_(struct ist__object *o, const struct ist_address *peer)
{
    struct udp *u = ist__udp_of(o);
    const ip_addr_t *source;
    struct netif *netif;
    ip_addr_t ip;
    int32_t r;

    if (peer->family == 0) {
        udp_disconnect(u->pcb);
        return 0;
    }
    r = ist__udp_remote(u, peer, &ip);
    if (r)
        return r;
    netif = ist__udp_way(u, &ip, &source);
    if (!netif && ist__no_route(&ip) != IST_EAGAIN)
        return IST_ENETUNREACH;
    r = netif ? ist__udp_broadcast_check(u, &ip, netif) : 0;
    if (!r)
        r = ist__udp_ensure_bound(u);
    if (!r && udp_connect(u->pcb, &ip, peer->port) != ERR_OK)
        r = IST_EADDRNOTAVAIL;
    u->d.error = 0;
    return r;
}

static int32_t local(struct ist__object *o, struct ist_address *out)
{
    struct udp *u = ist__udp_of(o);
    const ip_addr_t *ip = &u->pcb->local_ip;
    ip_addr_t peer = u->pcb->remote_ip;

    /* A connected socket tells the address it would send from. */
    if (ist__udp_is_connected(u) && !ist__udp_way(u, &peer, &ip))
        ip = &u->pcb->local_ip;
    ist__address_out(ip, u->pcb->local_port, u->d.family, out);
    return 0;
}

static int32_t peer_(struct ist__object *o, struct ist_address *out)
{
    struct udp *u = ist__udp_of(o);

    if (!ist__udp_is_connected(u))
        return IST_ENOTCONN;
    ist__address_out(&u->pcb->remote_ip, u->pcb->remote_port, u->d.family, out);
    return 0;
}

static int32_t multicast(struct ist__object *o, const struct ist_address *group, uint32_t interface, bool join)
{
    struct udp *u = ist__udp_of(o);
    ip_addr_t ip;
    int32_t r = ist__address_in(group, u->d.family, u->d.options.v6only, &ip);

    if (!r)
        r = join ? ist__group_join(&u->groups, &ip, interface) : ist__group_leave(&u->groups, &ip, interface);
    if (!r)
        ist__queued();
    return r;
}

void ist__multicast_rejoin(struct netif *netif)
{
    for (struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next)
        if (pcb->recv == arrived)
            ist__groups_rejoin(((struct udp *)pcb->recv_arg)->groups, netif);
}

/* 1 when @option is none of multicast. */
static int32_t multicast_set(struct udp *u, uint32_t option, int32_t value)
{
    switch (option) {
    case IST_OPTION_MULTICAST_TTL:
        if (value != -1 && (value < 1 || value > 255))
            return IST_EINVAL;
        udp_set_multicast_ttl(u->pcb, (u8_t)(value == -1 ? MULTICAST_TTL : value));
        return 0;
    case IST_OPTION_MULTICAST_LOOP:
        u->loop = value != 0;
        return 0;
    case IST_OPTION_MULTICAST_INTERFACE:
        if (value != 0 && (value < 0 || value > 255 || !netif_get_by_index((u8_t)value)))
            return IST_EADDRNOTAVAIL;
        udp_set_multicast_netif_index(u->pcb, (u8_t)value);
        return 0;
    default:
        return 1;
    }
}

static int32_t option_set(struct ist__object *o, uint32_t option, int32_t value)
{
    struct udp *u = ist__udp_of(o);
    int32_t r = multicast_set(u, option, value);

    if (r <= 0)
        return r;
    switch (option) {
    case IST_OPTION_RECEIVE_BUFFER: ist__inbox_limit(&u->d.inbox, value); return 0;
    case IST_OPTION_SEND_BUFFER:    u->send_buffer = value < 0 ? 0 : value; return 0;
    case IST_OPTION_V6ONLY:
        if (u->d.family != IST_IPV6)
            return IST_ENOTSUP;
        if (u->pcb->local_port)
            return IST_EINVAL;
        break;
    default:
        break;
    }
    r = ist__options_set(&u->d.options, option, value, UDP_TTL);
    if (!r)
        ist__options_apply(&u->d.options, (struct ip_pcb *)u->pcb);
    return r;
}

static int32_t option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    struct udp *u = ist__udp_of(o);

    switch (option) {
    case IST_OPTION_RECEIVE_BUFFER: *value = (int32_t)u->d.inbox.limit; return 0;
    case IST_OPTION_SEND_BUFFER:    *value = u->send_buffer; return 0;
    case IST_OPTION_MULTICAST_TTL:  *value = udp_get_multicast_ttl(u->pcb); return 0;
    case IST_OPTION_MULTICAST_LOOP: *value = u->loop; return 0;
    case IST_OPTION_MULTICAST_INTERFACE: *value = udp_get_multicast_netif_index(u->pcb); return 0;
    case IST_OPTION_V6ONLY:
        if (u->d.family != IST_IPV6)
            return IST_ENOTSUP;
        break;
    default:
        break;
    }
    return ist__options_get(&u->d.options, option, value);
}

static const struct ist__class udp_class = {
    .ready = ist__letterbox_ready,
    .failure = ist__letterbox_failure,
    .close = close_,
    .drop = ist__letterbox_drop,
    .bind = bind_,
    .connect = connect_,
    .local = local,
    .peer = peer_,
    .option_set = option_set,
    .option_get = option_get,
    .datagram_send = ist__udp_send,
    .datagram_send_with = ist__udp_send_with,
    .datagram_recv = ist__letterbox_recv,
    .multicast = multicast
};
