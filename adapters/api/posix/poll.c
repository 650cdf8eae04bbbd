/*
 * poll.c - poll()
 */
#include "posix.h"

int poll(struct pollfd *set, nfds_t n_set, int timeout_ms)
{
    return ist__result(ist__poll(set, n_set, timeout_ms < 0 ? -1 : (int64_t)timeout_ms * 1000000));
}
