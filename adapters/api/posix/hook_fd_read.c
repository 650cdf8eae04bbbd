/*
 * hook_fd_read.c - read(), readv() and stdio below libc
 *
 * While fd 0 is read the stack moves on: the read is made when the host says that it will not block.
 */
#include "posix.h"

IST_HOST(fd_read)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done);

int ist__host_poll_real(struct pollfd *set, nfds_t n_set, int64_t timeout_ns) __attribute__((weak));

/* No program can wait for a host descriptor without reading it, and this runs in those that read (posix.h). */
__attribute__((constructor)) static void readers_poll(void)
{
    if (ist__host_poll_real)
        ist__host_poll = ist__host_poll_real;
}

IST_HOOK(fd_read)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done);
IST_HOOK(fd_read)(int32_t fd, const struct iovec *iov, int32_t n_iov, size_t *done)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->read(fd, iov, n_iov, done);
    if (ist__face && fd == 0) {
        int e = ist__face->stdin_wait();
        if (e)
            return e;
    }
    return ist__host_fd_read(fd, iov, n_iov, done);
}
