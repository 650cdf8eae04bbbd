/*
 * host_poll.c - poll() for the host's descriptors, by its poll_oneoff
 *
 * A descriptor that the host cannot poll (some refuse files) counts as ready: the read or write tells what is the matter.
 */
#include <stdlib.h>
#include <string.h>
#include "posix.h"

IST_HOST(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);

static size_t subscribe(__wasi_subscription_t *subs, const struct pollfd *set, nfds_t n_set, int64_t timeout_ns)
{
    size_t n = 0;

    for (nfds_t i = 0; i < n_set; i++) {
        if (set[i].fd < 0 || set[i].fd >= IST_FD_FIRST)
            continue;
        if (set[i].events & POLLIN) {
            subs[n].userdata = i;
            subs[n].u.tag = __WASI_EVENTTYPE_FD_READ;
            subs[n++].u.u.fd_read.file_descriptor = set[i].fd;
        }
        if (set[i].events & POLLOUT) {
            subs[n].userdata = i;
            subs[n].u.tag = __WASI_EVENTTYPE_FD_WRITE;
            subs[n++].u.u.fd_write.file_descriptor = set[i].fd;
        }
    }
    if (timeout_ns >= 0) {
        subs[n].u.tag = __WASI_EVENTTYPE_CLOCK;
        subs[n].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
        subs[n++].u.u.clock.timeout = (uint64_t)timeout_ns;
    }
    return n;
}

static void take_event(struct pollfd *entry, const __wasi_event_t *event)
{
    int ready = event->type == __WASI_EVENTTYPE_FD_READ ? POLLIN : POLLOUT;

    if (event->error == __WASI_ERRNO_BADF)
        ready = POLLNVAL;
    else if (event->fd_readwrite.flags & __WASI_EVENTRWFLAGS_FD_READWRITE_HANGUP)
        ready |= POLLHUP;
    entry->revents |= (short)ready;
}

int ist__host_poll_real(struct pollfd *set, nfds_t n_set, int64_t timeout_ns)
{
    __wasi_subscription_t *subs = calloc(2 * n_set + 1, sizeof *subs);
    __wasi_event_t *events = malloc((2 * n_set + 1) * sizeof *events);
    size_t n, n_events = 0;
    int ready = 0, failed;

    if (!subs || !events) {
        free(subs);
        free(events);
        return -ENOMEM;
    }
    n = subscribe(subs, set, n_set, timeout_ns);
    failed = n > 0 && ist__host_poll_oneoff(subs, events, n, &n_events) != 0;
    for (size_t i = 0; !failed && i < n_events; i++)
        if (events[i].type != __WASI_EVENTTYPE_CLOCK)
            take_event(&set[events[i].userdata], &events[i]);
    free(subs);
    free(events);
    for (nfds_t i = 0; i < n_set; i++) {
        if (set[i].fd < 0 || set[i].fd >= IST_FD_FIRST)
            continue;
        if (failed)
            set[i].revents = set[i].events & (POLLIN | POLLOUT);
        ready += set[i].revents != 0;
    }
    return ready;
}
