/* connect without waiting, and what it says when it is called again. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

int main(void)
{
    struct sockaddr_in a;
    int l = listener(&a, 5), c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd p = { .fd = c, .events = POLLOUT };
    char byte;

    ok(fcntl(c, F_GETFL) & O_NONBLOCK, "SOCK_NONBLOCK shows in F_GETFL");
    fails(connect(c, (struct sockaddr *)&a, sizeof a), EINPROGRESS, "connect is EINPROGRESS");
    ok(poll(&p, 1, 5000) == 1 && p.revents == POLLOUT, "poll says POLLOUT when it stands");
    ok(error_of(c) == 0, "SO_ERROR is 0");
    ok(connect(c, (struct sockaddr *)&a, sizeof a) == 0, "connect called again says 0 once");
    fails(connect(c, (struct sockaddr *)&a, sizeof a), EISCONN, "and then EISCONN");
    fails(recv(c, &byte, 1, 0), EAGAIN, "recv with nothing there is EAGAIN");
    close(accept(l, NULL, NULL));
    fails(accept4(l, NULL, NULL, 12345), EINVAL, "accept4 refuses flags that do not exist");
    fcntl(l, F_SETFL, O_NONBLOCK);
    fails(accept(l, NULL, NULL), EAGAIN, "a non-blocking accept with nobody there is EAGAIN");
    return done();
}
