/*
 * link.h - one link: its batches and its netif (private)
 *
 * Theory of Operation: exchange.c makes the call and notes what it brought, and does nothing else: it may run deep inside lwIP, when
 * a batch is full. Events (up, grant, instance, closed) and frames are acted on by the pump, from settle.c and frame.c, when lwIP is
 * not on the stack.
 */
#ifndef IST_LINK_PRIVATE_H
#define IST_LINK_PRIVATE_H

#include <stdbool.h>

#include <lwip/netif.h>
#include <lwip/pbuf.h>

#include "core/private.h"

#define IST__ADDRESSES_MAX  16u
#define IST__WINDOW_MIN     65536u
#define IST__BUDGET_MIN     262144u
#define IST__ALIASES_MAX    7u        /* IPv4 addresses of a link, after the first: lwIP has one a netif */
#define IST__NOTE_CAP       1024u
#define IST__FRAME_MAX      (UINT32_C(1) << 20)    /* a host that says more is broken */
#define IST__HOSTNAME_MAX   63u
#define IST__SUMMED         ((uint32_t)(IST_LINK_RX_SUMMED | IST_LINK_TX_SUM_FREE))

/* The grant's text as far as the stack itself needs it. */
struct ist__grant {
    struct { ip_addr_t ip; uint8_t prefix; } addresses[IST__ADDRESSES_MAX];
    uint32_t n_addresses;
    ip4_addr_t gateway4;
    ip6_addr_t gateway6;
    bool has_gateway4, has_gateway6, has_mac, has_ipv4, has_ipv6;
    uint8_t mac[6];
    uint32_t window;                  /* most bytes that a TCP peer may have on the way to us; 0 = the stack's own limit */
    uint32_t budget;                  /* memory for what TCP connections send and receive; 0 = the stack's own */
    char hostname[IST__HOSTNAME_MAX + 1];
};

struct ist__link {
    uint32_t index;
    uint32_t kind, mtu, frame_max;

    uint8_t *block;              /* x, note, tx, rx end to end */
    uint32_t block_len;
    struct ist_link *x;
    uint8_t *note, *tx, *rx;
    uint32_t cap;                /* of tx and of rx */
    uint32_t note_len, tx_len, rx_len;

    uint32_t flags;              /* of the last exchange */
    uint32_t summed;             /* of these, what the netif knows of checksums */
    bool closed;                 /* the host closed it, or broke the contract: for good */
    bool gone;                   /* settle.c has acted on that */
    bool refused;                /* the host left a part of the batch: it says when it can take it */
    bool full;                   /* a sender has been turned away */
    bool moved;                  /* a full batch has moved: senders are to be woken */
    bool deaf;                   /* the last call had no room: arrivals do not end waits (rule 6) */
    bool grant_stale;

    char *text;                  /* of the grant, NUL-terminated */
    uint32_t text_len;
    struct ist__grant grant;

    bool attached;               /* netif is on lwIP's list */
    struct netif netif;
    struct netif *aliases[IST__ALIASES_MAX];
    uint8_t prefix6[LWIP_IPV6_NUM_ADDRESSES];
};

extern struct ist__links {
    struct ist__link *at[IST_LINK_MAX];   /* NULL: carried for the program (kinds 3 and 4), or not granted */
    uint32_t n;
    uint32_t batch_cap;
    uint64_t ready;                       /* as of the last exchange, our own links only */
    bool nowait;
    bool renewed;                         /* `instance` has changed */
    bool exclusive;
    uint8_t instance[16];
    uint64_t monotonic, realtime;
    struct ist_statistics counts;
} ist__links;

/* exchange.c */
int32_t ist__link_exchange(struct ist__link *link, uint64_t deadline, bool listen);
void ist__link_break(struct ist__link *link, const char *why);    /* the host broke the contract */
int32_t ist__link_stamp(struct ist_link *x, int32_t result);      /* what every exchange says: time, instance, entropy */

static inline bool ist__link_has_work(const struct ist__link *link)
{
    return !link->closed && ((link->tx_len && !link->refused) || (ist__links.ready >> link->index & 1) || (link->flags & IST_LINK_MORE) ||
                             link->deaf || link->note_len);
}

/* frame.c */
err_t ist__link_send(struct ist__link *link, const struct pbuf *p);
void ist__link_feed(struct ist__link *link);                      /* hands its frames to lwIP */

/* fetch.c */
int32_t ist__links_fetch(void);                                   /* the first time: all links */
int32_t ist__link_fetch(struct ist__link *link);                  /* the grant has changed */
void ist__link_free(struct ist__link *link);
int32_t ist__link_grant(uint32_t index, uint32_t *kind, uint32_t *frame_max, char **text);    /* of any link; @text is the caller's */

/* grant.c */
void ist__grant_parse(struct ist__grant *grant, const char *text, uint32_t link);
const char *ist__grant_find(const char *text, const char *key, uint32_t *i, uint32_t *len);

/* netif.c */
bool ist__netif_attach(struct ist__link *link);
void ist__netif_detach(struct ist__link *link);
void ist__netif_checksums(struct ist__link *link);
bool ist__netif_alias_add(struct ist__link *link, const ip4_addr_t *ip, const ip4_addr_t *mask);
void ist__netif_alias_remove(struct ist__link *link, uint32_t i);

/* address.c */
void ist__addresses_apply(struct ist__link *link);
void ist__addresses_drop(struct ist__link *link);
void ist__addresses_probed(void *netif);                          /* timeout */
void ist__addresses_watch(bool on);
void ist__addresses_up(struct ist__link *link);                   /* the link carries frames: DHCP, probes, solicitations */
bool ist__wants_dhcp(const struct ist__link *link);    /* no IPv4 address was granted: ask */
bool ist__wants_slaac(const struct ist__link *link);   /* the same for IPv6 */

/* route.c */
void ist__routes_update(void);

/* settle.c */
bool ist__links_settle(void);                                     /* acts on what exchanges noted; whether anything was */

#endif
