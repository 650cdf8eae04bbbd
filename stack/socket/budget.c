/*
 * budget.c - windows and send buffers within one budget (budget.h)
 */
#include <lwip/priv/tcp_priv.h>
#include <lwip/stats.h>
#include "core/core.h"
#include "port/hooks.h"
#include "socket/budget.h"

#define BUDGET_DEFAULT (UINT32_C(64) << 20)
#define BUDGET_LEAST   (UINT32_C(256) << 10)
#define WINDOW_START   65535u     /* what a SYN can say */
#define WINDOW_LEAST   8192u
#define PACKETS_START  4u         /* on links with long packets the first window holds so many */
#define SEND_START     65536u
#define SEND_LEAST     2048u
#define CROWD          1024u      /* in the last quarter a connection may hold this part of what is left */
#define BULK           (UINT32_C(512) << 10)   /* what a long transfer comes to, whatever is measured */
#define RTT_LEAST_US   1000u      /* shorter ones say nothing: BULK will do */
#define RTT_MOST_US    60000000u

struct ist__budget ist__budget = { BUDGET_DEFAULT, BUDGET_DEFAULT - BUDGET_DEFAULT / 4 };

void ist__budget_set(uint32_t bytes)
{
    ist__budget.all = bytes == 0 ? BUDGET_DEFAULT : LWIP_MAX(bytes, BUDGET_LEAST);
    ist__budget.tight = ist__budget.all - ist__budget.all / 4;
}

uint32_t ist__budget_left(void)
{
    size_t used = lwip_stats.mem.used;

    return used < ist__budget.all ? ist__budget.all - (uint32_t)used : 0;
}

bool ist__budget_tight(void)
{
    return lwip_stats.mem.used > ist__budget.tight;
}

static uint32_t between(uint32_t least, uint32_t n, uint32_t most)
{
    return n < least ? least : n > most ? most : n;
}

/* ---- the receive window */

/* The most it may be now. */
static uint32_t window_most(const struct ist__tcp *t)
{
    uint32_t most = t->pcb->flags & TF_WND_SCALE ? TCP_WND : WINDOW_START;

    if (t->options.receive_buffer)
        return LWIP_MIN(t->options.receive_buffer, most);
    if (t->window_granted)
        most = LWIP_MIN(most, t->window_granted);
    return between(WINDOW_LEAST, ist__budget_left() / 4, most);
}

static uint32_t now_us(void)
{
    return (uint32_t)(ist_monotonic() / 1000);
}

/* Hook: of a connection that is being opened. Its object, or its listener's, is known; on a second call it has scaling. */
uint32_t ist__tcp_window(struct tcp_pcb *pcb)
{
    const struct ist__tcp *t = pcb->callback_arg;
    const struct netif *netif = ip_current_input_netif();
    uint32_t most = ist__link_window(netif), start = WINDOW_START;

    if (!(pcb->flags & TF_WND_SCALE))
        pcb->opened = now_us();
    if (t && t->options.receive_buffer)
        return t->options.receive_buffer;
    if (netif)
        start = LWIP_MAX(start, PACKETS_START * netif->mtu);
    return between(WINDOW_LEAST, ist__budget_left() / 256, most ? LWIP_MIN(start, most) : start);
}

void ist__tcp_window_start(struct ist__tcp *t)
{
    t->rtt_us = between(1, now_us() - t->pcb->opened, RTT_MOST_US);
    t->window_granted = ist__link_window(ip_current_input_netif());
}

/* Four times what is read in a round trip, at the end of one; else 0. */
static uint32_t round_measure(struct ist__tcp *t, uint32_t n)
{
    uint32_t now = now_us(), took = now - t->round_began_us;
    uint64_t target = 0;

    t->round_len += n;
    if (t->round_open && took < t->rtt_us && TCP_SEQ_GEQ(t->pcb->rcv_nxt, t->round_edge))
        t->rtt_us = took;
    if (t->round_open && took >= t->rtt_us) {
        target = t->rtt_us < RTT_LEAST_US ? 1 : LWIP_MAX((uint64_t)t->round_len * t->rtt_us / took * 4, 1);
        t->round_open = false;
    }
    if (!t->round_open) {    /* begins behind these bytes: they are of the time before */
        t->round_open = true;
        t->round_began_us = now;
        t->round_len = 0;
        t->round_edge = t->pcb->rcv_nxt + t->pcb->rcv_wnd + n;
    }
    return (uint32_t)LWIP_MIN(target, TCP_WND);
}

/*
 * What the window is to be: four times what is read in a round trip; more would only stand in queues. A receiver knows two bounds of
 * a round trip: what the handshake took, and the time from when a window is advertised until all of it has come. Where round trips have
 * become much longer, or are so short that they say nothing, a long transfer grows all the same, up to BULK.
 */
static uint32_t window_wanted(struct ist__tcp *t, uint32_t n)
{
    uint32_t target = round_measure(t, n), max = t->pcb->rcv_wnd_max, bulk;

    t->read_len = LWIP_MIN(t->read_len + n, UINT32_MAX / 2);
    bulk = between(WINDOW_START, t->read_len / 32, BULK);
    if (target && target < max / 2)
        return LWIP_MAX(bulk, max - max / 8);
    return LWIP_MAX(LWIP_MAX(target, bulk), max);
}

uint32_t ist__tcp_window_open(struct ist__tcp *t, uint32_t n)
{
    struct tcp_pcb *pcb = t->pcb;
    uint32_t most = window_most(t), wanted = t->options.receive_buffer ? most : window_wanted(t, n);

    wanted = LWIP_MIN(wanted, most);
    if (wanted < pcb->rcv_wnd_max) {
        uint32_t kept = LWIP_MIN(n, pcb->rcv_wnd_max - wanted);
        pcb->rcv_wnd_max -= kept;
        return n - kept;
    }
    n += wanted - pcb->rcv_wnd_max;
    pcb->rcv_wnd_max = wanted;
    return n;
}

int32_t ist__tcp_window_of(const struct ist__tcp *t)
{
    if (t->options.receive_buffer)
        return (int32_t)t->options.receive_buffer;
    return t->pcb && t->phase == IST__TCP_CONNECTED ? (int32_t)t->pcb->rcv_wnd_max : (int32_t)WINDOW_START;
}

/*
 * Hook: in the last quarter, whether @len bytes of data are dropped. The less is left, the less may one hold, so that there is always
 * some for those whose readers keep up. A connection that was closed keeps nothing but what waits behind gaps.
 */
bool ist__tcp_refuse(const struct tcp_pcb *pcb, uint32_t len, bool in_order)
{
    const struct ist__tcp *t = pcb->callback_arg;   /* NULL: closed; who has not been accepted yet has its listener's */

    uint32_t left = ist__budget_left();

    if (!in_order)
        return true;
    return t && (left == 0 || (t->rx_len && t->rx_len + len > left / CROWD));
}

/* ---- the send buffer */

uint32_t ist__tcp_send_limit(const struct ist__tcp *t)
{
    uint32_t in_flight = t->pcb ? LWIP_MIN(t->pcb->cwnd, t->pcb->snd_wnd_max) + ist__sack_gone(t->pcb) : 0;
    uint32_t left = ist__budget_left(), most;

    if (t->options.send_buffer)
        return t->options.send_buffer;
    if (ist__budget_tight())
        return between(SEND_LEAST, left / CROWD, SEND_START);
    most = between(SEND_START, left / 4, TCP_SND_BUF);
    return LWIP_MIN(SEND_START + LWIP_MIN(in_flight, TCP_SND_BUF) / 4 * 5, most);
}
