/* SO_LINGER: closing that waits for the peer, and closing that resets. */
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include "tap.h"

static void linger(int fd, int seconds)
{
    struct linger l = { 1, seconds };
    need(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l) == 0, "SO_LINGER");
}

/* Closes, and tells how many milliseconds that took. */
static long close_ms(int fd)
{
    struct timespec a, b;

    clock_gettime(CLOCK_MONOTONIC, &a);
    need(close(fd) == 0, "close");
    clock_gettime(CLOCK_MONOTONIC, &b);
    return (b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000;
}

static void fill(int fd)
{
    static char block[1 << 16];

    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (int idle = 0; idle < 20; idle++) {
        struct pollfd p = { .fd = fd, .events = POLLOUT };
        while (write(fd, block, sizeof block) > 0)
            idle = 0;
        poll(&p, 1, 10);
    }
}

int main(void)
{
    struct pollfd p0;
    char buf[16];
    int p[2];
    long ms;

    tcp_pair(p);
    linger(p[0], 60);
    need(send(p[0], "last words", 10, 0) == 10, "send");
    ms = close_ms(p[0]);
    ok(ms < 30000, "a close that lingers for a minute returns when the peer has all");
    ok(recv(p[1], buf, sizeof buf, MSG_DONTWAIT) == 10 && recv(p[1], buf, sizeof buf, MSG_DONTWAIT) == 0, "which is there, with the end, at once");
    linger(p[1], 60);
    ok(close_ms(p[1]) < 30000, "so does the one of the other side");

    tcp_pair(p);
    linger(p[0], 1);
    fill(p[0]);
    ms = close_ms(p[0]);
    ok(ms >= 900, "with a peer that does not read a close that lingers for a second takes one");
    ok(recv(p[1], buf, sizeof buf, MSG_DONTWAIT) == sizeof buf, "and what was sent still comes");
    close(p[1]);

    tcp_pair(p);
    linger(p[0], 60);
    need(send(p[1], "unread", 6, 0) == 6, "send");
    p0 = (struct pollfd) { .fd = p[0], .events = POLLIN };
    poll(&p0, 1, 5000);
    ok(close_ms(p[0]) < 30000, "with unread bytes nothing is waited for");
    p0 = (struct pollfd) { .fd = p[1], .events = 0 };
    ok(poll(&p0, 1, 5000) == 1 && error_of(p[1]) == ECONNRESET, "and the connection is reset");
    close(p[1]);

    tcp_pair(p);
    linger(p[0], 0);
    need(send(p[0], "lost", 4, 0) == 4, "send");
    close(p[0]);
    p0 = (struct pollfd) { .fd = p[1], .events = 0 };
    ok(poll(&p0, 1, 5000) == 1 && error_of(p[1]) == ECONNRESET, "a time of 0 resets");
    close(p[1]);
    return done();
}
