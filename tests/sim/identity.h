/*
 * identity.h - who the stacks are in TLS
 */
#ifndef SIM_IDENTITY_H
#define SIM_IDENTITY_H

#include "world.h"

/* Every stack can be a server "sim.test", and believes the others. */
void identities_begin(void);
void identities_end(void);

/* TLS over @stream: the handle, or an error. */
ist_handle identity_open(struct stack *s, ist_handle stream, bool server);

#endif
