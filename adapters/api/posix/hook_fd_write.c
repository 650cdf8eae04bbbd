/*
 * hook_fd_write.c - write(), writev() and stdio below libc
 */
#include "posix.h"

IST_HOST(fd_write)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done);

IST_HOOK(fd_write)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done);
IST_HOOK(fd_write)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->write(fd, iov, n_iov, done);
    return ist__host_fd_write(fd, iov, n_iov, done);
}
