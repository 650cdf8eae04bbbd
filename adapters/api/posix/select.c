/*
 * select.c - select(); the timeout is not changed
 */
#include <sys/time.h>
#include "select_set.h"

int select(int n_fds, fd_set *__restrict reads, fd_set *__restrict writes, fd_set *__restrict excepts, struct timeval *__restrict timeout)
{
    int64_t ns = -1;
    int r = timeout ? ist__timeout_ns(timeout->tv_sec, (int64_t)timeout->tv_usec * 1000, &ns) : 0;

    return ist__result(r ? r : ist__select(n_fds, reads, writes, excepts, ns));
}
