/*
 * tcp_listen.c - listeners and the connections that wait for accept
 *
 * lwIP counts half-open connections and, through tcp_backlog_delayed(), those in our queue against the backlog; a SYN beyond it is
 * dropped and the peer tries again. Data may arrive before accept: it waits in the object.
 */
#include <lwip/priv/tcp_priv.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/budget.h"
#include "socket/port.h"
#include "socket/tcp.h"

static struct tcp_pcb_listen *listen_pcb(struct ist__tcp *t)
{
    return (struct tcp_pcb_listen *)t->pcb;
}

void ist__tcp_queue_remove(struct ist__tcp *t)
{
    struct ist__tcp *listener = t->listener, *before = NULL;

    for (struct ist__tcp *at = listener->first; at != t; at = at->next)
        before = at;
    if (before)
        before->next = t->next;
    else
        listener->first = t->next;
    if (listener->last == t)
        listener->last = before;
    t->listener = NULL;
}

void ist__tcp_queue_reset(struct ist__tcp *listener)
{
    while (listener->first) {
        struct ist__tcp *t = listener->first;
        struct tcp_pcb *pcb;
        ist__tcp_queue_remove(t);
        pcb = ist__tcp_detach(t);
        if (pcb)
            tcp_abort(pcb);
        ist__tcp_free(t);
    }
}

static err_t accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct ist__tcp *listener = arg, *t;

    if (!pcb || err != ERR_OK)
        return ERR_VAL;
    t = ist__tcp_new(listener->family);
    if (!t)
        return ERR_MEM;   /* lwIP resets the connection: the peer learns it at once */
    t->options = listener->options;
    t->phase = IST__TCP_CONNECTED;
    t->listener = listener;
    ist__tcp_attach(t, pcb);
    ist__tcp_options_apply(t);
    ist__tcp_mss_limit(t);
    ist__tcp_window_start(t);
    tcp_backlog_delayed(pcb);
    if (listener->first)
        listener->last->next = t;
    else
        listener->first = t;
    listener->last = t;
    return ERR_OK;
}

/* At least 1, and what lwIP's counter holds. */
static void backlog_set(struct ist__tcp *t, uint32_t backlog)
{
    struct tcp_pcb_listen *l = listen_pcb(t);
    uint32_t most = (UINT32_C(1) << 8 * sizeof l->backlog) - 1;

    backlog = backlog == 0 ? 1 : backlog > most ? most : backlog;
    l->backlog = (__typeof__(l->backlog))backlog;
}

/* Chooses a port where none is bound. */
static int32_t ensure_bound(struct ist__tcp *t)
{
    struct ist_address any = { .family = t->family };

    return t->local_port ? ist__tcp_pcb_make(t) : ist__tcp_bind(&t->object, &any);
}

int32_t ist__tcp_listen(struct ist__object *o, uint32_t backlog)
{
    struct ist__tcp *t = ist__tcp(o);
    struct tcp_pcb *pcb, *l;
    err_t err;
    int32_t r;

    if (t->phase == IST__TCP_LISTENING) {
        backlog_set(t, backlog);
        return 0;
    }
    if (t->phase != IST__TCP_FRESH)
        return IST_ESTATE;
    r = ensure_bound(t);
    if (!r)
        r = ist__port_tcp_listen_check(&t->local, t->local_port);
    if (r)
        return r;
    pcb = ist__tcp_detach(t);   /* lwIP frees it and makes a smaller one */
    l = tcp_listen_with_backlog_and_err(pcb, 1, &err);
    if (!l) {
        ist__tcp_attach(t, pcb);
        return err == ERR_USE ? IST_EADDRINUSE : ist__error_lwip(err);
    }
    t->pcb = l;
    t->phase = IST__TCP_LISTENING;
    t->error = 0;
    backlog_set(t, backlog);
    tcp_arg(l, t);
    tcp_accept(l, accepted);
    return 0;
}

ist_handle ist__tcp_accept(struct ist__object *o, struct ist_address *peer)
{
    struct ist__tcp *listener = ist__tcp(o), *t = listener->first;
    ist_handle h;

    if (listener->phase != IST__TCP_LISTENING)
        return IST_ESTATE;
    if (!t)
        return listener->error ? ist__tcp_error_take(listener) : IST_EAGAIN;
    h = ist__handle_new(&t->object);
    if (h < 0)
        return h;   /* it stays in the queue */
    ist__tcp_queue_remove(t);
    tcp_backlog_accepted(t->pcb);
    if (peer)
        ist__address_out(&t->pcb->remote_ip, t->pcb->remote_port, t->family, peer);
    return h;
}
