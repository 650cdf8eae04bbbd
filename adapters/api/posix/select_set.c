/*
 * select_set.c - select() over poll
 *
 * libc's fd_set is a list of up to FD_SETSIZE numbers, so their size does not matter.
 */
#include <stdlib.h>
#include "select_set.h"

static nfds_t set_add(struct pollfd *entries, nfds_t n, int n_fds, const fd_set *set, short events)
{
    for (size_t i = 0; set && i < set->__nfds; i++)
        if (set->__fds[i] < n_fds)
            entries[n++] = (struct pollfd) { .fd = set->__fds[i], .events = events };
    return n;
}

/* Leaves in @set those of the next entries that have one of @events; how many. */
static int set_take(const struct pollfd **entry, int n_fds, fd_set *set, short events)
{
    size_t n = 0;

    if (!set)
        return 0;
    for (size_t i = 0; i < set->__nfds; i++) {
        if (set->__fds[i] >= n_fds)
            continue;
        if ((*entry)->revents & events)
            set->__fds[n++] = (*entry)->fd;
        ++*entry;
    }
    set->__nfds = n;
    return (int)n;
}

int ist__select(int n_fds, fd_set *reads, fd_set *writes, fd_set *excepts, int64_t timeout_ns)
{
    nfds_t n = (reads ? reads->__nfds : 0) + (writes ? writes->__nfds : 0) + (excepts ? excepts->__nfds : 0);
    struct pollfd *entries;
    const struct pollfd *entry;
    int r;

    if (n_fds < 0)
        return -EINVAL;
    entries = malloc((n + 1) * sizeof *entries);
    if (!entries)
        return -ENOMEM;
    n = set_add(entries, 0, n_fds, reads, POLLIN);
    n = set_add(entries, n, n_fds, writes, POLLOUT);
    n = set_add(entries, n, n_fds, excepts, POLLPRI);
    for (nfds_t i = 0; i < n; i++)
        if (entries[i].fd < 0)
            entries[i].fd = INT32_MAX;   /* poll skips negative numbers; here they are EBADF */
    r = ist__poll(entries, n, timeout_ns);
    for (nfds_t i = 0; r > 0 && i < n; i++)
        if (entries[i].revents & POLLNVAL)
            r = -EBADF;
    if (r >= 0) {
        entry = entries;
        r = set_take(&entry, n_fds, reads, POLLIN | POLLHUP | POLLERR);
        r += set_take(&entry, n_fds, writes, POLLOUT | POLLERR);
        r += set_take(&entry, n_fds, excepts, POLLPRI);
    }
    free(entries);
    return r;
}
