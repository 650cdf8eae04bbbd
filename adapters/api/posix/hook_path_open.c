/*
 * hook_path_open.c - open() below libc: keeps the host's numbers below ours
 *
 * A host descriptor of 256 or more is closed again: EMFILE.
 */
#include "posix.h"

IST_HOST(path_open)(int32_t dir, int32_t lookup, const char *path, size_t path_len, int32_t oflags, int64_t rights,
    int64_t inheriting, int32_t flags, int32_t *out);
IST_HOST(fd_close)(int32_t fd);

IST_HOOK(path_open)(int32_t dir, int32_t lookup, const char *path, size_t path_len, int32_t oflags, int64_t rights,
    int64_t inheriting, int32_t flags, int32_t *out);
IST_HOOK(path_open)(int32_t dir, int32_t lookup, const char *path, size_t path_len, int32_t oflags, int64_t rights,
    int64_t inheriting, int32_t flags, int32_t *out)
{
    int32_t e = ist__host_path_open(dir, lookup, path, path_len, oflags, rights, inheriting, flags, out);

    if (e)
        return e;
    if (*out < 0 || *out >= IST_FD_FIRST) {
        ist__host_fd_close(*out);
        return EMFILE;
    }
    ist__host_open[*out / 32] |= UINT32_C(1) << (*out % 32);
    return 0;
}
