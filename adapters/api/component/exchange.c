/*
 * exchange.c - the stack's one import over isthmus:link, which has the same contract without addresses
 *
 * The host asks for memory before it writes a list. The first that it asks for during a call is that of delivery.frames: it gets the
 * stack's own receive buffer, so that frames are copied once, by the host.
 */
#include <stdlib.h>
#include <string.h>
#include <isthmus/link.h>
#include "component.h"
#include "link.h"

/* record delivery, as the canonical ABI lays it out. */
struct delivery {
    uint8_t outcome, status;
    uint32_t taken;
    uint64_t ready, monotonic, realtime, instance[2];
    uint8_t *frames;
    uint32_t frames_len;
    uint8_t has_grant;
    struct {
        uint8_t kind;
        uint32_t mtu, frame_max, links;
        char *text;
        uint32_t text_len;
    } grant;
    _Alignas(8) uint8_t has_entropy;
    uint64_t entropy[4];
};
_Static_assert(offsetof(struct delivery, frames) == 48 && offsetof(struct delivery, grant) == 60 &&
               offsetof(struct delivery, has_entropy) == 88 && offsetof(struct delivery, entropy) == 96, "canonical ABI");

enum { STATUS_EXCLUSIVE = 32, STATUS_LOW = 31 };   /* up, more, grant-changed, rx-summed, tx-sum-free lie as in link.h */

IMPORT("isthmus:link/link@0.1", "exchange")
void host_exchange(uint32_t link, uint32_t want, uint64_t deadline, uint32_t room, const uint8_t *frames, uint32_t frames_len,
                   const char *note, uint32_t note_len, struct delivery *delivery);

static struct {
    uint8_t *rx;
    uint32_t cap;
    bool offered;
} room;

void *link_room(void *old, uint32_t old_len, uint32_t len)
{
    if (room.offered && !old && len <= room.cap) {
        room.offered = false;
        return room.rx;
    }
    if (!room.rx || old != room.rx)
        return NULL;
    if (len <= room.cap)      /* a host that writes text before it knows its length */
        return room.rx;
    old = take(len);
    memcpy(old, room.rx, old_len);
    return old;
}

static void *pointer(uint32_t address)
{
    return (void *)(uintptr_t)address;
}

static void give_back(void *list, uint32_t len)
{
    if (list != room.rx)
        give(list, len);
}

static int32_t frames_move(struct ist_link *x, struct delivery *d)
{
    bool fits = d->frames_len <= x->rx_cap;

    if (fits && d->frames_len && d->frames != room.rx)
        memcpy(pointer(x->rx), d->frames, d->frames_len);
    give_back(d->frames, d->frames_len);
    x->rx_len = fits ? d->frames_len : 0;
    return fits ? 0 : IST_LINK_LAYOUT;
}

static void grant_move(struct ist_link *x, struct delivery *d)
{
    x->kind = d->grant.kind + 1u;
    x->mtu = d->grant.mtu;
    x->frame_max = d->grant.frame_max;
    x->n_links = d->grant.links;
    x->text_len = d->grant.text_len;
    if (x->text_len && x->text_len <= x->text_cap)
        memcpy(pointer(x->text), d->grant.text, x->text_len);
    give_back(d->grant.text, d->grant.text_len);
}

int32_t isthmus_exchange(struct ist_link *x)
{
    struct delivery d;
    int32_t r;

    room.rx = x->rx_cap ? pointer(x->rx) : NULL;
    room.cap = x->rx_cap;
    room.offered = x->rx_cap != 0;
    host_exchange(x->link, x->want, x->deadline, x->rx_cap, pointer(x->tx), x->tx_len, pointer(x->note), x->note_len, &d);
    room.offered = false;
    x->tx_taken = d.taken;
    x->flags = (d.status & STATUS_LOW) | (d.status & STATUS_EXCLUSIVE ? IST_LINK_EXCLUSIVE : 0);
    x->ready = d.ready;
    x->monotonic = d.monotonic;
    x->realtime = d.realtime;
    memcpy(x->instance, d.instance, sizeof x->instance);
    if (x->want & IST_LINK_ENTROPY) {
        memset(x->entropy, 0, sizeof x->entropy);
        if (d.has_entropy)
            memcpy(x->entropy, d.entropy, sizeof x->entropy);
    }
    x->text_len = x->kind = x->mtu = x->frame_max = x->n_links = 0;
    r = frames_move(x, &d);
    if (d.has_grant)
        grant_move(x, &d);
    room.rx = NULL;
    return r ? r : -(int32_t)d.outcome;
}
