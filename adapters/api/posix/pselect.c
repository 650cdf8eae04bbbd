/*
 * pselect.c - pselect(); the mask is ignored: there are no signals
 */
#include "select_set.h"

int pselect(int n_fds, fd_set *__restrict reads, fd_set *__restrict writes, fd_set *__restrict excepts,
    const struct timespec *__restrict timeout, const sigset_t *__restrict mask)
{
    int64_t ns = -1;
    int r = timeout ? ist__timeout_ns(timeout->tv_sec, timeout->tv_nsec, &ns) : 0;

    (void)mask;
    return ist__result(r ? r : ist__select(n_fds, reads, writes, excepts, ns));
}
