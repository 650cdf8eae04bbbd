/*
 * levels.h - what a link has to say at this moment (private to the C host)
 */
#ifndef ISTHMUS_LEVELS_H
#define ISTHMUS_LEVELS_H

#include "host.h"

/* The guest's clock stands still rather than go back. */
uint64_t host_now(struct isthmus_host *host);

static inline int port_up(const struct isthmus_port *port)
{
    return port->up && !port->closed;
}

/* Closed, and all that it held has been given. */
static inline int port_gone(const struct isthmus_port *port)
{
    return port->closed && !port->readable;
}

static inline void port_turn(struct isthmus_port *port)
{
    if (port->vtable->turn)
        port->vtable->turn(port);
}

/* Whether a link has something to say: frames, room for what it refused, or news that no call on it has reported. */
static inline int port_ready(const struct isthmus_port *port)
{
    if (!port->seen.called)
        return 0;
    return (port->seen.wanted && port->readable) || (port->seen.refused && !port->closed && port->writable) ||
           port_up(port) != port->seen.up || port->grant_version != port->seen.grant || (!port->seen.closed && port_gone(port));
}

#endif
