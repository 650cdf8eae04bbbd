/*
 * shutdown.c - shutdown(); SHUT_RD and SHUT_WR have the bits of IST_SHUT_READ and IST_SHUT_WRITE
 */
#include "posix.h"

_Static_assert(SHUT_RD == (int)IST_SHUT_READ && SHUT_WR == (int)IST_SHUT_WRITE && SHUT_RDWR == (SHUT_RD | SHUT_WR), "one set of bits");

/* Linux: nothing is left to end when both sides have ended. */
static int is_over(const struct ist__fd *f)
{
    struct ist_address peer;

    ist_wait(NULL, 0, IST_NO_WAIT);
    return ist_socket_peer(f->handle, &peer) == IST_ENOTCONN;
}

static int end_directions(struct ist__fd *f, int how)
{
    int32_t r;

    if (how < SHUT_RD || how > SHUT_RDWR)
        return -EINVAL;
    if (f->state == IST_FD_LISTENING)   /* Linux: no more of it comes in; SHUT_WR means nothing to it */
        return how & SHUT_RD ? ist__dissolve(f) : 0;
    if (ist__fd_state(f) != IST_FD_CONNECTED)
        return -ENOTCONN;
    if (f->protocol == IPPROTO_TCP && is_over(f))
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
