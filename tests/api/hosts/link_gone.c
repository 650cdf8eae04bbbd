/* The host closes the link: whatever waits for it ends with an errno. The time of this host jumps to whatever is waited for. */
#include <poll.h>
#include "../tap.h"

int main(void)
{
    struct sockaddr_in a, far = at4(0x0a000001, 80);
    int u = udp_bound(&a), c = socket(AF_INET, SOCK_STREAM, 0), n = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd p = { .fd = u, .events = POLLIN };
    char byte;

    errno = 0;
    ok(connect(c, (struct sockaddr *)&far, sizeof far) == -1 && (errno == ETIMEDOUT || errno == EHOSTUNREACH || errno == ECONNABORTED),
        "a connect that nobody answers ends");
    errno = 0;
    ok(recv(u, &byte, 1, 0) == -1 && (errno == ENETDOWN || errno == EDEADLK), "a recv that nothing can end is an error");
    errno = 0;
    ok(poll(&p, 1, -1) == -1 && errno == ENETDOWN, "so is a poll");
    ok(poll(&p, 1, 1000) == 0, "with a timeout it is a sleep");
    errno = 0;
    ok(connect(n, (struct sockaddr *)&far, sizeof far) == -1 && errno != 0, "a new connect fails or is under way");
    ok(close(c) == 0 && close(u) == 0 && close(n) == 0, "closing works");
    return done();
}
