/*
 * linger.c - letting TCP finish before the instance ends
 *
 * Whoever ends an instance ends its TCP. A kernel would go on: deliver what was sent, answer the peer's FIN, stay in TIME-WAIT. Here
 * the data is waited for as long as the caller says; the end of a connection, whose loss costs the peer a timeout and no byte, for a
 * little while only.
 */
#include <lwip/priv/tcp_priv.h>
#include <isthmus/linger.h>
#include "core/core.h"
#include "socket/tcp.h"

#define FIN_UNANSWERED_NS UINT64_C(3000000000)   /* our FIN has not been acknowledged */
#define FIN_AWAITED_NS    UINT64_C(1000000000)   /* the peer's FIN has not come */

enum owed { NOTHING, PEERS_FIN, OUR_FIN, DATA };

static int holds_data(const struct tcp_seg *s)
{
    for (; s; s = s->next)
        if (s->len > 0)
            return 1;
    return 0;
}

static enum owed owed(const struct tcp_pcb *pcb)
{
    if (holds_data(pcb->unsent) || holds_data(pcb->unacked))
        return DATA;
    switch (pcb->state) {
    case FIN_WAIT_1: case CLOSING: case LAST_ACK:
        return OUR_FIN;
    case FIN_WAIT_2:
        return PEERS_FIN;
    default:
        return pcb->unsent || pcb->unacked ? OUR_FIN : NOTHING;
    }
}

static enum owed most_owed(void)
{
    enum owed most = NOTHING;

    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb && most != DATA; pcb = pcb->next) {
        enum owed o = owed(pcb);
        if (o > most)
            most = o;
    }
    return most;
}

int32_t ist_linger(uint64_t deadline)
{
    static const uint64_t patience_ns[] = { [PEERS_FIN] = FIN_AWAITED_NS, [OUR_FIN] = FIN_UNANSWERED_NS };
    enum owed before = NOTHING, most;
    uint64_t end = 0;
    int32_t r;

    if (!ist__started())
        return IST_ESTATE;
    r = ist__turn(IST_NO_WAIT);   /* the clock is fresh, and what was queued is on its way */
    while ((most = most_owed()) != NOTHING) {
        if (r < 0 && r != IST_EINTR)
            return r;
        if (most != before) {
            end = most == DATA ? deadline : ist_monotonic() + patience_ns[most];
            end = end < deadline ? end : deadline;
            before = most;
        }
        if (ist_monotonic() >= end)
            return most == DATA ? IST_ETIMEDOUT : 0;
        r = ist__turn(end);
    }
    return 0;
}

int32_t ist_linger_stream(ist_handle tcp, uint64_t deadline)
{
    struct ist__object *o;
    int32_t r;

    while ((o = ist__handle_get(tcp, &ist__tcp_class)) != NULL) {
        const struct ist__tcp *t = ist__tcp(o);
        if (!t->pcb || t->phase != IST__TCP_CONNECTED || owed(t->pcb) < OUR_FIN)
            return 0;
        if (ist_monotonic() >= deadline)
            return IST_ETIMEDOUT;
        r = ist__turn(deadline);
        if (r < 0 && r != IST_EINTR)
            return r;
    }
    return IST_EBADF;
}
