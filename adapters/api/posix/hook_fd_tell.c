/*
 * hook_fd_tell.c - lseek(fd, 0, SEEK_CUR) below libc: a socket has no position
 */
#include "posix.h"

IST_HOST(fd_tell)(int32_t fd, uint64_t *out);

IST_HOOK(fd_tell)(int32_t fd, uint64_t *out);
IST_HOOK(fd_tell)(int32_t fd, uint64_t *out)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ESPIPE;
    return ist__host_fd_tell(fd, out);
}
