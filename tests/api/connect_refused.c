/* Nobody listens: the error, once, in both forms; and a second attempt on the same socket. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

int main(void)
{
    struct sockaddr_in a, b;
    int l = listener(&b, 5), dead = listener(&a, 5), c;
    struct pollfd p;
    char byte;

    close(dead);
    c = socket(AF_INET, SOCK_STREAM, 0);
    fails(connect(c, (struct sockaddr *)&a, sizeof a), ECONNREFUSED, "a blocking connect to a closed port is ECONNREFUSED");
    ok(error_of(c) == 0, "connect has taken the error: SO_ERROR is 0");
    ok(connect(c, (struct sockaddr *)&b, sizeof b) == 0, "the same socket may connect elsewhere");
    fails(connect(c, (struct sockaddr *)&b, sizeof b), EISCONN, "and is connected then");
    close(c);

    c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    fails(connect(c, (struct sockaddr *)&a, sizeof a), EINPROGRESS, "a non-blocking one is EINPROGRESS");
    p = (struct pollfd) { .fd = c, .events = POLLIN | POLLOUT };
    ok(poll(&p, 1, 5000) == 1 && (p.revents & (POLLERR | POLLHUP | POLLOUT)) == (POLLERR | POLLHUP | POLLOUT), "poll says POLLOUT, POLLERR and POLLHUP");
    ok(error_of(c) == ECONNREFUSED, "SO_ERROR is ECONNREFUSED");
    ok(error_of(c) == 0, "once");
    ok(recv(c, &byte, 1, 0) == 0, "recv reads an end");
    fails(send(c, "x", 1, MSG_NOSIGNAL), EPIPE, "send is EPIPE");
    close(c);

    c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(c, (struct sockaddr *)&a, sizeof a);
    p = (struct pollfd) { .fd = c, .events = POLLIN };
    poll(&p, 1, 5000);
    fails(recv(c, &byte, 1, 0), ECONNREFUSED, "recv may be the first to tell");
    fails(getpeername(c, (struct sockaddr *)&b, &(socklen_t) { sizeof b }), ENOTCONN, "and nobody is connected");
    close(c);
    close(l);
    return done();
}
