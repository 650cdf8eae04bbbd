/*
 * poll_set.c - waiting for a mix of sockets, stdin and files
 *
 * Sockets are asked of the stack, host descriptors of the host with a timeout of zero. While a host descriptor is waited for, the
 * host may end the stack's wait when it has something (node does); for a host that does not, it is asked again every 100 ms.
 */
#include <stdlib.h>
#include <string.h>
#include "posix.h"

#define HOST_STEP_NS UINT64_C(100000000)
#define NOTHING_STEP_NS UINT64_C(10000000)
#define FEW 32

/* A TCP socket that is neither connected nor listening: Linux says that it hangs up and takes writes, which fail. */
static int idle(const struct ist__fd *f)
{
    return f->protocol == IPPROTO_TCP && f->state == IST_FD_NEW;
}

static int is_host(int fd)
{
    return fd >= 0 && fd < IST_FD_FIRST;
}

/* The stack knows nothing of the ends of a datagram socket: being writable, which it nearly always is, ends the wait for them. */
static uint32_t want(const struct ist__fd *f, short events)
{
    if (f->pipe)
        return f->pipe == POLLIN ? IST_READABLE | IST_PEER_CLOSED : IST_WRITABLE;
    return (f->shut && f->type == SOCK_DGRAM ? IST_WRITABLE : 0) | (events & POLLIN ? IST_READABLE | IST_PEER_CLOSED : 0) | (events & POLLOUT ? IST_WRITABLE : 0) |
        (events & POLLRDHUP ? IST_PEER_CLOSED : 0);
}

/* The end of what is read is POLLHUP; that nobody reads any more is POLLERR, which writing then finds. */
static short pipe_revents(const struct ist__fd *f, short events, uint32_t levels)
{
    int ends = f->pipe == POLLIN ? POLLHUP : POLLERR;

    return (short)((levels & (f->pipe == POLLIN ? IST_READABLE : IST_WRITABLE) ? events & f->pipe : 0) |
        (levels & (IST_PEER_CLOSED | IST_HANGUP | IST_FAILED) ? ends : 0));
}

/* Levels as Linux reports them: an end or an error is readable too, and writing does not block when it would fail. */
static short revents(const struct ist__fd *f, short events, uint32_t levels)
{
    int r = 0;

    if (f->pipe)
        return pipe_revents(f, events, levels);
    if (levels & (IST_READABLE | IST_PEER_CLOSED | IST_HANGUP | IST_FAILED) || f->shut & IST_SHUT_READ)
        r |= events & POLLIN;
    if (levels & (IST_WRITABLE | IST_HANGUP | IST_FAILED) || f->shut & IST_SHUT_WRITE)
        r |= events & POLLOUT;
    if (levels & (IST_PEER_CLOSED | IST_HANGUP) || f->shut & IST_SHUT_READ)
        r |= events & POLLRDHUP;
    if (levels & IST_HANGUP || f->shut == (IST_SHUT_READ | IST_SHUT_WRITE) || (levels & IST_FAILED && f->type == SOCK_STREAM))
        r |= POLLHUP;
    if (levels & IST_FAILED)
        r |= POLLERR;
    return (short)r;
}

/* What needs no waiting: bad numbers and idle sockets. Fills @sockets with the rest of ours. The number of revents. */
static int sort_out(struct pollfd *set, nfds_t n_set, struct ist_interest *sockets, uint32_t *n_sockets, int *n_host)
{
    int n = 0;

    *n_sockets = 0;
    *n_host = 0;
    for (nfds_t i = 0; i < n_set; i++) {
        struct ist__fd *f = ist__fd_get(set[i].fd);
        set[i].revents = 0;
        if (f && idle(f))
            set[i].revents = (short)(POLLHUP | (set[i].events & POLLOUT) | ((uint32_t)ist_ready(f->handle) & IST_FAILED ? POLLERR : 0));
        else if (f)
            sockets[(*n_sockets)++] = (struct ist_interest) { .handle = f->handle, .want = want(f, set[i].events) };
        else if (is_host(set[i].fd))
            ++*n_host;
        else if (set[i].fd >= 0)
            set[i].revents = POLLNVAL;
        n += set[i].revents != 0;
    }
    return n;
}

/* What the host says now about its descriptors; where the program cannot read at all, they are as ready as files. */
static int look_host(struct pollfd *set, nfds_t n_set)
{
    int n = 0;

    if (ist__host_poll)
        return ist__host_poll(set, n_set, 0);
    for (nfds_t i = 0; i < n_set; i++) {
        if (is_host(set[i].fd)) {
            set[i].revents = set[i].events & (POLLIN | POLLOUT);
            n += set[i].revents != 0;
        }
    }
    return n;
}

/* The stack's answers, in the order of sort_out(). */
static int look_sockets(struct pollfd *set, nfds_t n_set, const struct ist_interest *sockets)
{
    int n = 0;

    for (nfds_t i = 0; i < n_set; i++) {
        struct ist__fd *f = ist__fd_get(set[i].fd);
        if (!f || idle(f))
            continue;
        set[i].revents = revents(f, set[i].events, sockets->ready);
        n += set[i].revents != 0;
        sockets++;
    }
    return n;
}

static int wait_all(struct pollfd *set, nfds_t n_set, struct ist_interest *sockets, int64_t timeout_ns)
{
    uint64_t deadline = timeout_ns < 0 ? IST_NO_DEADLINE : timeout_ns == 0 ? IST_NO_WAIT : ist__now() + (uint64_t)timeout_ns;
    uint32_t n_sockets;
    int n_host, n_fixed = sort_out(set, n_set, sockets, &n_sockets, &n_host);

    for (;;) {
        int n = n_fixed + (n_host ? look_host(set, n_set) : 0);
        uint64_t until = n ? IST_NO_WAIT : deadline;
        int32_t r;
        if (n_host && until > ist_monotonic() + HOST_STEP_NS)
            until = ist_monotonic() + HOST_STEP_NS;
        r = ist_wait(sockets, n_sockets, until);
        if (r > 0)
            n += look_sockets(set, n_set, sockets);
        if (n > 0 || timeout_ns == 0)
            return n;
        if (r < 0 && r != IST_EINTR)
            return -ist__errno(r);
        if (ist_monotonic() >= deadline)
            return 0;
        if (r > 0)   /* a level that nobody asked about */
            ist__sleep_until(ist_monotonic() + NOTHING_STEP_NS);
    }
}

/* No socket has ever been opened: the host alone is asked, and waits. */
static int poll_host(struct pollfd *set, nfds_t n_set, int64_t timeout_ns)
{
    int n = 0, r;

    for (nfds_t i = 0; i < n_set; i++) {
        set[i].revents = set[i].fd >= IST_FD_FIRST ? POLLNVAL : 0;
        n += set[i].revents != 0;
    }
    r = ist__host_poll(set, n_set, n ? 0 : timeout_ns);
    return r < 0 ? r : n + r;
}

int ist__poll(struct pollfd *set, nfds_t n_set, int64_t timeout_ns)
{
    struct ist_interest few[FEW], *sockets = few;
    int r;

    if (!ist__face && ist__host_poll)
        return poll_host(set, n_set, timeout_ns);
    r = ist__posix_start();
    if (r < 0)
        return r;
    if (n_set > FEW) {
        sockets = n_set > SIZE_MAX / sizeof *sockets ? NULL : malloc(n_set * sizeof *sockets);
        if (!sockets)
            return -ENOMEM;
    }
    r = wait_all(set, n_set, sockets, timeout_ns);
    if (sockets != few)
        free(sockets);
    return r;
}

int ist__timeout_ns(int64_t seconds, int64_t ns, int64_t *out)
{
    if (seconds < 0 || ns < 0 || ns >= 1000000000)
        return -EINVAL;
    *out = seconds > INT64_MAX / 1000000000 - 1 ? -1 : seconds * 1000000000 + ns;
    return 0;
}
