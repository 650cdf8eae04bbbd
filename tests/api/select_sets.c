/* select and pselect. */
#include <sys/select.h>
#include <sys/time.h>
#include "tap.h"

int main(void)
{
    int p[2], n;
    struct timeval tv = { 5, 0 };
    struct timespec ts = { 0, 1000000 };
    fd_set r, w, x;

    tcp_pair(p);
    n = (p[0] > p[1] ? p[0] : p[1]) + 1;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_ZERO(&x);
    FD_SET(p[0], &r);
    FD_SET(p[0], &w);
    FD_SET(p[1], &w);
    FD_SET(p[0], &x);
    ok(select(n, &r, &w, &x, &tv) == 2, "select counts descriptors over all sets");
    ok(!FD_ISSET(p[0], &r) && FD_ISSET(p[0], &w) && FD_ISSET(p[1], &w) && !FD_ISSET(p[0], &x), "and leaves those that are ready");
    need(send(p[1], "x", 1, 0) == 1, "send");
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    FD_SET(p[1], &r);
    ok(select(n, &r, NULL, NULL, NULL) == 1 && FD_ISSET(p[0], &r) && !FD_ISSET(p[1], &r), "select without a timeout waits for data");
    FD_ZERO(&r);
    FD_SET(p[1], &r);
    tv = (struct timeval) { 0, 20000 };
    ok(select(n, &r, NULL, NULL, &tv) == 0 && !FD_ISSET(p[1], &r), "at the timeout the sets are empty");
    FD_SET(p[1], &r);
    ok(pselect(n, &r, NULL, NULL, &ts, NULL) == 0, "pselect too");
    tv = (struct timeval) { -1, 0 };
    fails(select(n, &r, NULL, NULL, &tv), EINVAL, "a negative time is EINVAL");
    fails(select(-1, NULL, NULL, NULL, NULL), EINVAL, "a negative count is EINVAL");
    tv = (struct timeval) { 0, 0 };
    close(p[1]);
    FD_ZERO(&r);
    FD_SET(p[1], &r);
    fails(select(n, &r, NULL, NULL, &tv), EBADF, "a closed descriptor is EBADF");
    return done();
}
