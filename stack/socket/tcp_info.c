/*
 * tcp_info.c - how a connection fares
 */
#include <string.h>
#include <lwip/priv/tcp_priv.h>
#include "socket/tcp.h"

#define TICK_US (TCP_SLOW_INTERVAL * 1000u)   /* what pcb->rto, sa and sv count in */

_Static_assert((int)CLOSED == IST_TCP_CLOSED && (int)LISTEN == IST_TCP_LISTEN && (int)SYN_SENT == IST_TCP_SYN_SENT &&
    (int)SYN_RCVD == IST_TCP_SYN_RECEIVED && (int)ESTABLISHED == IST_TCP_ESTABLISHED && (int)FIN_WAIT_1 == IST_TCP_FIN_WAIT_1 &&
    (int)FIN_WAIT_2 == IST_TCP_FIN_WAIT_2 && (int)CLOSE_WAIT == IST_TCP_CLOSE_WAIT && (int)CLOSING == IST_TCP_CLOSING &&
    (int)LAST_ACK == IST_TCP_LAST_ACK && (int)TIME_WAIT == IST_TCP_TIME_WAIT, "lwIP counts the states as we do");

static void listener_tell(const struct ist__tcp *t, struct ist_tcp_info *out)
{
    const struct tcp_pcb_listen *l = (const struct tcp_pcb_listen *)t->pcb;
    uint32_t n = 0;

    for (const struct ist__tcp *at = t->first; at; at = at->next)
        n++;
    out->waiting = (uint16_t)LWIP_MIN(n, UINT16_MAX);
    out->backlog = l->backlog;
}

static void times_tell(const struct tcp_pcb *pcb, struct ist_tcp_info *out)
{
    out->rto_us = pcb->rto > 0 ? (uint32_t)pcb->rto * TICK_US : 0;
    if (pcb->sa > 0)    /* eight times the mean, four times the variation */
        out->rtt_us = (uint32_t)pcb->sa * TICK_US / 8;
    if (pcb->sv > 0)
        out->rtt_var_us = (uint32_t)pcb->sv * TICK_US / 4;
    out->retransmits = pcb->nrtx;
    out->probes = pcb->persist_probe > pcb->keep_cnt_sent ? pcb->persist_probe : pcb->keep_cnt_sent;
    out->recovering = pcb->nrtx || (pcb->flags & TF_RTO) ? 2 : pcb->flags & TF_INFR ? 1 : 0;
}

static void connection_tell(const struct ist__tcp *t, struct ist_tcp_info *out)
{
    const struct tcp_pcb *pcb = t->pcb;

    out->mss = pcb->mss;
    out->mss_receive = tcp_eff_send_mss(TCP_MSS, &pcb->local_ip, &pcb->remote_ip);
    if (t->options.mss && out->mss_receive > t->options.mss)
        out->mss_receive = t->options.mss;
    out->cwnd = pcb->cwnd;
    out->ssthresh = pcb->ssthresh >= TCP_SND_BUF ? UINT32_MAX : pcb->ssthresh;
    out->in_flight = pcb->snd_nxt - pcb->lastack;
    out->unsent = TCP_SEQ_GT(pcb->snd_lbb, pcb->snd_nxt) ? pcb->snd_lbb - pcb->snd_nxt : 0;
    out->send_window = pcb->snd_wnd;
    out->receive_window = pcb->rcv_wnd;
    out->has_scale = (pcb->flags & TF_WND_SCALE) != 0;
    out->has_sack = (pcb->flags & TF_SACK) != 0;
    if (out->has_scale) {
        out->scale_send = pcb->snd_scale;
        out->scale_receive = pcb->rcv_scale;
    }
    times_tell(pcb, out);
}

int32_t ist_tcp_info(ist_handle tcp, struct ist_tcp_info *out)
{
    struct ist__object *o = ist__handle_get(tcp, &ist__tcp_class);
    const struct ist__tcp *t;

    if (!o)
        return IST_EBADF;
    if (!out)
        return IST_EINVAL;
    t = ist__tcp(o);
    memset(out, 0, sizeof *out);
    if (!t->pcb)
        return 0;
    out->state = t->pcb->state;
    if (out->state == IST_TCP_LISTEN)
        listener_tell(t, out);
    else if (out->state != IST_TCP_CLOSED && out->state != IST_TCP_TIME_WAIT)
        connection_tell(t, out);
    return 0;
}
