/*
 * hook_fd_renumber.c - moving a descriptor: among ours or among the host's, never across
 */
#include "posix.h"

IST_HOST(fd_renumber)(int32_t from, int32_t to);

IST_HOOK(fd_renumber)(int32_t from, int32_t to);
IST_HOOK(fd_renumber)(int32_t from, int32_t to)
{
    if (from < IST_FD_FIRST && to < IST_FD_FIRST)
        return ist__host_fd_renumber(from, to);
    if (ist__face && from >= IST_FD_FIRST && to >= IST_FD_FIRST)
        return ist__face->renumber(from, to);
    return EBADF;
}
