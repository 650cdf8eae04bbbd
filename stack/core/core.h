/*
 * core.h - what the rest of the stack asks of the core (private)
 *
 * The core owns the links, lwIP's bring-up and the pump. lwIP's sys_timeout() is the one timer list: whoever needs to be called
 * later uses it, and the pump waits no longer than the nearest.
 */
#ifndef IST_CORE_H
#define IST_CORE_H

#include <isthmus/stack.h>

/* Whether ist_start() has succeeded. Every public call that needs the stack starts with this. */
int ist__started(void);

/*
 * ist__turn() - one turn of the pump
 * @deadline: absolute, ns; 0 = do not wait
 *
 * Runs due timers, sends what is queued, waits until @deadline, the next timer or an arrival, feeds lwIP with what came.
 * Returns: 1 when frames came in or a timer ran, 0 when neither did and @deadline has passed
 * Errors:  IST_EINTR    the host ended the wait for a reason of its own
 *          IST_EDEADLK  the host cannot wait and nothing was there
 *          IST_ENOLINK  every link is closed, and @deadline was IST_NO_DEADLINE, and no timer is set
 */
int32_t ist__turn(uint64_t deadline);

/*
 * ist__queued() - frames were queued or a timer was moved by a call from outside the pump
 *
 * On a host that cannot wait this makes the exchange that carries the nearest deadline before control returns to the host
 * (link.md, event loops). Elsewhere it sends what is queued once a batch is worth it; the next wait sends the rest.
 */
void ist__queued(void);

/* lwIP's err_t as an enum ist_error. */
int32_t ist__error_lwip(int err);

/* Called by the core when a restored or forked instance must forget its connections (rule 10): fails every handle. */
void ist__sockets_drop(int32_t error);

#endif
