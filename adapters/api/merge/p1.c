/*
 * p1.c - preview1 on descriptors: ours are served here, all others by the host
 */
#include <stdlib.h>
#include <string.h>
#include "merge.h"

/* The host's own, with the client's addresses. */
#define HOST(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t host_##name
HOST(fd_close)(int32_t fd);
HOST(fd_read)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t done);
HOST(fd_write)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t done);
HOST(fd_fdstat_get)(int32_t fd, uint32_t out);
HOST(fd_fdstat_set_flags)(int32_t fd, int32_t flags);
HOST(fd_filestat_get)(int32_t fd, uint32_t out);
HOST(fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint32_t out);
HOST(fd_tell)(int32_t fd, uint32_t out);
HOST(fd_renumber)(int32_t from, int32_t to);
HOST(fd_prestat_get)(int32_t fd, uint32_t out);
HOST(poll_oneoff)(uint32_t in, uint32_t out, uint32_t n, uint32_t n_events);
HOST(path_open)(int32_t dir, int32_t lookup, uint32_t path, uint32_t path_len, int32_t oflags, int64_t rights, int64_t inheriting,
    int32_t flags, uint32_t out);

IST_HOOK(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);

static int ours(int fd)
{
    return ist__face && fd_of(fd) >= IST_FD_FIRST;
}

EXPORT(p1_fd_close)(int32_t fd)
{
    int e;

    if (!ours(fd))
        return host_fd_close(fd);
    e = ist__face->close(fd_of(fd));
    listen_forget(fd);
    return e;
}

EXPORT(p1_fd_read)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t done)
{
    uint32_t len;
    int flags, e;

    if (ours(fd)) {
        e = client_recv(fd, iovs, n, 0, &len, &flags, NULL);
        return e ? e : client_write_u32(done, len);
    }
    if (ist__face && fd == 0) {
        ist__host_poll = ist__host_poll_real;
        e = ist__face->stdin_wait();
        if (e)
            return e;
    }
    return host_fd_read(fd, iovs, n, done);
}

EXPORT(p1_fd_write)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t done)
{
    uint32_t len;
    int e;

    if (!ours(fd))
        return host_fd_write(fd, iovs, n, done);
    e = client_send(fd, iovs, n, 0, &len, NULL);
    return e ? e : client_write_u32(done, len);
}

EXPORT(p1_fd_fdstat_get)(int32_t fd, uint32_t out)
{
    __wasi_fdstat_t stat;
    int e;

    if (!ours(fd))
        return host_fd_fdstat_get(fd, out);
    e = ist__face->fdstat(fd_of(fd), &stat);
    return e ? e : client_write(out, &stat, sizeof stat);
}

EXPORT(p1_fd_fdstat_set_flags)(int32_t fd, int32_t flags)
{
    if (ours(fd))
        return ist__face->set_flags(fd_of(fd), (uint32_t)flags);
    if (fd == 0)
        ist__stdin_nonblock = (flags & __WASI_FDFLAGS_NONBLOCK) != 0;
    return host_fd_fdstat_set_flags(fd, flags);
}

EXPORT(p1_fd_filestat_get)(int32_t fd, uint32_t out)
{
    __wasi_filestat_t stat;
    int e;

    if (!ours(fd))
        return host_fd_filestat_get(fd, out);
    e = ist__face->filestat(fd_of(fd), &stat);
    return e ? e : client_write(out, &stat, sizeof stat);
}

EXPORT(p1_fd_seek)(int32_t fd, int64_t offset, int32_t whence, uint32_t out)
{
    return ours(fd) ? ESPIPE : host_fd_seek(fd, offset, whence, out);
}

EXPORT(p1_fd_tell)(int32_t fd, uint32_t out)
{
    return ours(fd) ? ESPIPE : host_fd_tell(fd, out);
}

EXPORT(p1_fd_renumber)(int32_t from, int32_t to)
{
    if (ours(from) != ours(to))
        return EBADF;
    return ours(from) ? ist__face->renumber(fd_of(from), fd_of(to)) : host_fd_renumber(from, to);
}

/* The end of the list of folders; a host may say otherwise of a number that it only holds for us (listen.c). */
EXPORT(p1_fd_prestat_get)(int32_t fd, uint32_t out)
{
    return ours(fd) ? EBADF : host_fd_prestat_get(fd, out);
}

/* The host's numbers stay below ours. */
EXPORT(p1_path_open)(int32_t dir, int32_t lookup, uint32_t path, uint32_t path_len, int32_t oflags, int64_t rights, int64_t inheriting,
    int32_t flags, uint32_t out)
{
    int32_t fd, e = host_path_open(dir, lookup, path, path_len, oflags, rights, inheriting, flags, out);

    if (e || client_read(&fd, out, sizeof fd) || (fd >= 0 && fd < IST_FD_FIRST))
        return e;
    host_fd_close(fd);
    return EMFILE;
}

static int poll_copied(__wasi_subscription_t *subs, __wasi_event_t *events, uint32_t in, uint32_t out, uint32_t n, uint32_t n_events)
{
    size_t got = 0;
    int e;

    if (!subs || !events)
        return ENOMEM;
    if (client_read(subs, in, n * sizeof *subs))
        return EFAULT;
    for (uint32_t i = 0; i < n; i++)
        if (subs[i].u.tag != __WASI_EVENTTYPE_CLOCK)
            subs[i].u.u.fd_read.file_descriptor = fd_of(subs[i].u.u.fd_read.file_descriptor);
    e = __imported_wasi_snapshot_preview1_poll_oneoff(subs, events, n, &got);
    if (!e)
        e = client_write(out, events, got * sizeof *events);
    return e ? e : client_write_u32(n_events, (uint32_t)got);
}

EXPORT(p1_poll_oneoff)(uint32_t in, uint32_t out, uint32_t n, uint32_t n_events)
{
    __wasi_subscription_t *subs;
    __wasi_event_t *events;
    int e;

    if (!ist__face)
        return host_poll_oneoff(in, out, n, n_events);
    if (n > 65536)
        return EINVAL;
    ist__host_poll = ist__host_poll_real;
    subs = malloc((n + 1) * sizeof *subs);
    events = malloc((n + 1) * sizeof *events);
    e = poll_copied(subs, events, in, out, n, n_events);
    free(subs);
    free(events);
    return e;
}
