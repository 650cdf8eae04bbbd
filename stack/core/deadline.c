/*
 * deadline.c - when TCP has to do something next
 *
 * Theory of Operation: lwIP kept time in ticks of 250 and 500 ms, at each of which it looked at every connection. Here each connection
 * knows its own deadlines in milliseconds, and the earliest of all stands at the top of a heap, so that connections with nothing due
 * cost nothing and the host is told exactly how long it may wait.
 *
 * What is due is told by the pcb's own fields (due_of()); where the time must be remembered, timers_stamp() notes it when it sees
 * that a timer was started: lwIP sets rtime or persist_cnt to 0, or a flag. ist__tcp_timers_set() is called after whatever may have
 * brought a deadline nearer, which is at the end of tcp_output() and so of tcp_input(). A deadline that has moved away, as each
 * ACK moves that of a retransmission, leaves the heap alone: the place is put right when it comes to the top.
 *
 * It is a pairing heap through pointers of the pcb: nothing is allocated, so that no deadline is lost for want of memory. Times are 32
 * bits of milliseconds and compared by their difference: all lie within FAR of now.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/private.h"

#define ACK_DELAY_MS 40u     /* RFC 9293 3.8.6.3 allows 500 */
#define RETRY_MS     250u    /* what found no memory, or a full link */
#define PERSIST_MS   60000   /* most between two probes of a closed window */
#define FAR          (UINT32_C(1) << 30)    /* 12 days; the longest deadline is a keepalive of 9 hours */

static struct tcp_pcb *heap;

static bool earlier(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static struct tcp_pcb *merge(struct tcp_pcb *a, struct tcp_pcb *b)
{
    struct tcp_pcb *child;

    if (!a || !b)
        return a ? a : b;
    if (earlier(b->due_key, a->due_key))
        child = a, a = b;
    else
        child = b;
    child->due_next = a->due_child;
    if (child->due_next)
        child->due_next->due_back = &child->due_next;
    a->due_child = child;
    child->due_back = &a->due_child;
    a->due_next = NULL;
    return a;
}

/* Joins siblings: in pairs first, then the pairs, from the last on. */
static struct tcp_pcb *merge_siblings(struct tcp_pcb *list)
{
    struct tcp_pcb *pairs = NULL, *all = NULL;

    while (list) {
        struct tcp_pcb *a = list, *b = a->due_next;
        list = b ? b->due_next : NULL;
        a->due_next = NULL;
        if (b)
            b->due_next = NULL;
        a = merge(a, b);
        a->due_next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct tcp_pcb *a = pairs;
        pairs = a->due_next;
        a->due_next = NULL;
        all = merge(all, a);
    }
    return all;
}

static void heap_put(struct tcp_pcb *top)
{
    heap = top;
    if (top)
        top->due_back = &heap;
}

static void heap_add(struct tcp_pcb *pcb, uint32_t due)
{
    pcb->due_key = due;
    pcb->due_child = pcb->due_next = NULL;
    heap_put(merge(heap, pcb));
}

static void heap_remove(struct tcp_pcb *pcb)
{
    struct tcp_pcb *below = merge_siblings(pcb->due_child);

    if (pcb == heap) {
        heap_put(below);
    } else {
        *pcb->due_back = pcb->due_next;
        if (pcb->due_next)
            pcb->due_next->due_back = pcb->due_back;
        heap_put(merge(heap, below));
    }
    pcb->due_back = NULL;
}

static uint32_t not_zero(uint32_t time)
{
    return time ? time : 1;
}

/* What has no timer of its own and must not be forgotten: an ACK, a FIN for which there was no memory, a link that was full. */
static bool wants_soon(const struct tcp_pcb *pcb)
{
    return (pcb->flags & (TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND | TF_NAGLEMEMERR)) ||
           (pcb->unsent && !pcb->unacked && pcb->rtime < 0 && !pcb->persist_backoff);
}

static uint32_t persist_ms(const struct tcp_pcb *pcb)
{
    return (uint32_t)LWIP_MIN((int64_t)pcb->rto << (pcb->persist_backoff - 1), PERSIST_MS);
}

/* Notes the time of what was started since the last call. */
static void timers_stamp(struct tcp_pcb *pcb, uint32_t now)
{
    uint32_t soon = not_zero(now + (pcb->flags & (TF_ACK_DELAY | TF_ACK_NOW) ? ACK_DELAY_MS : RETRY_MS));

    if (!pcb->unsent)
        pcb->persist_backoff = 0;
    if (pcb->persist_backoff) {
        pcb->rtime = LWIP_MIN(pcb->rtime, 0);    /* stands still while the window is closed */
        if (!pcb->persist_cnt)
            pcb->due_rexmit = now + persist_ms(pcb);
        pcb->persist_cnt = 1;
    } else if (pcb->rtime == 0) {
        pcb->due_rexmit = now + (uint32_t)pcb->rto;
        pcb->rtime = 1;
    }
    if (!wants_soon(pcb))
        pcb->due_soon = 0;
    else if (!pcb->due_soon || earlier(soon, pcb->due_soon))
        pcb->due_soon = soon;
}

/* The nearest deadline of a connection, or @never. */
static uint32_t due_of(const struct tcp_pcb *pcb, uint32_t never)
{
    uint32_t due = never, end;

    if (pcb->state == CLOSED)
        return never;
    if (pcb->state != TIME_WAIT) {
        if ((pcb->persist_backoff || pcb->rtime > 0) && earlier(pcb->due_rexmit, due))
            due = pcb->due_rexmit;
        if (pcb->due_soon && earlier(pcb->due_soon, due))
            due = pcb->due_soon;
    }
    return ist__tcp_end(pcb, &end) && earlier(end, due) ? end : due;
}

void ist__tcp_timers_set(struct tcp_pcb *pcb)
{
    uint32_t now = sys_now(), never = now + FAR, due;

    if (!pcb->back)    /* on no list: about to go, or not yet there */
        return;
    timers_stamp(pcb, now);
    due = due_of(pcb, never);
    if (due == never || (pcb->due_back && !earlier(due, pcb->due_key)))
        return;
    ist__tcp_timers_stop(pcb);
    heap_add(pcb, due);
}

void ist__tcp_timers_stop(struct tcp_pcb *pcb)
{
    if (pcb->due_back)
        heap_remove(pcb);
}

/* The connection whose deadline is next, with its place in the heap put right. One that was postponed stands behind its deadline. */
static struct tcp_pcb *top(void)
{
    uint32_t never = sys_now() + FAR;

    while (heap) {
        struct tcp_pcb *pcb = heap;
        uint32_t due = due_of(pcb, never);
        if (due != never && !earlier(pcb->due_key, due))
            return pcb;
        heap_remove(pcb);
        if (due != never)
            heap_add(pcb, due);
    }
    return NULL;
}

int ist__tcp_timers_run(void)
{
    uint32_t now = sys_now();
    struct tcp_pcb *pcb;
    int ran = 0;

    while ((pcb = top()) != NULL && !earlier(now, pcb->due_key)) {
        heap_remove(pcb);
        ran = 1;
        if (!ist__tcp_expired(pcb, now))
            continue;
        ist__tcp_timers_set(pcb);
        if (pcb->due_back && !earlier(now, pcb->due_key)) {    /* nobody may hold the pump */
            heap_remove(pcb);
            heap_add(pcb, now + 1);
        }
    }
    return ran;
}

bool ist__tcp_timers_next(uint32_t *due)
{
    const struct tcp_pcb *pcb = top();

    if (pcb)
        *due = pcb->due_key;
    return pcb != NULL;
}
