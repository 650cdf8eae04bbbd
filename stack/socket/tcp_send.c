/*
 * tcp_send.c - bytes out of a TCP connection
 */
#include <lwip/priv/tcp_priv.h>
#include "core/core.h"
#include "socket/budget.h"

/* A write to lwIP is all or nothing and at most 65,535 bytes; whole segments leave no small one behind. */
static uint32_t chunk_of(const struct tcp_pcb *pcb)
{
    return tcp_mss(pcb) ? 0xffffu - 0xffffu % tcp_mss(pcb) : 0xffffu;
}

/* What send may still hand to lwIP: a write of up to a segment may take two packets, the rest of the last segment and a new one. */
static uint32_t room(const struct ist__tcp *t)
{
    uint32_t held = (uint32_t)TCP_SND_BUF - t->pcb->snd_buf, limit = ist__tcp_send_limit(t);

    if (t->pcb->snd_queuelen + 2 > TCP_SND_QUEUELEN || held >= limit)
        return 0;
    return LWIP_MIN(limit - held, ist__budget_left());
}

bool ist__tcp_writable(struct ist__tcp *t)
{
    uint32_t n = room(t);

    if (t->full && n >= ist__tcp_send_limit(t) / 8 && t->pcb->snd_queuelen <= TCP_SNDQUEUELOWAT)
        t->full = false;
    return n > 0 && !t->full && !t->starved;
}

/* Hands over up to @len bytes that there is room for; what was taken, 0 where lwIP has no memory. */
static uint32_t write_some(struct tcp_pcb *pcb, const uint8_t *buf, uint32_t len, bool more)
{
    uint8_t flags = TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0);

    while (tcp_write(pcb, buf, (u16_t)len, flags) != ERR_OK) {
        if (len <= tcp_mss(pcb))
            return 0;
        len /= 2;
    }
    return len;
}

static int32_t send_state(struct ist__tcp *t)
{
    if (t->error)
        return ist__tcp_error_take(t);
    switch (t->phase) {
    case IST__TCP_PENDING:
    case IST__TCP_CONNECTING:
        return IST_EAGAIN;
    case IST__TCP_CONNECTED:
        return t->shut_write || !t->pcb ? IST_EPIPE : 0;
    default:
        return IST_ENOTCONN;
    }
}

int32_t ist__tcp_send(struct ist__object *o, const void *buf, uint32_t len)
{
    struct ist__tcp *t = ist__tcp(o);
    const uint8_t *from = buf;
    uint32_t done = 0, took, n;
    int32_t r = send_state(t);

    if (r)
        return r;
    while (done < len) {
        n = LWIP_MIN(LWIP_MIN(len - done, room(t)), chunk_of(t->pcb));
        if (n == 0)
            break;
        took = write_some(t->pcb, from + done, n, n < len - done);
        done += took;
        if (took < n) {
            t->starved = t->pcb->snd_queuelen != 0;   /* else no ACK would ever end it */
            if (!done && !t->starved)
                return IST_ENOMEM;
            break;
        }
    }
    if (done < len)
        t->full = true;
    if (done == 0)
        return t->pcb->snd_queuelen == 0 && ist__budget_left() == 0 ? IST_ENOMEM : IST_EAGAIN;
    tcp_output(t->pcb);
    ist__queued();
    return (int32_t)done;
}
