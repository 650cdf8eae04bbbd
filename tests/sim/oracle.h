/*
 * oracle.h - nothing lost: what every world has to keep
 */
#ifndef SIM_ORACLE_H
#define SIM_ORACLE_H

#include "world.h"

/* Of one seed; lives in memory that is shared with the process that started it. */
struct report {
    uint64_t seed, step, now, digest;
    const char *scenario;
    bool failed, finished;
    char what[1024];
    char notes[2048];
    uint64_t n_connections, n_errors, n_bytes, n_datagrams, n_queries, n_tls, n_frames, n_refused, n_asked;
    struct { uint64_t lost, doubled, reordered, flipped, truncated, holed, refused; } harm;
};

extern struct report *report;

/* The world breaks a promise: this process ends. */
__attribute__((format(printf, 1, 2), noreturn)) void broken(const char *format, ...);

/* The bytes of stream @key from @at on. */
void pattern_fill(uint64_t key, uint64_t at, uint8_t *buf, uint32_t len);

/* The first of @len bytes that differs, or @len. */
uint32_t pattern_differs(uint64_t key, uint64_t at, const uint8_t *buf, uint32_t len);

/* What is open and held now is the baseline; @n_handles: as many are opened once before, as the table of them never shrinks. */
void memory_baseline(uint32_t n_handles);

/* All else has been closed: everything is back at the baseline within the time that TCP takes. */
void memory_settles(void);

/* Stops the stacks: no block of memory is left. */
void memory_ends(void);

#endif
