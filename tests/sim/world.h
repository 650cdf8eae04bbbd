/*
 * world.h - one simulated world: copies of the stack, a virtual clock, things that happen at their time
 *
 * Theory of Operation: a world lives in a process of its own and is the only one there, so it is a global. Everything in it follows
 * from the seed: the clock moves only from event to event, each copy's entropy is a stream of the seed, and no address of memory
 * is ever looked at. A step is one moment: what is due runs, the stacks turn, the programs look at their handles, frames enter
 * the link; then the clock goes to what comes next.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <isthmus/connect.h>
#include <isthmus/link.h>
#include <isthmus/linger.h>
#include <isthmus/native.h>
#include <isthmus/resolve.h>
#include <isthmus/socket.h>
#include <isthmus/stack.h>
#include <isthmus/tls.h>
#include <stdbool.h>
#include <stddef.h>

#include "memory.h"
#include "random.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)
#define NEVER UINT64_MAX
#define BEGAN (10000 * S)                    /* the clock of every world begins here; it may go back an hour */

#define STACKS_MAX 4u

/* The calls of the library that the simulator makes. */
#define SIM_CALLS(X) \
    X(ist_native_open) X(ist_native_link) X(ist_native_push) X(ist_native_pull) X(ist_native_up) X(ist_native_grant) \
    X(ist_native_pending) X(ist_native_deadline) X(ist_native_close) X(ist_start) X(ist_stop) X(ist_pump) X(ist_configured) \
    X(ist_wait) X(ist_statistics_get) X(ist_ready) X(ist_failure) X(ist_close) X(ist_tcp_open) X(ist_udp_open) \
    X(ist_socket_bind) X(ist_socket_connect) X(ist_socket_listen) X(ist_socket_accept) X(ist_socket_local) X(ist_socket_peer) \
    X(ist_datagram_send) X(ist_datagram_recv) X(ist_option_set) X(ist_stream_send) X(ist_stream_recv) X(ist_stream_shutdown) \
    X(ist_resolve_open) X(ist_resolve_result) X(ist_connect_open) X(ist_tls_trust_new) X(ist_tls_trust_free) \
    X(ist_tls_identity_new) X(ist_tls_identity_free) X(ist_tls_open) X(ist_tls_detail) \
    X(sim_memory_refuse) X(sim_memory_asked) X(sim_memory_held)

struct stack {
    uint32_t index;
#define X(name) __typeof__(name) *name;
    SIM_CALLS(X)
#undef X
    uint8_t last;              /* 10.0.0.last and fd00::last are its addresses */
    bool waits;                /* its host can wait: calls gather, and ist_wait() carries */
    bool slept;
    bool up;
    uint64_t due;              /* world's time of its next turn, if it waits */
    bool stopped;              /* its clock stands */
    uint64_t stopped_at;       /* what it shows then */
    int64_t skew;              /* its clock, less the world's */
    struct rng entropy;
    uint64_t refuse_first, refuse_n;      /* requests for memory from its start on that get nothing */
    uint64_t held_before;      /* blocks of memory before ist_start() */
    struct ist_statistics before;    /* of the moment that memory has to come back to */
    char notes[2048];
    size_t notes_len;
};

struct world {
    uint64_t seed, step, now;
    uint32_t n_stacks;
    struct stack stacks[STACKS_MAX];
    uint64_t digest;           /* of every frame that was sent, and when */
    struct rng chance;         /* of the scenario and its programs */
    bool (*programs)(void);    /* looks at the handles; whether it did anything */
};

extern struct world world;

/* Loads @n copies of the file; before the worlds fork. */
void world_load(const char *file, uint32_t n);

/* Forgets all but the loaded copies. */
void world_begin(uint64_t seed);

/* Starts a stack on the link: 0 or an error of the stack. */
int32_t stack_start(struct stack *s, uint32_t mtu, uint32_t queue_cap);

/* Its grant: one address of each family, and the lines of @more. */
void stack_grant(const struct stack *s, const char *more, char *text, size_t cap);

/* Stops it and gives all back. */
void stack_stop(struct stack *s);

struct ist_address stack_address(const struct stack *s, uint32_t family, uint16_t port);
struct ist_statistics stack_statistics(const struct stack *s);

/* What its clock shows. */
uint64_t stack_clock(const struct stack *s);

/* The clock jumps by @by, now; or stands until it goes on. */
void stack_clock_jump(struct stack *s, int64_t by);
void stack_clock_stop(struct stack *s);
void stack_clock_go_on(struct stack *s);

/* @run is called with @arg at a time of the world. NULL: the programs have something to do then. */
void event_at(uint64_t at, void (*run)(void *arg), void *arg);

/* One moment, and the way to the next; false when nothing can happen any more. */
bool world_step(void);

/* Until @done says so, or @until; whether it did. */
bool world_run(bool (*done)(void), uint64_t until);

#endif
