/*
 * face.c - the border between the hooks and the stack: a table and a function, each NULL until it is needed
 *
 * Nothing here refers to the stack: this is the part that a program without sockets links too.
 */
#include "posix.h"

const struct ist__face *ist__face;
int (*ist__host_poll)(struct pollfd *set, nfds_t n_set, int64_t timeout_ns);
uint32_t ist__host_open[IST_FD_FIRST / 32];
uint8_t ist__stdin_nonblock;
