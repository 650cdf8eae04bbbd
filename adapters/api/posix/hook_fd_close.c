/*
 * hook_fd_close.c - close() below libc
 */
#include "posix.h"

IST_HOST(fd_close)(int32_t fd);

IST_HOOK(fd_close)(int32_t fd);
IST_HOOK(fd_close)(int32_t fd)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->close(fd);
    if (fd >= 0 && fd < IST_FD_FIRST)
        ist__host_open[fd / 32] &= ~(UINT32_C(1) << (fd % 32));
    return ist__host_fd_close(fd);
}
