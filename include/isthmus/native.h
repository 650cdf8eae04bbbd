/*
 * native.h - the host of libisthmus.so: packets in, packets out, a clock and entropy of the caller's
 *
 * `make native-lib` builds build/native/libisthmus.so: the whole stack for a native process, with the calls of the other headers
 * and these. It opens no file, reads no clock, starts no thread and makes no system call but those of malloc().
 *
 * A program calls ist_native_open(), ist_native_link() for each link, ist_start(), and then the neutral API. It hands frames over
 * with ist_native_push(), calls ist_pump(), and fetches what the stack sends with ist_native_pull(). Time is what `monotonic`
 * says: when nothing is left to carry, move it to ist_native_deadline() and call ist_pump() again. A loaded library is one instance;
 * for more, load copies of the file under other names, each with RTLD_LOCAL. One thread at a time.
 */
#ifndef ISTHMUS_NATIVE_H
#define ISTHMUS_NATIVE_H

#include <isthmus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ist_native_host {       /* zero means the default */
    uint32_t size;             /* sizeof (struct ist_native_host) */
    void *user;                /* handed to all of these */
    uint64_t (*monotonic)(void *user);                  /* ns; needed */
    uint64_t (*realtime)(void *user);                   /* ns since 1970 UTC, 0 = unknown; default unknown */
    int32_t (*entropy)(void *user, uint8_t into[32]);   /* fresh bytes at each call and 1, or 0: none; default none: TLS does not start */
    void (*note)(void *user, uint32_t link, const char *text, uint32_t len);   /* what the stack has to say; default dropped */
    void (*sleep)(void *user, uint64_t deadline);       /* ist_wait() waits: carry frames, or move the clock to @deadline. May */
                                                        /* return early. Default: the stack never waits, ist_wait() is IST_EDEADLK */
    int32_t (*early)(void *user);                       /* 1: ist_wait() ends before its time, IST_EINTR; asked when it has slept */
                                                        /* and before; default 0. Left out by a size that ends before it */
};

struct ist_native_link {       /* zero means the default */
    uint32_t size;             /* sizeof (struct ist_native_link) */
    uint32_t kind;             /* IST_LINK_KIND_*; default IP packets */
    uint32_t mtu;              /* default 1,500 */
    uint32_t queue_cap;        /* bytes kept each way, with 4 for each frame; default 1 MiB; at least 4 + the longest frame */
    const char *grant;         /* lines key=value, docs/link.md; default none; copied */
};

/**
 * ist_native_open() - become the host of this copy of the stack
 * @host:     in; copied
 *
 * Returns: 0
 * Errors:  IST_EINVAL   size is not set, or `monotonic` is missing
 *          IST_ESTATE   there is a host already
 * Waits:   never
 * Owner:   caller; ist_native_close() gives back
 * Source:  docs/link.md
 */
int32_t ist_native_open(const struct ist_native_host *host);

/**
 * ist_native_link() - add a link; before ist_start()
 * @link:     in; copied
 *
 * Returns: its index, from 0
 * Errors:  IST_EINVAL   size is not set, the kind is unknown, the MTU is over 65,535, or queue_cap does not hold a frame
 *          IST_EMFILE   64 links are there
 *          IST_ENOMEM
 *          IST_ESTATE   there is no host
 * Waits:   never
 * Owner:   caller keeps @link
 * Source:  docs/link.md
 */
int32_t ist_native_link(const struct ist_native_link *link);

/**
 * ist_native_push() - a frame for the stack
 * @link:     index
 * @frame:    in; uint8_t[@len]
 * @len:      bytes, at least 1
 *
 * It is kept until the next turn: ist_pump(), ist_wait() or a call that sends.
 *
 * Returns: 0
 * Errors:  IST_EAGAIN    the queue is full; the frame is not kept
 *          IST_EMSGSIZE  longer than the link's frames can be
 *          IST_EINVAL    no such link, or no bytes
 * Waits:   never
 * Owner:   caller keeps @frame
 * Source:  none
 */
int32_t ist_native_push(uint32_t link, const void *frame, uint32_t len);

/**
 * ist_native_pull() - a frame of the stack
 * @link:     index
 * @buf:      out; uint8_t[@cap]
 * @cap:      bytes
 *
 * Returns: the frame's length
 * Errors:  IST_EAGAIN    there is none now
 *          IST_EMSGSIZE  it is longer than @cap, and stays
 *          IST_EINVAL    no such link
 * Waits:   never
 * Owner:   caller keeps @buf
 * Source:  none
 */
int32_t ist_native_pull(uint32_t link, void *buf, uint32_t cap);

/**
 * ist_native_up() - plug a link in, or out; frames on their way stay
 * @link:     index
 * @up:       0, 1
 *
 * Returns: 0
 * Errors:  IST_EINVAL   no such link
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md
 */
int32_t ist_native_up(uint32_t link, uint32_t up);

/**
 * ist_native_grant() - change a link's grant; the stack fetches it at its next turn
 * @link:     index
 * @grant:    in; NUL-terminated; copied
 *
 * Returns: 0
 * Errors:  IST_EINVAL   no such link
 *          IST_ENOMEM   the old one stays
 * Waits:   never
 * Owner:   caller keeps @grant
 * Source:  docs/link.md, the grant
 */
int32_t ist_native_grant(uint32_t link, const char *grant);

/**
 * ist_native_renew() - draw a new `instance`: this process was restored or forked
 *
 * Returns: 0
 * Errors:  IST_ENOENTROPY  `entropy` gave none
 *          IST_ESTATE      there is no host
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md, restore and fork
 */
int32_t ist_native_renew(void);

/**
 * ist_native_pending() - whether ist_pump() has something to do now, whatever the time
 *
 * Returns: 1 or 0
 * Errors:  none
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md, hosts that cannot wait
 */
int32_t ist_native_pending(void);

/**
 * ist_native_deadline() - when ist_pump() is due next, if no frame comes before
 *
 * Returns: ns, clock of `monotonic`; UINT64_MAX: no timer is set; 0: the stack has not been started
 * Errors:  none
 * Waits:   never
 * Owner:   none
 * Source:  docs/link.md, hosts that cannot wait
 */
uint64_t ist_native_deadline(void);

/**
 * ist_native_close() - drop the links and their frames; after ist_stop()
 *
 * Returns: nothing
 * Errors:  none
 * Waits:   never
 * Owner:   the callbacks are not called any more
 * Source:  none
 */
void ist_native_close(void);

#ifdef __cplusplus
}
#endif

#endif
