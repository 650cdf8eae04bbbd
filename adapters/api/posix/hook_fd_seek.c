/*
 * hook_fd_seek.c - lseek() below libc: a socket has no position
 */
#include "posix.h"

IST_HOST(fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint64_t *out);

IST_HOOK(fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint64_t *out);
IST_HOOK(fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint64_t *out)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ESPIPE;
    return ist__host_fd_seek(fd, offset, whence, out);
}
