/*
 * accept.c - accept(); the new socket inherits nothing but the family, as on Linux
 */
#include "posix.h"

int ist__accept(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
    struct ist_address from;
    struct ist__fd *f, new;
    uint64_t deadline = 0;
    ist_handle h;
    int r = ist__fd_find(fd, &f);

    if (r)
        return r;
    if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
        return -EINVAL;
    if (f->type != SOCK_STREAM)
        return -EOPNOTSUPP;
    if (f->state != IST_FD_LISTENING)
        return -EINVAL;
    while ((h = ist_socket_accept(f->handle, &from)) == IST_EAGAIN) {
        r = ist__wait_may(f, IST_READABLE, 0, f->recv_timeout_ns, &deadline);
        if (r)
            return r;
    }
    if (h < 0)
        return -ist__errno(h);
    new = (struct ist__fd) {
        .handle = h, .domain = f->domain, .type = SOCK_STREAM, .protocol = IPPROTO_TCP, .state = IST_FD_CONNECTED,
        .bound = 1, .announced = 1, .nonblock = (flags & SOCK_NONBLOCK) != 0
    };
    r = ist__fd_new(&new, flags & SOCK_CLOEXEC);
    if (r < 0) {
        ist_close(h);
        return r;
    }
    f = ist__fd_get(r);
    ist__address_to(peer, len, f, &from);
    return r;
}

int accept(int fd, struct sockaddr *__restrict peer, socklen_t *__restrict len)
{
    return ist__result(ist__accept(fd, peer, len, 0));
}
