/*
 * budget.h - what TCP connections may hold of the instance's memory (private)
 *
 * Theory of Operation: a window is a promise, not memory; memory is held by what peers have sent and nobody has read, and by what
 * was sent and is not acknowledged. So windows and send buffers start small and grow while the other side keeps up, each to at
 * most a quarter of what the budget has left: alone, a connection may have 4 MiB; where many hold much, each may have little more. A
 * window never shrinks below what was advertised: a reader's bytes then open it no further. Promises may exceed the budget; when
 * peers use all of them and nobody reads, then in the last quarter segments are dropped like lost ones: those behind gaps, and those of
 * connections that hold more than 1/1,024 of what is left. Who holds nothing goes on until nothing is left.
 */
#ifndef IST_BUDGET_H
#define IST_BUDGET_H

#include "socket/tcp.h"

uint32_t ist__budget_left(void);                                /* bytes */
bool ist__budget_tight(void);                                   /* the last quarter has been reached */

/* The receive window: lwIP has opened the connection of @t; its reader has taken @n bytes, of which so many open the window. */
void ist__tcp_window_start(struct ist__tcp *t);
uint32_t ist__tcp_window_open(struct ist__tcp *t, uint32_t n);
int32_t ist__tcp_window_of(const struct ist__tcp *t);           /* IST_OPTION_RECEIVE_BUFFER */

uint32_t ist__tcp_send_limit(const struct ist__tcp *t);         /* bytes that may wait in the send buffer */

#endif
