/*
 * host.c - the links of a host, its time, and what its links have to say
 */
#include "levels.h"

#include <errno.h>
#include <isthmus/link.h>

_Static_assert(ISTHMUS_PORTS == IST_LINK_MAX, "the contract's number of links");

int isthmus_host_add(struct isthmus_host *host, struct isthmus_port *port)
{
    if (host->n_ports == ISTHMUS_PORTS)
        return -ENOSPC;
    port->doorbell = host->doorbell;
    port->seen.fetched = UINT64_MAX;
    host->ports[host->n_ports] = port;
    return (int)host->n_ports++;
}

/* The guest's clock stands still rather than go back. */
uint64_t host_now(struct isthmus_host *host)
{
    uint64_t time = host->monotonic(host->user);

    if (time > host->last)
        host->last = time;
    return host->last;
}

int isthmus_host_pending(struct isthmus_host *host)
{
    for (uint32_t i = 0; i < host->n_ports; i++)
        port_turn(host->ports[i]);
    for (uint32_t i = 0; i < host->n_ports; i++)
        if (port_ready(host->ports[i]))
            return 1;
    return host->renewed || (host->early && host->early(host->user));
}
