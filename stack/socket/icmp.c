/*
 * icmp.c - echo handles: ping
 *
 * Each has an id of its own, which the stack writes into requests and by which replies find their handle; so a program can
 * neither read nor disturb what is meant for another. Everything else that ICMP does stays with lwIP.
 */
#include <string.h>
#include <lwip/inet_chksum.h>
#include <lwip/raw.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/letterbox.h"

#define HEAD 8u            /* type, code, checksum, id, sequence */

enum { V4_REQUEST = 8, V4_REPLY = 0, V6_REQUEST = 128, V6_REPLY = 129 };

struct echo {
    struct ist__letterbox d;
    struct echo *next;
    struct raw_pcb *pcb;
    uint16_t id;           /* 0: none yet */
    bool connected;
};

static const struct ist__class echo_class;
static struct echo *echoes;

static struct echo *echo_of(struct ist__object *o)
{
    return (struct echo *)o;
}

static bool id_taken(uint8_t family, uint16_t id)
{
    for (const struct echo *e = echoes; e; e = e->next) {
        if (e->d.family == family && e->id == id)
            return true;
    }
    return false;
}

/* Drawn at random, then the next free one. */
static int32_t ensure_id(struct echo *e)
{
    uint16_t id = (uint16_t)LWIP_RAND();

    if (e->id)
        return 0;
    for (uint32_t i = 0; i <= UINT16_MAX; i++, id++) {
        if (id && !id_taken(e->d.family, id)) {
            e->id = id;
            return 0;
        }
    }
    return IST_EADDRNOTAVAIL;
}

/* 1: ours, and taken; 0: the next one may look. */
static u8_t arrived(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    struct echo *e = arg;
    u16_t header = ip_current_header_tot_len();
    struct ist_datagram info;
    uint8_t b[HEAD];

    (void)pcb, (void)from;
    if (pbuf_copy_partial(p, b, HEAD, header) < HEAD || b[0] != (e->d.family == IST_IPV4 ? V4_REPLY : V6_REPLY) ||
        !e->id || (b[4] << 8 | b[5]) != e->id)
        return 0;
    pbuf_remove_header(p, header);
    if (!ist__icmp_sum_is_right(p)) {
        pbuf_free(p);
        return 1;
    }
    ist__inbox_describe(&info, e->d.family, 0, e->id);
    ist__inbox_put(&e->d.inbox, p, &info);
    return 1;
}

static void unreachable(const struct ist__quote *q, int32_t error)
{
    for (struct echo *e = echoes; e; e = e->next) {
        if (e->id == q->local_port && (e->d.family == IST_IPV6) == IP_IS_V6(&q->remote) &&
            (!e->connected || ip_addr_eq(&e->pcb->remote_ip, &q->remote)))
            e->d.error = error;
    }
}

static void close_(struct ist__object *o)
{
    struct echo *e = echo_of(o);
    struct echo **at = &echoes;

    while (*at != e)
        at = &(*at)->next;
    *at = e->next;
    if (e->pcb)
        raw_remove(e->pcb);
    ist__letterbox_free(&e->d);
}

static struct raw_pcb *pcb_new(struct echo *e)
{
    bool v4 = e->d.family == IST_IPV4;
    struct raw_pcb *pcb = raw_new_ip_type(v4 ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6, v4 ? IP_PROTO_ICMP : IP6_NEXTH_ICMP6);

    if (!pcb)
        return NULL;
    if (!v4) {   /* lwIP writes the checksum, which covers the addresses */
        pcb->chksum_reqd = 1;
        pcb->chksum_offset = 2;
    }
    e->d.options.ttl = pcb->ttl;
    raw_recv(pcb, arrived, e);
    return pcb;
}

ist_handle ist_icmp_open(uint32_t family)
{
    struct ist__letterbox *d;
    struct echo *e;
    ist_handle h = ist__letterbox_new(&d, sizeof *e, &echo_class, family, IST__OF_ICMP, unreachable);

    if (h < 0)
        return h;
    e = (struct echo *)d;
    e->next = echoes;
    echoes = e;
    e->pcb = pcb_new(e);
    h = e->pcb ? ist__handle_new(&e->d.object) : IST_ENOMEM;
    if (h < 0)
        close_(&e->d.object);
    return h;
}

static int32_t bind_(struct ist__object *o, const struct ist_address *local)
{
    struct echo *e = echo_of(o);
    ip_addr_t ip;
    int32_t r;

    if (e->id)
        return IST_EINVAL;
    r = ist__address_in(local, e->d.family, true, &ip);
    if (!r)
        r = ist__address_is_local(&ip, false);
    if (!r && local->port && id_taken(e->d.family, local->port))
        r = IST_EADDRINUSE;
    if (r)
        return r;
    e->id = local->port;
    raw_bind(e->pcb, &ip);
    return ensure_id(e);
}

static int32_t remote_of(const struct echo *e, const struct ist_address *to, ip_addr_t *ip)
{
    int32_t r = ist__address_in(to, e->d.family, true, ip);

    if (!r && ip_addr_isany(ip))
        ip_addr_set_loopback(IP_IS_V6(ip), ip);
    return r;
}

static int32_t connect_(struct ist__object *o, const struct ist_address *peer)
{
    struct echo *e = echo_of(o);
    ip_addr_t ip;
    int32_t r;

    if (peer->family == 0) {
        raw_disconnect(e->pcb);
        e->connected = false;
        return 0;
    }
    r = remote_of(e, peer, &ip);
    if (!r)
        r = ensure_id(e);
    if (r)
        return r;
    raw_connect(e->pcb, &ip);
    e->connected = true;
    e->d.error = 0;
    return 0;
}

static int32_t transmit(struct echo *e, const uint8_t *message, uint32_t len, const ip_addr_t *to)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)len, PBUF_RAM);
    uint8_t *b;
    u16_t sum;
    err_t err;

    if (!p)
        return IST_ENOMEM;
    b = p->payload;
    memcpy(b, message, len);
    b[2] = b[3] = 0;
    b[4] = (uint8_t)(e->id >> 8);
    b[5] = (uint8_t)e->id;
    if (e->d.family == IST_IPV4) {
        sum = inet_chksum(b, (u16_t)len);
        memcpy(b + 2, &sum, sizeof sum);
    }
    err = raw_sendto(e->pcb, p, to);
    pbuf_free(p);
    return err == ERR_OK ? (int32_t)len : ist__error_lwip(err);
}

static int32_t message_check(const struct echo *e, const uint8_t *message, uint32_t len)
{
    bool v4 = e->d.family == IST_IPV4;

    if (len > 65535u - (v4 ? 20u : 40u))
        return IST_EMSGSIZE;
    return len < HEAD || message[0] != (v4 ? V4_REQUEST : V6_REQUEST) || message[1] != 0 ? IST_EINVAL : 0;
}

static int32_t send_(struct ist__object *o, const void *buf, uint32_t len, const struct ist_address *to)
{
    struct echo *e = echo_of(o);
    ip_addr_t ip = e->pcb->remote_ip;
    const ip_addr_t *source;
    struct netif *netif;
    int32_t r = ist__letterbox_failure(o);

    if (!r)
        r = message_check(e, buf, len);
    if (!r)
        r = to ? remote_of(e, to, &ip) : e->connected ? 0 : IST_ENOTCONN;
    if (r)
        return r;
    netif = ist__route(&e->pcb->local_ip, &ip, &source);
    if (!netif)
        r = ist__no_route(&ip);
    else if (IP_IS_V4(&ip) && ip4_addr_isbroadcast(ip_2_ip4(&ip), netif) && !e->d.options.broadcast)
        r = IST_EACCES;
    else
        r = ensure_id(e);
    if (!r)
        r = transmit(e, buf, len, &ip);
    return ist__letterbox_sent(&e->d, r, &ip, netif);
}

static int32_t local(struct ist__object *o, struct ist_address *out)
{
    struct echo *e = echo_of(o);

    ist__address_out(&e->pcb->local_ip, e->id, e->d.family, out);
    return 0;
}

static int32_t peer_(struct ist__object *o, struct ist_address *out)
{
    struct echo *e = echo_of(o);

    if (!e->connected)
        return IST_ENOTCONN;
    ist__address_out(&e->pcb->remote_ip, 0, e->d.family, out);
    return 0;
}

static int32_t option_set(struct ist__object *o, uint32_t option, int32_t value)
{
    struct echo *e = echo_of(o);
    int32_t r;

    if (option == IST_OPTION_RECEIVE_BUFFER) {
        ist__inbox_limit(&e->d.inbox, value);
        return 0;
    }
    if (option == IST_OPTION_V6ONLY)
        return IST_ENOTSUP;
    r = ist__options_set(&e->d.options, option, value, RAW_TTL);
    if (!r)
        ist__options_apply(&e->d.options, (struct ip_pcb *)e->pcb);
    return r;
}

static int32_t option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    struct echo *e = echo_of(o);

    if (option == IST_OPTION_RECEIVE_BUFFER) {
        *value = (int32_t)e->d.inbox.limit;
        return 0;
    }
    return option == IST_OPTION_V6ONLY ? IST_ENOTSUP : ist__options_get(&e->d.options, option, value);
}

static const struct ist__class echo_class = {
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
    .datagram_send = send_,
    .datagram_recv = ist__letterbox_recv
};
