/*
 * unreachable.h - what routers and peers say about our packets (private)
 *
 * lwIP ignores ICMP errors. Here they are checked, and handed to the transport that sent the packet they quote.
 */
#ifndef IST_UNREACHABLE_H
#define IST_UNREACHABLE_H

#include <stdbool.h>
#include <lwip/ip_addr.h>
#include <lwip/pbuf.h>
#include <isthmus/error.h>

/* The packet that was quoted. */
struct ist__quote {
    ip_addr_t local, remote;
    uint16_t local_port, remote_port;   /* ICMP: local_port is the id */
    uint32_t sequence;                  /* TCP */
    uint32_t mtu;                       /* of an IST_EMSGSIZE: what the path can carry */
};

typedef void (*ist__unreachable_fn)(const struct ist__quote *quote, int32_t error);

enum ist__unreachable_of { IST__OF_TCP, IST__OF_UDP, IST__OF_ICMP, IST__OF_N };

/* Listens while at least one socket is open. 0 or IST_ENOMEM. @heard may be the same each time for one @of. */
int32_t ist__unreachable_open(enum ist__unreachable_of of, ist__unreachable_fn heard);
void ist__unreachable_close(void);

/* Of the ICMP message @p that lwIP is handing up now; of one that the host vouches for, or of our own, it is not looked at. */
bool ist__icmp_sum_is_right(struct pbuf *p);

#endif
