/*
 * recvfrom.c - recvfrom()
 */
#include "posix.h"

ssize_t recvfrom(int fd, void *__restrict buf, size_t cap, int flags, struct sockaddr *__restrict from, socklen_t *__restrict from_len)
{
    struct iovec iov = { .iov_base = buf, .iov_len = cap };
    struct ist__fd *f;
    int out_flags, r = ist__fd_find(fd, &f);

    return ist__result(r ? r : ist__recv(f, &iov, 1, flags, &out_flags, from, from ? from_len : NULL));
}
