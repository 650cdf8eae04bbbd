/*
 * udp.c - worlds of UDP: every datagram is accounted for
 *
 * Each carries its number. What the link let through unharmed is delivered, as often as it was let through; what it harmed is not,
 * or it is whole none the less; and what send took has been on the link: on Ethernet more than a few at once
 * may be dropped while the neighbour is asked for, as anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "harm.h"
#include "packet.h"
#include "scenario.h"

#define PORT      9000u
#define PAIRS     8u
#define NUMBERED  12u      /* bytes of the head: a mark, and the number twice */
#define MARK      0x49535400u
#define LINGER    (90 * S) /* fragments that wait for others are gone after a minute */

struct datagram {
    uint32_t len;
    bool sent, whole;      /* whole: in one packet */
    uint32_t n_wire, n_intact, n_harmed, n_delivered;
};

struct sender {
    struct stack *stack;
    ist_handle h;
    struct ist_address to;
    uint64_t next;
    uint32_t left, current;    /* current: 1 + a datagram that send did not take yet */
};

static struct datagram *datagrams;
static uint32_t n_datagrams, n_strays;
static struct sender senders[2 * PAIRS];
static uint32_t n_senders;
static uint64_t gap_most;
static uint8_t buf[65536];

/* Frames that are not as they were sent. */
static uint32_t harmed(void)
{
    return (uint32_t)(the_link.n_flipped + the_link.n_truncated);
}

static void number_put(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, 4);
}

/* The number of a datagram that is as it was sent, and n_datagrams for any other. */
static uint32_t number_of(const uint8_t *p, uint32_t len)
{
    uint32_t mark, number, again;

    if (len < NUMBERED)
        return n_datagrams;
    memcpy(&mark, p, 4);
    memcpy(&number, p + 4, 4);
    memcpy(&again, p + 8, 4);
    if (mark != MARK || again != number || number >= n_datagrams || datagrams[number].len != len ||
        pattern_differs(world.seed + number, 0, p + NUMBERED, len - NUMBERED) != len - NUMBERED)
        return n_datagrams;
    return number;
}

static void watch(const uint8_t *packet, uint32_t len, bool arrives, bool is_harmed)
{
    uint16_t port;
    uint32_t n, number;
    const uint8_t *p = packet_udp(packet, len, &port, &n);

    if (!p || is_harmed || (number = number_of(p, n)) == n_datagrams)
        return;
    datagrams[number].n_wire++;
    datagrams[number].n_intact += arrives;
}

static uint32_t datagram_new(const struct sender *s)
{
    struct rng *r = &world.chance;
    struct datagram *d = &datagrams[n_datagrams];
    uint32_t head = s->to.family == IST_IPV4 ? 28 : 48;

    d->len = NUMBERED + (uint32_t)(rng_below(r, 8) ? rng_below(r, the_link.mtu - head - NUMBERED + 1) : rng_skewed(r, 20000));
    d->whole = d->len + head <= the_link.mtu;
    return n_datagrams++;
}

static bool sender_run(struct sender *s)
{
    struct datagram *d;
    int32_t r;

    if (!s->left || s->next > world.now)
        return false;
    if (!s->current)
        s->current = 1 + datagram_new(s);
    d = &datagrams[s->current - 1];
    number_put(buf, MARK);
    number_put(buf + 4, s->current - 1);
    number_put(buf + 8, s->current - 1);
    pattern_fill(world.seed + s->current - 1, 0, buf + NUMBERED, d->len - NUMBERED);
    r = s->stack->ist_datagram_send(s->h, buf, d->len, &s->to);
    s->next = world.now + 1 + rng_skewed(&world.chance, gap_most);
    event_at(s->next, NULL, NULL);
    if (r == IST_EAGAIN || (r == IST_ENETUNREACH && mercy.unreachable) || (r == IST_EHOSTUNREACH && mercy.neighbours) ||
        (r == IST_ENOMEM && mercy.no_memory))
        return true;
    if (r != (int32_t)d->len)
        broken("stack %u: sending a datagram of %u bytes gave %d", s->stack->index, d->len, r);
    d->sent = true;
    report->n_datagrams++;
    s->current = 0;
    s->left--;
    return true;
}

static bool receive_all(const struct sender *s)
{
    struct ist_datagram from;
    bool any = false;
    int32_t n;

    while (s->stack->ist_ready(s->h) & (int32_t)IST_READABLE) {
        uint32_t number;
        n = s->stack->ist_datagram_recv(s->h, buf, sizeof buf, 0, &from);
        if (n == IST_EHOSTUNREACH && mercy.neighbours)
            continue;
        if (n < 0)
            broken("stack %u: it was readable, and receiving gave %d", s->stack->index, n);
        any = true;
        number = number_of(buf, (uint32_t)n);
        if (number < n_datagrams)
            datagrams[number].n_delivered++;
        else if (++n_strays > harmed() || !mercy.wrong_bytes)
            broken("stack %u: a datagram of %d bytes is delivered that nobody sent", s->stack->index, n);
    }
    return any;
}

static bool run(void)
{
    bool any = false;

    for (uint32_t i = 0; i < n_senders; i++) {
        any |= receive_all(&senders[i]);
        any |= sender_run(&senders[i]);
    }
    return any;
}

static bool sent_all(void)
{
    for (uint32_t i = 0; i < n_senders; i++)
        if (senders[i].left)
            return false;
    return link_flying() == 0;
}

static void judge(void)
{
    uint32_t n_doubled = (uint32_t)the_link.n_doubled, n_harmed = harmed();

    for (uint32_t i = 0; i < n_datagrams; i++) {
        const struct datagram *d = &datagrams[i];
        if (!d->whole) {
            if (d->n_delivered > 1 + n_doubled)
                broken("datagram %u, in fragments, is delivered %u times", i, d->n_delivered);
            continue;
        }
        if (d->n_delivered < d->n_intact && !mercy.no_memory)
            broken("datagram %u of %u bytes: the link let it through %u times, it is delivered %u times", i, d->len, d->n_intact, d->n_delivered);
        if (d->n_delivered > d->n_intact + n_harmed)
            broken("datagram %u of %u bytes: the link let it through %u times, and it is delivered %u times", i, d->len, d->n_intact, d->n_delivered);
        if (d->sent && !d->n_wire && !n_harmed && the_link.kind == IST_LINK_KIND_IP && !mercy.unreachable && !the_link.narrow)
            broken("datagram %u of %u bytes: send took it, and it has never been on the link", i, d->len);
    }
}

static void sender_open(struct sender *s, struct stack *stack, const struct stack *peer, uint32_t family, uint16_t port, uint32_t n)
{
    struct ist_address local = { .family = (uint8_t)family, .port = port };

    s->stack = stack;
    s->to = stack_address(peer, family, port);
    s->left = n;
    s->next = world.now + rng_skewed(&world.chance, 5 * S);
    event_at(s->next, NULL, NULL);
    for (int tries = 0; tries < 100; tries++) {
        s->h = stack->ist_udp_open(family);
        if (s->h != IST_ENOMEM || !mercy.no_memory)
            break;
    }
    if (s->h < 0 || stack->ist_socket_bind(s->h, &local) != 0 || stack->ist_option_set(s->h, IST_OPTION_RECEIVE_BUFFER, 1 << 24) != 0)
        broken("stack %u: no UDP socket", stack->index);
}

void udp_world(void)
{
    struct rng *r = &world.chance;
    uint32_t n_pairs = 1 + (uint32_t)rng_below(r, PAIRS), n_all = 0;

    network_begin(2);
    memory_baseline(64);
    gap_most = rng_half(r) ? 10 * MS : S;
    for (uint32_t i = 0; i < n_pairs; i++) {
        uint32_t family = rng_half(r) ? IST_IPV4 : IST_IPV6;
        for (uint32_t j = 0; j < 2; j++) {
            uint32_t n = (uint32_t)rng_skewed(r, 500);
            sender_open(&senders[n_senders++], &world.stacks[j], &world.stacks[1 - j], family, (uint16_t)(PORT + i), n);
            n_all += n;
        }
    }
    datagrams = calloc(n_all + 1, sizeof *datagrams);
    if (!datagrams)
        abort();
    the_link.watch = watch;
    if (harm->after)
        harm->after();
    world.programs = run;
    if (!world_run(sent_all, world.now + 24 * 3600 * S))
        broken("not all datagrams can be sent");
    world_run(NULL, world.now + LINGER);
    judge();
    for (uint32_t i = 0; i < n_senders; i++)
        senders[i].stack->ist_close(senders[i].h);
    world.programs = NULL;
    memory_settles();
    memory_ends();
}
