/*
 * inbox.h - datagrams that have arrived and wait for their reader (private)
 */
#ifndef IST_INBOX_H
#define IST_INBOX_H

#include <stdbool.h>
#include <lwip/pbuf.h>
#include <isthmus/socket.h>

struct ist__letter;

struct ist__inbox {
    struct ist__letter *first, *last;
    uint32_t held;        /* bytes of memory, not of payload: many tiny datagrams are bounded too */
    uint32_t limit;
    uint32_t n_dropped;   /* for want of room or memory */
};

#define IST__INBOX_DEFAULT 262144u
#define IST__INBOX_LEAST     4096u
#define IST__INBOX_MOST  16777216u

/* Keeps @p, or frees it and counts it as dropped. */
void ist__inbox_put(struct ist__inbox *inbox, struct pbuf *p, const struct ist_datagram *info);
/* The length of the first datagram, copied as far as @cap; IST_EAGAIN. It stays with IST_PEEK in @flags. */
int32_t ist__inbox_take(struct ist__inbox *inbox, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info);
void ist__inbox_clear(struct ist__inbox *inbox);
/* Sets the limit, cut to what is allowed. */
void ist__inbox_limit(struct ist__inbox *inbox, int32_t bytes);

/* Where a packet that lwIP is handing up now came from, where to, by which link, and its TTL. */
void ist__inbox_describe(struct ist_datagram *info, uint32_t family, uint16_t from_port, uint16_t to_port);

#endif
