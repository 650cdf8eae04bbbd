/*
 * linger.h - before an instance ends: what was sent is delivered
 */
#ifndef ISTHMUS_LINGER_H
#define ISTHMUS_LINGER_H

#include <isthmus/handle.h>

/**
 * ist_linger() - let TCP deliver what has been sent
 * @deadline: absolute, ns, clock of ist_monotonic()
 *
 * For the end of a program, after its handles have been closed: an instance has no kernel that would go on without it. Waits
 * until every byte sent on any connection has been acknowledged, then up to 3 s for an acknowledgement of each FIN, and up
 * to 1 s for the peers' own.
 *
 * Returns: 0 when all data was delivered
 * Errors:  IST_ETIMEDOUT  the deadline has come; data is left
 *          IST_EDEADLK    the host cannot wait; data or a FIN is left
 *          IST_ENOLINK    the links are closed
 *          IST_ESTATE     the stack has not been started
 * Waits:   until @deadline at most
 * Owner:   none
 * Source:  RFC 9293 3.6
 */
int32_t ist_linger(uint64_t deadline);

/**
 * ist_linger_stream() - wait until one peer has what was sent to it
 * @tcp:      TCP handle that has been shut down for writing
 * @deadline: absolute, as for ist_wait()
 *
 * For SO_LINGER with a time: the handle stays the caller's, who closes it then.
 *
 * Returns: 0: the peer has acknowledged all bytes and the FIN, or the connection is gone
 * Errors:  IST_ETIMEDOUT  not by @deadline
 *          IST_EDEADLK    the host cannot wait
 *          IST_EBADF      not a live TCP handle
 *          IST_ENOLINK    every link is closed
 * Waits:   until the peer has acknowledged, or @deadline
 * Owner:   caller keeps the handle
 * Source:  POSIX.1-2017, SO_LINGER
 */
int32_t ist_linger_stream(ist_handle tcp, uint64_t deadline);

#endif
