/*
 * shutdown.c - shutdown(); SHUT_RD and SHUT_WR have the bits of IST_SHUT_READ and IST_SHUT_WRITE
 */
#include "posix.h"

_Static_assert(SHUT_RD == (int)IST_SHUT_READ && SHUT_WR == (int)IST_SHUT_WRITE && SHUT_RDWR == (SHUT_RD | SHUT_WR), "one set of bits");

static int end_directions(struct ist__fd *f, int how)
{
    int32_t r;

    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    if (ist__fd_state(f) != IST_FD_CONNECTED)
        return -ENOTCONN;
    if (f->type == SOCK_STREAM) {
        r = ist_stream_shutdown(f->handle, (uint32_t)how);
        if (r < 0)
            return r == IST_EBADF ? -ENOTCONN : -ist__errno(r);
    }
    f->shut |= (uint8_t)how;
    return 0;
}

int shutdown(int fd, int how)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : end_directions(f, how));
}
