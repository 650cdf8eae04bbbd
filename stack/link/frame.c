/*
 * frame.c - frames between lwIP's pbufs and a link's batches
 */
#include <netif/ethernet.h>
#include <string.h>

#include "link/link.h"

#define ETHER_LEN   14u
#define PACKET_MIN  20u           /* an IPv4 header; ARP and IPv6 have more */
#define PBUF_MAX    65535u        /* tot_len has 16 bits */

static void frame_append(struct ist__link *link, const struct pbuf *p)
{
    uint8_t *at = link->tx + link->tx_len;
    uint32_t n = p->tot_len;

    at[0] = 0;
    at[1] = 0;
    at[2] = (uint8_t)(n >> 8);
    at[3] = (uint8_t)n;
    at += 4;
    for (const struct pbuf *q = p; q; at += q->len, q = q->next) {
        memcpy(at, q->payload, q->len);
        if (q->len == q->tot_len)
            break;
    }
    link->tx_len += 4 + n;
}

/*
 * ist__link_send() - put a frame into the batch
 *
 * A full batch goes to the host at once, without waiting. ERR_WOULDBLOCK: the host takes no more now; TCP keeps the segment and
 * tries again when the batch has moved (settle.c). ERR_IF: closed. ERR_VAL: longer than the link carries.
 */
err_t ist__link_send(struct ist__link *link, const struct pbuf *p)
{
    uint32_t n = 4 + (uint32_t)p->tot_len;

    if (link->closed)
        return ERR_IF;
    if (p->tot_len > link->frame_max) {
        ist__links.counts.frames_dropped++;
        return ERR_VAL;
    }
    if (link->tx_len + n > link->cap && !link->refused)
        ist__link_exchange(link, IST_LINK_NO_WAIT, false);
    if (link->closed)
        return ERR_IF;
    if (link->tx_len + n > link->cap) {
        link->full = true;
        return ERR_WOULDBLOCK;
    }
    frame_append(link, p);
    ist__links.counts.frames_sent++;
    ist__links.counts.bytes_sent += n - 4;
    return ERR_OK;
}

/* The IP header lands on an aligned address: lwIP reads it in words. */
static struct pbuf *frame_pbuf(const struct ist__link *link, const uint8_t *frame, uint32_t len)
{
    uint32_t lead = link->kind == IST_LINK_KIND_ETHERNET ? ETHER_LEN : 0;
    struct pbuf *p;

    if (len < lead + PACKET_MIN || len > PBUF_MAX)
        return NULL;
    p = pbuf_alloc(lead ? PBUF_LINK : PBUF_RAW, (u16_t)(len - lead), PBUF_RAM);
    if (!p)
        return NULL;
    if (lead && pbuf_add_header(p, lead)) {
        pbuf_free(p);
        return NULL;
    }
    memcpy(p->payload, frame, len);
    return p;
}

/* lwIP answers ARP for the address of the netif that a request came in by: for an alias this is the alias. */
static struct netif *frame_netif(struct ist__link *link, const uint8_t *frame, uint32_t len)
{
    uint32_t target;

    if (!link->aliases[0] || link->kind != IST_LINK_KIND_ETHERNET || len < ETHER_LEN + 28 || frame[12] != 8 || frame[13] != 6)
        return &link->netif;
    memcpy(&target, frame + ETHER_LEN + 24, 4);
    for (uint32_t i = 0; i < IST__ALIASES_MAX && link->aliases[i]; i++)
        if (netif_ip4_addr(link->aliases[i])->addr == target)
            return link->aliases[i];
    return &link->netif;
}

static void frame_feed(struct ist__link *link, const uint8_t *frame, uint32_t len)
{
    struct netif *netif = frame_netif(link, frame, len);
    struct pbuf *p = frame_pbuf(link, frame, len);

    if (!p) {
        ist__links.counts.frames_dropped++;
        return;
    }
    ist__links.counts.frames_received++;
    ist__links.counts.bytes_received += len;
    if (netif->input(p, netif) != ERR_OK)
        pbuf_free(p);
}

void ist__link_feed(struct ist__link *link)
{
    uint32_t at = 0, end = link->rx_len;

    while (at < end && !link->closed) {
        const uint8_t *p = link->rx + at;
        uint32_t len = end - at >= 4 ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : UINT32_MAX;
        if (len > link->frame_max || len > end - at - 4) {
            ist__link_break(link, "the host gave a broken batch; link closed");
            break;
        }
        frame_feed(link, p + 4, len);
        at += 4 + len;
    }
    link->rx_len = 0;
}
