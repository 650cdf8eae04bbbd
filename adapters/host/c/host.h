/*
 * host.h - a host in C: serves the one import (docs/link.md) for one instance
 *
 * The embedder makes a struct isthmus_host, adds ports, and hands isthmus_host_exchange() to the guest: natively through
 * ist_link_host(), from wasm2c through wasm2c.h, from another runtime through its own import. Everything of one host runs
 * on one thread, but isthmus_host_ring(). Linux; nothing of the stack is needed.
 */
#ifndef ISTHMUS_HOST_H
#define ISTHMUS_HOST_H

#include <stdint.h>

#include "port.h"

struct isthmus_host {
    /* The embedder may set these after isthmus_host_init(); `user` is handed to all of them. */
    void *user;
    int no_wait;                                            /* event loop: never wait, the guest exports ist_pump */
    uint64_t (*monotonic)(void *user);                      /* ns; default CLOCK_MONOTONIC */
    uint64_t (*realtime)(void *user);                       /* ns UTC, 0 = unknown; default CLOCK_REALTIME */
    int (*entropy)(void *user, uint8_t into[32]);           /* 0 = the host has none; default getrandom */
    void (*note)(void *user, uint32_t link, const uint8_t *text, uint32_t len); /* default: dropped */
    int (*early)(void *user);                               /* a reason of the host's own to end a wait now */
    void (*sleep)(void *user, uint64_t deadline);           /* instead of ppoll: virtual time */

    /* To read. */
    uint64_t deadline;                                      /* the last non-zero one, ns; 0 = none yet */
    uint64_t dropped;                                       /* frames over frame_max that the guest sent */
    uint8_t instance[16];

    /* Private. */
    struct isthmus_port *ports[ISTHMUS_PORTS];
    uint32_t n_ports;
    void (*doze)(struct isthmus_host *host, uint64_t deadline);
    int doorbell;
    int renewed;
    uint64_t last;
};

/**
 * isthmus_host_init() - make a host without links
 * @host:     out
 *
 * Returns: 0
 * Errors:  a negative errno: no event file descriptor, or no random bytes for `instance`
 * Waits:   never
 * Owner:   caller keeps @host; isthmus_host_release() before it goes
 * Source:  docs/link.md
 */
int isthmus_host_init(struct isthmus_host *host);

/**
 * isthmus_host_add() - give the instance one more link
 * @host:     in, out
 * @port:     its far side; the first one added is link 0
 *
 * Returns: the link's index
 * Errors:  -ENOSPC   64 links are there
 * Waits:   never
 * Owner:   caller keeps @port, and releases it after the last exchange and before @host
 * Source:  none
 */
int isthmus_host_add(struct isthmus_host *host, struct isthmus_port *port);

/**
 * isthmus_host_exchange() - the import
 * @host:       struct isthmus_host
 * @memory:     the guest's memory; uint8_t[@memory_len]
 * @memory_len: bytes
 * @x:          address of struct ist_link in it
 *
 * Nothing that the guest writes there can make it touch a byte outside of @memory, or outside of what docs/link.md allows
 * in it; no other thread may write @memory during the call. The type is ist_exchange_fn of <isthmus/link.h>.
 *
 * Returns: 0
 * Errors:  IST_LINK_CLOSED, IST_LINK_LAYOUT, IST_LINK_NO_LINK, IST_LINK_SMALL
 * Waits:   until the deadline in *@x; not with no_wait
 * Owner:   caller keeps all
 * Source:  docs/link.md
 */
int32_t isthmus_host_exchange(void *host, uint8_t *memory, uint64_t memory_len, uint32_t x);

/**
 * isthmus_host_ring() - make a wait look again
 * @host:     in
 *
 * For a port fed by another thread and for `early`: call it after the change.
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never; may be called from any thread and from a signal handler
 * Owner:   caller
 * Source:  none
 */
void isthmus_host_ring(struct isthmus_host *host);

/**
 * isthmus_host_pending() - whether a wait would end now
 * @host:     in, out
 *
 * With no_wait: call ist_pump() when this is so, and at `deadline`.
 *
 * Returns: 1 or 0
 * Errors:  none
 * Waits:   never
 * Owner:   caller
 * Source:  docs/link.md, event loops
 */
int isthmus_host_pending(struct isthmus_host *host);

/**
 * isthmus_host_renew() - draw a new `instance`: the guest's memory has been restored or forked
 * @host:     in, out
 *
 * Returns: 0
 * Errors:  a negative errno: no random bytes; `instance` is unchanged
 * Waits:   never
 * Owner:   caller
 * Source:  docs/link.md, restore and fork
 */
int isthmus_host_renew(struct isthmus_host *host);

/**
 * isthmus_host_release() - give back what isthmus_host_init() took; its ports have been released before
 * @host:     in, out
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   caller
 * Source:  none
 */
void isthmus_host_release(struct isthmus_host *host);

#endif
