/*
 * tcp_sack.c - what was lost, told by what has arrived behind it: SACK (RFC 2018) and recovery from loss by it (RFC 6675)
 *
 * Theory of Operation: the scoreboard is three bits of each segment in flight. A block of the peer's option sets SACKED. A segment
 * with three SACKED ones above it is LOST (RFC 6675 4, IsLost, in segments, as losses come); when it is sent again it is RESENT too. It
 * is lost again when three that were sent after that are SACKED, which RFC 6675 leaves to the timeout.
 *
 * `gone` is how many bytes sent are no longer on their way. RFC 6675's pipe is what is unacknowledged without them, and gone is all that
 * tcp_output() has to know to keep pipe below the congestion window: before recovery, in it and after it. So data behind a gap lets
 * new data out at once (limited transmit, RFC 6675 5 (3)), and within recovery holes go first.
 *
 * Nothing walks all segments at each ACK. `highest` says below what segments are lost, `judged` and `resend` only move forward, and
 * `runs` remember where the blocks end that the peer repeats. All of it is allocated when something has arrived behind a gap, and
 * freed when there is no gap: idle connections pay for a pointer. Without memory, and without SACK, NewReno goes on.
 *
 * The peer is believed as little as needed: a block must lie above what is acknowledged and end within what was sent. A duplicate report
 * (RFC 2883) does not, and says nothing new. What was SACKED is kept until it is acknowledged. A timeout forgets all, so that
 * data the peer has dropped is sent again; so does an ACK that ends where a SACKED segment begins.
 */
#include <lwip/priv/tcp_priv.h>
#include <string.h>

#include "core/private.h"

#define ABOVE 3    /* duplicate ACKs, in other words: RFC 6675 2, DupThresh */
#define RUNS  4    /* as many blocks fit into an option: RFC 2018 3 */
#define MARKS (TF_SEG_SACKED | TF_SEG_LOST | TF_SEG_RESENT)

/* Whole segments between two places, all of them SACKED. The last one is there as long as @right is above lastack. */
struct run {
    uint32_t left, right;
    struct tcp_seg *last;
};

struct ist__sack {
    struct tcp_seg *judged;     /* all before it has been looked at; NULL: begin with the first */
    struct tcp_seg *resend;     /* before it nothing is to be sent again; NULL: begin with the first */
    uint32_t highest[ABOVE];    /* where the highest SACKED segments begin; lastack: none */
    int32_t gone;
    struct run runs[RUNS];      /* the latest first */
};

static uint32_t seq(const struct tcp_seg *seg)
{
    return lwip_ntohl(seg->tcphdr->seqno);
}

static uint32_t end(const struct tcp_seg *seg)
{
    return seq(seg) + TCP_TCPLEN(seg);
}

/* After a timeout the later part of what was sent stands in the unsent queue again. */
static bool is_unsent(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return pcb->unsent && TCP_SEQ_GEQ(seq(seg), seq(pcb->unsent));
}

static struct tcp_seg *first(const struct tcp_pcb *pcb)
{
    return pcb->unacked ? pcb->unacked : pcb->unsent;
}

static struct tcp_seg *after(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return pcb->unacked && seg == pcb->unacked_last ? pcb->unsent : seg->next;
}

static void reset(struct tcp_pcb *pcb, struct ist__sack *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < ABOVE; i++)
        s->highest[i] = pcb->lastack;
    for (int i = 0; i < RUNS; i++)
        s->runs[i].left = s->runs[i].right = pcb->lastack;
}

static bool start(struct tcp_pcb *pcb)
{
    if (pcb->sack)
        return true;
    if (pcb->flags & TF_INFR)    /* NewReno has begun */
        return false;
    pcb->sack = mem_malloc(sizeof *pcb->sack);
    if (pcb->sack)
        reset(pcb, pcb->sack);
    return pcb->sack != NULL;
}

static void flags_clear(struct tcp_pcb *pcb)
{
    for (struct tcp_seg *seg = first(pcb); seg && TCP_SEQ_LT(seq(seg), pcb->snd_nxt); seg = after(pcb, seg))
        seg->flags &= (uint8_t)~MARKS;
}

void ist__sack_forget(struct tcp_pcb *pcb)
{
    if (!pcb->sack)
        return;
    flags_clear(pcb);
    mem_free(pcb->sack);
    pcb->sack = NULL;
    tcp_clear_flags(pcb, TF_INFR);
}

uint32_t ist__sack_gone(const struct tcp_pcb *pcb)
{
    return pcb->sack && pcb->sack->gone > 0 ? (uint32_t)pcb->sack->gone : 0;
}

/* What a segment adds to gone: RFC 6675 4, SetPipe. One that was sent twice and has not been lost is on its way twice. */
static int32_t share(const struct tcp_seg *seg)
{
    switch (seg->flags & MARKS) {
    case TF_SEG_SACKED:
    case TF_SEG_LOST:   return seg->len;
    case TF_SEG_RESENT: return -seg->len;
    default:            return 0;
    }
}

static void mark(struct ist__sack *s, struct tcp_seg *seg, uint32_t marks)
{
    s->gone -= share(seg);
    seg->flags = (uint8_t)((seg->flags & ~MARKS) | marks);
    s->gone += share(seg);
}

/* ---- what the peer tells */

static void highest_add(struct ist__sack *s, uint32_t at)
{
    for (int i = 0; i < ABOVE; i++)
        if (TCP_SEQ_GT(at, s->highest[i])) {
            memmove(s->highest + i + 1, s->highest + i, (ABOVE - 1 - (size_t)i) * sizeof *s->highest);
            s->highest[i] = at;
            return;
        }
}

static void arrived(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    if (is_unsent(pcb, seg))    /* counts when it has been passed over */
        seg->flags = (uint8_t)((seg->flags & ~MARKS) | TF_SEG_SACKED);
    else
        mark(pcb->sack, seg, TF_SEG_SACKED);
    highest_add(pcb->sack, seq(seg));
}

/* Loses what has become so: all that is below the third highest. After a timeout all is sent again in any case. */
static void judge(struct tcp_pcb *pcb)
{
    struct ist__sack *s = pcb->sack;
    struct tcp_seg *seg = s->judged ? s->judged : pcb->unacked;

    if (pcb->flags & TF_RTO)
        return;
    for (; seg && TCP_SEQ_LT(seq(seg), s->highest[ABOVE - 1]); seg = seg->next)
        if (!(seg->flags & MARKS))
            mark(s, seg, TF_SEG_LOST);
    s->judged = seg;
}

/* What was sent again has been lost again: RFC 5681 4.3 wants the window to be halved again. */
static void lose_again(struct tcp_pcb *pcb)
{
    struct ist__sack *s = pcb->sack;
    struct tcp_seg *seg = pcb->unacked;
    uint32_t below = s->highest[ABOVE - 1];

    if (!(pcb->flags & TF_INFR) || !seg || !(seg->flags & TF_SEG_RESENT) || TCP_SEQ_GT(seg->resent_at, below))
        return;
    for (; seg && TCP_SEQ_LT(seq(seg), pcb->recover); seg = seg->next)
        if ((seg->flags & TF_SEG_RESENT) && TCP_SEQ_LEQ(seg->resent_at, below))
            mark(s, seg, TF_SEG_LOST);
    s->resend = NULL;
    pcb->cwnd = pcb->ssthresh = LWIP_MAX(pcb->cwnd / 2, 2u * pcb->mss);
    pcb->recover = pcb->snd_nxt;
    pcb->rtime = 0;
}

/* The run that ends highest of those that begin at or below @left and still stand; NULL: none. */
static struct run *run_find(const struct tcp_pcb *pcb, uint32_t left)
{
    struct run *best = NULL;

    for (struct run *r = pcb->sack->runs; r < pcb->sack->runs + RUNS; r++)
        if (TCP_SEQ_GT(r->right, pcb->lastack) && TCP_SEQ_LEQ(r->left, left) && (!best || TCP_SEQ_GT(r->right, best->right)))
            best = r;
    return best;
}

static void run_note(struct ist__sack *s, struct run *extends, uint32_t left, struct tcp_seg *last)
{
    if (!extends || TCP_SEQ_LT(extends->right, left)) {
        memmove(s->runs + 1, s->runs, (RUNS - 1) * sizeof *s->runs);
        extends = s->runs;
        extends->left = left;
    }
    extends->right = end(last);
    extends->last = last;
}

/* A block can be meant so: it is not empty, leaves a gap, and tells of nothing but what was sent. */
static bool plausible(const struct tcp_pcb *pcb, uint32_t ackno, uint32_t left, uint32_t right)
{
    uint32_t base = TCP_SEQ_GT(ackno, pcb->lastack) ? ackno : pcb->lastack;

    return (pcb->flags & TF_SACK) && pcb->state >= ESTABLISHED && left != base && left - base < right - base &&
           right - base <= pcb->snd_nxt - base;
}

uint8_t ist__sack_block(struct tcp_pcb *pcb, uint32_t ackno, uint32_t left, uint32_t right)
{
    struct tcp_seg *seg, *last = NULL;
    struct run *known;
    uint8_t news = 0;

    if (!plausible(pcb, ackno, left, right))
        return 0;
    if (!start(pcb))
        return 1;    /* as far as is known: it counts as a duplicate ACK */
    known = run_find(pcb, left);
    if (known && TCP_SEQ_LEQ(right, known->right))
        return 0;
    for (seg = known ? after(pcb, known->last) : first(pcb); seg && TCP_SEQ_LEQ(end(seg), right); seg = after(pcb, seg)) {
        if (TCP_SEQ_LT(seq(seg), left))
            continue;
        if (!(seg->flags & TF_SEG_SACKED)) {
            if (!seg->next && is_unsent(pcb, seg))    /* tcp_write() may still make it longer */
                break;
            arrived(pcb, seg);
            news = 1;
        }
        last = seg;
    }
    if (last)
        run_note(pcb->sack, known, left, last);
    judge(pcb);
    lose_again(pcb);
    return news;
}

/* ---- what is acknowledged */

void ist__sack_acked(struct tcp_pcb *pcb, uint32_t ackno)
{
    struct ist__sack *s = pcb->sack;

    for (struct tcp_seg *seg = pcb->unacked; s && seg && TCP_SEQ_LEQ(end(seg), ackno); seg = seg->next) {
        s->gone -= share(seg);
        if (seg == s->judged)
            s->judged = seg->next;
        if (seg == s->resend)
            s->resend = seg->next;
    }
}

void ist__sack_settle(struct tcp_pcb *pcb, uint8_t partial)
{
    struct ist__sack *s = pcb->sack;
    struct tcp_seg *seg = first(pcb);

    if (!s)
        return;
    if (seg && (seg->flags & TF_SEG_SACKED)) {    /* the peer has dropped what it told of: RFC 2018 8 */
        flags_clear(pcb);
        reset(pcb, s);
    } else if (TCP_SEQ_LEQ(s->highest[0], pcb->lastack)) {
        if (!(pcb->flags & TF_INFR)) {
            ist__sack_forget(pcb);
            return;
        }
        for (int i = 0; i < ABOVE; i++)
            s->highest[i] = pcb->lastack;
    }
    if (partial && pcb->unacked && !(pcb->unacked->flags & MARKS))
        mark(s, pcb->unacked, TF_SEG_LOST);    /* RFC 6582 3.2 step 3: also where fewer than three above it have arrived */
    lose_again(pcb);
}

/* ---- what is sent again */

uint8_t ist__sack_lost(const struct tcp_pcb *pcb)
{
    return pcb->sack && pcb->unacked && (pcb->unacked->flags & MARKS) == TF_SEG_LOST;
}

uint8_t ist__sack_begin(struct tcp_pcb *pcb)
{
    if (!(pcb->flags & TF_SACK) || !start(pcb))
        return 0;
    mark(pcb->sack, pcb->unacked, TF_SEG_LOST);
    pcb->sack->resend = NULL;
    return 1;
}

/* The first hole goes out whatever the window says, since all waits for it: RFC 6675 5 (4.3). */
static bool fits(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    int64_t pipe = (int64_t)(pcb->snd_nxt - pcb->lastack) - pcb->sack->gone;

    return seg == pcb->unacked || (pipe + seg->len <= pcb->cwnd && end(seg) - pcb->lastack <= pcb->snd_wnd);
}

/*
 * RFC 6675 4, NextSeg: (1) what is lost; (3) when there is nothing new to send also what may be. Only what was sent before recovery
 * began: what is lost of the rest is another congestion, and the next recovery's.
 */
err_t ist__sack_output(struct tcp_pcb *pcb)
{
    struct ist__sack *s = pcb->sack;
    struct tcp_seg *seg;
    uint32_t below;

    if (!s || !(pcb->flags & TF_INFR))
        return ERR_OK;
    below = s->highest[pcb->unsent ? ABOVE - 1 : 0];
    for (seg = s->resend ? s->resend : pcb->unacked; seg && TCP_SEQ_LT(seq(seg), pcb->recover); seg = seg->next) {
        err_t err;
        if (seg->flags & (TF_SEG_SACKED | TF_SEG_RESENT))
            continue;
        if ((!(seg->flags & TF_SEG_LOST) && TCP_SEQ_GEQ(seq(seg), below)) || !fits(pcb, seg))
            break;
        err = tcp_resend(pcb, seg);
        if (err == ERR_VAL)
            break;
        if (err != ERR_OK)
            return err;
        mark(s, seg, (seg->flags & TF_SEG_LOST) | TF_SEG_RESENT);
        seg->resent_at = pcb->snd_nxt;
    }
    s->resend = seg;
    return ERR_OK;
}

void ist__sack_pass(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = pcb->unsent;

    pcb->unsent = seg->next;
    seg->next = NULL;
    if (pcb->unacked)
        pcb->unacked_last->next = seg;
    else
        pcb->unacked = seg;
    pcb->unacked_last = seg;
    pcb->sack->gone += share(seg);
    if (pcb->rtime < 0)
        pcb->rtime = 0;
}
