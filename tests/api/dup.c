/* dup, dup2, dup3 and F_DUPFD of sockets: two numbers, one socket. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

int main(void)
{
    int p[2], d, e, u, n = 0;
    struct sockaddr_in a;
    struct pollfd both[2];
    char buf[8];

    tcp_pair(p);
    d = dup(p[0]);
    ok(d >= 0 && d != p[0], "dup gives another number");
    ok(send(d, "x", 1, 0) == 1 && recv(p[1], buf, 1, 0) == 1, "that sends");
    ok(send(p[1], "yz", 2, 0) == 2 && recv(p[0], buf, 1, 0) == 1 && recv(d, buf, 1, 0) == 1 && *buf == 'z', "both read of one stream");
    ok(fcntl(d, F_SETFL, O_NONBLOCK) == 0 && fcntl(p[0], F_GETFL) & O_NONBLOCK, "O_NONBLOCK is that of both");
    fcntl(p[0], F_SETFL, 0);
    ok(fcntl(p[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(p[0], F_GETFD) == FD_CLOEXEC && fcntl(d, F_GETFD) == 0, "FD_CLOEXEC is each one's own");
    both[0] = (struct pollfd) { .fd = p[0], .events = POLLOUT };
    both[1] = (struct pollfd) { .fd = d, .events = POLLOUT };
    ok(poll(both, 2, 0) == 2, "poll takes both");
    ok(close(p[0]) == 0 && send(d, "x", 1, 0) == 1 && recv(p[1], buf, 1, 0) == 1, "closing one leaves the other");
    ok(recv(p[1], buf, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN, "and the connection");
    e = dup2(d, d + 40);
    ok(e == d + 40, "dup2 takes the number it is told");
    ok(dup2(d, d) == d, "dup2 to itself is itself");
    fails(dup3(d, d, 0), EINVAL, "dup3 to itself is EINVAL");
    ok(shutdown(d, SHUT_WR) == 0 && recv(p[1], buf, 1, 0) == 0, "shutdown of one is that of both");
    fails(send(e, "x", 1, MSG_NOSIGNAL), EPIPE, "the other may not send");
    close(d);
    ok(send(p[1], "q", 1, 0) == 1 && recv(e, buf, 1, 0) == 1, "but reads, also when the first is closed");
    u = udp_bound(&a);
    ok(dup2(u, e) == e && sendto(e, "u", 1, 0, (struct sockaddr *)&a, sizeof a) == 1, "dup2 onto an open number");
    ok(recv(p[1], buf, 1, 0) == 0, "closes what it was");
    ok(close(u) == 0 && recv(e, buf, sizeof buf, 0) == 1, "and the new one outlives its first number");
    d = fcntl(e, F_DUPFD, e + 7);
    ok(d >= e + 7 && fcntl(d, F_GETFD) == 0, "F_DUPFD begins where it is told");
    ok(fcntl(e, F_DUPFD, d) > d, "and takes a free one");
    n = fcntl(e, F_DUPFD_CLOEXEC, 0);
    ok(n >= 0 && n < d && fcntl(n, F_GETFD) == FD_CLOEXEC, "F_DUPFD_CLOEXEC sets the flag");
    fails(fcntl(e, F_DUPFD, -1), EINVAL, "F_DUPFD from -1 is EINVAL");
    fails(dup(9999), EBADF, "dup of nothing is EBADF");
    fails(dup2(9999, e), EBADF, "dup2 of nothing is EBADF");
    ok(sendto(e, "u", 1, 0, (struct sockaddr *)&a, sizeof a) == 1, "and closes nothing");
    fails(dup2(e, -1), EBADF, "dup2 to -1 is EBADF");
    fails(dup2(e, 1 << 30), EBADF, "dup2 to a number beyond the limit is EBADF");
    n = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ok(fcntl(n, F_GETFD) == FD_CLOEXEC && fcntl(p[1], F_GETFD) == 0, "SOCK_CLOEXEC is seen by F_GETFD");
    return done();
}
