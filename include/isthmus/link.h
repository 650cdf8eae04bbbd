/*
 * link.h - the one import: a guest swaps packets with its host
 *
 * docs/link.md holds the rules; this header holds their layout. One call of exchange takes what the guest sends, gives
 * what has arrived, waits if it may, and stamps the time. It is the only function that the stack imports.
 */
#ifndef ISTHMUS_LINK_H
#define ISTHMUS_LINK_H

#include <stdint.h>

#define IST_LINK_MAGIC   0x48545349u  /* "ISTH" */
#define IST_LINK_VERSION 1u
#define IST_LINK_MAX     64u          /* links of one instance */

/* struct ist_link.want */
#define IST_LINK_GRANT   1u           /* kind, mtu, frame_max, n_links and text are asked for */
#define IST_LINK_ENTROPY 2u           /* 32 fresh random bytes are asked for */

/* struct ist_link.flags */
#define IST_LINK_UP            1u     /* the link carries frames */
#define IST_LINK_MORE          2u     /* a frame is left that did not fit into rx */
#define IST_LINK_GRANT_CHANGED 4u     /* fetch the grant again; stays until it has been fetched whole */
#define IST_LINK_RX_SUMMED     8u     /* the host vouches for the checksums of the frames given */
#define IST_LINK_TX_SUM_FREE   16u    /* frames sent need no checksum */
#define IST_LINK_NOWAIT        32u    /* this host cannot wait: it calls ist_pump */
#define IST_LINK_EXCLUSIVE     64u    /* after a restore: the original is gone, the snapshot is used up */

/* struct ist_link.kind */
#define IST_LINK_KIND_IP       1u     /* IP packets */
#define IST_LINK_KIND_ETHERNET 2u     /* Ethernet frames */
#define IST_LINK_KIND_UDP      3u     /* UDP datagrams, each after struct ist_link_peer */
#define IST_LINK_KIND_SERVICE  4u     /* requests and answers: u32 id, u8 op, bytes */

/* struct ist_link.deadline */
#define IST_LINK_NO_WAIT     UINT64_C(0)
#define IST_LINK_NO_DEADLINE UINT64_MAX

/* result of exchange */
#define IST_LINK_CLOSED  (-1)         /* for good; all that the link still held has been given */
#define IST_LINK_LAYOUT  (-2)         /* magic, version, alignment, range, or a broken batch */
#define IST_LINK_NO_LINK (-3)         /* link >= n_links */
#define IST_LINK_SMALL   (-4)         /* 0 < rx_cap < 4 + frame_max */

/* All fields little-endian, all addresses offsets into the guest's memory. */
struct ist_link {
    /* the guest writes */
    uint32_t magic;
    uint16_t version;
    uint16_t size;          /* the host touches no byte past it */
    uint32_t link;          /* index, from 0 */
    uint32_t want;
    uint64_t deadline;      /* absolute, ns in the clock of monotonic */
    uint32_t tx, tx_len;    /* batch: whole frames, each a u32 big-endian length and the bytes */
    uint32_t rx, rx_cap;
    uint32_t text, text_cap;
    uint32_t note, note_len;
    /* the host writes */
    uint32_t tx_taken;      /* bytes, at a frame's end */
    uint32_t rx_len;
    uint32_t text_len;      /* what the grant needs; greater than text_cap: ask again */
    uint32_t flags;
    uint64_t ready;         /* bit i: link i has frames to give, or can take what it refused */
    uint64_t monotonic;     /* ns */
    uint64_t realtime;      /* ns UTC, 0 = unknown */
    uint8_t  instance[16];  /* random; new at every start, restore or fork */
    uint8_t  entropy[32];   /* if IST_LINK_ENTROPY; all zero: the host has none */
    uint32_t kind, mtu, frame_max, n_links; /* if IST_LINK_GRANT */
};

/* Before each datagram of a link of kind UDP. */
struct ist_link_peer {
    uint8_t  ip[16];        /* IPv6, or v4-mapped */
    uint16_t port;          /* big-endian */
    uint8_t  ecn;
    uint8_t  zero;
};

#ifdef __wasm__
/**
 * isthmus_exchange() - swap frames with the host, wait, learn the time
 * @x:        in, out; a multiple of 8
 *
 * The only function that the stack imports. All rules stand in docs/link.md.
 *
 * Returns: 0
 * Errors:  IST_LINK_CLOSED   this link is gone for good; the rest of the call was an ordinary one
 *          IST_LINK_LAYOUT   *@x or the batch is not sound; nothing was done, nothing written
 *          IST_LINK_NO_LINK  there is no such link; time and want are answered
 *          IST_LINK_SMALL    rx has no room for the longest frame; time and want are answered
 * Waits:   until a frame, room for a refused one, a change or x->deadline; the host may end it early
 * Owner:   caller keeps *@x and all that it points to
 * Source:  docs/link.md
 */
__attribute__((import_module("isthmus"), import_name("exchange")))
int32_t isthmus_exchange(struct ist_link *x);
#else
/* Natively the host is a function of the embedding program. All addresses in *x are offsets from memory, as they are in an
 * instance. */
typedef int32_t (*ist_exchange_fn)(void *host, uint8_t *memory, uint64_t memory_len, uint32_t x);

/**
 * ist_link_host() - name the host; before ist_start(), natively only
 * @exchange: what isthmus_exchange() is elsewhere; isthmus_host_exchange() of adapters/host/c is one
 * @host:     handed to it
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   caller keeps @host for as long as the stack runs
 * Source:  none
 */
void ist_link_host(ist_exchange_fn exchange, void *host);
#endif

#endif
