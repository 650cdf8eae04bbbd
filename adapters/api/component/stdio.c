/*
 * stdio.c - wasi:cli stdin, stdout, stderr, and wasi:clocks/monotonic-clock
 */
#include "component.h"
#include "host.h"

#define CLOCK "wasi:clocks/monotonic-clock@0.2"

EXPORT("wasi:cli/stdin@0.2", "get-stdin") int32_t get_stdin(void)
{
    return input_make((struct stream){ .host = host_stdin() });
}

EXPORT("wasi:cli/stdout@0.2", "get-stdout") int32_t get_stdout(void)
{
    return output_make((struct stream){ .host = host_stdout() });
}

EXPORT("wasi:cli/stderr@0.2", "get-stderr") int32_t get_stderr(void)
{
    return output_make((struct stream){ .host = host_stderr() });
}

/* The link's clock: that of all deadlines. */
EXPORT(CLOCK, "now") uint64_t clock_now_exported(void)
{
    return clock_now();
}

EXPORT(CLOCK, "resolution") uint64_t clock_resolution(void)
{
    return 1000;
}

EXPORT(CLOCK, "subscribe-instant") int32_t clock_subscribe_instant(uint64_t when)
{
    return pollable_make((struct pollable){ .kind = POLLABLE_TIMER, .when = when });
}

EXPORT(CLOCK, "subscribe-duration") int32_t clock_subscribe_duration(uint64_t duration)
{
    uint64_t now = clock_now(), when = now + duration;

    return clock_subscribe_instant(when < now ? UINT64_MAX : when);
}
