/*
 * scenario.h - the worlds that there are; a seed chooses one
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "flow.h"
#include "link.h"
#include "oracle.h"

/* What converses in a world; harm.h tells what happens to it. */
void tcp_world(void);
void tls_world(void);
void udp_world(void);
void dns_world(void);
void scarce_world(void);
void many_world(void);

/* scarce.c: every request is refused once, and not a sample of them */
extern bool scarce_every;

/* network.c: a link and stacks as the seed has it, without faults; started, their addresses usable. */
void network_begin(uint32_t n_stacks);

/* A conversation of at most @most bytes each way. */
struct plan plan_draw(uint64_t most);

/* Runs until all conversations have ended, and holds the world to its promises. */
void world_judge(void);

#endif
