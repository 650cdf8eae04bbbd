/*
 * exchange.c - one exchange on one link (docs/link.md)
 *
 * A host's lengths are checked: one that lies about them has its link declared dead, with a note, and nothing of that call is used.
 */
#include <string.h>

#include "link/link.h"
#include "port/exchange.h"

struct ist__links ist__links;

static uint32_t frame_len(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void ist__link_break(struct ist__link *link, const char *why)
{
    if (link->closed)
        return;
    link->closed = true;
    link->tx_len = link->rx_len = 0;
    link->refused = false;
    ist__note_link(link->index, why);
}

/* memcmp() is a call and a loop there, where a wasm program has no other need of it. */
static bool instance_is(const uint8_t a[16], const uint8_t b[16])
{
    uint64_t x[2], y[2];

    memcpy(x, a, sizeof x);
    memcpy(y, b, sizeof y);
    return x[0] == y[0] && x[1] == y[1];
}

int32_t ist__link_stamp(struct ist_link *x, int32_t result)
{
    struct ist__links *all = &ist__links;

    if (result == IST_LINK_LAYOUT)
        return result;
    if (x->monotonic > all->monotonic)     /* rule 9: never back */
        all->monotonic = x->monotonic;
    all->realtime = x->realtime;
    if (x->want & IST_LINK_ENTROPY)
        ist__entropy_feed(x->entropy, x);
    memset(x->entropy, 0, sizeof x->entropy);
    if (result != 0 && result != IST_LINK_CLOSED)
        return result;
    all->ready = x->ready;
    all->nowait = (x->flags & IST_LINK_NOWAIT) != 0;
    if (!instance_is(all->instance, x->instance)) {
        memcpy(all->instance, x->instance, sizeof all->instance);
        all->renewed = true;
        all->exclusive = (x->flags & IST_LINK_EXCLUSIVE) != 0;
    }
    return result;
}

/* Whether @taken ends a frame of the batch. */
static bool is_frame_end(const struct ist__link *link, uint32_t taken)
{
    uint32_t at = 0;

    while (at < taken)
        at += 4 + frame_len(link->tx + at);
    return at == taken;
}

static bool batch_taken(struct ist__link *link, uint32_t taken)
{
    if (taken > link->tx_len || (taken < link->tx_len && !is_frame_end(link, taken))) {
        ist__link_break(link, "the host took what is no whole frame; link closed");
        return false;
    }
    link->tx_len -= taken;
    if (link->tx_len && taken)
        memmove(link->tx, link->tx + taken, link->tx_len);
    link->refused = link->tx_len != 0;
    if (link->full && taken) {
        link->full = false;
        link->moved = true;
    }
    return true;
}

static void call_prepare(struct ist__link *link, uint64_t deadline, bool listen)
{
    struct ist_link *x = link->x;

    x->want = ist__entropy_wanted() ? IST_LINK_ENTROPY : 0;
    x->deadline = deadline;
    x->tx_len = link->tx_len;
    x->rx_cap = listen ? link->cap : 0;
    x->note_len = link->note_len;
    x->text_cap = 0;
    x->tx_taken = x->rx_len = x->text_len = x->flags = 0;
    x->ready = 0;
    link->deaf = !listen;
}

static void call_check(struct ist__link *link, int32_t result, uint32_t room)
{
    switch (result) {
    case 0:
        break;
    case IST_LINK_CLOSED:
        link->closed = true;
        link->tx_len = 0;
        link->refused = link->deaf = false;
        return;
    default:
        ist__link_break(link, "the host refuses to exchange; link closed");
        return;
    }
    if (link->x->rx_len > room) {
        ist__link_break(link, "the host gave more than there was room for; link closed");
        return;
    }
    if (batch_taken(link, link->x->tx_taken))
        link->rx_len = room ? link->x->rx_len : link->rx_len;
}

/*
 * ist__link_exchange() - send the batch, take what has come, wait
 * @link:     with no frames left unfed if @listen
 * @deadline: absolute, ns; 0 = do not wait
 * @listen:   give room for frames; false inside lwIP, where frames that came before may still be on their way up
 *
 * Returns: 0
 * Errors:  as isthmus_exchange(); the link is closed then
 * Waits:   until @deadline
 */
int32_t ist__link_exchange(struct ist__link *link, uint64_t deadline, bool listen)
{
    struct ist_link *x = link->x;
    int32_t result;

    if (link->closed) {   /* such a call can still wait (rule 5) */
        link->tx_len = link->rx_len = 0;
        listen = false;
    }
    call_prepare(link, deadline, listen);
    link->note_len = 0;
    ist__links.counts.exchanges++;
    result = ist__link_stamp(x, ist__port_exchange(link->block, link->block_len, x));
    if (result == 0 || result == IST_LINK_CLOSED) {
        link->flags = x->flags;
        if (x->flags & IST_LINK_GRANT_CHANGED)
            link->grant_stale = true;
    }
    if (!link->closed)
        call_check(link, result, listen ? link->cap : 0);
    return result;
}
