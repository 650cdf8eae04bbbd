/*
 * sendmsg.c - sendmsg(); control data as control_send.c says
 */
#include <limits.h>
#include "control.h"

static ssize_t transmit(struct ist__fd *f, const struct msghdr *m, int flags)
{
    struct ist_sending with;
    int used, r = ist__control_get(f, m, &with, &used);

    if (r)
        return r;
    if (!used)
        return ist__send(f, m->msg_iov, m->msg_iovlen, flags, m->msg_name, m->msg_namelen);
    if (f->protocol != IPPROTO_UDP)
        return -EOPNOTSUPP;
    return ist__datagram_send(f, m->msg_iov, m->msg_iovlen, flags, m->msg_name, m->msg_namelen, &with);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && (message->msg_iovlen < 0 || message->msg_iovlen > IOV_MAX))
        r = -EMSGSIZE;
    return ist__result(r ? r : transmit(f, message, flags));
}
