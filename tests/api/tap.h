/*
 * tap.h - what the API programs share: TAP, and two connected sockets
 *
 * Each program is built twice, with isthmus-cc and for this machine, and must say the same on both: Linux is the reference.
 */
#ifndef TESTS_API_TAP_H
#define TESTS_API_TAP_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3), unused)) static int ok(int good, const char *sentence, ...)
{
    int e = errno;
    va_list args;

    tap_failed += !good;
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(args, sentence);
    vprintf(sentence, args);
    va_end(args);
    printf("\n");
    if (!good)
        printf("# errno is %d (%s)\n", e, strerror(e));
    fflush(stdout);
    errno = e;
    return good;
}

/* A call that must fail so. */
#define fails(call, error, ...) (errno = 0, ok((call) == -1 && errno == (error), __VA_ARGS__))

__attribute__((unused)) static int done(void)
{
    printf("1..%d\n", tap_count);
    fflush(stdout);
    return tap_failed != 0;
}

__attribute__((unused)) static void need(int good, const char *what)
{
    if (good)
        return;
    printf("Bail out! %s: %s\n", what, strerror(errno));
    fflush(stdout);
    exit(2);
}

static const struct in6_addr tap_loopback6 = IN6ADDR_LOOPBACK_INIT;

__attribute__((unused)) static struct sockaddr_in at4(uint32_t ip, int port)
{
    struct sockaddr_in a;
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons((uint16_t)port);
    a.sin_addr.s_addr = htonl(ip);
    return a;
}

__attribute__((unused)) static struct sockaddr_in6 at6(const struct in6_addr *ip, int port)
{
    struct sockaddr_in6 a;
    memset(&a, 0, sizeof a);
    a.sin6_family = AF_INET6;
    a.sin6_port = htons((uint16_t)port);
    a.sin6_addr = *ip;
    return a;
}

/* A TCP listener on 127.0.0.1; its address in *a. */
__attribute__((unused)) static int listener(struct sockaddr_in *a, int backlog)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    socklen_t len = sizeof *a;

    need(fd >= 0, "socket");
    *a = at4(INADDR_LOOPBACK, 0);
    need(bind(fd, (struct sockaddr *)a, sizeof *a) == 0, "bind");
    need(listen(fd, backlog) == 0, "listen");
    need(getsockname(fd, (struct sockaddr *)a, &len) == 0, "getsockname");
    return fd;
}

/* Two ends of one connection: [0] connected, [1] accepted. */
__attribute__((unused)) static void tcp_pair(int out[2])
{
    struct sockaddr_in a;
    int l = listener(&a, 5);

    out[0] = socket(AF_INET, SOCK_STREAM, 0);
    need(out[0] >= 0, "socket");
    need(connect(out[0], (struct sockaddr *)&a, sizeof a) == 0, "connect");
    out[1] = accept(l, NULL, NULL);
    need(out[1] >= 0, "accept");
    close(l);
}

/* A UDP socket on 127.0.0.1; its address in *a. */
__attribute__((unused)) static int udp_bound(struct sockaddr_in *a)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t len = sizeof *a;

    need(fd >= 0, "socket");
    *a = at4(INADDR_LOOPBACK, 0);
    need(bind(fd, (struct sockaddr *)a, sizeof *a) == 0, "bind");
    need(getsockname(fd, (struct sockaddr *)a, &len) == 0, "getsockname");
    return fd;
}

__attribute__((unused)) static int error_of(int fd)
{
    int e = -1;
    socklen_t len = sizeof e;
    need(getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len) == 0, "SO_ERROR");
    return e;
}

#endif
