/* Files beside sockets. The argument is a folder to write to. */
#include <fcntl.h>
#include <poll.h>
#include "tap.h"

int main(int argc, char **argv)
{
    char path[512], buf[16];
    int p[2], f, v;
    socklen_t len = sizeof v;
    struct pollfd set[2];

    need(argc == 2, "usage");
    snprintf(path, sizeof path, "%s/file", argv[1]);
    tcp_pair(p);
    f = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
    ok(f >= 0 && f < 256 && f != p[0] && f != p[1], "a file's descriptor is another than the sockets'");
    ok(write(f, "hello", 5) == 5 && lseek(f, 0, SEEK_SET) == 0 && read(f, buf, sizeof buf) == 5, "it is written and read");
    set[0] = (struct pollfd) { .fd = f, .events = POLLIN | POLLOUT };
    set[1] = (struct pollfd) { .fd = p[0], .events = POLLIN };
    ok(poll(set, 2, -1) == 1 && set[0].revents == (POLLIN | POLLOUT), "poll says that a file is always ready");
    fails(getsockopt(f, SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK, "getsockopt of it is ENOTSOCK");
    fails(connect(f, NULL, 0), ENOTSOCK, "connect is ENOTSOCK");
    ok(close(f) == 0, "it is closed");
    fails(getsockopt(f, SOL_SOCKET, SO_TYPE, &v, &len), EBADF, "and then EBADF");
    f = open(path, O_RDONLY);
    ok(f >= 0 && read(f, buf, sizeof buf) == 5, "it is opened again");
    ok(write(p[0], buf, 5) == 5 && read(p[1], buf, 5) == 5, "and copied over a socket");
    return done();
}
