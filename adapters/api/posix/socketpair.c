/*
 * socketpair.c - socketpair(AF_UNIX, SOCK_STREAM): a pipe of the stack, both ends in this instance
 */
#include "posix.h"

int ist__pair(struct ist__fd ends[2], int cloexec, int out[2])
{
    ist_handle h[2];
    int r = ist__posix_start();

    if (r < 0)
        return r;
    r = ist_pipe_open(h, 0);
    if (r < 0)
        return -ist__errno(r);
    for (int i = 0; i < 2; i++) {
        ends[i].handle = h[i];
        out[i] = ist__fd_new(&ends[i], cloexec);
        if (out[i] < 0) {
            r = out[i];
            ist_close(h[1]);
            if (i == 1)
                ist__fd_close(out[0]);
            else
                ist_close(h[0]);
            return r;
        }
    }
    return 0;
}

static int pair(int domain, int type, int protocol, int out[2])
{
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct ist__fd f = {
        .domain = AF_UNIX, .type = SOCK_STREAM, .state = IST_FD_CONNECTED, .announced = 1, .nonblock = (type & SOCK_NONBLOCK) != 0
    };

    if (domain == AF_INET || domain == AF_INET6)
        return -EOPNOTSUPP;
    if (domain != AF_UNIX)
        return -EAFNOSUPPORT;
    if (kind != SOCK_STREAM || protocol != 0)
        return -EPROTONOSUPPORT;
    return ist__pair((struct ist__fd[2]) { f, f }, type & SOCK_CLOEXEC, out);
}

int socketpair(int domain, int type, int protocol, int out[2])
{
    return ist__result(pair(domain, type, protocol, out));
}
