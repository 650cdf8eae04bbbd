/*
 * hook_fd_fdstat_get.c - fcntl(F_GETFL), isatty() below libc
 */
#include "posix.h"

IST_HOST(fd_fdstat_get)(int32_t fd, __wasi_fdstat_t *out);

IST_HOOK(fd_fdstat_get)(int32_t fd, __wasi_fdstat_t *out);
IST_HOOK(fd_fdstat_get)(int32_t fd, __wasi_fdstat_t *out)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->fdstat(fd, out);
    return ist__host_fd_fdstat_get(fd, out);
}
