/*
 * tcp_recv.c - bytes into a TCP connection, and the end of either direction
 */
#include <string.h>
#include <lwip/priv/tcp_priv.h>
#include "core/core.h"
#include "socket/budget.h"

#define SMALL      256u    /* bytes of a packet that is copied rather than kept */
#define COLLECTED 2048u    /* bytes that such packets are copied together into */

static void rx_append(struct ist__tcp *t, struct pbuf *p)
{
    if (t->rx)
        t->rx_last->next = p;
    else
        t->rx = p;
    while (p->next)
        p = p->next;
    t->rx_last = p;
    t->rx_room = 0;
}

/*
 * Small packets that wait behind others are copied together: a peer that sends single bytes would otherwise fill a window of 1 MiB
 * with a hundred times as much memory. Whether @p was taken.
 */
static bool rx_collect(struct ist__tcp *t, struct pbuf *p)
{
    struct pbuf *c;

    if (!t->rx || p->tot_len > SMALL)
        return false;
    if (t->rx_room < p->tot_len) {
        c = pbuf_alloc(PBUF_RAW, COLLECTED, PBUF_RAM);
        if (!c)
            return false;
        c->len = 0;
        rx_append(t, c);
        t->rx_room = COLLECTED;
    }
    c = t->rx_last;
    pbuf_copy_partial(p, (uint8_t *)c->payload + c->len, p->tot_len, 0);
    c->len = (u16_t)(c->len + p->tot_len);
    t->rx_room -= p->tot_len;
    pbuf_free(p);
    return true;
}

err_t ist__tcp_arrived(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct ist__tcp *t = arg;

    (void)err;
    if (!p) {
        t->peer_closed = true;
        return ERR_OK;
    }
    if (t->shut_read) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        return ERR_OK;
    }
    t->rx_len += p->tot_len;
    if (!rx_collect(t, p))
        rx_append(t, p);
    return ERR_OK;
}

static void rx_pop(struct ist__tcp *t)
{
    struct pbuf *p = t->rx;

    t->rx = p->next;
    t->rx_offset = 0;
    p->next = NULL;
    p->tot_len = p->len;
    pbuf_free(p);
}

void ist__tcp_rx_free(struct ist__tcp *t)
{
    while (t->rx)
        rx_pop(t);
    t->rx_len = 0;
}

/*
 * The reader has taken @n bytes: the window opens, and lwIP tells the peer when it is worth a segment. After a FIN nobody needs
 * to be told, but the count must be right: lwIP resets a connection that is closed with a window not fully open.
 */
static void window_open(struct ist__tcp *t, uint32_t n)
{
    if (t->pcb && t->peer_closed) {
        t->pcb->rcv_wnd = LWIP_MIN(t->pcb->rcv_wnd + n, TCP_WND_MAX(t->pcb));
        return;
    }
    if (t->pcb)
        n = ist__tcp_window_open(t, n);
    while (t->pcb && n) {
        uint32_t part = LWIP_MIN(n, 0xffffu);
        tcp_recved(t->pcb, (u16_t)part);
        n -= part;
    }
    ist__queued();
}

/* Why there is nothing to read: 0 at the end of the stream, or an error. */
static int32_t recv_state(struct ist__tcp *t, bool take)
{
    if (t->error && !t->peer_closed)   /* after the peer's end, which is all that reading tells, it is for send */
        return take ? ist__tcp_error_take(t) : t->error;
    switch (t->phase) {
    case IST__TCP_PENDING:
    case IST__TCP_CONNECTING:
        return IST_EAGAIN;
    case IST__TCP_CONNECTED:
        return t->peer_closed || t->shut_read || !t->pcb ? 0 : IST_EAGAIN;
    default:
        return IST_ENOTCONN;
    }
}

int32_t ist__tcp_recv(struct ist__object *o, void *buf, uint32_t cap)
{
    struct ist__tcp *t = ist__tcp(o);
    uint8_t *to = buf;
    uint32_t done = 0, n;

    if (t->rx_len == 0)
        return recv_state(t, true);
    while (done < cap && t->rx) {
        n = LWIP_MIN(cap - done, t->rx->len - t->rx_offset);
        memcpy(to + done, (const uint8_t *)t->rx->payload + t->rx_offset, n);
        done += n;
        t->rx_offset += n;
        if (t->rx_offset == t->rx->len)
            rx_pop(t);
    }
    t->rx_len -= done;
    window_open(t, done);
    return (int32_t)done;
}

int32_t ist__tcp_peek(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset)
{
    struct ist__tcp *t = ist__tcp(o);
    uint8_t *to = buf;
    uint32_t skip, done = 0, n;

    if (offset >= t->rx_len)
        return recv_state(t, false);
    skip = t->rx_offset + offset;
    for (const struct pbuf *p = t->rx; p && done < cap; p = p->next) {
        if (skip >= p->len) {
            skip -= p->len;
            continue;
        }
        n = LWIP_MIN(cap - done, p->len - skip);
        memcpy(to + done, (const uint8_t *)p->payload + skip, n);
        done += n;
        skip = 0;
    }
    return (int32_t)done;
}

int32_t ist__tcp_pending(struct ist__object *o)
{
    struct ist__tcp *t = ist__tcp(o);
    int32_t r;

    if (t->rx_len)
        return (int32_t)t->rx_len;
    r = recv_state(t, false);
    return r == IST_EAGAIN ? 0 : r;
}

int32_t ist__tcp_shutdown(struct ist__object *o, uint32_t how)
{
    struct ist__tcp *t = ist__tcp(o);

    if (t->phase != IST__TCP_CONNECTED)
        return IST_ENOTCONN;
    if ((how & IST_SHUT_READ) && !t->shut_read) {
        uint32_t n = t->rx_len;
        t->shut_read = true;
        ist__tcp_rx_free(t);
        window_open(t, n);
    }
    if ((how & IST_SHUT_WRITE) && !t->shut_write) {
        t->shut_write = true;
        if (t->pcb)
            tcp_shutdown(t->pcb, 0, 1);
        ist__queued();
    }
    return 0;
}
