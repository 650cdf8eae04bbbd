/*
 * socketpair.c - socketpair(AF_UNIX, SOCK_STREAM): a pipe of the stack, both ends in this instance
 */
#include "posix.h"

static int pair(int domain, int type, int protocol, int out[2])
{
    int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC), r;
    struct ist__fd f = {
        .domain = AF_UNIX, .type = SOCK_STREAM, .state = IST_FD_CONNECTED, .announced = 1, .nonblock = (type & SOCK_NONBLOCK) != 0
    };
    ist_handle h[2];

    if (domain == AF_INET || domain == AF_INET6)
        return -EOPNOTSUPP;
    if (domain != AF_UNIX)
        return -EAFNOSUPPORT;
    if (kind != SOCK_STREAM || protocol != 0)
        return -EPROTONOSUPPORT;
    r = ist__posix_start();
    if (r < 0)
        return r;
    r = ist_pipe_open(h, 0);
    if (r < 0)
        return -ist__errno(r);
    for (int i = 0; i < 2; i++) {
        f.handle = h[i];
        out[i] = ist__fd_new(&f, type & SOCK_CLOEXEC);
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

int socketpair(int domain, int type, int protocol, int out[2])
{
    return ist__result(pair(domain, type, protocol, out));
}
