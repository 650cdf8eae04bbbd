/*
 * recvmsg.c - recvmsg(); msg_flags has MSG_TRUNC for a datagram that was cut; there is no control data
 */
#include <limits.h>
#include "posix.h"

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);
    ssize_t n;

    if (r == 0 && (message->msg_iovlen < 0 || message->msg_iovlen > IOV_MAX))
        r = -EMSGSIZE;
    if (r)
        return ist__result(r);
    n = ist__recv(f, message->msg_iov, message->msg_iovlen, flags, &message->msg_flags, message->msg_name,
        message->msg_name ? &message->msg_namelen : NULL);
    if (n >= 0)
        message->msg_controllen = 0;
    return ist__result(n);
}
