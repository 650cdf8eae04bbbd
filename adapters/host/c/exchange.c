/*
 * exchange.c - the one import, for any number of links
 *
 * Theory of operation. exchange() copies the guest's half of struct ist_link once, checks it, and from then on looks at
 * nothing that the guest could have made inconsistent; answers are collected in a struct of the host's own and copied back
 * as far as `size` allows. What a wait depends on are levels in the ports, brought up to date by turn(); the sleep
 * (host_system.c) is a ppoll on their descriptors and on the doorbell, so that nothing between the look and the sleep is lost.
 */
#include "levels.h"
#include "queue.h"

#include <isthmus/link.h>
#include <string.h>

#define SIZE_MIN offsetof(struct ist_link, tx_taken)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "struct ist_link is copied as it is");

/* One call. */
struct call {
    struct isthmus_host *host;
    uint8_t *memory;
    uint64_t memory_len;
    struct isthmus_port *port;  /* NULL: no such link */
    struct ist_link x;          /* what the guest wrote, and the answers */
    uint32_t oversize;          /* frames over frame_max in the batch */
};

/* ---- check -------------------------------------------------------------------------------------------------------- */

static int in_memory(const struct call *c, uint32_t at, uint32_t len)
{
    return len == 0 || (uint64_t)at + len <= c->memory_len;
}

/* Copies the guest's half. Returns 0 when there is no sound structure. */
static int fetch(struct call *c, uint32_t x)
{
    if (x % 8 != 0 || (uint64_t)x + 8 > c->memory_len)
        return 0;
    memcpy(&c->x, c->memory + x, 8);
    if (c->x.magic != IST_LINK_MAGIC || c->x.version != IST_LINK_VERSION || c->x.size < SIZE_MIN ||
        (uint64_t)x + c->x.size > c->memory_len)
        return 0;
    memcpy((uint8_t *)&c->x + 8, c->memory + x + 8, SIZE_MIN - 8);
    return in_memory(c, c->x.tx, c->x.tx_len) && in_memory(c, c->x.rx, c->x.rx_cap) &&
           in_memory(c, c->x.text, c->x.text_cap) && in_memory(c, c->x.note, c->x.note_len);
}

/* Whether what is left of the batch is whole frames end to end; counts those that the link cannot carry. */
static int check_batch(struct call *c)
{
    const uint8_t *at = c->memory + c->x.tx + c->x.tx_taken;
    uint32_t left = c->x.tx_len - c->x.tx_taken;

    c->oversize = 0;
    while (left) {
        uint32_t length;

        if (left < 4)
            return 0;
        length = frame_length(at);
        if (length == 0 || length > left - 4)
            return 0;
        if (c->port && length > c->port->frame_max)
            c->oversize++;
        at += 4 + length;
        left -= 4 + length;
    }
    return 1;
}

/* ---- take, give, wait --------------------------------------------------------------------------------------------- */

/* Takes what the port takes of what is left, dropping frames over frame_max on the way. */
static void take(struct call *c)
{
    struct isthmus_port *port = c->port;
    const uint8_t *batch = c->memory + c->x.tx;
    uint32_t at = c->x.tx_taken, end = c->x.tx_len;

    while (!port->closed && at < end) {
        uint32_t good = c->oversize ? at : end; /* end of the run of frames that are small enough */
        uint32_t taken;

        while (good < end && frame_length(batch + good) <= port->frame_max)
            good += 4 + frame_length(batch + good);
        taken = good > at ? port->vtable->take(port, batch + at, good - at) : 0;
        at += taken;
        if (at < good || at == end)
            break;
        c->host->dropped++;
        at += 4 + frame_length(batch + at);
    }
    c->x.tx_taken = at;
    port->seen.refused = at < end;
}

static void give(struct call *c)
{
    if (c->x.rx_cap && c->port->readable)
        c->x.rx_len = c->port->vtable->give(c->port, c->memory + c->x.rx, c->x.rx_cap);
}

/* The middle of the call: give, or wait for what ends a wait. */
static void wait_until(struct call *c)
{
    struct isthmus_host *host = c->host;
    uint64_t deadline = c->x.deadline;

    for (;;) {
        give(c);
        if (c->x.rx_len || deadline == IST_LINK_NO_WAIT || host->no_wait || isthmus_host_pending(host) ||
            host_now(host) >= deadline)
            return;
        if (host->sleep)
            host->sleep(host->user, deadline);
        else
            host->doze(host, deadline);
        port_turn(c->port);
    }
}

/* ---- answer ------------------------------------------------------------------------------------------------------- */

static void answer_grant(struct call *c)
{
    static const struct isthmus_port none = { .grant = "" };
    struct isthmus_port *port = c->port;
    const struct isthmus_port *from = port ? port : &none;
    size_t needed = strlen(from->grant);

    c->x.text_len = (uint32_t)needed;
    c->x.kind = from->kind;
    c->x.mtu = from->mtu;
    c->x.frame_max = from->frame_max;
    c->x.n_links = c->host->n_ports;
    if (needed > c->x.text_cap)
        return;
    if (needed)
        memcpy(c->memory + c->x.text, from->grant, needed);
    if (port && c->x.size >= sizeof c->x)
        port->seen.fetched = port->grant_version;
}

/* The flags of a link. What they say counts as reported. */
static uint32_t report(struct isthmus_port *port)
{
    port->seen.called = 1;
    port->seen.up = (uint8_t)port_up(port);
    port->seen.grant = port->grant_version;
    return (port->seen.up ? IST_LINK_UP : 0) | (port->seen.fetched == port->grant_version ? 0 : IST_LINK_GRANT_CHANGED) |
           (port->rx_summed ? IST_LINK_RX_SUMMED : 0) | (port->tx_sum_free ? IST_LINK_TX_SUM_FREE : 0) |
           (port->exclusive ? IST_LINK_EXCLUSIVE : 0);
}

/* Copies answers [from, to) back; a field that does not fit into size is not written at all. */
static void copy_back(const struct call *c, uint32_t x, size_t from, size_t to)
{
    if (to <= c->x.size)
        memcpy(c->memory + x + from, (const uint8_t *)&c->x + from, to - from);
}

#define COPY_BACK(field) copy_back(c, x, offsetof(struct ist_link, field), offsetof(struct ist_link, field) + sizeof c->x.field)

static void answer(struct call *c, uint32_t x, int served)
{
    struct isthmus_host *host = c->host;
    int more = served && c->x.rx_cap && c->port->readable;

    if (c->x.want & IST_LINK_GRANT)
        answer_grant(c);
    c->x.flags = (more ? IST_LINK_MORE : 0) | (host->no_wait ? IST_LINK_NOWAIT : 0) | (c->port ? report(c->port) : 0);
    for (uint32_t i = 0; i < host->n_ports; i++)
        if (port_ready(host->ports[i]))
            c->x.ready |= UINT64_C(1) << i;
    c->x.monotonic = host_now(host);
    c->x.realtime = host->realtime(host->user);
    memcpy(c->x.instance, host->instance, sizeof c->x.instance);
    host->renewed = 0;
    if (c->x.want & IST_LINK_ENTROPY && !host->entropy(host->user, c->x.entropy))
        memset(c->x.entropy, 0, sizeof c->x.entropy);

    COPY_BACK(tx_taken);
    COPY_BACK(rx_len);
    COPY_BACK(text_len);
    COPY_BACK(flags);
    COPY_BACK(ready);
    COPY_BACK(monotonic);
    COPY_BACK(realtime);
    COPY_BACK(instance);
    if (c->x.want & IST_LINK_ENTROPY)
        COPY_BACK(entropy);
    if (!(c->x.want & IST_LINK_GRANT))
        return;
    COPY_BACK(kind);
    COPY_BACK(mtu);
    COPY_BACK(frame_max);
    COPY_BACK(n_links);
}

int32_t isthmus_host_exchange(void *opaque, uint8_t *memory, uint64_t memory_len, uint32_t x)
{
    struct isthmus_host *host = opaque;
    struct call call = { .host = host, .memory = memory, .memory_len = memory_len }, *c = &call;
    int gone;

    if (!fetch(c, x))
        return IST_LINK_LAYOUT;
    c->port = c->x.link < host->n_ports ? host->ports[c->x.link] : NULL;
    if (!check_batch(c))
        return IST_LINK_LAYOUT;
    if (c->x.note_len && host->note)
        host->note(host->user, c->x.link, memory + c->x.note, c->x.note_len);
    for (uint32_t i = 0; i < host->n_ports; i++)
        port_turn(host->ports[i]);
    if (!c->port || (c->x.rx_cap && c->x.rx_cap < 4 + (uint64_t)c->port->frame_max)) {
        answer(c, x, 0);
        return c->port ? IST_LINK_SMALL : IST_LINK_NO_LINK;
    }
    if (c->x.deadline != IST_LINK_NO_WAIT)
        host->deadline = c->x.deadline;
    if (!c->port->seen.called)
        report(c->port); /* what holds at a link's first call is no news */
    c->port->seen.wanted = c->x.rx_cap != 0;

    take(c);
    wait_until(c);
    if (c->x.rx_len == 0) {
        /* Checked anew: the guest may have made rx overlap tx, and a port may have scribbled there. */
        if (c->port->seen.refused && c->port->writable && check_batch(c))
            take(c);
        give(c);
    }
    gone = c->x.rx_len == 0 && port_gone(c->port);
    if (gone)
        c->port->seen.closed = 1;
    answer(c, x, 1);
    return gone ? IST_LINK_CLOSED : 0;
}
