/*
 * sendmsg.c - sendmsg(); control data of any kind is refused with EINVAL
 */
#include <limits.h>
#include "posix.h"

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && (message->msg_iovlen < 0 || message->msg_iovlen > IOV_MAX))
        r = -EMSGSIZE;
    if (r == 0 && message->msg_controllen > 0)
        r = -EINVAL;
    if (r)
        return ist__result(r);
    return ist__result(ist__send(f, message->msg_iov, message->msg_iovlen, flags, message->msg_name, message->msg_namelen));
}
