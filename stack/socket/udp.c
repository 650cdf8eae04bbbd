/*
 * udp.c - UDP handles
 */
#include <string.h>
#include <lwip/mem.h>
#include <lwip/udp.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/class.h"
#include "socket/inbox.h"
#include "socket/multicast.h"
#include "socket/option.h"
#include "socket/port.h"
#include "socket/unreachable.h"

/* tot_len of a packet is 16 bits in lwIP, headers included. */
#define LEN_MOST_V4 (65535u - 20u - 8u)
#define LEN_MOST_V6 (65535u - 40u - 8u)

#define MULTICAST_TTL 1    /* as Linux; RFC 1112 6.1 */

struct udp {
    struct ist__object object;
    struct udp_pcb *pcb;
    struct ist__inbox inbox;
    struct ist__options options;
    struct ist__group *groups;
    int32_t send_buffer;     /* remembered; a datagram goes straight to the link */
    int32_t error;           /* what ICMP said, or the loss of the link */
    uint8_t family;
    bool loop;               /* multicast of ours is heard here too */
    bool blocked;            /* send said IST_EAGAIN; WRITABLE waits for the link, or for an address */
    uint8_t unrouted;        /* 0, or the family whose address that waits for */
};

static const struct ist__class udp_class;

static struct udp *udp_of(struct ist__object *o)
{
    return (struct udp *)o;
}

static bool is_connected(const struct udp *u)
{
    return u->pcb->flags & UDP_FLAGS_CONNECTED;
}

static void arrived(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    struct udp *u = arg;
    struct ist_datagram info;

    (void)from;
    ist__inbox_describe(&info, u->family, port, pcb->local_port);
    ist__inbox_put(&u->inbox, p, &info);
}

/* Only a connected socket learns of it: it knows whom it is about. */
static void unreachable(const struct ist__quote *q, int32_t error)
{
    for (struct udp_pcb *pcb = udp_on_port(q->local_port, NULL); pcb; pcb = udp_on_port(q->local_port, pcb)) {
        if (pcb->recv == arrived && (pcb->flags & UDP_FLAGS_CONNECTED) &&
            pcb->remote_port == q->remote_port && ip_addr_eq(&pcb->remote_ip, &q->remote))
            ((struct udp *)pcb->recv_arg)->error = error;
    }
}

static void close_(struct ist__object *o)
{
    struct udp *u = udp_of(o);

    ist__groups_leave(&u->groups);
    if (u->pcb)
        udp_remove(u->pcb);
    ist__inbox_clear(&u->inbox);
    ist__unreachable_close();
    mem_free(u);
}

ist_handle ist_udp_open(uint32_t family)
{
    struct udp *u;
    ist_handle h;

    if (!ist__started())
        return IST_ESTATE;
    if (family != IST_IPV4 && family != IST_IPV6)
        return IST_EAFNOSUPPORT;
    u = mem_malloc(sizeof *u);
    if (!u)
        return IST_ENOMEM;
    if (ist__unreachable_open(IST__OF_UDP, unreachable)) {
        mem_free(u);
        return IST_ENOMEM;
    }
    memset(u, 0, sizeof *u);
    u->object.class = &udp_class;
    u->family = (uint8_t)family;
    u->inbox.limit = IST__INBOX_DEFAULT;
    u->send_buffer = IST__INBOX_DEFAULT;
    u->options.ttl = UDP_TTL;
    u->pcb = udp_new_ip_type(IP_GET_TYPE(ist__address_any(family, false)));
    h = u->pcb ? ist__handle_new(&u->object) : IST_ENOMEM;
    if (h < 0) {
        close_(&u->object);
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

static int32_t ensure_bound(struct udp *u)
{
    return u->pcb->local_port ? 0 : bind_to(u, ist__address_any(u->family, u->options.v6only), 0);
}

static int32_t bind_(struct ist__object *o, const struct ist_address *local)
{
    struct udp *u = udp_of(o);
    ip_addr_t ip;
    int32_t r;

    if (u->pcb->local_port)
        return IST_EINVAL;
    r = ist__address_in(local, u->family, u->options.v6only, &ip);
    if (!r)
        r = ist__address_is_local(&ip, true);
    if (r)
        return r;
    if (ip_addr_isany(&ip) && IP_IS_V6(&ip))
        ip = *ist__address_any(u->family, u->options.v6only);
    return bind_to(u, &ip, local->port);
}

/* Where to send to. :: and 0.0.0.0 mean this instance, as on Linux. */
static int32_t remote_of(const struct udp *u, const struct ist_address *to, ip_addr_t *ip)
{
    int32_t r = ist__address_in(to, u->family, u->options.v6only, ip);

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

static int32_t broadcast_check(const struct udp *u, const ip_addr_t *to, const struct netif *netif)
{
    return IP_IS_V4(to) && ip4_addr_isbroadcast(ip_2_ip4(to), netif) && !u->options.broadcast ? IST_EACCES : 0;
}

/* As ist__route(). A group's address may be given a zone. */
static struct netif *way(const struct udp *u, ip_addr_t *to, const ip_addr_t **source)
{
    if (ip_addr_ismulticast(to))
        return ist__multicast_route(&u->pcb->local_ip, to, udp_get_multicast_netif_index(u->pcb), source);
    return ist__route(&u->pcb->local_ip, to, source);
}

static int32_t connect_(struct ist__object *o, const struct ist_address *peer)
{
    struct udp *u = udp_of(o);
    const ip_addr_t *source;
    struct netif *netif;
    ip_addr_t ip;
    int32_t r;

    if (peer->family == 0) {
        udp_disconnect(u->pcb);
        return 0;
    }
    r = remote_of(u, peer, &ip);
    if (r)
        return r;
    netif = way(u, &ip, &source);
    if (!netif && ist__no_route(&ip) != IST_EAGAIN)
        return IST_ENETUNREACH;
    r = netif ? broadcast_check(u, &ip, netif) : 0;
    if (!r)
        r = ensure_bound(u);
    if (!r && udp_connect(u->pcb, &ip, peer->port) != ERR_OK)
        r = IST_EADDRNOTAVAIL;
    u->error = 0;
    return r;
}

/* A datagram on its way: what of it is not the socket's. */
struct route {
    ip_addr_t to;
    uint16_t port;
    struct netif *netif;          /* NULL: there is no way */
    const ip_addr_t *source;
    ip_addr_t from;               /* asked for; type ANY: not */
};

/* As way(), from the address and by the interface that @with asks for. */
static int32_t way_with(const struct udp *u, struct route *r, const struct ist_sending *with)
{
    int32_t e;

    r->from = *IP_ANY_TYPE;
    if (with->from.family) {
        e = ist__address_in(&with->from, u->family, u->options.v6only, &r->from);
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
        r->netif = IP_IS_ANY_TYPE_VAL(r->from) ? way(u, &r->to, &r->source) : ist__route(&r->from, &r->to, &r->source);
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

static int32_t send_with(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to, const struct ist_sending *with)
{
    static const struct ist_sending plain;
    struct udp *u = udp_of(o);
    struct route way = { .to = u->pcb->remote_ip, .port = to ? to->port : u->pcb->remote_port };
    int32_t r;

    if (u->error) {
        r = u->error;
        u->error = 0;
        return r;
    }
    if (!with)
        with = &plain;
    r = to ? remote_of(u, to, &way.to) : is_connected(u) ? 0 : IST_ENOTCONN;
    if (!r && len > (IP_IS_V6(&way.to) ? LEN_MOST_V6 : LEN_MOST_V4))
        r = IST_EMSGSIZE;
    if (!r)
        r = way_with(u, &way, with);
    if (r)
        return r;
    r = way.netif ? broadcast_check(u, &way.to, way.netif) : ist__no_route(&way.to);
    if (!r)
        r = ensure_bound(u);
    if (!r)
        r = transmit(u, buf, len, &way, with);
    u->blocked = r == IST_EAGAIN;
    u->unrouted = way.netif ? 0 : IP_IS_V6(&way.to) ? IST_IPV6 : IST_IPV4;
    if (r >= 0)
        ist__queued();
    return r;
}

static int32_t send_(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to)
{
    return send_with(o, buf, len, to, NULL);
}

static int32_t recv_(struct ist__object *o, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info)
{
    struct udp *u = udp_of(o);
    int32_t r = ist__inbox_take(&u->inbox, buf, cap, flags, info);

    if (r == IST_EAGAIN && u->error) {
        r = u->error;
        u->error = 0;
    }
    return r;
}

static uint32_t ready(struct ist__object *o)
{
    struct udp *u = udp_of(o);

    if (u->blocked && ist__writable() && !(u->unrouted && ist__configuring(u->unrouted == IST_IPV6)))
        u->blocked = false;
    return (u->inbox.first || u->error ? IST_READABLE : 0) | (!u->blocked || u->error ? IST_WRITABLE : 0) |
           (u->error ? IST_FAILED : 0);
}

static int32_t failure(struct ist__object *o)
{
    struct udp *u = udp_of(o);
    int32_t error = u->error;

    u->error = 0;
    return error;
}

/* A datagram socket has no connection to forget; only the loss of the link is news. */
static void drop(struct ist__object *o, int32_t error)
{
    if (error == IST_ENOLINK)
        udp_of(o)->error = error;
}

static int32_t local(struct ist__object *o, struct ist_address *out)
{
    struct udp *u = udp_of(o);
    const ip_addr_t *ip = &u->pcb->local_ip;
    ip_addr_t peer = u->pcb->remote_ip;

    /* A connected socket tells the address it would send from. */
    if (is_connected(u) && !way(u, &peer, &ip))
        ip = &u->pcb->local_ip;
    ist__address_out(ip, u->pcb->local_port, u->family, out);
    return 0;
}

static int32_t peer_(struct ist__object *o, struct ist_address *out)
{
    struct udp *u = udp_of(o);

    if (!is_connected(u))
        return IST_ENOTCONN;
    ist__address_out(&u->pcb->remote_ip, u->pcb->remote_port, u->family, out);
    return 0;
}

static int32_t multicast(struct ist__object *o, const struct ist_address *group, uint32_t interface, bool join)
{
    struct udp *u = udp_of(o);
    ip_addr_t ip;
    int32_t r = ist__address_in(group, u->family, u->options.v6only, &ip);

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
    struct udp *u = udp_of(o);
    int32_t r = multicast_set(u, option, value);

    if (r <= 0)
        return r;
    switch (option) {
    case IST_OPTION_RECEIVE_BUFFER: ist__inbox_limit(&u->inbox, value); return 0;
    case IST_OPTION_SEND_BUFFER:    u->send_buffer = value < 0 ? 0 : value; return 0;
    case IST_OPTION_V6ONLY:
        if (u->family != IST_IPV6)
            return IST_ENOTSUP;
        if (u->pcb->local_port)
            return IST_EINVAL;
        break;
    default:
        break;
    }
    r = ist__options_set(&u->options, option, value, UDP_TTL);
    if (!r)
        ist__options_apply(&u->options, (struct ip_pcb *)u->pcb);
    return r;
}

static int32_t option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    struct udp *u = udp_of(o);

    switch (option) {
    case IST_OPTION_RECEIVE_BUFFER: *value = (int32_t)u->inbox.limit; return 0;
    case IST_OPTION_SEND_BUFFER:    *value = u->send_buffer; return 0;
    case IST_OPTION_MULTICAST_TTL:  *value = udp_get_multicast_ttl(u->pcb); return 0;
    case IST_OPTION_MULTICAST_LOOP: *value = u->loop; return 0;
    case IST_OPTION_MULTICAST_INTERFACE: *value = udp_get_multicast_netif_index(u->pcb); return 0;
    case IST_OPTION_V6ONLY:
        if (u->family != IST_IPV6)
            return IST_ENOTSUP;
        break;
    default:
        break;
    }
    return ist__options_get(&u->options, option, value);
}

static const struct ist__class udp_class = {
    .ready = ready,
    .failure = failure,
    .close = close_,
    .drop = drop,
    .bind = bind_,
    .connect = connect_,
    .local = local,
    .peer = peer_,
    .option_set = option_set,
    .option_get = option_get,
    .datagram_send = send_,
    .datagram_send_with = send_with,
    .datagram_recv = recv_,
    .multicast = multicast
};
