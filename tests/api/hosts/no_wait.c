/* On a host that cannot wait: what would wait is EDEADLK, at once; what needs no waiting works. */
#include <poll.h>
#include <time.h>
#include "../tap.h"

int main(void)
{
    struct sockaddr_in a;
    int u = udp_bound(&a), l = listener(&a, 5), c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), s = -1;
    struct pollfd p = { .fd = u, .events = POLLIN };
    struct timespec t = { 5, 0 };
    char byte;

    fails(recv(u, &byte, 1, 0), EDEADLK, "a blocking recv is EDEADLK");
    fails(recv(u, &byte, 1, MSG_DONTWAIT), EAGAIN, "a non-blocking one is EAGAIN");
    fails(accept(l, NULL, NULL), EDEADLK, "a blocking accept is EDEADLK");
    ok(poll(&p, 1, 0) == 0, "poll without a timeout answers");
    fails(poll(&p, 1, 5000), EDEADLK, "poll with one is EDEADLK");
    ok(nanosleep(&t, NULL) == -1, "sleeping is an error");   /* wasi-libc makes ENOTSUP of every one */
    fails(connect(c, (struct sockaddr *)&a, sizeof a), EINPROGRESS, "a non-blocking connect starts");
    for (int i = 0; i < 100 && s < 0; i++) {
        p = (struct pollfd) { .fd = l, .events = POLLIN };
        if (poll(&p, 1, 0) == 1)
            s = accept(l, NULL, NULL);
    }
    ok(s >= 0, "and stands after a few turns");
    ok(send(s, "x", 1, 0) == 1, "send takes what fits");
    return done();
}
