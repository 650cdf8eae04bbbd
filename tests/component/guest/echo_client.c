/*
 * echo_client.c - a program for wasm32-wasip2 that knows nothing of Isthmus: echo_client HOST PORT CONNECTIONS BYTES
 *
 * One connection after another; each sends BYTES and reads them back, with poll() between so that both directions move.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    return 1;
}

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 31 + (i >> 8));
}

static int echo(int s, size_t len)
{
    static unsigned char buf[32768];
    size_t sent = 0, got = 0;

    while (got < len) {
        struct pollfd p = { .fd = s, .events = (short)(POLLIN | (sent < len ? POLLOUT : 0)) };
        if (poll(&p, 1, -1) < 0)
            return fail("poll");
        if (p.revents & POLLOUT && sent < len) {
            size_t n = len - sent < sizeof buf ? len - sent : sizeof buf;
            for (size_t i = 0; i < n; i++)
                buf[i] = byte_at(sent + i);
            ssize_t r = send(s, buf, n, 0);
            if (r < 0 && errno != EAGAIN)
                return fail("send");
            sent += r > 0 ? (size_t)r : 0;
        }
        if (p.revents & (POLLIN | POLLHUP)) {
            ssize_t r = recv(s, buf, sizeof buf, 0);
            if (r < 0 && errno != EAGAIN)
                return fail("recv");
            if (r == 0)
                return printf("the echo ended at byte %zu\n", got), 1;
            for (ssize_t i = 0; i < r; i++)
                if (buf[i] != byte_at(got + (size_t)i))
                    return printf("byte %zu differs\n", got + (size_t)i), 1;
            got += r > 0 ? (size_t)r : 0;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;

    if (argc != 5)
        return printf("echo_client HOST PORT CONNECTIONS BYTES\n"), 2;
    int e = getaddrinfo(argv[1], argv[2], &hints, &found);
    if (e)
        return printf("getaddrinfo: %s\n", gai_strerror(e)), 1;
    for (int i = 0, n = atoi(argv[3]); i < n; i++) {
        int s = socket(AF_INET, SOCK_STREAM, 0);
        if (s < 0)
            return fail("socket");
        if (connect(s, found->ai_addr, found->ai_addrlen) < 0)
            return fail("connect");
        if (echo(s, (size_t)atol(argv[4])))
            return 1;
        close(s);
    }
    printf("%s connections, %s bytes each\n", argv[3], argv[4]);
    return 0;
}
