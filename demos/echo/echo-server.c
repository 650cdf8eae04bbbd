/*
 * echo-server.c - sends back what it receives, to any number of clients at once: one loop over poll()
 *
 * echo-server [PORT]        (default 7; ends by itself once CLIENTS connections have come and gone, when the environment has CLIENTS)
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

#define ROOM 4096

struct client {
    char   buf[ROOM];        /* received, not yet sent back */
    size_t at, end;
    int    finished;         /* the peer sends no more */
};

static struct pollfd *polls;          /* [0] is the listener */
static struct client **clients;       /* clients[i] belongs to polls[i] */
static size_t n, cap, most;

static void add(int fd)
{
    if (n == cap) {
        cap = cap ? cap * 2 : 64;
        polls = realloc(polls, cap * sizeof *polls);
        clients = realloc(clients, cap * sizeof *clients);
    }
    if (!polls || !clients || !(clients[n] = calloc(1, sizeof **clients))) {
        fprintf(stderr, "echo-server: out of memory\n");
        exit(1);
    }
    polls[n++] = (struct pollfd){ .fd = fd, .events = POLLIN };
    if (n - 1 > most)
        most = n - 1;
}

/* The last one takes the place of the one that leaves. */
static void drop(size_t i)
{
    close(polls[i].fd);
    free(clients[i]);
    polls[i] = polls[--n];
    clients[i] = clients[n];
}

/* One step for one client; 0 when it is over. */
static int serve(int fd, struct client *c, struct pollfd *p)
{
    if (c->at == c->end) {
        ssize_t got = read(fd, c->buf, ROOM);
        if (got < 0)
            return errno == EAGAIN;
        c->at = 0;
        c->end = (size_t)got;
        c->finished = got == 0;
    }
    if (c->at < c->end) {
        ssize_t sent = write(fd, c->buf + c->at, c->end - c->at);
        if (sent < 0 && errno != EAGAIN)
            return 0;
        c->at += sent > 0 ? (size_t)sent : 0;
    }
    p->events = c->at < c->end ? POLLOUT : POLLIN;
    return !c->finished;
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    int port = argc > 1 ? atoi(argv[1]) : 7, listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
    long expected = getenv("CLIENTS") ? atol(getenv("CLIENTS")) : -1, gone = 0;

    if (port < 1 || port > 65535) {
        fprintf(stderr, "usage: echo-server [PORT]\n");
        return 2;
    }
    any.sin6_port = htons((unsigned short)port);
    if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof any) < 0 || listen(listener, 1024) < 0) {
        fprintf(stderr, "echo-server: port %d: %s\n", port, strerror(errno));
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    add(listener);
    printf("echo-server: listening on port %d\n", port);
    fflush(stdout);
    while (gone != expected) {
        if (poll(polls, n, -1) < 0) {
            fprintf(stderr, "echo-server: poll: %s\n", strerror(errno));
            return 1;
        }
        for (size_t i = n - 1; i > 0; i--) {
            if (polls[i].revents && !serve(polls[i].fd, clients[i], &polls[i])) {
                drop(i);
                gone++;
            }
        }
        if (polls[0].revents) {
            int fd;
            while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
                add(fd);
        }
    }
    printf("echo-server: %ld clients served, %zu at once\n", gone, most);
    return 0;
}
