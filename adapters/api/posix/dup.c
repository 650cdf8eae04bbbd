/*
 * dup.c - dup(), dup2(), dup3() of sockets; WASI has none for what the host has opened: ENOTSUP
 */
#include <unistd.h>
#include "posix.h"

static int is_host(int fd)
{
    return fd >= 0 && fd < IST_FD_FIRST;
}

int dup(int fd)
{
    return ist__result(is_host(fd) ? -ENOTSUP : ist__face ? ist__face->dup(fd, 0) : -EBADF);
}

int dup2(int from, int to)
{
    if (is_host(from) || (is_host(to) && ist__face && ist__face->cloexec(from)))
        return ist__result(-ENOTSUP);
    return ist__result(ist__face ? ist__face->dup_to(from, to) : -EBADF);
}

/* O_CLOEXEC is 0 in wasi-libc, where nothing is ever executed. */
int dup3(int from, int to, int flags)
{
    return from == to || flags ? ist__result(-EINVAL) : dup2(from, to);
}
