/*
 * echo-clients.c - many echo clients at once: all connect, then each sends its own bytes and checks what comes back
 *
 * echo-clients HOST PORT [CLIENTS [BYTES]]       (default 1,000 clients of 4,096 bytes)
 *
 * No client sends before the last one is connected, so that all are open at the same time.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    size_t sent, received;
    int    connected;
};

static unsigned char byte_of(size_t client, size_t at) { return (unsigned char)(client * 131 + at * 7 + (at >> 8)); }

static int usage(void)
{
    fprintf(stderr, "usage: echo-clients HOST PORT [CLIENTS [BYTES]]\n");
    return 2;
}

/* One step; 0 once all is back, -1 when something is wrong (told). */
static int step(size_t i, struct client *c, struct pollfd *p, size_t bytes)
{
    unsigned char buf[4096];

    if ((p->revents & POLLOUT) && c->sent < bytes) {
        size_t len = bytes - c->sent < sizeof buf ? bytes - c->sent : sizeof buf;
        for (size_t k = 0; k < len; k++)
            buf[k] = byte_of(i, c->sent + k);
        ssize_t n = write(p->fd, buf, len);
        if (n < 0 && errno != EAGAIN) {
            fprintf(stderr, "echo-clients: client %zu: send: %s\n", i, strerror(errno));
            return -1;
        }
        c->sent += n > 0 ? (size_t)n : 0;
    }
    if (p->revents & (POLLIN | POLLHUP | POLLERR)) {
        ssize_t n = read(p->fd, buf, sizeof buf);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            fprintf(stderr, "echo-clients: client %zu: %s after %zu bytes\n", i, n ? strerror(errno) : "closed", c->received);
            return -1;
        }
        for (ssize_t k = 0; k < n; k++) {
            if (buf[k] != byte_of(i, c->received + (size_t)k)) {
                fprintf(stderr, "echo-clients: client %zu: byte %zu came back wrong\n", i, c->received + (size_t)k);
                return -1;
            }
        }
        c->received += n > 0 ? (size_t)n : 0;
    }
    p->events = (short)(POLLIN | (c->sent < bytes ? POLLOUT : 0));
    return c->received < bytes;
}

int main(int argc, char **argv)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *to;
    size_t n = argc > 3 ? strtoul(argv[3], NULL, 10) : 1000, bytes = argc > 4 ? strtoul(argv[4], NULL, 10) : 4096;
    struct pollfd *polls = calloc(n, sizeof *polls);
    struct client *clients = calloc(n, sizeof *clients);
    size_t connected = 0, done = 0;
    int why;

    if (argc < 3 || argc > 5 || n == 0 || bytes == 0 || !polls || !clients)
        return usage();
    signal(SIGPIPE, SIG_IGN);
    if ((why = getaddrinfo(argv[1], argv[2], &hints, &to))) {
        fprintf(stderr, "echo-clients: %s: %s\n", argv[1], gai_strerror(why));
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        polls[i].fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
        polls[i].events = POLLOUT;
        if (polls[i].fd < 0 || (connect(polls[i].fd, to->ai_addr, to->ai_addrlen) < 0 && errno != EINPROGRESS)) {
            fprintf(stderr, "echo-clients: client %zu: %s\n", i, strerror(errno));
            return 1;
        }
    }
    freeaddrinfo(to);
    while (done < n) {
        if (poll(polls, n, 30000) <= 0) {
            fprintf(stderr, "echo-clients: nothing moved for 30 s: %zu connected, %zu done\n", connected, done);
            return 1;
        }
        for (size_t i = 0; i < n; i++) {
            int more = 1;

            if (polls[i].fd < 0 || !polls[i].revents)
                continue;
            if (!clients[i].connected) {
                int error = 0;
                socklen_t len = sizeof error;
                getsockopt(polls[i].fd, SOL_SOCKET, SO_ERROR, &error, &len);
                if (error) {
                    fprintf(stderr, "echo-clients: client %zu: connect: %s\n", i, strerror(error));
                    return 1;
                }
                clients[i].connected = 1;
                polls[i].events = 0;
                if (++connected == n) {
                    printf("echo-clients: %zu connected at once\n", n);
                    for (size_t k = 0; k < n; k++)
                        polls[k].events = POLLIN | POLLOUT;
                }
                continue;
            }
            if (connected == n)
                more = step(i, &clients[i], &polls[i], bytes);
            if (more < 0)
                return 1;
            if (!more) {
                close(polls[i].fd);
                polls[i].fd = -1;
                done++;
            }
        }
    }
    printf("echo-clients: %zu clients, %zu bytes each, every byte came back\n", n, bytes);
    return 0;
}
