/*
 * socket.h - what the unit tests of the sockets share: one instance with one link of kind IP, and a clock that the test owns
 *
 * Nothing sleeps: when the stack waits, the clock is put to its deadline, so that an hour of network takes milliseconds.
 */
#ifndef TEST_SOCKET_H
#define TEST_SOCKET_H

#include "tap.h"

#include <isthmus/link.h>
#include <isthmus/stack.h>
#include <string.h>

#include "../../adapters/host/c/host.h"

#define MTU 1500u
#define MS  UINT64_C(1000000)
#define GRANT "address=10.0.0.1/24\ngateway=10.0.0.2\naddress=fd00::1/64\ngateway=fd00::2\n"

static struct isthmus_host host;
static struct isthmus_port *near_port, *far_port;
static uint64_t clock_ns = 1000 * MS;

static inline uint64_t clock_read(void *user)
{
    (void)user;
    return clock_ns;
}

static inline void clock_sleep(void *user, uint64_t deadline)
{
    (void)user;
    if (deadline == UINT64_MAX) {
        printf("# the stack would wait for ever\nBail out! no deadline\n");
        exit(1);
    }
    if (deadline > clock_ns)
        clock_ns = deadline;
}

static inline void settle(void);
static int event_loop;    /* the host cannot wait: it calls ist_pump() at the deadline it was told */

/* ist_wait(), as a program on an event loop would have it. */
static inline int32_t wait_set(struct ist_interest *set, uint32_t n, uint64_t deadline)
{
    int32_t r;

    while ((r = ist_wait(set, n, deadline)) == IST_EDEADLK) {
        uint64_t next = host.deadline > clock_ns && host.deadline < deadline ? host.deadline : deadline;
        if (next == UINT64_MAX) abort();
        clock_ns = next;
        ist_pump();
        if (clock_ns >= deadline)
            return ist_wait(set, n, IST_NO_WAIT);
    }
    return r;
}

static inline void instance_start(const char *grant, const struct ist_config *config)
{
    int32_t r;

    isthmus_host_init(&host);
    host.monotonic = clock_read;
    host.sleep = clock_sleep;
    host.no_wait = event_loop;
    if (isthmus_port_pair(&near_port, &far_port, IST_LINK_KIND_IP, MTU, 1 << 20)) abort();
    isthmus_port_set_grant(near_port, grant);
    isthmus_host_add(&host, near_port);
    ist_link_host(isthmus_host_exchange, &host);
    r = ist_start(config);
    if (r) {
        printf("Bail out! ist_start: %s\n", ist_error_text(r));
        exit(1);
    }
    while (!ist_configured())
        if (wait_set(NULL, 0, clock_ns + 100 * MS) < 0) abort();
    settle();
}

static inline void instance_stop(void)
{
    ist_stop();
    isthmus_port_release(near_port);
    isthmus_port_release(far_port);
    isthmus_host_release(&host);
}

/* Lets @ms pass. */
static inline void pass(uint64_t ms)
{
    uint64_t until = clock_ns + ms * MS;

    while (clock_ns < until)
        if (wait_set(NULL, 0, until) < 0) abort();
}

/* Until nothing moves any more without the clock. */
static inline void settle(void)
{
    for (int i = 0; i < 20; i++)
        ist_wait(NULL, 0, IST_NO_WAIT);
}

/* The levels of a handle among @want, as soon as there are any, within @ms of its time; 0 if there are none. */
static inline uint32_t wait_for(ist_handle h, uint32_t want, uint64_t ms)
{
    struct ist_interest i = { .handle = h, .want = want };
    int32_t r = wait_set(&i, 1, clock_ns + ms * MS);

    return r == 1 ? i.ready : 0;
}

static inline uint32_t levels(ist_handle h)
{
    int32_t r = ist_ready(h);

    return r < 0 ? 0 : (uint32_t)r;
}

static inline struct ist_address v4(const char *text, uint16_t port)
{
    struct ist_address a = { .family = IST_IPV4, .port = port };
    unsigned b[4];

    if (sscanf(text, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]) != 4) abort();
    for (int i = 0; i < 4; i++)
        a.ip[i] = (uint8_t)b[i];
    return a;
}

/* ::ffff:a.b.c.d */
static inline struct ist_address mapped(const char *text, uint16_t port)
{
    struct ist_address a = { .family = IST_IPV6, .port = port }, b = v4(text, port);

    a.ip[10] = a.ip[11] = 0xff;
    memcpy(a.ip + 12, b.ip, 4);
    return a;
}

/* fd00::last, or ::last with first == 0 */
static inline struct ist_address v6(uint8_t first, uint8_t last, uint16_t port)
{
    struct ist_address a = { .family = IST_IPV6, .port = port };

    a.ip[0] = first;
    a.ip[15] = last;
    return a;
}

static inline int same_address(const struct ist_address *a, const struct ist_address *b)
{
    return a->family == b->family && a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

static inline ist_handle listener_on(struct ist_address a, uint32_t backlog)
{
    ist_handle l = ist_tcp_open(a.family);

    if (l < 0 || ist_socket_bind(l, &a) || ist_socket_listen(l, backlog)) abort();
    return l;
}

static inline struct ist_address local_of(ist_handle h)
{
    struct ist_address a;

    if (ist_socket_local(h, &a)) abort();
    return a;
}

/* A connection within the instance: the connecting and the accepted end. */
static inline void connection(ist_handle *client, ist_handle *server)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 1);
    struct ist_address a = local_of(l);

    *client = ist_tcp_open(IST_IPV4);
    if (*client < 0 || ist_socket_connect(*client, &a)) abort();
    if (!wait_for(l, IST_READABLE, 5000) || !(wait_for(*client, IST_WRITABLE, 5000) & IST_WRITABLE)) abort();
    *server = ist_socket_accept(l, NULL);
    if (*server < 0) abort();
    ist_close(l);
}

/* Connections that nobody holds any more may still be in TIME-WAIT: lets them go. Then nothing may be left. */
static inline void nothing_left(uint64_t memory_before)
{
    struct ist_statistics s = { .size = sizeof s };

    pass(120000);
    ist_statistics_get(&s);
    ok(s.n_tcp == 0, "no protocol block is left (%u)", s.n_tcp);
    ok(s.memory_used <= memory_before, "the memory is back at its baseline (%lld over)",
       (long long)(s.memory_used - memory_before));
}

static inline uint64_t memory_now(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.memory_used;
}

#endif
