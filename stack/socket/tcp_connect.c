/*
 * tcp_connect.c - names of a TCP socket: bind, connect, local, peer
 */
#include <lwip/priv/tcp_priv.h>
#include <lwip/timeouts.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/budget.h"
#include "socket/port.h"
#include "socket/tcp.h"

#define PENDING_RECHECK_MS 10u

static struct ist__tcp *pending;   /* connects that wait for an address */

int32_t ist__tcp_bind(struct ist__object *o, const struct ist_address *local)
{
    struct ist__tcp *t = ist__tcp(o);
    const ip_addr_t *any = ist__address_any(t->family, t->options.ip.v6only);
    uint16_t port = local->port;
    ip_addr_t ip;
    int32_t r;

    if (t->phase != IST__TCP_FRESH || t->local_port)
        return IST_EINVAL;
    r = ist__address_in(local, t->family, t->options.ip.v6only, &ip);
    if (!r)
        r = ist__address_is_local(&ip, false);
    if (r)
        return r;
    if (ip_addr_isany(&ip) && IP_IS_V6(&ip))
        ip = *any;
    if (!port)
        port = ist__port_tcp(&ip);
    if (!port)
        return IST_EADDRNOTAVAIL;
    r = ist__port_tcp_check(&ip, port, t->options.ip.reuse);
    if (!r)
        r = ist__tcp_pcb_make(t);
    if (r)
        return r;
    if (tcp_bind(t->pcb, &ip, port) != ERR_OK)
        return IST_EADDRINUSE;
    t->local = ip;
    t->local_port = port;
    return 0;
}

static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)pcb, (void)err;
    ist__tcp(arg)->phase = IST__TCP_CONNECTED;
    ist__tcp_mss_limit(arg);
    ist__tcp_window_start(arg);
    return ERR_OK;
}

/* A port of our own choice: on lwIP's list of the bound, as tcp_connect() expects of one that was chosen before. */
static int32_t port_choose(struct tcp_pcb *pcb, const ip_addr_t *source, const ip_addr_t *remote, uint16_t remote_port)
{
    uint16_t port = ist__port_tcp_connect(source, remote, remote_port);

    if (!port)
        return IST_EADDRNOTAVAIL;
    pcb->local_port = port;
    TCP_REG(&tcp_bound_pcbs, pcb);
    return 0;
}

/* Sends the SYN. IST_EAGAIN: there is no way yet, and the instance is still being configured. */
static int32_t start(struct ist__tcp *t)
{
    const ip_addr_t *source;
    int32_t r = ist__tcp_pcb_make(t);
    err_t err;

    if (r)
        return r;
    if (!ist__route(&t->pcb->local_ip, &t->remote, &source))
        return ist__no_route(&t->remote);
    if (!t->pcb->local_port)
        r = port_choose(t->pcb, source, &t->remote, t->remote_port);
    if (r)
        return r;
    err = tcp_connect(t->pcb, &t->remote, t->remote_port, connected);
    if (err == ERR_USE)
        return IST_EADDRNOTAVAIL;
    if (err != ERR_OK)
        return ist__error_lwip(err);
    t->phase = IST__TCP_CONNECTING;
    return 0;
}

static void recheck(void *arg)
{
    struct ist__tcp *list = pending;

    (void)arg;
    pending = NULL;
    while (list) {
        struct ist__tcp *t = list;
        int32_t r;
        list = t->next;
        r = start(t);
        if (r == IST_EAGAIN) {
            t->next = pending;
            pending = t;
        } else if (r) {
            t->phase = IST__TCP_FRESH;
            t->error = r;
        }
    }
    if (pending)
        sys_timeout(PENDING_RECHECK_MS, recheck, NULL);
}

static void pending_add(struct ist__tcp *t)
{
    if (!pending)
        sys_timeout(PENDING_RECHECK_MS, recheck, NULL);
    t->phase = IST__TCP_PENDING;
    t->next = pending;
    pending = t;
}

void ist__tcp_pending_retry(void)
{
    if (!ist_configured())
        return;
    sys_untimeout(recheck, NULL);
    recheck(NULL);
}

void ist__tcp_pending_remove(struct ist__tcp *t)
{
    struct ist__tcp **at = &pending;

    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
    if (!pending)
        sys_untimeout(recheck, NULL);
}

static int32_t phase_check(const struct ist__tcp *t)
{
    switch (t->phase) {
    case IST__TCP_PENDING:
    case IST__TCP_CONNECTING: return IST_EALREADY;
    case IST__TCP_CONNECTED:  return IST_EISCONN;
    case IST__TCP_LISTENING:  return IST_ESTATE;
    default:                  return 0;
    }
}

/* The address to connect to. :: and 0.0.0.0 mean this instance, as on Linux. */
static int32_t remote_of(const struct ist__tcp *t, const struct ist_address *peer, ip_addr_t *ip)
{
    int32_t r = ist__address_in(peer, t->family, t->options.ip.v6only, ip);

    if (r)
        return r;
    if (peer->port == 0)
        return IST_EADDRNOTAVAIL;
    if (ip_addr_isany(ip))
        ip_addr_set_loopback(IP_IS_V6(ip), ip);
    if (ip_addr_ismulticast(ip) || (IP_IS_V4(ip) && ip_2_ip4(ip)->addr == IPADDR_BROADCAST))
        return IST_ENETUNREACH;
    if (t->local_port && !IP_IS_ANY_TYPE_VAL(t->local) && IP_IS_V6(&t->local) != IP_IS_V6(ip))
        return IST_EAFNOSUPPORT;
    return 0;
}

/* The port stays ours, also beside connections that came in by it: nothing is asked of tcp_bind(). Without memory the next call binds. */
static void bind_again(struct ist__tcp *t)
{
    struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(ist__address_any(t->family, t->options.ip.v6only)));

    if (!pcb)
        return;
    ist__tcp_attach(t, pcb);
    ist__tcp_options_apply(t);
    pcb->local_ip = t->local;
    pcb->local_port = t->local_port;
    TCP_REG(&tcp_bound_pcbs, pcb);
}

/* As Linux does for AF_UNSPEC: the peer is reset, and the socket is as after bind. */
static void dissolve(struct ist__tcp *t)
{
    struct tcp_pcb *pcb;

    if (t->phase == IST__TCP_FRESH)
        return;
    if (t->phase == IST__TCP_PENDING)
        ist__tcp_pending_remove(t);
    ist__tcp_queue_reset(t);
    t->error = t->phase == IST__TCP_LISTENING || (t->phase == IST__TCP_CONNECTED && !t->pcb) ? 0 : IST_ECONNRESET;
    pcb = ist__tcp_detach(t);
    if (pcb && pcb->state >= SYN_RCVD)
        tcp_abandon(pcb, 1);
    else if (pcb)
        tcp_close(pcb);
    ist__tcp_rx_free(t);
    t->shut_read = t->shut_write = t->peer_closed = t->full = t->starved = false;
    t->phase = IST__TCP_FRESH;
    if (t->local_port)
        bind_again(t);
    ist__queued();
}

int32_t ist__tcp_connect(struct ist__object *o, const struct ist_address *peer)
{
    struct ist__tcp *t = ist__tcp(o);
    int32_t r;

    if (peer->family == 0) {
        dissolve(t);
        return 0;
    }
    r = phase_check(t);
    if (!r)
        r = remote_of(t, peer, &t->remote);
    if (!r && ist__budget_left() == 0)
        r = IST_ENOMEM;
    if (r)
        return r;
    t->remote_port = peer->port;
    t->error = t->soft_error = 0;
    r = start(t);
    if (r == IST_EAGAIN) {
        pending_add(t);
        r = 0;
    }
    if (!r)
        ist__queued();
    return r;
}

int32_t ist__tcp_local(struct ist__object *o, struct ist_address *out)
{
    struct ist__tcp *t = ist__tcp(o);

    if (t->pcb)
        ist__address_out(&t->pcb->local_ip, t->pcb->local_port, t->family, out);
    else
        ist__address_out(t->local_port ? &t->local : ist__address_any(t->family, false), t->local_port, t->family, out);
    return 0;
}

int32_t ist__tcp_peer(struct ist__object *o, struct ist_address *out)
{
    struct ist__tcp *t = ist__tcp(o);

    if (t->phase != IST__TCP_CONNECTED || !t->pcb || t->pcb->state == TIME_WAIT)
        return IST_ENOTCONN;
    ist__address_out(&t->pcb->remote_ip, t->pcb->remote_port, t->family, out);
    return 0;
}
