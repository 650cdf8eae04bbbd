/*
 * stack.h - the instance: start and stop, time, randomness, links, statistics
 */
#ifndef ISTHMUS_STACK_H
#define ISTHMUS_STACK_H

#include <isthmus/socket.h>

struct ist_config {            /* zero means the default */
    uint32_t size;             /* sizeof (struct ist_config) */
    uint32_t handles_max;      /* default 16,384 */
    uint32_t batch_cap;        /* bytes of each tx and rx batch; default 65,536, at least 4 + frame_max */
};

/* Asks the link for grant and entropy and brings the interfaces up. Idempotent. config may be NULL. */
int32_t ist_start(const struct ist_config *config);
/* Resets all connections, frees everything. */
void ist_stop(void);
/* 1 when the instance has an address to speak from, or configuration has been given up on; 0 while it is under way. */
int32_t ist_configured(void);

uint64_t ist_monotonic(void);  /* ns, as of the last exchange */
uint64_t ist_realtime(void);   /* ns UTC, as of the last exchange; 0 = unknown */
int32_t ist_random(void *buf, uint32_t len);   /* IST_ENOENTROPY where the host gave none */
int32_t ist_note(const char *text);            /* UTF-8 lines to the host */

/* Exported to the host: one turn without waiting. */
void ist_pump(void);

struct ist_interface {
    char     name[8];          /* "lo", "if0".. */
    uint32_t kind;             /* IST_LINK_KIND_*, 0 = loopback */
    uint32_t mtu;
    uint32_t up;
    uint8_t  mac[6];
    uint16_t n_addresses;
    struct { struct ist_address address; uint32_t prefix; } addresses[8];
};
/* index 0 is the loopback, link i is i + 1. IST_EINVAL past the last. */
int32_t ist_interface_get(uint32_t index, struct ist_interface *out);
/* The value of the i-th grant line "key=" of any link, NUL-terminated, cut to cap; its length, or IST_EINVAL past the last. */
int32_t ist_grant_value(const char *key, uint32_t i, char *value, uint32_t cap);
/* The i-th name server (grant, DHCP, RDNSS), or IST_EINVAL past the last. */
int32_t ist_name_server(uint32_t i, struct ist_address *out);

struct ist_statistics {
    uint32_t size;
    uint32_t n_handles;
    uint64_t exchanges;
    uint64_t frames_sent, frames_received, frames_dropped;
    uint64_t bytes_sent, bytes_received;
    uint64_t memory_used;      /* bytes held by packets, protocol blocks and buffers */
    uint32_t n_tcp;            /* protocol blocks in any state */
};
int32_t ist_statistics_get(struct ist_statistics *out);

#endif
