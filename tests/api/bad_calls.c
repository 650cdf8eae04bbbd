/* Every call on a bad descriptor, on something that is no socket, and in the wrong state. */
#include "tap.h"

#ifdef __wasm__
#define LOWER_BOUND 256   /* below are the host's */
#else
#define LOWER_BOUND 3
#endif

static struct sockaddr *sa(void *a) { return a; }

static void on(int fd, int error, const char *what)
{
    struct sockaddr_in a = at4(INADDR_LOOPBACK, 80);
    socklen_t len = sizeof a;
    char byte = 0;
    struct iovec iov = { &byte, 1 };
    struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
    int v = 1;

    fails(bind(fd, sa(&a), sizeof a), error, "bind of %s", what);
    fails(listen(fd, 1), error, "listen of %s", what);
    fails(accept(fd, NULL, NULL), error, "accept of %s", what);
    fails(connect(fd, sa(&a), sizeof a), error, "connect of %s", what);
    fails(send(fd, "x", 1, 0), error, "send of %s", what);
    fails(sendto(fd, "x", 1, 0, sa(&a), sizeof a), error, "sendto of %s", what);
    fails(sendmsg(fd, &m, 0), error, "sendmsg of %s", what);
    fails(recv(fd, &byte, 1, 0), error, "recv of %s", what);
    fails(recvfrom(fd, &byte, 1, 0, NULL, NULL), error, "recvfrom of %s", what);
    fails(recvmsg(fd, &m, 0), error, "recvmsg of %s", what);
    fails(shutdown(fd, SHUT_RD), error, "shutdown of %s", what);
    fails(getsockname(fd, sa(&a), &len), error, "getsockname of %s", what);
    fails(getpeername(fd, sa(&a), &len), error, "getpeername of %s", what);
    fails(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, sizeof v), error, "setsockopt of %s", what);
}

int main(void)
{
    struct sockaddr_in a, b = at4(INADDR_LOOPBACK, 0), foreign = at4(0x01020304, 0);
    struct sockaddr_in6 a6 = at6(&tap_loopback6, 1);
    struct sockaddr_storage s;
    socklen_t len;
    int closed = socket(AF_INET, SOCK_STREAM, 0), t, l, p[2], again;
    char byte = 0;

    close(closed);
    on(-1, EBADF, "-1");
    on(closed, EBADF, "a closed socket");
    on(77777, EBADF, "a number never given");
    on(1, ENOTSOCK, "stdout");
    fails(read(closed, &byte, 1), EBADF, "read of a closed socket");
    fails(write(closed, &byte, 1), EBADF, "write of a closed socket");

    fails(socket(12345, SOCK_STREAM, 0), EAFNOSUPPORT, "a family that does not exist");
    fails(socket(AF_UNSPEC, SOCK_STREAM, 0), EAFNOSUPPORT, "no family");
    fails(socket(AF_INET, 12, 0), EINVAL, "a type that does not exist");
    fails(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), EPROTONOSUPPORT, "a stream of UDP");
    fails(socket(AF_INET6, SOCK_DGRAM, IPPROTO_TCP), EPROTONOSUPPORT, "datagrams of TCP");
    fails(socketpair(AF_INET, SOCK_STREAM, 0, p), EOPNOTSUPP, "a pair of AF_INET");

    t = socket(AF_INET, SOCK_STREAM, 0);
    again = socket(AF_INET, SOCK_STREAM, 0);
    ok(t >= LOWER_BOUND && again == t + 1, "descriptors are the lowest numbers that are free");
    close(t);
    t = socket(AF_INET, SOCK_STREAM, 0);
    ok(t == again - 1, "and are given again");
    len = sizeof s;
    fails(getpeername(t, sa(&s), &len), ENOTCONN, "getpeername of a new socket");
    fails(recv(t, &byte, 1, 0), ENOTCONN, "recv of a new socket");
    fails(send(t, &byte, 1, MSG_NOSIGNAL), EPIPE, "send of a new socket");
    fails(accept(t, NULL, NULL), EINVAL, "accept of a new socket");
    fails(bind(t, sa(&a6), sizeof a6), EAFNOSUPPORT, "bind to the other family");
    fails(bind(t, sa(&b), 3), EINVAL, "bind to a short address");
    fails(bind(t, sa(&foreign), sizeof foreign), EADDRNOTAVAIL, "bind to somebody else's address");
    fails(connect(t, sa(&a6), sizeof a6), EAFNOSUPPORT, "connect to the other family");
    fails(connect(t, sa(&b), 3), EINVAL, "connect to a short address");
    ok(bind(t, sa(&b), sizeof b) == 0, "bind to a free port");
    fails(bind(t, sa(&b), sizeof b), EINVAL, "a second bind");

    l = listener(&a, 5);
    fails(bind(again, sa(&a), sizeof a), EADDRINUSE, "bind to a port that is taken");
    fails(connect(l, sa(&a), sizeof a), EISCONN, "connect of a listener");
    fails(recv(l, &byte, 1, 0), ENOTCONN, "recv of a listener");
    fails(send(l, &byte, 1, MSG_NOSIGNAL), EPIPE, "send of a listener");
    ok(listen(l, 7) == 0, "a second listen is no error");

    tcp_pair(p);
    fails(listen(p[0], 5), EINVAL, "listen of a connection");
    fails(accept(p[0], NULL, NULL), EINVAL, "accept of a connection");
    len = 2;
    memset(&s, 0xee, sizeof s);
    ok(getsockname(p[0], sa(&s), &len) == 0 && len == sizeof(struct sockaddr_in) && ((unsigned char *)&s)[2] == 0xee, "a short room is respected, the whole length told");
    fails(lseek(p[0], 0, SEEK_CUR), ESPIPE, "lseek of a socket");
    fails(lseek(p[0], 10, SEEK_SET), ESPIPE, "lseek to somewhere");
    return done();
}
