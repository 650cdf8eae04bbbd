/* A backlog holds: who does not fit into it waits, is not refused, and nothing that was sent is lost. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

#define N 6

static int c[N];

static int connected(void)
{
    struct pollfd p;
    int n = 0;

    for (int i = 0; i < N; i++) {
        p = (struct pollfd) { .fd = c[i], .events = POLLOUT };
        n += poll(&p, 1, 0) == 1 && p.revents == POLLOUT;
    }
    return n;
}

int main(void)
{
    struct sockaddr_in a;
    struct pollfd p;
    int l = listener(&a, 3), n = 0, s, sum = 0, errors = 0;
    unsigned char byte;

    for (int i = 0; i < N; i++) {
        c[i] = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(c[i], F_SETFL, O_NONBLOCK);
        need(connect(c[i], (struct sockaddr *)&a, sizeof a) == 0 || errno == EINPROGRESS, "connect");
    }
    poll(NULL, 0, 300);
    n = connected();
    ok(n >= 3 && n < N, "a backlog of 3 takes that many, and not all of six");
    for (int i = 0; i < N; i++) {
        byte = (unsigned char)(1 << i);
        p = (struct pollfd) { .fd = c[i], .events = POLLOUT };
        if (poll(&p, 1, 0) == 1)
            sum += send(c[i], &byte, 1, 0) == 1 ? byte : 0;
        errors += error_of(c[i]) != 0;
    }
    ok(errors == 0, "nobody is refused");
    for (int i = 0; i < N; i++) {
        p = (struct pollfd) { .fd = l, .events = POLLIN };
        if (poll(&p, 1, 30000) != 1)
            break;
        s = accept(l, NULL, NULL);
        if (i < n && recv(s, &byte, 1, 0) == 1)
            sum -= byte;
        errors += s < 0;
    }
    ok(sum == 0, "what was sent before accept is read after it");
    for (int i = 0; i < 300 && connected() < N; i++)
        poll(NULL, 0, 100);
    ok(errors == 0 && connected() == N, "as they are accepted the others come in");
    return done();
}
