/*
 * flow.h - conversations: two programs on two stacks that send each other bytes, over TCP or TLS, and believe nothing
 */
#ifndef SIM_FLOW_H
#define SIM_FLOW_H

#include "world.h"

#define FLOW_PORT 7000u

/* When a side says that it sends no more. */
enum ending {
    END_EAGER,       /* once it has sent all */
    END_ANSWER,      /* the server only after it has read the client's end: a client that ends well knows that all was read */
    END_POLITE       /* once it has sent and read all: TLS has no half-closed connections */
};

struct plan {
    uint32_t client, server;           /* stacks */
    uint32_t family;
    enum ending ending;
    bool tls;
    bool crossed;                      /* both connect, at once: nobody accepts */
    uint64_t begin;                    /* time of the world */
    uint64_t bytes[2];                 /* that the client and the server send */
    uint32_t write_most, read_most;    /* of one call */
    uint32_t pause_ppm;                /* chance of a pause after a call */
    uint64_t pause_most;
    uint64_t stall_at[2], stall_for;   /* a reader that stops, once, after so many bytes; 0 = never */
    uint64_t idle_until;               /* connects, and does nothing until then */
    uint64_t reset_at[2];              /* the side aborts the connection after so many bytes sent; 0 = never */
    int32_t keepalive_idle, keepalive_interval, keepalive_count;     /* s, s, n; idle 0 = off */
    int32_t no_delay, send_buffer;     /* send_buffer 0 = as it comes */
};

/* What this world forgives. */
struct mercy {
    uint64_t errors_until;   /* connections that begin before may fail, at both ends */
    uint64_t slack;    /* a clock stands still so long: what waits for a timer takes so much longer */
    bool slow;         /* answers may come too late */
    bool half_open;    /* a server may have waited for three minutes of its clock for the end of a handshake */
    bool unreachable;  /* an attempt may find no way: there is none for a while */
    bool neighbours;   /* an attempt may find its neighbour silent: three questions were lost */
    bool wrong_bytes;  /* TCP may deliver what was never sent, and hang: the link lies and makes the checksums fit */
    bool no_memory;    /* calls may say IST_ENOMEM */
};

extern struct mercy mercy;

/* Listeners on every stack; before anything else. @backlog of each. */
void flows_begin(uint32_t backlog);

void flow_add(const struct plan *plan);

/* Of those that have been added: some readers stop for a while; some programs abort. */
void flows_stall(uint64_t ns);
void flows_reset(void);

/* world.programs: every conversation moves on; whether any did. */
bool flows_run(void);

/* No conversation is left. */
bool flows_done(void);

/* Whether a connection has failed so far. */
uint64_t flows_failed(void);

/* Closes the listeners. */
void flows_end(void);

#endif
