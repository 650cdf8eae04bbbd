/*
 * port.h - the far side of one link, as the C host sees it, and those that are ready made
 *
 * A port of your own begins with struct isthmus_port and fills it with isthmus_port_init(). Its fields are levels: turn()
 * brings them up to date before the host looks at them, take() and give() leave them so. Whatever changes a port outside of
 * these three, another port's turn() among them, changes its fields itself, or rings the host (isthmus_host_ring()).
 */
#ifndef ISTHMUS_PORT_H
#define ISTHMUS_PORT_H

#include <stddef.h>
#include <stdint.h>

#define ISTHMUS_PORTS 64

struct isthmus_port;

struct isthmus_port_class {
    /* Takes whole frames, each a u32 big-endian length and 1..frame_max bytes, from the front. Returns bytes. A dropped
     * frame counts as taken. */
    uint32_t (*take)(struct isthmus_port *port, const uint8_t *batch, uint32_t len);
    /* Writes as many whole frames as fit; cap is at least 4 + frame_max. Returns bytes. Drops frames over frame_max. */
    uint32_t (*give)(struct isthmus_port *port, uint8_t *into, uint32_t cap);
    /* Does what I/O can be done now, without waiting, and sets up, closed, readable, writable. NULL: nothing to do. */
    void (*turn)(struct isthmus_port *port);
    /* What to sleep on: poll events of *fd, 0 = nothing; never an event that turn() would not use up. NULL: nothing. */
    short (*events)(struct isthmus_port *port, int *fd);
    void (*release)(struct isthmus_port *port);
};

struct isthmus_port {
    const struct isthmus_port_class *vtable;
    uint32_t kind, mtu, frame_max;
    const char *grant;              /* lines key=value; the embedder's memory, "" if none */
    uint32_t grant_version;         /* another value: kind, mtu, frame_max or grant have changed */
    uint8_t up;
    uint8_t closed;                 /* for good; what is still readable is given first */
    uint8_t readable;               /* give() has a frame */
    uint8_t writable;               /* take() would now take one of the frames that it refused last */
    uint8_t exclusive, rx_summed, tx_sum_free;
    uint64_t dropped;               /* frames of the outside over frame_max, or that could not be kept */
    int doorbell;                   /* set by isthmus_host_add(): an eventfd that wakes its host; -1 = none */
    struct {                        /* the host's: what it remembers of the link between two calls */
        uint8_t called, wanted, refused, up, closed;
        uint32_t grant;             /* version last reported */
        uint64_t fetched;           /* version last fetched whole; UINT64_MAX = none */
    } seen;
};

/**
 * isthmus_port_init() - fill the common part: up, nothing readable, a grant of version 0
 * @port:     out
 * @vtable:   in; lives as long as the port
 * @kind:     IST_LINK_KIND_...
 * @mtu:      bytes of an IP packet; of the kinds UDP and SERVICE: of a payload
 * @grant:    in; lives as long as the port, or until another is set
 *
 * frame_max becomes @mtu and what the kind puts before it: an Ethernet header (14 bytes, and 4 for a VLAN tag), a peer
 * (20), the head of a request (5).
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   caller
 * Source:  docs/link.md
 */
void isthmus_port_init(struct isthmus_port *port, const struct isthmus_port_class *vtable, uint32_t kind, uint32_t mtu,
                       const char *grant);

/**
 * isthmus_port_release() - close a port and give back its memory
 * @port:     in; NULL is allowed
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   the port is gone; no exchange may follow, and its host is released after it
 * Source:  none
 */
void isthmus_port_release(struct isthmus_port *port);

/**
 * isthmus_port_set_grant() - change the text of the grant; the guest learns it by GRANT_CHANGED
 * @port:     in, out
 * @grant:    in; lives as long as the port, or until another is set
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   caller
 * Source:  docs/link.md, the grant
 */
void isthmus_port_set_grant(struct isthmus_port *port, const char *grant);

/**
 * isthmus_port_pair() - two ports back to back in memory
 * @a, @b:    out; what one takes the other gives
 * @kind:     IST_LINK_KIND_...
 * @mtu:      see isthmus_port_init()
 * @capacity: bytes kept each way, at least 4 + frame_max; a full side refuses
 *
 * The two may belong to hosts on two threads. When one is released the other gives what is left, and is then closed.
 *
 * Returns: 0
 * Errors:  -ENOMEM, -EINVAL (capacity)
 * Waits:   never
 * Owner:   caller, each with isthmus_port_release()
 * Source:  none
 */
int isthmus_port_pair(struct isthmus_port **a, struct isthmus_port **b, uint32_t kind, uint32_t mtu, uint32_t capacity);

/**
 * isthmus_port_stream() - frames over a connected stream socket, as QEMU, passt and gvproxy speak them
 * @fd:       socket; becomes non-blocking
 * @kind:     IST_LINK_KIND_ETHERNET for passt
 * @mtu:      see isthmus_port_init()
 * @grant:    see isthmus_port_init()
 *
 * Returns: the port
 * Errors:  NULL with errno; @fd is then still the caller's
 * Waits:   never
 * Owner:   the port owns @fd
 * Source:  QEMU, -netdev stream
 */
struct isthmus_port *isthmus_port_stream(int fd, uint32_t kind, uint32_t mtu, const char *grant);

/**
 * isthmus_port_tun() - a network device of the kernel
 * @name:     of the device, "" = the kernel chooses; made if it does not exist
 * @name_out: char[16], the device's name; NULL is allowed
 * @kind:     IST_LINK_KIND_IP (TUN) or IST_LINK_KIND_ETHERNET (TAP)
 * @mtu:      see isthmus_port_init(); the device's own is set by the caller (ip link)
 * @grant:    see isthmus_port_init()
 *
 * Needs CAP_NET_ADMIN, or a device made for this user. The device goes with the port unless it was made persistent.
 *
 * Returns: the port
 * Errors:  NULL with errno: EINVAL (kind, name), EPERM, EBUSY, ENOENT (no /dev/net/tun)
 * Waits:   never
 * Owner:   caller, with isthmus_port_release()
 * Source:  Linux, Documentation/networking/tuntap.rst
 */
struct isthmus_port *isthmus_port_tun(const char *name, char *name_out, uint32_t kind, uint32_t mtu, const char *grant);

#endif
