/*
 * hook_poll_oneoff.c - nanosleep(), clock_nanosleep(), ioctl(FIONREAD) below libc; poll() and select() do not come here
 */
#include "posix.h"

#define STEP_NS UINT64_C(10000000)

IST_HOST(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);

static int is_monotonic_date(const __wasi_subscription_t *sub)
{
    return sub->u.tag == __WASI_EVENTTYPE_CLOCK && sub->u.u.clock.id == __WASI_CLOCKID_MONOTONIC &&
        sub->u.u.clock.flags & __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
}

/* The program's monotonic clock is the host's, not the link's: the host alone knows when its time has come. */
static int32_t sleep_until(const __wasi_subscription_t *date, __wasi_event_t *out, size_t *n_events)
{
    __wasi_subscription_t both[2] = { *date, { .userdata = date->userdata + 1, .u.tag = __WASI_EVENTTYPE_CLOCK } };
    __wasi_event_t events[2];

    both[1].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    for (;;) {
        int32_t e = ist__host_poll_oneoff(both, events, 2, n_events);
        if (e)
            return e;
        for (size_t i = 0; i < *n_events; i++) {
            if (events[i].userdata == date->userdata) {
                *out = events[i];
                *n_events = 1;
                return 0;
            }
        }
        ist__face->sleep(STEP_NS);
    }
}

IST_HOOK(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events);
IST_HOOK(poll_oneoff)(const __wasi_subscription_t *in, __wasi_event_t *out, size_t n, size_t *n_events)
{
    if (!ist__face)
        return ist__host_poll_oneoff(in, out, n, n_events);
    if (n == 1 && is_monotonic_date(in))
        return sleep_until(in, out, n_events);
    return ist__face->poll_oneoff(in, out, n, n_events);
}
