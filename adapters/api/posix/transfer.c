/*
 * transfer.c - all that sends and receives comes through here, whichever call it was
 */
#include "posix.h"

ssize_t ist__send(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, const struct sockaddr *to, socklen_t to_len)
{
    if (f->type == SOCK_STREAM)
        return ist__stream_send(f, iov, n_iov, flags);
    return ist__datagram_send(f, iov, n_iov, flags, to, to_len, NULL);
}

ssize_t ist__recv(struct ist__fd *f, const struct iovec *iov, int n_iov, int flags, int *out_flags,
    struct sockaddr *from, socklen_t *from_len)
{
    struct ist_datagram info;

    *out_flags = 0;
    if (f->type != SOCK_STREAM)
        return ist__datagram_recv(f, iov, n_iov, flags, out_flags, from, from_len, &info);
    if (from_len)
        *from_len = 0;   /* a stream names its peer by getpeername() only */
    return ist__stream_recv(f, iov, n_iov, flags);
}

int ist__pending(struct ist__fd *f)
{
    struct ist_datagram info;
    uint8_t byte;
    int32_t r;

    if (f->state == IST_FD_LISTENING)
        return -EINVAL;
    ist_wait(NULL, 0, IST_NO_WAIT);
    r = f->type == SOCK_STREAM ? ist_stream_pending(f->handle) : ist_datagram_recv(f->handle, &byte, 0, IST_PEEK, &info);
    return r < 0 ? 0 : r;
}
