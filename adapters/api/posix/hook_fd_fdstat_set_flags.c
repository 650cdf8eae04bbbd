/*
 * hook_fd_fdstat_set_flags.c - fcntl(F_SETFL), ioctl(FIONBIO) below libc
 */
#include "posix.h"

IST_HOST(fd_fdstat_set_flags)(int32_t fd, int32_t flags);

IST_HOOK(fd_fdstat_set_flags)(int32_t fd, int32_t flags);
IST_HOOK(fd_fdstat_set_flags)(int32_t fd, int32_t flags)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->set_flags(fd, (uint32_t)flags);
    if (fd == 0)   /* hook_fd_read.c waits for stdin itself and has to know, whatever the host makes of it */
        ist__stdin_nonblock = (flags & __WASI_FDFLAGS_NONBLOCK) != 0;
    return ist__host_fd_fdstat_set_flags(fd, flags);
}
