/* pipe and pipe2. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include "tap.h"

static short look(int fd, short events, int timeout)
{
    struct pollfd p = { .fd = fd, .events = events };

    return poll(&p, 1, timeout) > 0 ? p.revents : 0;
}

int main(void)
{
    int p[2], q[2], spare = -1;
    char buf[4096];
    long sum = 0;
    ssize_t n;

    signal(SIGPIPE, SIG_IGN);
    ok(pipe(p) == 0, "a pipe is made");
    ok((fcntl(p[0], F_GETFL) & O_ACCMODE) == O_RDONLY && (fcntl(p[1], F_GETFL) & O_ACCMODE) == O_WRONLY, "one end is read, the other written");
    ok(look(p[0], POLLIN | POLLOUT, 0) == 0 && look(p[1], POLLIN | POLLOUT, 0) == POLLOUT, "empty: it can be written only");
    ok(write(p[1], "abc", 3) == 3 && look(p[0], POLLIN, 5000) == POLLIN && read(p[0], buf, 16) == 3 && memcmp(buf, "abc", 3) == 0, "bytes come through");
    fails(write(p[0], "x", 1), EBADF, "the reading end is not written");
    fails(read(p[1], buf, 1), EBADF, "nor the writing end read");
    fails(send(p[1], "x", 1, 0), ENOTSOCK, "and it is no socket: send");
    fails(shutdown(p[1], SHUT_WR), ENOTSOCK, "nor shutdown");
    ok(isatty(p[0]) == 0 && lseek(p[0], 0, SEEK_CUR) == -1 && errno == ESPIPE, "no terminal, no place in it");

    ok(pipe2(q, O_NONBLOCK) == 0, "pipe2 makes one that does not wait");
    fails(read(q[0], buf, 1), EAGAIN, "with nothing in it");
    while ((n = write(q[1], buf, sizeof buf)) > 0)
        sum += n;
    ok(n == -1 && errno == EAGAIN && sum == 65536, "64 KiB fill it");
    ok(look(q[1], POLLOUT, 0) == 0, "poll says that it is full");
    while ((n = read(q[0], buf, sizeof buf)) > 0)
        sum -= n;
    ok(n == -1 && errno == EAGAIN && sum == 0 && look(q[1], POLLOUT, 5000) == POLLOUT, "and all comes out of it");
    fails(pipe2(p, 0x40000000), EINVAL, "pipe2 with another flag");

    ok(write(p[1], "end", 3) == 3 && (spare = dup(p[1])) >= 0 && close(p[1]) == 0, "one of two writers closes");
    ok(read(p[0], buf, 16) == 3 && look(p[0], POLLIN, 0) == 0, "the other holds it open");
    ok(close(spare) == 0 && look(p[0], POLLIN, 5000) & POLLHUP && read(p[0], buf, 16) == 0, "then comes the end");
    ok(close(p[0]) == 0 && close(q[0]) == 0 && look(q[1], POLLOUT, 5000) & POLLERR, "no reader: poll says so");
    fails(write(q[1], "x", 1), EPIPE, "and writing is EPIPE");
    fails(read(p[0], buf, 1), EBADF, "closed");
    return done();
}
