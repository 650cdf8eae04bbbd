/*
 * host.c - the life of a host, its clocks, and what its links have to say
 */
#include "levels.h"

#include <errno.h>
#include <isthmus/link.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

_Static_assert(ISTHMUS_PORTS == IST_LINK_MAX, "the contract's number of links");

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t default_monotonic(void *user)
{
    (void)user;
    return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t default_realtime(void *user)
{
    (void)user;
    return clock_ns(CLOCK_REALTIME);
}

static int default_entropy(void *user, uint8_t into[32])
{
    (void)user;
    return getrandom(into, 32, 0) == 32;
}

int isthmus_host_renew(struct isthmus_host *host)
{
    if (getrandom(host->instance, sizeof host->instance, 0) != sizeof host->instance)
        return -EIO;
    host->renewed = 1;
    return 0;
}

int isthmus_host_init(struct isthmus_host *host)
{
    memset(host, 0, sizeof *host);
    host->monotonic = default_monotonic;
    host->realtime = default_realtime;
    host->entropy = default_entropy;
    if (isthmus_host_renew(host) < 0)
        return -EIO;
    host->renewed = 0;
    host->doorbell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return host->doorbell < 0 ? -errno : 0;
}

void isthmus_host_release(struct isthmus_host *host)
{
    close(host->doorbell);
    host->n_ports = 0;
}

int isthmus_host_add(struct isthmus_host *host, struct isthmus_port *port)
{
    if (host->n_ports == ISTHMUS_PORTS)
        return -ENOSPC;
    port->doorbell = host->doorbell;
    port->seen.fetched = UINT64_MAX;
    host->ports[host->n_ports] = port;
    return (int)host->n_ports++;
}

void isthmus_host_ring(struct isthmus_host *host)
{
    uint64_t one = 1;

    if (write(host->doorbell, &one, sizeof one) < 0)
        return; /* EAGAIN: rung so often that it is awake */
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
