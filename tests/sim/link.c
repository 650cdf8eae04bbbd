/*
 * link.c - the hub: each frame's fate is drawn when it is sent; what survives is an event at the time of its arrival
 */
#include "link.h"

#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "packet.h"

#define HELD_MOST (500 * MS)      /* what waits to be overtaken waits so long at most */

struct frame {
    struct frame *next;           /* while it is held */
    uint32_t from, len, left;     /* left: frames that have to overtake it */
    bool harmed, held;
    uint8_t bytes[];
};

struct path {                     /* of one sender */
    struct frame *held;
    uint64_t busy, last;          /* when the rate lets the next begin; when the last one arrives */
};

struct link the_link;
uint32_t link_lies;
static struct path paths[STACKS_MAX];
static uint8_t macs[STACKS_MAX][6];
static bool vanished;
static uint32_t n_flying;

void link_begin(uint32_t kind, uint32_t mtu)
{
    memset(&the_link, 0, sizeof the_link);
    the_link.kind = kind;
    the_link.mtu = mtu;
    the_link.chance = rng_of(world.seed, 1);
}

uint32_t link_flying(void)
{
    return n_flying;
}

static uint32_t packet_at(void)
{
    return the_link.kind == IST_LINK_KIND_ETHERNET ? 14 : 0;
}

static void tell(const struct frame *f, bool arrives)
{
    uint32_t at = packet_at();

    if (the_link.watch && f->len > at)
        the_link.watch(f->bytes + at, f->len - at, arrives, f->harmed);
}

static void frame_lost(struct frame *f)
{
    tell(f, false);
    n_flying--;
    free(f);
}

/* ---- arrival */

/* Whether a frame is for this stack, as far as a hub that has learnt can tell. */
static bool is_for(const struct frame *f, const struct stack *s)
{
    static const uint8_t nobody[6];

    if (the_link.kind == IST_LINK_KIND_ETHERNET)
        return f->len < 6 || (f->bytes[0] & 1) || !memcmp(f->bytes, macs[s->index], 6) || !memcmp(macs[s->index], nobody, 6);
    return world.n_stacks == 2 || packet_is_to(f->bytes, f->len, s->last);
}

static void arrive(void *arg)
{
    struct frame *f = arg;
    bool taken = false, refused = false;

    for (uint32_t i = 0; i < world.n_stacks; i++) {
        struct stack *s = &world.stacks[i];
        if (i == f->from || !s->up || !is_for(f, s))
            continue;
        if (s->ist_native_push(0, f->bytes, f->len) == 0) {
            capture_frame(i, true, f->bytes, f->len);
            taken = true;
        } else {
            the_link.n_refused++;
            refused = true;
        }
    }
    if (refused && !taken && the_link.pressing && world.n_stacks == 2) {
        event_at(world.now + MS, arrive, f);
        return;
    }
    tell(f, taken);
    n_flying--;
    free(f);
}

static uint64_t tick_up(uint64_t at, uint64_t tick)
{
    return tick ? (at + tick - 1) / tick * tick : at;
}

/* By rate, delay and jitter; in order. */
static void schedule(struct frame *f)
{
    const struct faults *x = &the_link.faults[f->from];
    struct path *p = &paths[f->from];
    uint64_t at = p->busy > world.now ? p->busy : world.now;

    if (x->rate) {
        if (at - world.now > x->queue) {
            the_link.n_lost++;
            frame_lost(f);
            return;
        }
        at += f->len * S / x->rate;
        p->busy = at;
    }
    at = tick_up(at + x->delay + rng_below(&the_link.chance, x->jitter), x->tick);
    p->last = at < p->last ? p->last : at;
    event_at(p->last, arrive, f);
}

/* ---- held frames: others overtake them */

static void unhold(struct frame *f)
{
    struct frame **at = &paths[f->from].held;

    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
    f->held = false;
    event_at(paths[f->from].last > world.now ? paths[f->from].last : world.now + the_link.faults[f->from].delay, arrive, f);
}

static void hold_end(void *arg)
{
    struct path *p = &paths[(size_t)arg];

    if (p->held)
        unhold(p->held);
}

static void hold(struct frame *f, uint32_t n)
{
    struct path *p = &paths[f->from];

    f->left = n;
    f->held = true;
    f->next = p->held;
    p->held = f;
    event_at(world.now + HELD_MOST, hold_end, (void *)(size_t)f->from);
    the_link.n_reordered++;
}

static void overtake(uint32_t from)
{
    for (struct frame *f = paths[from].held, *next; f; f = next) {
        next = f->next;
        if (--f->left == 0)
            unhold(f);
    }
}

/* ---- harm */

/* At most eight bits side by side: the checksums of the Internet see each of those. */
static void flip(struct frame *f, const struct faults *x)
{
    uint32_t at = packet_at(), i = at + (uint32_t)rng_below(&the_link.chance, f->len - at);
    uint8_t mask = (uint8_t)rng_between(&the_link.chance, 1, 255);

    if (!packet_is_ip(f->bytes + at, f->len - at))      /* ARP has no checksum: on Ethernet the frame's would have told */
        return;
    f->bytes[i] ^= mask;
    f->harmed = true;
    if (x->flip_repaired || link_lies)
        checksums_repair(f->bytes + at, f->len - at);
    the_link.n_flipped++;
}

static void truncate_(struct frame *f)
{
    f->len = (uint32_t)rng_between(&the_link.chance, 1, f->len - 1);
    f->harmed = true;
    the_link.n_truncated++;
}

/* Whether from now on nothing passes. */
static void vanish(const struct frame *f)
{
    static uint64_t data;
    uint32_t at = packet_at(), flags, len;

    if (the_link.vanish == VANISH_NEVER || f->len <= at || !packet_tcp(f->bytes + at, f->len - at, &flags, &len))
        return;
    data += len;
    vanished |= (the_link.vanish == VANISH_SYN && (flags & 0x12) == 0x02) || (the_link.vanish == VANISH_SYN_ACK && (flags & 0x12) == 0x12) ||
                (the_link.vanish == VANISH_FIN && (flags & 0x01)) || (the_link.vanish == VANISH_DATA && data > the_link.vanish_after);
}

static bool is_lost(const struct frame *f, const struct faults *x)
{
    if (the_link.blocked || vanished || rng_chance(&the_link.chance, x->loss)) {
        the_link.n_lost++;
        return true;
    }
    if (x->hole && f->len > packet_at() + x->hole) {
        the_link.n_holed++;
        return true;
    }
    return false;
}

static void carry(struct frame *f)
{
    const struct faults *x = &the_link.faults[f->from];
    struct rng *r = &the_link.chance;

    n_flying++;
    if (is_lost(f, x)) {
        frame_lost(f);
        return;
    }
    vanish(f);
    if (f->len > packet_at() && rng_chance(r, link_lies ? link_lies : x->flip))
        flip(f, x);
    if (f->len > 1 && rng_chance(r, x->truncate))
        truncate_(f);
    overtake(f->from);
    if (rng_chance(r, x->reorder))
        hold(f, (uint32_t)rng_between(r, 1, x->reorder_most));
    else
        schedule(f);
}

static struct frame *frame_new(uint32_t from, const uint8_t *bytes, uint32_t len)
{
    struct frame *f = calloc(1, sizeof *f + len);

    if (!f)
        abort();
    f->from = from;
    f->len = len;
    memcpy(f->bytes, bytes, len);
    return f;
}

static void digest(const uint8_t *bytes, uint32_t len)
{
    uint64_t d = world.digest ^ world.now, word;

    for (; len >= 8; bytes += 8, len -= 8) {
        memcpy(&word, bytes, 8);
        d = (d ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        d ^= d >> 29;
    }
    for (; len; len--)
        d = (d ^ *bytes++) * UINT64_C(0x100000001b3);
    world.digest = d ^ d >> 31;
}

bool link_collect(void)
{
    static uint8_t buf[65536 + 64];
    bool any = false;
    int32_t n;

    for (uint32_t i = 0; i < world.n_stacks; i++) {
        struct stack *s = &world.stacks[i];
        while (s->up && (n = s->ist_native_pull(0, buf, sizeof buf)) > 0) {
            struct frame *f = frame_new(i, buf, (uint32_t)n);
            any = true;
            the_link.n_sent++;
            digest(buf, f->len);
            capture_frame(i, false, buf, f->len);
            if (the_link.kind == IST_LINK_KIND_ETHERNET && f->len >= 14)
                memcpy(macs[i], f->bytes + 6, 6);
            if (rng_chance(&the_link.chance, the_link.faults[i].duplicate)) {
                the_link.n_doubled++;
                carry(frame_new(i, buf, (uint32_t)n));
            }
            carry(f);
        }
    }
    return any;
}
