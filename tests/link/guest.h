/*
 * guest.h - the guest program that checks a host
 *
 * Theory of operation. A check is a function that is called step by step. A step that must wait for the host fills g->x,
 * ends with `return wait_ms(...)`, and the next step finds the answers in g->x and `result`; DONE ends the check. On a
 * host that can wait the whole list runs inside run(). On one that cannot, a wait is an exchange that reports nothing new,
 * a return to the host, and after the call of ist_pump() an exchange with deadline 0: what the host may do, and when, is
 * the same.
 *
 * The far side of the links obeys commands that are sent over link 0 (far.h). Built for wasm, and natively for a host in C.
 */
#ifndef GUEST_H
#define GUEST_H

#include <isthmus/link.h>
#include <stddef.h>

#include "far.h"

#define BATCH (512u * 1024)

/* All memory that the host is shown; natively it is allocated alone, so that a sanitizer sees every byte beyond. */
struct guest {
    struct ist_link x;          /* the call under check */
    uint8_t beyond[96];         /* follows x: for a greater size, and to see what is written past a smaller one */
    struct ist_link far;        /* for commands */
    uint8_t request[64];
    uint8_t answer[4 + FAR_FRAME_MAX];
    uint8_t note[256];
    uint8_t text[1024];
    uint8_t tx[BATCH];
    uint8_t rx[BATCH];
    uint8_t last[16];           /* ends with the memory (natively), for ranges that end there */
};

extern struct guest *g;

uint32_t at(const void *p);                 /* address of p for the host */
uint32_t memory_end(void);                  /* bytes of the guest's memory */
int32_t call_at(uint32_t x);                /* exchange */

/* ---- run.c: the course of a check ---- */
enum { DONE, WAIT };

struct check {
    const char *name;
    int (*step)(int step);
};

extern const struct check grant_checks[], frame_checks[], layout_checks[], wait_checks[], close_checks[];

extern int32_t result;                      /* of the last exchange with g->x */
extern uint32_t told;                       /* flags as reported on the link before that */
extern uint64_t began;                      /* monotonic when the last wait began */

void expect_at(int holds, const char *file, int line, const char *what);
#define expect(what) expect_at((what) != 0, __FILE__, __LINE__, #what)

void prepare(uint32_t link, uint32_t rx_cap);   /* g->x: an empty call on a link, deadline 0 */
int32_t call(void);                             /* exchange with g->x now */
int32_t call_on(uint32_t link, uint32_t rx_cap);
int wait_ms(uint32_t ms);                       /* to return from a step: exchange with g->x and a deadline ms from now */
int wait_on(uint32_t link, uint32_t rx_cap, uint32_t ms);
int in_time(void);                              /* the last wait ended before its deadline */
uint32_t fill_frames(uint32_t count, uint32_t len); /* into g->tx; returns the bytes, and sets g->x.tx */
uint32_t received(uint32_t link, uint32_t len); /* frames in rx, all of len bytes, the next that the far side has sent */
uint32_t sum_of(uint32_t sum, const uint8_t *bytes, uint32_t len);
uint32_t same(const void *a, const void *b, uint32_t len);

/* One command to the far side; its answer's words. */
const uint32_t *far(uint32_t op, uint32_t link, uint32_t a, uint32_t b, uint32_t ms);
/* The far side's next frame on a link is this one: forget those that were dropped or left. */
void skip_frames(uint32_t link, uint32_t count);
/* What arrived there: frames, bytes, sum. */
void expect_arrived(uint32_t link, uint32_t frames, uint32_t bytes, uint32_t sum);

#endif
