/*
 * fcntl.c - fcntl(), in the place of libc's, which has no F_DUPFD
 *
 * O_NONBLOCK and the access mode are asked of WASI, as libc does: the hooks answer for sockets.
 */
#include <fcntl.h>
#include <stdarg.h>
#include "posix.h"

static int flags_get(int fd)
{
    __wasi_rights_t in = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_READDIR;
    __wasi_fdstat_t stat;
    __wasi_errno_t e = __wasi_fd_fdstat_get((__wasi_fd_t)fd, &stat);
    int reads = (stat.fs_rights_base & in) != 0, writes = (stat.fs_rights_base & __WASI_RIGHTS_FD_WRITE) != 0;

    if (e)
        return -e;
    return stat.fs_flags | (reads ? O_RDONLY : 0) | (writes ? O_WRONLY : 0) | (reads || writes ? 0 : O_SEARCH);
}

static int duplicate(int fd, int from, int cloexec)
{
    int r;

    if (fd >= 0 && fd < IST_FD_FIRST)
        return -ENOTSUP;
    if (!ist__face)
        return -EBADF;
    r = ist__face->dup(fd, from);
    if (r >= 0)
        *ist__face->cloexec(r) = (uint8_t)cloexec;
    return r;
}

/* A host's descriptor is closed with the program; a socket keeps what it is told. */
static int cloexec_get(int fd)
{
    uint8_t *at = ist__face && fd >= IST_FD_FIRST ? ist__face->cloexec(fd) : NULL;

    if (at)
        return *at ? FD_CLOEXEC : 0;
    return fd < 0 || fd >= IST_FD_FIRST ? -EBADF : FD_CLOEXEC;
}

static int cloexec_set(int fd, int flags)
{
    uint8_t *at = ist__face && fd >= IST_FD_FIRST ? ist__face->cloexec(fd) : NULL;

    if (at)
        *at = (flags & FD_CLOEXEC) != 0;
    return at || (fd >= 0 && fd < IST_FD_FIRST) ? 0 : -EBADF;
}

int fcntl(int fd, int command, ...)
{
    va_list args;
    int value = 0;

    if (command != F_GETFD && command != F_GETFL) {
        va_start(args, command);
        value = va_arg(args, int);
        va_end(args);
    }
    switch (command) {
    case F_GETFL:         return ist__result(flags_get(fd));
    case F_SETFL:         return ist__result(-__wasi_fd_fdstat_set_flags((__wasi_fd_t)fd, (__wasi_fdflags_t)(value & 0xfff)));
    case F_GETFD:         return ist__result(cloexec_get(fd));
    case F_SETFD:         return ist__result(cloexec_set(fd, value));
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: return ist__result(duplicate(fd, value, command == F_DUPFD_CLOEXEC));
    default:              return ist__result(-EINVAL);
    }
}
