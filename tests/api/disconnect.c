/* connect() to AF_UNSPEC, and shutdown() of a listener: the socket is as new. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

static const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

static int look(int fd)
{
    struct pollfd p = { fd, POLLIN | POLLOUT, 0 };
    return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

static int dissolve(int fd)
{
    return connect(fd, &nobody, sizeof nobody);
}

static int option(int fd, int name)
{
    int v = -1;
    socklen_t len = sizeof v;
    return getsockopt(fd, SOL_SOCKET, name, &v, &len) ? -1 : v;
}

static int port_of(int fd)
{
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    return getsockname(fd, (struct sockaddr *)&a, &len) ? -1 : ntohs(a.sin_port);
}

/* A new socket that is connecting or connected to @a, or -1. */
static int caller(const struct sockaddr_in *a)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    need(fd >= 0, "socket");
    if (connect(fd, (const struct sockaddr *)a, sizeof *a) == 0)
        return fd;
    close(fd);
    return -1;
}

static void connection(void)
{
    struct sockaddr_in a, b = at4(INADDR_LOOPBACK, 0);
    socklen_t len = sizeof a;
    int l, s, p[2];
    char byte;

    tcp_pair(p);
    ok(dissolve(p[0]) == 0, "a connection is dissolved");
    ok(look(p[0]) == (POLLOUT | POLLHUP | POLLERR), "poll: POLLOUT, POLLHUP, POLLERR");
    ok(error_of(p[0]) == ECONNRESET && error_of(p[0]) == 0, "SO_ERROR is ECONNRESET, once");
    ok(look(p[0]) == (POLLOUT | POLLHUP), "then POLLERR is gone");
    fails(recv(p[0], &byte, 1, 0), ENOTCONN, "recv is ENOTCONN");
    fails(send(p[0], "x", 1, MSG_NOSIGNAL), EPIPE, "send is EPIPE");
    fails(getpeername(p[0], (struct sockaddr *)&a, &len), ENOTCONN, "it has no peer");
    fails(recv(p[1], &byte, 1, 0), ECONNRESET, "which has been reset");
    l = listener(&a, 5);
    ok(connect(p[0], (struct sockaddr *)&a, sizeof a) == 0, "it connects to another");
    s = accept(l, NULL, NULL);
    ok(send(s, "x", 1, 0) == 1 && recv(p[0], &byte, 1, 0) == 1, "and bytes pass");
    fails(connect(p[0], (struct sockaddr *)&a, sizeof a), EISCONN, "a second connect is EISCONN");

    s = socket(AF_INET, SOCK_STREAM, 0);
    need(bind(s, (struct sockaddr *)&b, sizeof b) == 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0, "bind and connect");
    p[0] = port_of(s);
    ok(dissolve(s) == 0 && port_of(s) == p[0], "a bound socket keeps its port");
    s = socket(AF_INET, SOCK_STREAM, 0);
    ok(dissolve(s) == 0 && error_of(s) == 0, "a new one has nothing to lose");
    fails(connect(s, &nobody, 1), EINVAL, "half a family is EINVAL");
    close(listener(&b, 1));
    fails(connect(s, (struct sockaddr *)&b, sizeof b), ECONNREFUSED, "after an attempt that was refused");
    ok(dissolve(s) == 0 && error_of(s) == 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0, "it is dissolved, and connects elsewhere");

    s = socket(AF_INET, SOCK_STREAM, 0);
    fcntl(s, F_SETFL, O_NONBLOCK);
    b = at4(0xc0000201, 9);
    fails(connect(s, (struct sockaddr *)&b, sizeof b), EINPROGRESS, "an attempt that nobody answers");
    ok(dissolve(s) == 0 && error_of(s) == ECONNRESET && look(s) == (POLLOUT | POLLHUP), "is given up");
}

static void listeners(void)
{
    struct sockaddr_in a;
    int l = listener(&a, 5), c, s;
    char byte;

    ok(shutdown(l, SHUT_WR) == 0 && option(l, SO_ACCEPTCONN) == 1, "SHUT_WR of a listener changes nothing");
    c = caller(&a);
    s = accept(l, NULL, NULL);
    ok(c >= 0 && s >= 0, "it accepts");
    c = caller(&a);
    ok(shutdown(l, SHUT_RD) == 0 && option(l, SO_ACCEPTCONN) == 0, "SHUT_RD ends it");
    fails(recv(c, &byte, 1, 0), ECONNRESET, "who was not accepted is reset");
    ok(send(s, "x", 1, 0) == 1, "who was is not");
    fails(accept(l, NULL, NULL), EINVAL, "accept is EINVAL");
    ok(look(l) == (POLLOUT | POLLHUP), "poll: as a new socket");
    fails(shutdown(l, SHUT_RD), ENOTCONN, "shutdown again is ENOTCONN");
    fails(caller(&a), ECONNREFUSED, "it refuses");
    ok(listen(l, 3) == 0 && option(l, SO_ACCEPTCONN) == 1, "it listens again");
    a.sin_port = htons((uint16_t)port_of(l));
    ok(caller(&a) >= 0 && accept(l, NULL, NULL) >= 0, "and accepts");
    fails(connect(l, (struct sockaddr *)&a, sizeof a), EISCONN, "connect of a listener is EISCONN");
    ok(dissolve(l) == 0 && option(l, SO_ACCEPTCONN) == 0, "AF_UNSPEC ends a listener too");
    fails(accept(l, NULL, NULL), EINVAL, "accept is EINVAL then");
}

/* Linux remembers a peer that has closed: the reset that an answer brings is a broken pipe, and reading knows only the end. */
static void reset_after_end(void)
{
    struct pollfd p = { .events = POLLOUT };
    int end[2];
    char buf[8];

    tcp_pair(end);
    need(send(end[0], "hello", 5, 0) == 5, "send");
    close(end[0]);
    p.fd = end[1];
    ok(send(end[1], "x", 1, MSG_NOSIGNAL) == 1, "to a peer that has closed one may send");
    for (int i = 0; i < 200 && !(p.revents & POLLERR); i++, usleep(10000))
        poll(&p, 1, 0);
    ok(p.revents == (POLLOUT | POLLERR | POLLHUP), "and is reset: POLLOUT, POLLERR, POLLHUP");
    ok(recv(end[1], buf, sizeof buf, 0) == 5, "what it sent before is read");
    ok(recv(end[1], buf, sizeof buf, 0) == 0 && recv(end[1], buf, sizeof buf, 0) == 0, "then its end");
    ok(error_of(end[1]) == EPIPE && error_of(end[1]) == 0, "SO_ERROR is EPIPE, once");
    fails(send(end[1], "x", 1, MSG_NOSIGNAL), EPIPE, "sending is EPIPE");
}

static void both_ended(void)
{
    struct pollfd p = { .events = POLLIN | POLLOUT };
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    int end[2], u = udp_bound(&a);
    char byte;

    tcp_pair(end);
    shutdown(end[0], SHUT_WR);
    ok(recv(end[1], &byte, 1, 0) == 0 && shutdown(end[1], SHUT_WR) == 0 && recv(end[0], &byte, 1, 0) == 0, "both sides say that they have ended");
    p.fd = end[1];
    for (int i = 0; i < 200 && getpeername(end[1], (struct sockaddr *)&a, &len) == 0; i++, len = sizeof a)
        usleep(10000);
    fails(getpeername(end[1], (struct sockaddr *)&a, &len), ENOTCONN, "when that is acknowledged there is no peer");
    fails(shutdown(end[1], SHUT_RDWR), ENOTCONN, "and nothing to shut down");
    ok(poll(&p, 1, 0) == 1 && p.revents == (POLLIN | POLLOUT | POLLHUP), "poll: POLLIN, POLLOUT, POLLHUP");

    fails(shutdown(u, SHUT_RD), ENOTCONN, "shutdown of a UDP socket without a peer is ENOTCONN");
    need(getsockname(u, (struct sockaddr *)&a, &len) == 0 && connect(u, (struct sockaddr *)&a, sizeof a) == 0, "connect");
    p = (struct pollfd) { .fd = u, .events = POLLIN };
    ok(shutdown(u, SHUT_RD) == 0 && poll(&p, 1, 1000) == 1 && p.revents == POLLIN, "with one, SHUT_RD makes it readable");
    ok(recv(u, &byte, 1, 0) == 0, "and recv returns 0");
    ok(shutdown(u, SHUT_WR) == 0 && poll(&p, 1, 1000) == 1 && p.revents == (POLLIN | POLLHUP), "SHUT_WR besides: POLLHUP");
    fails(send(u, "x", 1, MSG_NOSIGNAL), EPIPE, "and send is EPIPE");
    ok(dissolve(u) == 0, "AF_UNSPEC dissolves it");
    len = sizeof a;
    fails(getpeername(u, (struct sockaddr *)&a, &len), ENOTCONN, "there is no peer then");
}

int main(void)
{
    connection();
    listeners();
    reset_after_end();
    both_ended();
    return done();
}
