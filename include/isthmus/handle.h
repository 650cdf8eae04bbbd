/*
 * handle.h - handles, readiness, and the one wait
 *
 * All objects of the stack (TCP, UDP, ICMP, pipes, TLS streams, name queries) are handles: small positive numbers, checked
 * for their generation, so that a stale one is IST_EBADF and never another object (until its slot has been used 2,048 times).
 * No call but ist_wait() waits. At most ist_config.handles_max live at once, 16,384 by default, never more than 1,048,575.
 * ist_next() and a 64-bit user word per handle are reserved for a completion queue.
 */
#ifndef ISTHMUS_HANDLE_H
#define ISTHMUS_HANDLE_H

#include <stdint.h>
#include <isthmus/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t ist_handle;          /* > 0; a negative value is an error */

/* Readiness: levels, not edges. */
#define IST_READABLE    1u   /* recv or accept returns without IST_EAGAIN: data, end of stream, error, or a result */
#define IST_WRITABLE    2u   /* send takes at least a byte, or fails with something other than IST_EAGAIN */
#define IST_PEER_CLOSED 4u   /* the peer sends no more */
#define IST_HANGUP      8u   /* both directions are over */
#define IST_FAILED     16u   /* an error waits; send, recv or ist_failure(), whichever comes first, reports it, once */

#define IST_NO_WAIT     UINT64_C(0)
#define IST_NO_DEADLINE UINT64_MAX

struct ist_interest {
    ist_handle handle;   /* in */
    uint32_t   want;     /* in: levels to be told; HANGUP and FAILED are always told */
    uint32_t   ready;    /* out */
};

/**
 * ist_ready() - the levels of a handle now
 * @handle:   any live handle
 *
 * WRITABLE of a stream that was full comes back when a third of its buffer is free, not at the first byte. A TCP handle that is
 * connecting has no level; one that has never been connected has READABLE, WRITABLE and HANGUP: its calls fail at once.
 *
 * Returns: IST_READABLE and so on, or-ed; 0 if none
 * Errors:  IST_EBADF    not a live handle
 * Waits:   never
 * Owner:   caller keeps @handle
 * Source:  none
 */
int32_t ist_ready(ist_handle handle);

/**
 * ist_wait() - the one wait: pump the stack until something is ready
 * @set:      in, out; struct ist_interest[@n_set]; NULL when @n_set is 0
 * @n_set:    handles of interest; 0: sleep
 * @deadline: absolute, ns, clock of ist_monotonic(); IST_NO_WAIT, IST_NO_DEADLINE
 *
 * Makes at least one exchange with the host, also when something is ready at once, so that TCP moves in a program that never
 * has to wait. .ready of each interest tells the levels among those wanted, and HANGUP and FAILED.
 *
 * Returns: the number of interests with a level; 0: the deadline has passed
 * Errors:  IST_EINTR    the host ended the wait for a reason of its own, and nothing is ready
 *          IST_EDEADLK  the host cannot wait: return to it, and call again after ist_pump()
 *          IST_ENOLINK  every link is closed, no timer is set, and no deadline was given
 *          IST_EBADF    a handle of the set is not live
 *          IST_ESTATE   the stack has not been started, or the call came from inside the pump
 * Waits:   until a level, the deadline or an error
 * Owner:   caller keeps @set
 * Source:  docs/link.md
 */
int32_t ist_wait(struct ist_interest *set, uint32_t n_set, uint64_t deadline);

/**
 * ist_failure() - take the error that waits
 * @handle:   any live handle
 *
 * Like SO_ERROR: the next call of any kind does not see it again.
 *
 * Returns: an error, negative; 0 if none waits
 * Errors:  IST_EBADF    not a live handle
 * Waits:   never
 * Owner:   caller keeps @handle
 * Source:  POSIX.1-2017, getsockopt
 */
int32_t ist_failure(ist_handle handle);

/**
 * ist_close() - give a handle back
 * @handle:   any live handle; not live any more afterwards
 *
 * TCP: every byte that send took is still delivered, and the FIN after it, in the background, as far as the peer takes part. With
 * unread bytes, or with IST_OPTION_LINGER_S 0, the connection is reset instead, as on Linux. A listener resets what has not been
 * accepted. A pipe leaves its peer what it has sent.
 *
 * Returns: 0
 * Errors:  IST_EBADF    not a live handle
 * Waits:   never
 * Owner:   the handle is the stack's again
 * Source:  RFC 9293 3.6; RFC 2525 2.17
 */
int32_t ist_close(ist_handle handle);

#ifdef __cplusplus
}
#endif

#endif
