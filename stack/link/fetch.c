/*
 * fetch.c - asking the host who we are: the grant of a link, and the memory of its batches
 */
#include <stdlib.h>
#include <string.h>

#include "link/link.h"
#include "port/exchange.h"

#define TEXT_FIRST   1024u
#define TEXT_MAX     (UINT32_C(1) << 20)   /* a grant of more is refused */
#define MTU_MIN      68u                   /* RFC 791 */
#define MTU_IP       65535u
#define MTU_ETHERNET 65520u
#define ETHER_LEN    14u
#define ALIGN8(n)    (((n) + 7) & ~UINT32_C(7))

/* What a call for the grant brings. */
struct fetched {
    struct ist_link x;
    char *text;
};

/* One call with room for @cap bytes of text. The block is the whole memory that the host sees of it. */
static int32_t fetch_once(uint32_t index, uint32_t cap, struct fetched *out)
{
    uint32_t len = (uint32_t)sizeof (struct ist_link) + cap;
    uint8_t *block = calloc(1, len + 1);
    struct ist_link *x = (struct ist_link *)(void *)block;
    int32_t r;

    if (!block)
        return IST_ENOMEM;
    *x = (struct ist_link){ .magic = IST_LINK_MAGIC, .version = IST_LINK_VERSION, .size = sizeof *x, .link = index };
    x->want = IST_LINK_GRANT | (ist__entropy_wanted() ? IST_LINK_ENTROPY : 0);
    x->text = ist__port_address(block, block + sizeof *x);
    x->text_cap = cap;
    ist__links.counts.exchanges++;
    r = ist__link_stamp(x, ist__port_exchange(block, len, x));
    out->x = *x;
    out->text = NULL;
    if (r == 0 && x->text_len <= cap) {
        out->text = malloc(x->text_len + 1);
        if (out->text) {
            memcpy(out->text, block + sizeof *x, x->text_len);
            out->text[x->text_len] = 0;
        }
    }
    free(block);
    if (r == 0 && out->x.text_len <= cap && !out->text)
        return IST_ENOMEM;
    return r == 0 ? 0 : r == IST_LINK_CLOSED || r == IST_LINK_NO_LINK ? IST_ENOLINK : IST_EPROTO;
}

static int32_t fetch(uint32_t index, struct fetched *out)
{
    uint32_t cap = TEXT_FIRST;

    for (int tries = 0; tries < 4; tries++) {     /* it may grow while we ask */
        int32_t r = fetch_once(index, cap, out);
        if (r != 0 || out->text)
            return r;
        if (out->x.text_len > TEXT_MAX)
            break;
        cap = out->x.text_len;
    }
    ist__note_link(index, "the grant is longer than 1 MiB; link ignored");
    return IST_EPROTO;
}

int32_t ist__link_grant(uint32_t index, uint32_t *kind, uint32_t *frame_max, char **text)
{
    struct fetched f;
    int32_t r = fetch(index, &f);

    if (r != 0)
        return r;
    *kind = f.x.kind;
    *frame_max = f.x.frame_max;
    *text = f.text;
    return 0;
}

/* The MTU that lwIP can have: 16-bit lengths, and the link's own limit. 0: the link is of no use. */
static uint32_t usable_mtu(const struct ist_link *x)
{
    uint32_t lead = x->kind == IST_LINK_KIND_ETHERNET ? ETHER_LEN : 0;
    uint32_t mtu = x->mtu, most = lead ? MTU_ETHERNET : MTU_IP;

    if (x->frame_max > IST__FRAME_MAX || x->frame_max < lead + MTU_MIN)
        return 0;
    if (mtu > most)
        mtu = most;
    if (mtu > x->frame_max - lead)
        mtu = x->frame_max - lead;
    return mtu >= MTU_MIN ? mtu : 0;
}

/* The block of the batches, for frames of @frame_max. What waits in the old one moves over. */
static bool block_alloc(struct ist__link *link, uint32_t frame_max)
{
    uint32_t least = 2 * (4 + frame_max);     /* one frame on its way while the next is made */
    uint32_t cap = ist__links.batch_cap > least ? ist__links.batch_cap : least, head, len;
    uint8_t *block;

    cap = ALIGN8(cap);
    if (link->block && cap <= link->cap)
        return true;
    head = (uint32_t)sizeof (struct ist_link) + IST__NOTE_CAP;
    len = head + 2 * cap;
    block = malloc(len);
    if (!block)
        return false;
    memset(block, 0, head);
    if (link->block) {
        memcpy(block, link->block, head);
        memcpy(block + head, link->tx, link->tx_len);
        memcpy(block + head + cap, link->rx, link->rx_len);
        free(link->block);
    }
    link->block = block;
    link->block_len = len;
    link->x = (struct ist_link *)(void *)block;
    link->note = block + sizeof (struct ist_link);
    link->tx = block + head;
    link->rx = link->tx + cap;
    link->cap = cap;
    link->x->magic = IST_LINK_MAGIC;
    link->x->version = IST_LINK_VERSION;
    link->x->size = sizeof (struct ist_link);
    link->x->link = link->index;
    link->x->note = ist__port_address(block, link->note);
    link->x->tx = ist__port_address(block, link->tx);
    link->x->rx = ist__port_address(block, link->rx);
    link->x->rx_cap = cap;
    return true;
}

static bool is_ours(uint32_t kind)
{
    return kind == IST_LINK_KIND_IP || kind == IST_LINK_KIND_ETHERNET;
}

/* Takes over what was fetched. 0, IST_ENOMEM, IST_EPROTO. */
static int32_t adopt(struct ist__link *link, struct fetched *f)
{
    uint32_t mtu = usable_mtu(&f->x);

    if (mtu == 0) {
        free(f->text);
        ist__note_link(link->index, "the grant's mtu and frame_max cannot be used; link ignored");
        return IST_EPROTO;
    }
    if (!block_alloc(link, f->x.frame_max)) {
        free(f->text);
        return IST_ENOMEM;
    }
    free(link->text);
    link->text = f->text;
    link->text_len = f->x.text_len;
    link->kind = f->x.kind;
    link->mtu = mtu;
    link->frame_max = f->x.frame_max;
    link->flags = f->x.flags;
    link->grant_stale = (f->x.flags & IST_LINK_GRANT_CHANGED) != 0;
    link->deaf = true;           /* that call had no room for frames */
    ist__grant_parse(&link->grant, link->text, link->index);
    return 0;
}

/* Link @index for the first time. A link that the stack has no use for stays NULL: it is the program's. */
static int32_t link_open(uint32_t index)
{
    struct ist__link *link;
    struct fetched f;
    int32_t r = fetch(index, &f);

    if (r != 0)
        return r;
    if (index == 0)
        ist__links.n = f.x.n_links < 1 ? 1 : f.x.n_links > IST_LINK_MAX ? IST_LINK_MAX : f.x.n_links;
    if (!is_ours(f.x.kind)) {
        free(f.text);
        return 0;
    }
    link = calloc(1, sizeof *link);
    if (!link) {
        free(f.text);
        return IST_ENOMEM;
    }
    link->index = index;
    r = adopt(link, &f);
    if (r != 0) {
        free(link);
        return r;
    }
    ist__links.at[index] = link;
    return 0;
}

/* A link that cannot be used has been noted; the rest works without it. */
int32_t ist__links_fetch(void)
{
    int32_t first = link_open(0);
    bool any = first == 0;

    for (uint32_t i = 1; i < ist__links.n; i++) {
        int32_t r = link_open(i);
        if (r == IST_ENOMEM)
            return r;
        any |= r == 0;
    }
    return any ? 0 : first;
}

int32_t ist__link_fetch(struct ist__link *link)
{
    struct fetched f;
    int32_t r = fetch(link->index, &f);

    if (r == IST_ENOLINK) {
        ist__link_break(link, "the link is gone");
        return r;
    }
    if (r != 0)
        return r;
    if (f.x.kind != link->kind) {
        free(f.text);
        ist__link_break(link, "a link cannot change its kind; link closed");
        return IST_EPROTO;
    }
    return adopt(link, &f);
}

void ist__link_free(struct ist__link *link)
{
    free(link->text);
    free(link->block);
    free(link);
}
