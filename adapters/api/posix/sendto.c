/*
 * sendto.c - sendto(); a stream ignores the address, as on Linux
 */
#include "posix.h"

ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len)
{
    struct iovec iov = { .iov_base = (void *)(uintptr_t)buf, .iov_len = len };
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : ist__send(f, &iov, 1, flags, to, to_len));
}
