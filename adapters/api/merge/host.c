/*
 * host.c - asking the host with arguments of our own: in the client's memory, for that is the one it sees
 *
 * Nothing else runs during a call of the host, so the first bytes of the client's memory are saved, used and put back.
 */
#include <stdlib.h>
#include <string.h>
#include "merge.h"

#define BORROWED 16u   /* not at 0: a host may take that for no pointer */

__attribute__((import_module("wasi_snapshot_preview1"), import_name("poll_oneoff")))
int32_t host_poll_oneoff(uint32_t in, uint32_t out, uint32_t n, uint32_t n_events);
int32_t ist__host_poll_oneoff(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);

/* What the hooks and host_poll.c of the POSIX face take for the host's import. */
int32_t ist__host_poll_oneoff(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events)
{
    uint32_t events = BORROWED + (uint32_t)(n * sizeof *in), count = events + (uint32_t)(n * sizeof *out);
    size_t len = count + sizeof *n_events - BORROWED;
    uint8_t *saved = malloc(len);
    int32_t e;

    if (!saved)
        return ENOMEM;
    e = client_read(saved, BORROWED, len);
    if (e) {
        free(saved);
        return ENOMEM;
    }
    client_write(BORROWED, in, n * sizeof *in);
    e = host_poll_oneoff(BORROWED, events, (uint32_t)n, count);
    if (e == 0) {
        client_read(n_events, count, sizeof *n_events);
        client_read(out, events, (*n_events < n ? *n_events : n) * sizeof *out);
    }
    client_write(BORROWED, saved, len);
    free(saved);
    return e;
}
