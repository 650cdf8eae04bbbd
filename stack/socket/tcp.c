/*
 * tcp.c - TCP objects: birth, death, and what lwIP reports
 */
#include <string.h>
#include <lwip/mem.h>
#include <lwip/priv/tcp_priv.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/tcp.h"
#include "socket/unreachable.h"

#if !LWIP_TCP_PCB_NUM_EXT_ARGS || !SO_REUSE || !TCP_LISTEN_BACKLOG || !LWIP_TCP_KEEPALIVE
#error "stack/socket needs LWIP_TCP_PCB_NUM_EXT_ARGS, SO_REUSE, TCP_LISTEN_BACKLOG and LWIP_TCP_KEEPALIVE in lwipopts.h"
#endif

#define EXT_ARG 0   /* the only one, and ours */
#define MTU_MIN_V4 552u
#define MTU_MIN_V6 1280u

/* RFC 8201 4: IPv6 carries 1,280 bytes everywhere. Of IPv4 no less is believed than Linux does: who lies shall not get tiny segments. */
static void path_mtu(struct tcp_pcb *pcb, uint32_t mtu)
{
    bool v6 = IP_IS_V6(&pcb->remote_ip);

    if (pcb->state < ESTABLISHED || mtu > UINT16_MAX || (v6 && mtu < MTU_MIN_V6))
        return;
    tcp_path_mss(pcb, (u16_t)(v6 ? mtu - 60 : LWIP_MAX(mtu, MTU_MIN_V4) - 40));
}

/* An ICMP error for one of our segments. RFC 5927: only for a segment in flight; RFC 1122 4.2.3.9: fatal only to an attempt. */
static void unreachable(const struct ist__quote *q, int32_t error)
{
    struct tcp_pcb *pcb = ist__tcp_find(&q->local, q->local_port, &q->remote, q->remote_port);
    struct ist__tcp *t;

    if (!pcb || pcb->state == TIME_WAIT || !TCP_SEQ_BETWEEN(q->sequence, pcb->lastack, pcb->snd_nxt))
        return;
    if (error == IST_EMSGSIZE) {
        path_mtu(pcb, q->mtu);
        return;
    }
    t = pcb->callback_arg;
    if (!t || pcb->recv != ist__tcp_arrived)
        return;
    t->soft_error = error;
    if (t->phase == IST__TCP_CONNECTING) {
        tcp_abandon(ist__tcp_detach(t), 0);
        t->phase = IST__TCP_FRESH;
        t->error = error;
    }
}

struct ist__tcp *ist__tcp_new(uint32_t family)
{
    struct ist__tcp *t = mem_malloc(sizeof *t);

    if (!t)
        return NULL;
    if (ist__unreachable_open(IST__OF_TCP, unreachable)) {
        mem_free(t);
        return NULL;
    }
    memset(t, 0, sizeof *t);
    t->object.class = &ist__tcp_class;
    t->family = (uint8_t)family;
    t->phase = IST__TCP_FRESH;
    ist__tcp_options_default(&t->options);
    return t;
}

void ist__tcp_free(struct ist__tcp *t)
{
    ist__tcp_rx_free(t);
    ist__unreachable_close();
    mem_free(t);
}

ist_handle ist_tcp_open(uint32_t family)
{
    struct ist__tcp *t;
    ist_handle h;

    if (!ist__started())
        return IST_ESTATE;
    if (family != IST_IPV4 && family != IST_IPV6)
        return IST_EAFNOSUPPORT;
    t = ist__tcp_new(family);
    if (!t)
        return IST_ENOMEM;
    h = ist__handle_new(&t->object);
    if (h < 0)
        ist__tcp_free(t);
    return h;
}

/* lwIP has freed the pcb, or is about to. Why, tcp_err_fn tells, before or after; at the end of TIME-WAIT nothing does. */
static void destroyed(u8_t id, void *data)
{
    struct ist__tcp *t = data;

    (void)id;
    t->pcb = NULL;
}

static const struct tcp_ext_arg_callbacks ext_callbacks = { destroyed, NULL }, ext_none;

static int32_t error_of(const struct ist__tcp *t, err_t err)
{
    if (t->phase == IST__TCP_CONNECTING && err == ERR_RST)
        return IST_ECONNREFUSED;
    if (err == ERR_TIMEOUT)
        return t->soft_error ? t->soft_error : IST_ETIMEDOUT;
    if (err == ERR_RST && t->peer_closed && !t->shut_write)
        return IST_EPIPE;    /* as Linux: only sending is still concerned */
    return err == ERR_RST ? IST_ECONNRESET : err == ERR_ABRT ? IST_ECONNABORTED : ist__error_lwip(err);
}

static void failed(void *arg, err_t err)
{
    struct ist__tcp *t = arg;

    ist__tcp_detach(t);
    if (t->listener) {   /* nobody has accepted it: as if it had never been */
        ist__tcp_queue_remove(t);
        ist__tcp_free(t);
        return;
    }
    if (err == ERR_CLSD) {   /* both sides had sent FIN, and the peer has our last byte */
        t->peer_closed = t->shut_write = true;
        return;
    }
    t->error = error_of(t, err);
    if (t->phase == IST__TCP_CONNECTING)
        t->phase = IST__TCP_FRESH;
}

static err_t sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)pcb, (void)len;
    ist__tcp(arg)->starved = false;
    return ERR_OK;
}

void ist__tcp_attach(struct ist__tcp *t, struct tcp_pcb *pcb)
{
    t->pcb = pcb;
    tcp_arg(pcb, t);
    tcp_recv(pcb, ist__tcp_arrived);
    tcp_sent(pcb, sent);
    tcp_err(pcb, failed);
    tcp_ext_arg_set(pcb, EXT_ARG, t);
    tcp_ext_arg_set_callbacks(pcb, EXT_ARG, &ext_callbacks);
}

struct tcp_pcb *ist__tcp_detach(struct ist__tcp *t)
{
    struct tcp_pcb *pcb = t->pcb;

    t->pcb = NULL;
    if (!pcb)
        return NULL;
    tcp_arg(pcb, NULL);
    tcp_ext_arg_set_callbacks(pcb, EXT_ARG, &ext_none);
    if (pcb->state == LISTEN)
        return pcb;
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_err(pcb, NULL);
    return pcb;
}

int32_t ist__tcp_pcb_make(struct ist__tcp *t)
{
    const ip_addr_t *any = ist__address_any(t->family, t->options.ip.v6only);
    struct tcp_pcb *pcb;

    if (t->pcb)
        return 0;
    pcb = tcp_new_ip_type(IP_GET_TYPE(any));
    if (!pcb)
        return IST_ENOMEM;
    ist__tcp_attach(t, pcb);
    ist__tcp_options_apply(t);
    if (t->local_port && tcp_bind(pcb, &t->local, t->local_port) != ERR_OK) {
        tcp_close(ist__tcp_detach(t));
        return IST_EADDRINUSE;
    }
    return 0;
}

int32_t ist__tcp_error_take(struct ist__tcp *t)
{
    int32_t error = t->error;

    t->error = 0;
    return error;
}

static uint32_t ready(struct ist__object *o)
{
    struct ist__tcp *t = ist__tcp(o);
    uint32_t levels;

    if (t->phase == IST__TCP_PENDING)
        ist__tcp_pending_retry();
    levels = t->error ? IST_FAILED : 0;
    switch (t->phase) {
    case IST__TCP_PENDING:
    case IST__TCP_CONNECTING:
        return 0;
    case IST__TCP_LISTENING:
        return levels | (t->first || t->error ? IST_READABLE : 0);
    case IST__TCP_FRESH:
        return levels | IST_READABLE | IST_WRITABLE | IST_HANGUP;
    default:
        break;
    }
    if (!t->pcb)
        return levels | IST_READABLE | IST_WRITABLE | IST_PEER_CLOSED | IST_HANGUP;
    if (t->rx_len || t->peer_closed || t->shut_read)
        levels |= IST_READABLE;
    if (t->shut_write || ist__tcp_writable(t))
        levels |= IST_WRITABLE;
    if (t->peer_closed)
        levels |= IST_PEER_CLOSED;
    if ((t->peer_closed || t->shut_read) && t->shut_write)
        levels |= IST_HANGUP;
    return levels;
}

static int32_t failure(struct ist__object *o)
{
    return ist__tcp_error_take(ist__tcp(o));
}

/*
 * As Linux does: unread bytes, or LINGER_S 0, reset the connection; else what send took is delivered in the background, and
 * tcp_close() retries from lwIP's timer when there is no memory for the FIN.
 */
static void connection_close(struct ist__tcp *t)
{
    bool unread = t->rx_len != 0;
    struct tcp_pcb *pcb = ist__tcp_detach(t);

    if (!pcb || pcb->state == TIME_WAIT)
        return;
    if ((unread || t->options.linger_s == 0) && pcb->state >= SYN_RCVD)
        tcp_abort(pcb);
    else
        tcp_close(pcb);
}

static void close_(struct ist__object *o)
{
    struct ist__tcp *t = ist__tcp(o);

    if (t->phase == IST__TCP_PENDING)
        ist__tcp_pending_remove(t);
    ist__tcp_queue_reset(t);
    connection_close(t);
    ist__tcp_free(t);
    ist__queued();
}

static void drop(struct ist__object *o, int32_t error)
{
    struct ist__tcp *t = ist__tcp(o);
    struct tcp_pcb *pcb;

    if (t->phase == IST__TCP_LISTENING) {   /* a restored instance goes on listening */
        ist__tcp_queue_reset(t);
        t->error = error == IST_ENOLINK ? error : 0;
        return;
    }
    if (t->phase == IST__TCP_FRESH)
        return;
    if (t->phase == IST__TCP_PENDING)
        ist__tcp_pending_remove(t);
    pcb = ist__tcp_detach(t);
    if (pcb)
        tcp_abandon(pcb, 0);
    if (t->phase != IST__TCP_CONNECTED)
        t->phase = IST__TCP_FRESH;
    t->error = error;
}

const struct ist__class ist__tcp_class = {
    .ready = ready,
    .failure = failure,
    .close = close_,
    .drop = drop,
    .send = ist__tcp_send,
    .recv = ist__tcp_recv,
    .peek = ist__tcp_peek,
    .pending = ist__tcp_pending,
    .shutdown = ist__tcp_shutdown,
    .bind = ist__tcp_bind,
    .connect = ist__tcp_connect,
    .local = ist__tcp_local,
    .peer = ist__tcp_peer,
    .option_set = ist__tcp_option_set,
    .option_get = ist__tcp_option_get,
    .listen = ist__tcp_listen,
    .accept = ist__tcp_accept
};
