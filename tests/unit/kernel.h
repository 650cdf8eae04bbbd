/*
 * kernel.h - what the tests against the Linux kernel share: both sides of a connection in one thread, over a TUN device
 *
 * Every call of the kernel's side is non-blocking; step() lets our side work and half a millisecond pass.
 */
#ifndef TEST_KERNEL_H
#define TEST_KERNEL_H

#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <isthmus/link.h>
#include <isthmus/stack.h>

#include "../../adapters/host/c/host.h"

#define MS       UINT64_C(1000000)
#define PATIENCE 40000      /* steps: 20 s and more */

static struct isthmus_host host;
static struct isthmus_port *tun;
static uint8_t buf[1 << 20], other[1 << 20];

/* Where the kernel's side is: its addresses, and its network namespace if that is not ours. */
static const char *kernel4 = "10.7.0.1", *kernel6 = "fd07::1";
static int kernel_ns = -1, own_ns = -1;

/* Both sides move. */
static inline void step(void)
{
    ist_wait(NULL, 0, ist_monotonic() + MS / 2);
}

static inline void steps(int n)
{
    while (n--)
        step();
}

static inline uint32_t levels(ist_handle h)
{
    int32_t r = ist_ready(h);

    return r < 0 ? 0 : (uint32_t)r;
}

static inline uint32_t until(ist_handle h, uint32_t want)
{
    for (int i = 0; i < PATIENCE && !(levels(h) & (want | IST_FAILED)); i++)
        step();
    return levels(h);
}

static inline socklen_t kernel_address(struct sockaddr_storage *s, int family, const char *text, uint16_t port)
{
    memset(s, 0, sizeof *s);
    s->ss_family = (sa_family_t)family;
    if (family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)s;
        in->sin_port = htons(port);
        inet_pton(AF_INET, text, &in->sin_addr);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)s;
    in6->sin6_port = htons(port);
    inet_pton(AF_INET6, text, &in6->sin6_addr);
    return sizeof *in6;
}

static inline int kernel_socket(int family, int type, uint16_t port)
{
    struct sockaddr_storage s;
    int fd, one = 1;
    socklen_t len = kernel_address(&s, family, family == AF_INET ? kernel4 : kernel6, port);

    if (kernel_ns >= 0 && setns(kernel_ns, CLONE_NEWNET)) abort();
    fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (kernel_ns >= 0 && setns(own_ns, CLONE_NEWNET)) abort();
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (port && bind(fd, (struct sockaddr *)&s, len)) abort();
    if (port && type == SOCK_STREAM && listen(fd, 512)) abort();
    return fd;
}

static inline struct ist_address our_view(uint32_t family, const char *text, uint16_t port)
{
    struct ist_address a = { .family = (uint8_t)family, .port = port };

    if (inet_pton(family == IST_IPV4 ? AF_INET : AF_INET6, text, a.ip) != 1) abort();
    return a;
}

static inline ssize_t kernel_wait_recv(int fd, void *to, size_t cap)
{
    ssize_t n = -1;

    for (int i = 0; i < PATIENCE && (n = recv(fd, to, cap, 0)) < 0 && errno == EAGAIN; i++)
        step();
    return n;
}

/* We connect, the kernel accepts. */
static inline void out(uint32_t family, ist_handle *h, int *fd)
{
    int k = family == IST_IPV4 ? AF_INET : AF_INET6, l = kernel_socket(k, SOCK_STREAM, 9000);
    struct ist_address to = our_view(family, family == IST_IPV4 ? kernel4 : kernel6, 9000);

    *h = ist_tcp_open(family);
    if (ist_socket_connect(*h, &to)) abort();
    until(*h, IST_WRITABLE);
    for (int i = 0; i < PATIENCE && (*fd = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0; i++)
        step();
    close(l);
}

/* The kernel connects, we accept. */
static inline void in(uint32_t family, ist_handle *h, int *fd)
{
    struct ist_address any = { .family = (uint8_t)family, .port = 9001 };
    ist_handle l = ist_tcp_open(family);
    struct sockaddr_storage s;
    int k = family == IST_IPV4 ? AF_INET : AF_INET6;
    socklen_t len = kernel_address(&s, k, k == AF_INET ? "10.7.0.2" : "fd07::2", 9001);

    ist_option_set(l, IST_OPTION_REUSE_ADDRESS, 1);
    if (ist_socket_bind(l, &any) || ist_socket_listen(l, 8)) abort();
    *fd = kernel_socket(k, SOCK_STREAM, 0);
    connect(*fd, (struct sockaddr *)&s, len);
    until(l, IST_READABLE);
    *h = ist_socket_accept(l, NULL);
    ist_close(l);
}

static inline uint8_t byte_at(uint32_t i, uint32_t seed)
{
    return (uint8_t)((i ^ i >> 8 ^ i >> 16) * 31 + seed);
}

/* @total bytes each way at once; then we end our direction, and the kernel the other. Closes both. */
static inline void bulk_over(ist_handle h, int fd, uint32_t total, const char *name)
{
    uint32_t ours_sent = 0, ours_got = 0, theirs_sent = 0, theirs_got = 0, wrong = 0;

    for (int still = 0; still < PATIENCE && (ours_got < total || theirs_got < total); still++) {
        uint32_t len = total - ours_sent < 100000 ? total - ours_sent : 100000;
        for (uint32_t i = 0; i < len; i++)
            buf[i] = byte_at(ours_sent + i, 1);
        int32_t n = len ? ist_stream_send(h, buf, len) : 0;
        ours_sent += n > 0 ? (uint32_t)n : 0;
        len = total - theirs_sent < 100000 ? total - theirs_sent : 100000;
        for (uint32_t i = 0; i < len; i++)
            other[i] = byte_at(theirs_sent + i, 2);
        ssize_t m = len ? send(fd, other, len, MSG_NOSIGNAL) : 0;
        theirs_sent += m > 0 ? (uint32_t)m : 0;
        while ((m = recv(fd, other, sizeof other, 0)) > 0) {
            for (ssize_t i = 0; i < m; i++)
                wrong += other[i] != byte_at(theirs_got + (uint32_t)i, 1);
            theirs_got += (uint32_t)m, still = 0;
        }
        while ((n = ist_stream_recv(h, buf, sizeof buf)) > 0) {
            for (int32_t i = 0; i < n; i++)
                wrong += buf[i] != byte_at(ours_got + (uint32_t)i, 2);
            ours_got += (uint32_t)n, still = 0;
        }
        step();
    }
    ok(ours_got == total && theirs_got == total && wrong == 0, "%s: %u KiB each way at once, every byte right (%u, %u, %u wrong)",
       name, total >> 10, ours_got, theirs_got, wrong);
    ist_stream_shutdown(h, IST_SHUT_WRITE);
    ok(kernel_wait_recv(fd, other, 1) == 0, "%s: our half-close ends the kernel's stream", name);
    ok(send(fd, "still open", 10, 0) == 10 && until(h, IST_READABLE) && ist_stream_recv(h, buf, 64) == 10, "%s: it can still send", name);
    close(fd);
    until(h, IST_HANGUP);
    ok(ist_stream_recv(h, buf, 64) == 0 && ist_failure(h) == 0, "%s: and closes: the end, no failure", name);
    ist_close(h);
}

static inline void bulk(uint32_t family, int incoming, uint32_t total, const char *path)
{
    char name[100];
    ist_handle h;
    int fd;

    snprintf(name, sizeof name, "IPv%u%s%s", family, path, incoming ? ", to us" : "");
    (incoming ? in : out)(family, &h, &fd);
    ok(h > 0 && fd >= 0 && levels(h) == IST_WRITABLE, "%s: a connection", name);
    bulk_over(h, fd, total, name);
}

/* Starts the stack on @tun. */
static inline int world_start(void)
{
    int32_t r;

    isthmus_host_init(&host);
    isthmus_host_add(&host, tun);
    ist_link_host(isthmus_host_exchange, &host);
    r = ist_start(NULL);
    if (r)
        return ok(0, "ist_start: %s", ist_error_text(r));
    for (uint32_t i = 0; i < sizeof other; i++)
        other[i] = (uint8_t)(i * 7 + i / 256);
    for (int i = 0; i < PATIENCE && !ist_configured(); i++)
        step();
    steps(2500);     /* duplicate address detection takes a second */
    return 1;
}

static inline void world_stop(void)
{
    ist_stop();
    isthmus_port_release(tun);
    isthmus_host_release(&host);
}

#endif
