/* socketpair. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/un.h>
#include "tap.h"

int main(void)
{
    int p[2];
    char buf[16];
    struct sockaddr_un name;
    socklen_t len = sizeof name;
    struct pollfd look;

    signal(SIGPIPE, SIG_IGN);
    ok(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0, "a pair is made");
    ok(write(p[0], "abc", 3) == 3 && read(p[1], buf, 16) == 3, "one way");
    ok(send(p[1], "de", 2, 0) == 2 && recv(p[0], buf, 16, 0) == 2, "and the other");
    ok(getsockname(p[0], (struct sockaddr *)&name, &len) == 0 && len == sizeof name.sun_family && name.sun_family == AF_UNIX, "it has no name");
    fcntl(p[0], F_SETFL, O_NONBLOCK);
    fails(read(p[0], buf, 1), EAGAIN, "non-blocking, with nothing there");
    while (write(p[0], buf, sizeof buf) > 0)
        ;
    ok(errno == EAGAIN, "a full one is EAGAIN");
    look = (struct pollfd) { .fd = p[0], .events = POLLIN | POLLOUT };
    ok(poll(&look, 1, 0) == 0, "and poll says nothing");
    while (recv(p[1], buf, sizeof buf, MSG_DONTWAIT) > 0)
        ;
    ok(poll(&look, 1, 1000) == 1 && look.revents == POLLOUT, "emptied it takes again");
    close(p[1]);
    ok(read(p[0], buf, 1) == 0, "the other end closed: the end");
    fails(write(p[0], buf, 1), EPIPE, "and EPIPE");
    fails(socketpair(AF_INET, SOCK_STREAM, 0, p), EOPNOTSUPP, "of AF_INET there is none");
    return done();
}
