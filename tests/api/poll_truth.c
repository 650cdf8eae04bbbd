/* What poll says of a socket in every state. */
#include <poll.h>
#include <time.h>
#include "tap.h"

#define ALL (POLLIN | POLLOUT | POLLRDHUP)

static int look(int fd, int events)
{
    struct pollfd p = { .fd = fd, .events = (short)events };
    int r = poll(&p, 1, 0);
    return r < 0 ? -1 : p.revents;
}

/* What it says once it says @want, or else at last. */
static int await(int fd, int events, int want)
{
    int r = 0;
    for (int i = 0; i < 300; i++) {
        struct timespec step = { 0, 10000000 };
        r = look(fd, events);
        if (r == want)
            break;
        nanosleep(&step, NULL);
    }
    return r;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
    struct sockaddr_in a;
    struct pollfd none = { .fd = -1, .events = ALL, .revents = 77 };
    int fresh = socket(AF_INET, SOCK_STREAM, 0), l = listener(&a, 5), c = socket(AF_INET, SOCK_STREAM, 0), s, u, p[2];
    struct linger reset = { 1, 0 };
    struct timespec t = { 0, 30000000 };
    double began;
    char byte;

    ok(look(fresh, ALL) == (POLLOUT | POLLHUP), "a new TCP socket: POLLOUT and POLLHUP");
    ok(look(fresh, 0) == POLLHUP, "POLLHUP comes without being asked for");
    ok(look(l, ALL) == 0, "a listener with nobody waiting: nothing");
    connect(c, (struct sockaddr *)&a, sizeof a);
    ok(await(l, ALL, POLLIN) == POLLIN, "a listener with somebody waiting: POLLIN");
    s = accept(l, NULL, NULL);
    ok(look(l, ALL) == 0, "and after accept nothing again");
    ok(look(c, ALL) == POLLOUT, "a connection: POLLOUT");
    ok(look(c, POLLIN) == 0, "a connection with nothing to read, asked for POLLIN: nothing");
    need(send(s, "x", 1, 0) == 1, "send");
    ok(await(c, ALL, POLLIN | POLLOUT) == (POLLIN | POLLOUT), "data: POLLIN and POLLOUT");
    ok(look(c, POLLRDHUP) == 0, "data, asked for POLLRDHUP: nothing");
    shutdown(s, SHUT_WR);
    ok(await(c, ALL, ALL) == ALL, "data and the peer's end: POLLIN, POLLOUT, POLLRDHUP");
    recv(c, &byte, 1, 0);
    ok(look(c, ALL) == ALL, "the peer's end alone: the same");
    ok(look(c, POLLIN) == POLLIN, "without POLLRDHUP where it is not asked for");
    shutdown(c, SHUT_WR);
    ok(await(c, ALL, ALL | POLLHUP) == (ALL | POLLHUP), "both ends: POLLHUP besides");
    close(c);
    close(s);
    ok(look(c, ALL) == POLLNVAL, "a closed descriptor: POLLNVAL");

    tcp_pair(p);
    setsockopt(p[1], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(p[1]);
    ok(await(p[0], ALL, ALL | POLLERR | POLLHUP) == (ALL | POLLERR | POLLHUP), "a reset connection: POLLERR, POLLHUP and all else");
    fails(recv(p[0], &byte, 1, 0), ECONNRESET, "recv says ECONNRESET");
    ok(recv(p[0], &byte, 1, 0) == 0, "once, then the end");
    ok(look(p[0], ALL) == (ALL | POLLHUP), "poll then says no POLLERR");

    u = udp_bound(&a);
    ok(look(u, ALL) == POLLOUT, "a UDP socket: POLLOUT");
    sendto(u, "x", 1, 0, (struct sockaddr *)&a, sizeof a);
    ok(await(u, POLLIN, POLLIN) == POLLIN, "with a datagram: POLLIN");

    ok(poll(&none, 1, 0) == 0 && none.revents == 0, "a negative descriptor is skipped");
    began = now();
    ok(poll(NULL, 0, 50) == 0 && now() - began > 0.045, "poll of nothing sleeps");
    recv(u, &byte, 1, 0);
    none.fd = u;
    none.events = POLLIN;
    began = now();
    ok(poll(&none, 1, 50) == 0 && now() - began > 0.045, "poll waits its time out");
    began = now();
    ok(ppoll(&none, 1, &t, NULL) == 0 && now() - began > 0.025, "ppoll too");
    t.tv_nsec = 2000000000;
    fails(ppoll(&none, 1, &t, NULL), EINVAL, "ppoll refuses a time that is none");
    return done();
}
