/*
 * ppoll.c - ppoll(); the mask is ignored: there are no signals
 */
#include "posix.h"

int ppoll(struct pollfd *set, nfds_t n_set, const struct timespec *timeout, const sigset_t *mask)
{
    int64_t ns = -1;
    int r = timeout ? ist__timeout_ns(timeout->tv_sec, timeout->tv_nsec, &ns) : 0;

    (void)mask;
    return ist__result(r ? r : ist__poll(set, n_set, ns));
}
