/*
 * raw.h - the import without a stack: what the guests of tests/host share
 */
#ifndef TESTS_HOST_RAW_H
#define TESTS_HOST_RAW_H

#include <isthmus/link.h>
#include <stddef.h>
#include <stdint.h>

#define RAW_BATCH (1u << 17)

/* One link: its struct, its buffers and what waits to be read from the last batch. */
struct raw {
    struct ist_link x;
    uint8_t tx[RAW_BATCH], rx[RAW_BATCH];
    uint32_t queued;        /* bytes in tx */
    uint32_t at, end;       /* the part of rx that raw_next() has not given yet */
    char text[8192];
};

/* Begins with link n and fetches its grant; the exchange's result. */
int32_t raw_open(struct raw *raw, uint32_t n);
/* Fetches the grant again. */
int32_t raw_grant(struct raw *raw);
/* Queues a frame; 0: tx is full. */
int raw_queue(struct raw *raw, const void *frame, uint32_t len);
/* One exchange until `deadline` (IST_LINK_NO_WAIT, or ns in the clock of x.monotonic); moves what was not taken. */
int32_t raw_exchange(struct raw *raw, uint64_t deadline);
/* Lets what is queued move, soon; the exchange's result. */
int32_t raw_move(struct raw *raw);
/* The next frame that came, or NULL. */
const uint8_t *raw_next(struct raw *raw, uint32_t *len);
/* Exchanges until all that is queued is taken or wait_ms have passed; the bytes left. */
uint32_t raw_flush(struct raw *raw, uint32_t wait_ms);

static inline uint64_t raw_in_ms(const struct raw *raw, uint64_t ms)
{
    return raw->x.monotonic + ms * 1000000u;
}

#endif
