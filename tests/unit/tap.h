/*
 * tap.h - TAP lines for the unit tests; one program includes it once
 */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <stdlib.h>

static int tap_n, tap_n_failed;

/* One line; returns good. */
#define ok(good, ...) tap_line((good) != 0, __FILE__, __LINE__, __VA_ARGS__)
__attribute__((format(printf, 4, 5)))
static inline int tap_line(int good, const char *file, int line, const char *format, ...)
{
    __builtin_va_list args;

    printf("%sok %d - ", good ? "" : "not ", ++tap_n);
    __builtin_va_start(args, format);
    vprintf(format, args);
    __builtin_va_end(args);
    printf("\n");
    if (!good) {
        tap_n_failed++;
        printf("# at %s:%d\n", file, line);
    }
    fflush(stdout);
    return good;
}

/* What cannot run here; under CI the runner takes it for a failure. */
static inline void tap_skip(const char *name, const char *reason)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_n, name, reason);
}

/* The plan; main() returns it. */
static inline int tap_done(void)
{
    printf("1..%d\n", tap_n);
    return tap_n_failed != 0;
}

#endif
