/*
 * stack.h - the instance: start and stop, time, randomness, links, statistics
 *
 * Time, entropy, addresses and packets come from the host through one import (link.h); nothing here reads a clock or a file.
 */
#ifndef ISTHMUS_STACK_H
#define ISTHMUS_STACK_H

#include <isthmus/socket.h>

struct ist_config {            /* zero means the default */
    uint32_t size;             /* sizeof (struct ist_config) */
    uint32_t handles_max;      /* default 16,384; at most 1,048,575 */
    uint32_t batch_cap;        /* bytes of each tx and rx batch; default 65,536, at most 16 MiB; raised to two frames */
    uint32_t memory_budget;    /* bytes of memory_used that TCP buffers keep within; default: the grant's, or 64 MiB; raised to 256 KiB */
};

/**
 * ist_start() - ask the host who we are, and bring the interfaces up
 * @config:   in; NULL: all defaults
 *
 * Idempotent: a second call does nothing. Links of kind IP and Ethernet become interfaces; links of the kinds UDP and SERVICE are
 * left to the program, which may exchange() on them itself. A link whose grant cannot be used is told to the host in a note and
 * left out. Addresses may still be on their way when this returns: see ist_configured().
 *
 * Returns: 0
 * Errors:  IST_EINVAL   @config->size is not set, or batch_cap is over its limit
 *          IST_ENOLINK  the host grants no link that packets go over, or has closed the first
 *          IST_EPROTO   the host refuses to exchange, or grants an MTU or a frame size that cannot be
 *          IST_ENOMEM   no memory for the batches
 * Waits:   never
 * Owner:   caller keeps @config
 * Source:  docs/link.md
 */
int32_t ist_start(const struct ist_config *config);

/**
 * ist_stop() - reset all connections and give every byte back
 *
 * All handles are closed. ist_start() may be called again.
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   handles are not valid any more
 * Source:  none
 */
void ist_stop(void);

/**
 * ist_configured() - whether it makes sense to speak
 *
 * 1 when an interface that is up has an address beyond the link (of the grant, DHCP or a router), or when five seconds have passed
 * since the start, the last link that came up, or the last new `instance`. The other family may follow later.
 *
 * Returns: 1, or 0 while configuration is under way or the stack is not started
 * Errors:  none
 * Waits:   never
 * Owner:   none
 * Source:  RFC 2131, RFC 4862
 */
int32_t ist_configured(void);

/**
 * ist_monotonic() - the host's clock, as of the last exchange
 *
 * The clock of all deadlines. It moves only with an exchange: a program that computes for long makes a turn first
 * (ist_wait() with a deadline of 0). Never goes back.
 *
 * Returns: ns
 * Errors:  none; 0 before ist_start()
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md, rule 9
 */
uint64_t ist_monotonic(void);

/**
 * ist_realtime() - the time of day, as of the last exchange
 *
 * Returns: ns since 1970-01-01 UTC; 0: the host does not know
 * Errors:  none
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md
 */
uint64_t ist_realtime(void);

/**
 * ist_random() - random bytes fit for keys
 * @buf:      out; uint8_t[@len]
 * @len:      bytes; 0..UINT32_MAX
 *
 * ChaCha20 with fast key erasure, seeded by the host's entropy and again after 2^20 bytes, ten minutes, or a new `instance`.
 *
 * Returns: 0
 * Errors:  IST_ENOENTROPY  the host's last 32 bytes were all zero or those of the time before, or it has not been asked
 *                          since `instance` changed; @buf is untouched
 *          IST_ESTATE      the stack is not started
 * Waits:   never
 * Owner:   caller keeps @buf
 * Source:  docs/link.md, rules 10 and 15
 */
int32_t ist_random(void *buf, uint32_t len);

/**
 * ist_note() - tell the host a line
 * @text:     in; UTF-8, NUL-terminated; one or more lines, a newline is added
 *
 * Goes with the next exchange; a long text makes exchanges of its own.
 *
 * Returns: 0
 * Errors:  IST_ESTATE   the stack is not started
 *          IST_ENOLINK  the link closed before all was told
 * Waits:   never
 * Owner:   caller keeps @text
 * Source:  docs/link.md, rule 12
 */
int32_t ist_note(const char *text);

/**
 * ist_pump() - one turn without waiting; exported to the host
 *
 * A host that cannot wait calls it when frames have arrived, when a link takes frames again or changes, and at the last deadline
 * it was told. It exchanges until nothing is left to do, at most 64 times. Does nothing inside another turn.
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md, rule 7
 */
void ist_pump(void);

struct ist_interface {
    char     name[8];          /* "lo", "if0".. */
    uint32_t kind;             /* IST_LINK_KIND_*, 0 = loopback, or a link that is not the stack's */
    uint32_t mtu;
    uint32_t up;
    uint8_t  mac[6];
    uint16_t n_addresses;
    struct { struct ist_address address; uint32_t prefix; } addresses[8];    /* port 0; the first 8 */
};

/**
 * ist_interface_get() - what an interface is
 * @index:    0 is the loopback, link i is i + 1
 * @out:      out
 *
 * Returns: 0
 * Errors:  IST_EINVAL   past the last
 *          IST_ESTATE   the stack is not started
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  none
 */
int32_t ist_interface_get(uint32_t index, struct ist_interface *out);

/**
 * ist_grant_value() - a value of the grant's text
 * @key:      in; NUL-terminated, without "="
 * @i:        which of the lines with this key, over all links in order, from 0
 * @value:    out; NUL-terminated, cut to @cap
 * @cap:      bytes; 0: only the length is asked
 *
 * Returns: the length of the value, which may be @cap or more
 * Errors:  IST_EINVAL   there are not so many
 *          IST_ESTATE   the stack is not started
 * Waits:   never
 * Owner:   caller keeps all
 * Source:  docs/link.md, rule 11
 */
int32_t ist_grant_value(const char *key, uint32_t i, char *value, uint32_t cap);

/**
 * ist_name_server() - a server to ask for names
 * @i:        from 0; the grant's come first, then those of DHCP, then those of router advertisements (at most 3 of each)
 * @out:      out; port 0
 *
 * Returns: 0
 * Errors:  IST_EINVAL   past the last
 *          IST_ESTATE   the stack is not started
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  RFC 2132 3.8, RFC 8106
 */
int32_t ist_name_server(uint32_t i, struct ist_address *out);

struct ist_statistics {
    uint32_t size;             /* in: sizeof (struct ist_statistics); out: what was filled */
    uint32_t n_handles;
    uint64_t exchanges;
    uint64_t frames_sent, frames_received, frames_dropped;
    uint64_t bytes_sent, bytes_received;
    uint64_t memory_used;      /* bytes held by packets, protocol blocks and buffers; not the batches of the links */
    uint32_t n_tcp;            /* protocol blocks in any state */
};

/**
 * ist_statistics_get() - counters since ist_start()
 * @out:      in, out; @out->size is set by the caller
 *
 * Returns: 0
 * Errors:  IST_EINVAL   @out->size is less than its own
 *          IST_ESTATE   the stack is not started
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  none
 */
int32_t ist_statistics_get(struct ist_statistics *out);

#endif
