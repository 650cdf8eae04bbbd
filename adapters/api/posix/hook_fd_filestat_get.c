/*
 * hook_fd_filestat_get.c - fstat() below libc
 */
#include "posix.h"

IST_HOST(fd_filestat_get)(int32_t fd, __wasi_filestat_t *out);

IST_HOOK(fd_filestat_get)(int32_t fd, __wasi_filestat_t *out);
IST_HOOK(fd_filestat_get)(int32_t fd, __wasi_filestat_t *out)
{
    if (ist__face && fd >= IST_FD_FIRST)
        return ist__face->filestat(fd, out);
    return ist__host_fd_filestat_get(fd, out);
}
