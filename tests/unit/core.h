/*
 * core.h - what the unit tests of the core share: a host written in the test, and packets made by hand
 *
 * The host keeps the rules of docs/link.md unless a test spoils a result. Its clock stands still until the stack waits: then it jumps
 * to the deadline.
 */
#ifndef TEST_CORE_H
#define TEST_CORE_H

#include "tap.h"

#include <isthmus/link.h>
#include <isthmus/stack.h>
#include <string.h>

#include "core/core.h"

#define MS          UINT64_C(1000000)
#define FAR_MAX     4
#define FAR_IN_CAP  (1u << 20)

struct far {
    uint32_t kind, mtu, frame_max, flags;
    const char *grant;
    int changed, closed;
    uint32_t takes;                       /* frames that it still takes; UINT32_MAX = all */
    int refused, wanted;
    uint8_t in[FAR_IN_CAP];               /* batch for the guest */
    uint32_t in_len;
    uint32_t n_out, n_calls;
    uint64_t last_deadline;
    void (*on_frame)(uint32_t link, const uint8_t *frame, uint32_t len);
};

static struct far far[FAR_MAX];
static uint32_t n_far = 1;
static uint64_t far_clock = 1000 * MS;
static uint8_t far_instance[16] = { 1 };
static uint8_t far_entropy = 1;           /* 0: none */
static uint32_t far_entropy_asked;
static char far_notes[65536];
static int far_wakes;                     /* waits to be ended early */
static void (*far_spoil)(struct ist_link *x, int32_t *result);

static inline uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* A frame for the guest. */
static inline void far_give(uint32_t link, const void *frame, uint32_t len)
{
    struct far *f = &far[link];

    if (f->in_len + 4 + len > FAR_IN_CAP) abort();
    put32(f->in + f->in_len, len);
    if (len)
        memcpy(f->in + f->in_len + 4, frame, len);
    f->in_len += 4 + len;
}

static inline void far_take(struct far *f, uint32_t link, const uint8_t *tx, uint32_t tx_len, struct ist_link *x)
{
    uint32_t at = 0;

    for (; at < tx_len && f->takes; f->takes -= f->takes != UINT32_MAX) {
        uint32_t n = be32(tx + at);
        f->n_out++;
        if (f->on_frame)
            f->on_frame(link, tx + at + 4, n);
        at += 4 + n;
    }
    x->tx_taken = at;
    f->refused = at < tx_len;
}

static inline void far_put(struct far *f, uint8_t *rx, struct ist_link *x)
{
    uint32_t at = 0;

    while (at < f->in_len && at + 4 + be32(f->in + at) <= x->rx_cap)
        at += 4 + be32(f->in + at);
    if (at)
        memcpy(rx, f->in, at);
    memmove(f->in, f->in + at, f->in_len - at);
    f->in_len -= at;
    x->rx_len = at;
}

static inline uint64_t far_ready(void)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < n_far; i++)
        if ((far[i].in_len && far[i].wanted) || (far[i].refused && far[i].takes) || far[i].changed)
            bits |= UINT64_C(1) << i;
    return bits;
}

static inline int32_t far_exchange(void *host, uint8_t *memory, uint64_t memory_len, uint32_t at)
{
    struct ist_link *x = (struct ist_link *)(void *)(memory + at);
    struct far *f = &far[x->link < FAR_MAX ? x->link : 0];
    int32_t result = 0;

    (void)host;
    if (x->magic != IST_LINK_MAGIC || x->size != sizeof *x || (uint64_t)x->tx + x->tx_len > memory_len ||
        (uint64_t)x->rx + x->rx_cap > memory_len || (uint64_t)x->text + x->text_cap > memory_len ||
        (uint64_t)x->note + x->note_len > memory_len) {
        printf("# the stack's own fields are wrong\nBail out!\n");
        exit(1);
    }
    if (x->link >= n_far)
        return IST_LINK_NO_LINK;
    f->n_calls++;
    f->wanted = x->rx_cap != 0;
    f->last_deadline = x->deadline;
    strncat(far_notes, (char *)memory + x->note, x->note_len < sizeof far_notes - strlen(far_notes) - 1 ? x->note_len : 0);
    if (f->closed && !f->in_len) {
        result = IST_LINK_CLOSED;
    } else {
        far_take(f, x->link, memory + x->tx, x->tx_len, x);
        far_put(f, memory + x->rx, x);
    }
    if (!x->rx_len && x->deadline > far_clock && !far_ready() && !(f->flags & IST_LINK_NOWAIT)) {
        if (far_wakes)
            far_wakes--;
        else if (x->deadline == UINT64_MAX)
            printf("# the stack would wait for ever\nBail out!\n"), exit(1);
        else
            far_clock = x->deadline;
    }
    if (x->want & IST_LINK_GRANT) {
        x->kind = f->kind;
        x->mtu = f->mtu;
        x->frame_max = f->frame_max;
        x->n_links = n_far;
        x->text_len = (uint32_t)strlen(f->grant);
        memcpy(memory + x->text, f->grant, x->text_len < x->text_cap ? x->text_len : x->text_cap);
        f->changed = x->text_len > x->text_cap;
    }
    if (x->want & IST_LINK_ENTROPY) {
        far_entropy_asked++;
        memset(x->entropy, far_entropy, sizeof x->entropy);
        far_entropy = (uint8_t)(far_entropy ? far_entropy + 1 : 0);
    }
    memcpy(x->instance, far_instance, 16);
    x->flags = f->flags | (f->in_len ? IST_LINK_MORE : 0) | (f->changed ? IST_LINK_GRANT_CHANGED : 0);
    x->monotonic = far_clock;
    x->realtime = far_clock + 1000000000 * MS;
    x->ready = far_ready();
    if (far_spoil)
        far_spoil(x, &result);
    return result;
}

/* One link as it is before a start: up, takes everything. */
static inline void far_link(uint32_t i, uint32_t kind, uint32_t mtu, const char *grant)
{
    memset(&far[i], 0, sizeof far[i]);
    far[i].kind = kind;
    far[i].mtu = mtu;
    far[i].frame_max = mtu + (kind == IST_LINK_KIND_ETHERNET ? 14 : 0);
    far[i].flags = IST_LINK_UP;
    far[i].grant = grant;
    far[i].takes = UINT32_MAX;
}

static inline int32_t far_start(void)
{
    far_notes[0] = 0;
    ist_link_host(far_exchange, NULL);
    return ist_start(NULL);
}

/* Turns until @ms have passed. */
static inline void pass(uint64_t ms)
{
    uint64_t until = far_clock + ms * MS;

    for (int i = 0; i < 1000000 && ist_monotonic() < until; i++)
        if (ist__turn(until) == IST_ENOLINK)
            break;
}

static inline void turns(int n)
{
    while (n-- > 0)
        ist__turn(IST_NO_WAIT);
}

static inline uint64_t memory_used(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.memory_used;
}

/* RFC 1071, word by word: the reference, and the checksums of packets made by hand. */
static inline uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
    for (size_t i = 0; i < n; i += 2) {
        sum += (uint32_t)p[i] << 8 | (i + 1 < n ? p[i + 1] : 0u);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return sum;
}

/* An IPv4 header of 20 bytes before @len bytes of payload that stand at p + 20. Returns the packet's length. */
static inline uint32_t ip4(uint8_t *p, uint8_t proto, const uint8_t from[4], const uint8_t to[4], uint32_t len)
{
    static uint16_t id;

    memset(p, 0, 20);
    p[0] = 0x45;
    put16(p + 2, 20 + len);
    put16(p + 4, ++id);
    p[8] = 64;
    p[9] = proto;
    memcpy(p + 12, from, 4);
    memcpy(p + 16, to, 4);
    put16(p + 10, ~sum16(p, 20, 0) & 0xffff);
    return 20 + len;
}

static inline uint32_t ip6(uint8_t *p, uint8_t proto, uint8_t hops, const uint8_t from[16], const uint8_t to[16], uint32_t len)
{
    memset(p, 0, 8);
    p[0] = 0x60;
    put16(p + 4, len);
    p[6] = proto;
    p[7] = hops;
    memcpy(p + 8, from, 16);
    memcpy(p + 24, to, 16);
    return 40 + len;
}

/* The checksum of a transport whose segment of @len bytes is at @s, over its pseudo-header. */
static inline uint16_t transport_sum(const uint8_t *addresses, uint32_t n_addresses, uint8_t proto, const uint8_t *s, uint32_t len)
{
    uint32_t sum = sum16(addresses, n_addresses, proto + len);

    return (uint16_t)~sum16(s, len, sum);
}

static inline uint32_t ether(uint8_t *p, const uint8_t to[6], const uint8_t from[6], uint32_t type, uint32_t len)
{
    memcpy(p, to, 6);
    memcpy(p + 6, from, 6);
    put16(p + 12, type);
    return 14 + len;
}

#endif
