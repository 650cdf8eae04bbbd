/* fcntl, ioctl, fstat and isatty through libc. */
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "tap.h"

int main(void)
{
    int p[2], u, on = 1, n = -1;
    struct sockaddr_in a;
    struct stat st;
    struct pollfd wait;
    char buf[32];

    tcp_pair(p);
    ok((fcntl(p[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == O_RDWR, "F_GETFL: O_RDWR, not O_NONBLOCK");
    ok(fcntl(p[0], F_SETFL, O_NONBLOCK) == 0 && fcntl(p[0], F_GETFL) & O_NONBLOCK, "F_SETFL sets O_NONBLOCK");
    fails(recv(p[0], buf, 1, 0), EAGAIN, "and recv does not wait");
    fails(read(p[0], buf, 1), EAGAIN, "nor does read");
    ok(fcntl(p[0], F_SETFL, 0) == 0 && !(fcntl(p[0], F_GETFL) & O_NONBLOCK), "F_SETFL clears it");
    ok(ioctl(p[0], FIONBIO, &on) == 0 && fcntl(p[0], F_GETFL) & O_NONBLOCK, "FIONBIO sets it");
    on = 0;
    ok(ioctl(p[0], FIONBIO, &on) == 0 && !(fcntl(p[0], F_GETFL) & O_NONBLOCK), "and clears it");
    ok(fcntl(p[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(p[0], F_GETFD) == FD_CLOEXEC, "FD_CLOEXEC is taken");
    ok(ioctl(p[0], FIONREAD, &n) == 0 && n == 0, "FIONREAD: nothing");
    need(send(p[1], "hello", 5, 0) == 5, "send");
    wait = (struct pollfd) { .fd = p[0], .events = POLLIN };
    poll(&wait, 1, 5000);
    ok(ioctl(p[0], FIONREAD, &n) == 0 && n == 5, "FIONREAD: five bytes");
    u = udp_bound(&a);
    sendto(u, "abc", 3, 0, (struct sockaddr *)&a, sizeof a);
    wait.fd = u;
    poll(&wait, 1, 5000);
    ok(ioctl(u, FIONREAD, &n) == 0 && n == 3, "FIONREAD of UDP: the next datagram");
    ok(fstat(p[0], &st) == 0 && S_ISSOCK(st.st_mode), "fstat says that it is a socket");
    ok(isatty(p[0]) == 0 && errno == ENOTTY, "isatty says that it is no terminal");
    close(p[0]);
    fails(fcntl(p[0], F_GETFL), EBADF, "F_GETFL of a closed socket");
    fails(fstat(p[0], &st), EBADF, "fstat of a closed socket");
    fails(ioctl(p[0], FIONREAD, &n), EBADF, "FIONREAD of a closed socket");
    return done();
}
