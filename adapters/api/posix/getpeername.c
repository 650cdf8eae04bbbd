/*
 * getpeername.c - getpeername()
 */
#include "posix.h"

static int peer_address(struct ist__fd *f, struct sockaddr *out, socklen_t *len)
{
    struct ist_address a = { .family = 0 };
    int32_t r;

    if (!out || !len)
        return -EFAULT;
    if (f->domain == AF_UNIX) {
        ist__address_unnamed(out, len, f);
        return 0;
    }
    if (ist__fd_state(f) != IST_FD_CONNECTED)
        return -ENOTCONN;
    r = ist_socket_peer(f->handle, &a);
    if (r < 0)
        return -ist__errno(r);
    ist__address_to(out, len, f, &a);
    return 0;
}

int getpeername(int fd, struct sockaddr *__restrict peer, socklen_t *__restrict len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : peer_address(f, peer, len));
}
