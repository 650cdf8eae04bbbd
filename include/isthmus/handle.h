/*
 * handle.h - handles, readiness, and the one wait
 *
 * All objects of the stack (TCP, UDP, ICMP, pipes, TLS streams, name queries) are handles: small positive numbers, checked
 * for their generation, so that a stale one is IST_EBADF and never another object. No call but ist_wait() waits.
 * ist_next() and a 64-bit user word per handle are reserved for a completion queue.
 */
#ifndef ISTHMUS_HANDLE_H
#define ISTHMUS_HANDLE_H

#include <stdint.h>
#include <isthmus/error.h>

typedef int32_t ist_handle;          /* > 0; a negative value is an error */

/* Readiness: levels, not edges. */
#define IST_READABLE    1u   /* recv or accept returns without IST_EAGAIN: data, end of stream, error, or a result */
#define IST_WRITABLE    2u   /* send takes at least a byte, or fails with something other than IST_EAGAIN */
#define IST_PEER_CLOSED 4u   /* the peer sends no more */
#define IST_HANGUP      8u   /* both directions are over */
#define IST_FAILED     16u   /* an error waits in ist_failure() */

#define IST_NO_WAIT     UINT64_C(0)
#define IST_NO_DEADLINE UINT64_MAX

struct ist_interest {
    ist_handle handle;   /* in */
    uint32_t   want;     /* in: IST_READABLE, IST_WRITABLE; HANGUP and FAILED are always reported */
    uint32_t   ready;    /* out */
};

/* The current levels of one handle, or IST_EBADF. */
int32_t ist_ready(ist_handle handle);

/*
 * The one wait: pumps the stack (at least one exchange) until a handle of the set is ready or the absolute deadline (ns, clock of
 * ist_monotonic) has passed. Returns the number of interests with ready != 0, 0 at the deadline, IST_EINTR when the host
 * ended the wait with nothing for us, IST_EDEADLK where the host cannot wait, IST_ENOLINK when every link is closed and
 * no deadline was given, IST_EBADF for a dead handle in the set.
 */
int32_t ist_wait(struct ist_interest *set, uint32_t n_set, uint64_t deadline);

/* The error that failed the handle, once (like SO_ERROR); 0 if none. IST_EBADF for a dead handle. */
int32_t ist_failure(ist_handle handle);

/* Gives the handle back. TCP: what was sent is still delivered (RFC 9293 3.6), in the background. */
int32_t ist_close(ist_handle handle);

#endif
