/*
 * recvmsg.c - recvmsg(); msg_flags has MSG_TRUNC for a datagram that was cut; control data as control.c says
 */
#include <limits.h>
#include "control.h"

static ssize_t receive(struct ist__fd *f, struct msghdr *m, int flags)
{
    socklen_t *name_len = m->msg_name ? &m->msg_namelen : NULL;
    struct ist_datagram info;
    ssize_t n;

    if (!f->tell || f->type == SOCK_STREAM) {
        n = ist__recv(f, m->msg_iov, m->msg_iovlen, flags, &m->msg_flags, m->msg_name, name_len);
        if (n >= 0)
            m->msg_controllen = 0;
        return n;
    }
    m->msg_flags = 0;
    n = ist__datagram_recv(f, m->msg_iov, m->msg_iovlen, flags, &m->msg_flags, m->msg_name, name_len, &info);
    if (n >= 0)
        ist__control_put(f, m, &info);
    return n;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && (message->msg_iovlen < 0 || message->msg_iovlen > IOV_MAX))
        r = -EMSGSIZE;
    if (r)
        return ist__result(r);
    return ist__result(receive(f, message, flags));
}
