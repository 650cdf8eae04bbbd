/*
 * host_system.c - what a host takes of the system unless its embedder gives it: clocks, random bytes, and a sleep
 *
 * Nothing else of the host's core makes a system call: libisthmus.so is built without this file.
 */
#include "levels.h"

#include <errno.h>
#include <isthmus/link.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

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

/* Sleeps until something may have changed. An event that is due already ends the ppoll at once. */
static void doze(struct isthmus_host *host, uint64_t deadline)
{
    struct pollfd fds[ISTHMUS_PORTS + 1] = { { .fd = host->doorbell, .events = POLLIN } };
    nfds_t n = 1;
    uint64_t ns = deadline - host->last, count;
    struct timespec left = { .tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u) };

    for (uint32_t i = 0; i < host->n_ports; i++) {
        struct isthmus_port *port = host->ports[i];
        int fd = -1;
        short events = port->vtable->events ? port->vtable->events(port, &fd) : 0;

        if (events)
            fds[n++] = (struct pollfd){ .fd = fd, .events = events };
    }
    ppoll(fds, n, deadline == IST_LINK_NO_DEADLINE ? NULL : &left, NULL);
    if (fds[0].revents && read(host->doorbell, &count, sizeof count) < 0)
        return; /* EAGAIN: another thread of the embedder has read it */
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
    host->doze = doze;
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

void isthmus_host_ring(struct isthmus_host *host)
{
    uint64_t one = 1;

    if (write(host->doorbell, &one, sizeof one) < 0)
        return; /* EAGAIN: rung so often that it is awake */
}
