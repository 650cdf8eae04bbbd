/* SO_RCVTIMEO and SO_SNDTIMEO; sleeping. */
#include <poll.h>
#include <sys/time.h>
#include <time.h>
#include "tap.h"

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
    static char block[1 << 20];
    struct sockaddr_in a;
    int p[2], u = udp_bound(&a), l = listener(&a, 5), parts = 0;
    struct timeval tv = { 0, 50000 };
    struct timespec t = { 0, 50000000 };
    double began;
    char byte;
    ssize_t n;

    tcp_pair(p);
    setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(u, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    setsockopt(p[1], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
    began = now();
    fails(recv(p[0], &byte, 1, 0), EAGAIN, "recv is EAGAIN after SO_RCVTIMEO");
    ok(now() - began > 0.045, "and not before");
    fails(recv(u, &byte, 1, 0), EAGAIN, "on UDP too");
    fails(accept(l, NULL, NULL), EAGAIN, "accept as well");
    while ((n = send(p[1], block, sizeof block, 0)) > 0)
        parts += n < (ssize_t)sizeof block;
    ok(n == -1 && errno == EAGAIN && parts > 0, "send into a full connection ends after SO_SNDTIMEO, with a part or EAGAIN");

    began = now();
    ok(nanosleep(&t, NULL) == 0 && now() - began > 0.045, "nanosleep sleeps");
    began = now();
    ok(usleep(50000) == 0 && now() - began > 0.045, "usleep sleeps");
    clock_gettime(CLOCK_MONOTONIC, &t);
    began = now();
    t.tv_nsec += 60000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    ok(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == 0 && now() - began > 0.055, "clock_nanosleep sleeps until a date");
    return done();
}
