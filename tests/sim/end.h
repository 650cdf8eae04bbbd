/*
 * end.h - one end of a conversation: a program that sends, reads and judges what it reads
 */
#ifndef SIM_END_H
#define SIM_END_H

#include "flow.h"

struct end {
    struct flow *flow;
    struct stack *stack;
    ist_handle h, tcp;                 /* with TLS: what it stands on */
    uint64_t key;                      /* of what it sends */
    uint64_t sent, got;                /* bytes that send took, that recv gave */
    uint64_t pause_until, moved_at, opened_at;
    uint16_t port;                     /* of the client */
    bool connected, shut, eof, stalled, done;
    int32_t error;
    struct rng chance;
};

struct flow {
    struct plan plan;
    uint32_t number;
    bool wrong;                        /* the link made it read what was never sent */
    struct end ends[2];                /* the client, the server */
};

/* Of the client 0, of the server 1. */
uint32_t end_side(const struct end *e);

/* The end begins on @h, which is its own from now on. */
void end_open(struct end *e, struct flow *f, struct stack *stack, ist_handle h);

/* What the plan asks of its socket. */
void end_options(struct end *e);

/* TLS over the connection, if the plan has it; whether the end goes on. */
bool end_secure(struct end *e);

/* A call on it gave @error: it is over, and may have to be excused. */
void end_failed(struct end *e, int32_t error);

/* One step; whether it did anything. */
bool end_run(struct end *e);

/* Ends that are open; that have failed so far. */
uint32_t ends_open(void);
uint64_t ends_failed(void);

#endif
