/*
 * tcp_timer.c - what TCP does when a deadline has come: send again, probe, give up; and how long it waits
 *
 * In place of lwIP's tcp_slowtmr() and tcp_fasttmr(), which counted ticks. When is told by deadline.c.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/private.h"

#define RTO_LEAST   200            /* ms, as Linux: RFC 6298 2.4 would have a second */
#define RTO_NO_SYN  3000           /* after a SYN that was lost: RFC 6298 5.7 */
#define GAP_MS      30000u         /* bytes behind a gap are kept so long without a segment from the peer */
#define FIN_WAIT_MS ((uint32_t)TCP_FIN_WAIT_TIMEOUT)
#define HALF_MS     ((uint32_t)TCP_SYN_RCVD_TIMEOUT)

static bool past(uint32_t due, uint32_t now)
{
    return (int32_t)(now - due) >= 0;
}

int32_t ist__tcp_rto(const struct tcp_pcb *pcb)
{
    return LWIP_MAX(RTO_LEAST, LWIP_MIN((pcb->sa >> 3) + pcb->sv, TCP_RTO_MAX));
}

/*
 * Slow start ends when the path's queue begins to fill, as HyStart does (RFC 9406 4.2): not when the queue runs over, and a window's
 * worth of losses has to be mended. Only a window that is in use counts: the lone segment of a small request may have waited for a
 * delayed ACK.
 */
static void slow_start_end(struct tcp_pcb *pcb, int32_t rtt)
{
    int32_t usual = pcb->sa >> 3, more = LWIP_MAX(4, LWIP_MIN(usual / 8, 16));

    if (pcb->cwnd < pcb->ssthresh && pcb->cwnd >= 16u * pcb->mss && pcb->snd_nxt - pcb->lastack >= pcb->cwnd / 2 && rtt > usual + more)
        pcb->ssthresh = pcb->cwnd;
}

/* RFC 6298 2; sa is SRTT times 8, sv RTTVAR times 4. */
void ist__tcp_measure(struct tcp_pcb *pcb, uint32_t ackno)
{
    int32_t rtt, off;

    if (!pcb->rttest || !TCP_SEQ_LT(pcb->rtseq, ackno))
        return;
    rtt = (int32_t)LWIP_MIN(sys_now() - pcb->rttest, (uint32_t)TCP_RTO_MAX);
    pcb->rttest = 0;
    if (pcb->sa == 0) {
        pcb->sa = LWIP_MAX(rtt, 1) * 8;
        pcb->sv = rtt * 2;
    } else {
        slow_start_end(pcb, rtt);
        off = rtt - (pcb->sa >> 3);
        pcb->sa = LWIP_MAX(pcb->sa + off, 8);
        pcb->sv += (off < 0 ? -off : off) - (pcb->sv >> 2);
    }
    pcb->rto = ist__tcp_rto(pcb);
}

/* RFC 9293 3.8.4. While something is on its way its own timer finds out that the peer has gone. */
static bool keeps_alive(const struct tcp_pcb *pcb)
{
    return ip_get_option(pcb, SOF_KEEPALIVE) && (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT || pcb->state == FIN_WAIT_2) &&
           !(pcb->flags & TF_RXCLOSED) && !pcb->unacked && !pcb->unsent;
}

/* The end of a silence of the peer's. */
bool ist__tcp_end(const struct tcp_pcb *pcb, uint32_t *end)
{
    uint32_t silent;

    switch (pcb->state) {
    case TIME_WAIT:  silent = 2 * TCP_MSL; break;
    case SYN_RCVD:   silent = HALF_MS; break;
    default:
        if (pcb->state == FIN_WAIT_2 && (pcb->flags & TF_RXCLOSED))
            silent = FIN_WAIT_MS;
        else
            silent = keeps_alive(pcb) ? pcb->keep_idle + pcb->keep_cnt_sent * pcb->keep_intvl : 0;
        break;
    }
    if (pcb->ooseq && pcb->state != TIME_WAIT && (!silent || silent > GAP_MS))
        silent = GAP_MS;
    *end = pcb->tmr + silent;
    return silent != 0;
}

/* Nobody is there any more: the program learns ETIMEDOUT. */
static bool give_up(struct tcp_pcb *pcb, bool reset)
{
    enum tcp_state state = pcb->state;
    tcp_err_fn failed = pcb->errf;
    void *arg = pcb->callback_arg;

    if (reset)
        tcp_rst(pcb, pcb->snd_nxt, pcb->rcv_nxt, &pcb->local_ip, &pcb->remote_ip, pcb->local_port, pcb->remote_port);
    tcp_pcb_purge(pcb);
    TCP_RMV_ACTIVE(pcb);
    tcp_free(pcb);
    TCP_EVENT_ERR(state, failed, arg, ERR_TIMEOUT);
    return false;
}

/* Its SYN-ACK has to be repeated: a sign of a flood where the backlog is full (patches/lwip-tcp-syn-cookies.patch). */
static void note_stale(struct tcp_pcb *pcb)
{
    if (pcb->listener && (pcb->flags & TF_HALF) && !(pcb->flags & TF_STALE)) {
        tcp_set_flags(pcb, TF_STALE);
        pcb->listener->n_stale++;
    }
}

/* RFC 6298 5.4-5.7, RFC 5681 3.1. Whether the connection lives on. */
static bool send_again(struct tcp_pcb *pcb)
{
    bool first = !(pcb->flags & TF_RTO), connecting = pcb->state == SYN_SENT || pcb->state == SYN_RCVD;

    if (pcb->nrtx >= (pcb->state == SYN_SENT ? TCP_SYNMAXRTX : TCP_MAXRTX))
        return give_up(pcb, false);
    pcb->rtime = 0;
    /* The link still holds the segment; or nothing was sent at all, for want of memory. */
    if (tcp_rexmit_rto_prepare(pcb) != ERR_OK && (pcb->unacked || !pcb->unsent))
        return true;
    pcb->rto = LWIP_MIN(2 * pcb->rto, TCP_RTO_MAX);
    if (connecting) {
        pcb->sv = RTO_NO_SYN;
        note_stale(pcb);
    }
    tcp_clear_flags(pcb, TF_INFR);
    if (!connecting)
        pcb->recover = pcb->snd_nxt;    /* RFC 6582 3.2 step 4: duplicate ACKs of what is now sent twice are no sign of loss */
    if (first)
        pcb->ssthresh = LWIP_MAX(LWIP_MIN(pcb->cwnd, pcb->snd_wnd) / 2, 2u * pcb->mss);
    pcb->cwnd = pcb->mss;
    pcb->bytes_acked = 0;
    tcp_rexmit_rto_commit(pcb);
    return true;
}

/* RFC 9293 3.8.6.1. A window that is open, but not for the next segment, gets what fits: RFC 9293 3.8.6.2.1. */
static bool probe(struct tcp_pcb *pcb)
{
    bool probed = true;

    if (pcb->persist_probe >= TCP_MAXRTX)
        return give_up(pcb, false);
    if (pcb->snd_wnd == 0) {
        probed = tcp_zero_window_probe(pcb) == ERR_OK;
    } else {
        /* the window begins at lastack, which may lie within the segment */
        uint32_t split = pcb->lastack - lwip_ntohl(pcb->unsent->tcphdr->seqno) + pcb->snd_wnd;
        if (tcp_split_unsent_seg(pcb, (u16_t)LWIP_MIN(split, 0xffff)) == ERR_OK && tcp_output(pcb) == ERR_OK)
            return true;    /* sending has stopped the timer */
    }
    if (probed && pcb->persist_backoff < 16)
        pcb->persist_backoff++;
    pcb->persist_cnt = 0;
    return true;
}

/* What could not be done before: an ACK that was delayed, a FIN that found no memory, segments that the link did not take. */
static void catch_up(struct tcp_pcb *pcb)
{
    pcb->due_soon = 0;
    if (pcb->flags & TF_CLOSEPEND) {
        tcp_clear_flags(pcb, TF_CLOSEPEND);
        tcp_close_shutdown_fin(pcb);
    }
    if (pcb->flags & TF_ACK_DELAY)
        tcp_ack_now(pcb);
    tcp_output(pcb);
}

/* The peer has been silent up to ist__tcp_end(). */
static bool silence_ended(struct tcp_pcb *pcb, uint32_t now)
{
    uint32_t end;

    if (pcb->ooseq && past(pcb->tmr + GAP_MS, now))
        tcp_free_ooseq(pcb);
    if (!ist__tcp_end(pcb, &end) || !past(end, now))
        return true;
    if (!keeps_alive(pcb))
        return give_up(pcb, false);
    if (pcb->keep_cnt_sent >= pcb->keep_cnt)
        return give_up(pcb, true);
    /* After a host that slept the peer gets its time to answer all the same: intervals count from the probe, not from the silence. */
    pcb->tmr = now - (pcb->keep_idle + pcb->keep_cnt_sent * pcb->keep_intvl);
    tcp_keepalive(pcb);    /* counts as sent also if it could not be: the peer is no less silent */
    pcb->keep_cnt_sent++;
    return true;
}

bool ist__tcp_expired(struct tcp_pcb *pcb, uint32_t now)
{
    uint32_t end;

    if (pcb->state == TIME_WAIT) {
        if (!ist__tcp_end(pcb, &end) || !past(end, now))
            return true;
        tcp_pcb_remove(&tcp_tw_pcbs, pcb);
        tcp_free(pcb);
        return false;
    }
    if (!silence_ended(pcb, now))
        return false;
    if (pcb->due_soon && past(pcb->due_soon, now))
        catch_up(pcb);
    if (!past(pcb->due_rexmit, now))
        return true;
    if (pcb->persist_backoff)
        return probe(pcb);
    return pcb->rtime <= 0 || send_again(pcb);
}

void ist__tcp_link_moved(void)
{
    for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb; pcb = pcb->next)
        if (pcb->flags & (TF_NAGLEMEMERR | TF_ACK_NOW))
            tcp_output(pcb);
}
