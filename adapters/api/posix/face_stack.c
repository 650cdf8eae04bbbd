/*
 * face_stack.c - the WASI calls on our descriptors: what the hooks find in ist__face once the stack has been started
 */
#include <stdlib.h>
#include <string.h>
#include <isthmus/linger.h>
#include "posix.h"

extern const struct ist__face ist__face_stack;

static int face_read(int fd, const struct iovec *iov, int n_iov, size_t *done)
{
    struct ist__fd *f = ist__fd_get(fd);
    int out_flags;
    ssize_t r = f && f->pipe != POLLOUT ? ist__recv(f, iov, n_iov, 0, &out_flags, NULL, NULL) : -EBADF;

    *done = r < 0 ? 0 : (size_t)r;
    return r < 0 ? (int)-r : 0;
}

static int face_write(int fd, const struct iovec *iov, int n_iov, size_t *done)
{
    struct ist__fd *f = ist__fd_get(fd);
    ssize_t r = f && f->pipe != POLLIN ? ist__send(f, iov, n_iov, 0, NULL, 0) : -EBADF;

    *done = r < 0 ? 0 : (size_t)r;
    return r < 0 ? (int)-r : 0;
}

/* SO_LINGER with a time, on non-blocking sockets too, as on Linux; unread bytes reset the connection, and nothing is waited for. */
static void linger(struct ist__fd *f)
{
    int32_t seconds;

    if (f->protocol != IPPROTO_TCP || ist__fd_state(f) != IST_FD_CONNECTED ||
        ist_option_get(f->handle, IST_OPTION_LINGER_S, &seconds) < 0 || seconds <= 0)
        return;
    ist_wait(NULL, 0, IST_NO_WAIT);
    if (ist_stream_pending(f->handle) > 0)
        return;
    ist_stream_shutdown(f->handle, IST_SHUT_WRITE);
    ist_linger_stream(f->handle, ist__deadline((uint64_t)seconds * 1000000000u));
}

static int face_close(int fd)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (f && f->n_fds == 1)
        linger(f);
    return -ist__fd_close(fd);
}

static __wasi_filetype_t filetype(const struct ist__fd *f)
{
    if (f->pipe)
        return __WASI_FILETYPE_UNKNOWN;    /* as WASI calls them; wasi-libc's S_ISFIFO is then false */
    return f->type == SOCK_STREAM ? __WASI_FILETYPE_SOCKET_STREAM : __WASI_FILETYPE_SOCKET_DGRAM;
}

static int face_fdstat(int fd, __wasi_fdstat_t *out)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f)
        return EBADF;
    *out = (__wasi_fdstat_t) {
        .fs_filetype = filetype(f), .fs_flags = f->nonblock ? __WASI_FDFLAGS_NONBLOCK : 0,
        /* fcntl(F_GETFL) makes O_RDWR and the like of these; isatty wants a device without seek */
        .fs_rights_base = (f->pipe == POLLOUT ? 0 : __WASI_RIGHTS_FD_READ) | (f->pipe == POLLIN ? 0 : __WASI_RIGHTS_FD_WRITE)
    };
    return 0;
}

static int face_set_flags(int fd, uint32_t flags)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f)
        return EBADF;
    f->nonblock = (flags & __WASI_FDFLAGS_NONBLOCK) != 0;
    return 0;
}

static int face_filestat(int fd, __wasi_filestat_t *out)
{
    struct ist__fd *f = ist__fd_get(fd);

    if (!f)
        return EBADF;
    *out = (__wasi_filestat_t) { .ino = (uint32_t)fd, .filetype = filetype(f), .nlink = 1 };
    return 0;
}

static int face_renumber(int from, int to)
{
    return -ist__fd_move(from, to);
}

static void face_sleep(uint64_t ns)
{
    ist__sleep_until(ist__now() + ns);
}

static int face_stdin_wait(void)
{
    struct pollfd entry = { .fd = 0, .events = POLLIN };
    int r = ist__poll(&entry, 1, ist__stdin_nonblock ? 0 : -1);

    return r < 0 ? -r : r == 0 ? EAGAIN : 0;
}

/* How long a clock subscription has to run, ns. Absolute times of the monotonic clock never come here: hook_poll_oneoff.c. */
static int64_t clock_left(const __wasi_subscription_clock_t *clock)
{
    uint64_t now = 0, left = clock->timeout;

    if (clock->flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME) {
        ist__now();
        now = clock->id == __WASI_CLOCKID_REALTIME ? ist_realtime() : ist_monotonic();
        left = left > now ? left - now : 0;
    }
    return left > INT64_MAX ? INT64_MAX : (int64_t)left;
}

static int event_make(__wasi_event_t *out, const __wasi_subscription_t *sub, const struct pollfd *entry)
{
    struct ist__fd *f = ist__fd_get(entry->fd);

    if (!entry->revents)
        return 0;
    *out = (__wasi_event_t) { .userdata = sub->userdata, .type = sub->u.tag };
    if (entry->revents & POLLNVAL)
        out->error = __WASI_ERRNO_BADF;
    if (entry->revents & POLLHUP)
        out->fd_readwrite.flags = __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP;
    if (f && sub->u.tag == __WASI_EVENTTYPE_FD_READ) {
        int n = ist__pending(f);
        if (n < 0)
            out->error = (__wasi_errno_t)-n;
        else
            out->fd_readwrite.nbytes = (uint64_t)n;
    }
    return 1;
}

/* One entry of poll for each subscription, clocks as -1; the nearest clock is the timeout. */
static int face_poll_oneoff(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events)
{
    struct pollfd *entries = n ? malloc(n * sizeof *entries) : NULL;
    const __wasi_subscription_t *alarm = NULL;
    int64_t timeout_ns = -1;
    int r;

    *n_events = 0;
    if (!entries)
        return n ? ENOMEM : EINVAL;
    for (size_t i = 0; i < n; i++) {
        entries[i] = (struct pollfd) { .fd = -1 };
        if (in[i].u.tag == __WASI_EVENTTYPE_CLOCK) {
            int64_t left = clock_left(&in[i].u.u.clock);
            if (!alarm || left < timeout_ns) {
                alarm = &in[i];
                timeout_ns = left;
            }
        } else {
            entries[i].fd = in[i].u.u.fd_read.file_descriptor;
            entries[i].events = in[i].u.tag == __WASI_EVENTTYPE_FD_READ ? POLLIN : POLLOUT;
        }
    }
    r = ist__poll(entries, n, timeout_ns);
    for (size_t i = 0; r > 0 && i < n; i++)
        *n_events += (size_t)event_make(&out[*n_events], &in[i], &entries[i]);
    if (r == 0 && alarm)
        out[(*n_events)++] = (__wasi_event_t) { .userdata = alarm->userdata, .type = __WASI_EVENTTYPE_CLOCK };
    free(entries);
    return r < 0 ? -r : 0;
}

const struct ist__face ist__face_stack = {
    .read = face_read, .write = face_write, .close = face_close, .fdstat = face_fdstat, .set_flags = face_set_flags,
    .filestat = face_filestat, .renumber = face_renumber, .dup = ist__fd_dup, .dup_to = ist__fd_dup_to, .cloexec = ist__fd_cloexec, .poll_oneoff = face_poll_oneoff, .stdin_wait = face_stdin_wait,
    .sleep = face_sleep
};
