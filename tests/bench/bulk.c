/*
 * bulk.c - sends bytes over one TCP connection and tells how fast: an ordinary POSIX program, for wasm and for the kernel alike
 *
 * bulk server PORT         takes one connection, reads to its end, answers with the count of bytes
 * bulk client HOST PORT MIB      sends MIB, waits for the count, prints MiB/s
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buf[262144];

static int fail(const char *what)
{
    fprintf(stderr, "bulk: %s: %s\n", what, strerror(errno));
    return 1;
}

static int serve(int port)
{
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd, on = 1;
    uint64_t total = 0;
    ssize_t n;

    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 1) < 0)
        return fail("listen");
    if ((fd = accept(listener, NULL, NULL)) < 0)
        return fail("accept");
    while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
        total += (uint64_t)n;
    if (n < 0 || send(fd, &total, sizeof total, 0) != sizeof total)
        return fail("server");
    close(fd);
    return 0;
}

static int send_to(const char *host, const char *port, uint64_t len)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *to;
    struct timespec began, ended;
    uint64_t left = len, total = 0;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &to))
        return fail(host);
    for (int tries = 0; tries < 100 && fd < 0; tries++) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, to->ai_addr, to->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
            usleep(50000);
        }
    }
    if (fd < 0)
        return fail("connect");
    clock_gettime(CLOCK_MONOTONIC, &began);
    while (left > 0) {
        ssize_t n = send(fd, buf, left < sizeof buf ? left : sizeof buf, 0);
        if (n <= 0)
            return fail("send");
        left -= (uint64_t)n;
    }
    shutdown(fd, SHUT_WR);
    if (recv(fd, &total, sizeof total, 0) != sizeof total || total != len) {
        fprintf(stderr, "bulk: %llu bytes sent, %llu arrived\n", (unsigned long long)len, (unsigned long long)total);
        return 1;
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("%.1f\n", (double)len / 1048576 / ((double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9));
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "server"))
        return serve(atoi(argv[2]));
    if (argc == 5 && !strcmp(argv[1], "client"))
        return send_to(argv[2], argv[3], strtoull(argv[4], NULL, 10) << 20);
    fprintf(stderr, "usage: bulk server PORT | bulk client HOST PORT MIB\n");
    return 2;
}
