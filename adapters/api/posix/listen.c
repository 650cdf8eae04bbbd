/*
 * listen.c - listen(); an unbound socket gets a port, a second call is nothing new
 */
#include "posix.h"

static int start_listening(struct ist__fd *f, int backlog)
{
    int32_t r;

    if (f->type != SOCK_STREAM || f->domain == AF_UNIX)
        return -EOPNOTSUPP;
    if (f->state == IST_FD_LISTENING)
        return 0;
    if (f->state != IST_FD_NEW)
        return -EINVAL;
    if (!f->bound) {
        struct ist_address any = { .family = f->domain == AF_INET ? IST_IPV4 : IST_IPV6 };
        r = ist_socket_bind(f->handle, &any);
        if (r < 0)
            return -ist__errno(r);
        f->bound = 1;
    }
    r = ist_socket_listen(f->handle, backlog < 0 || backlog > SOMAXCONN ? SOMAXCONN : backlog == 0 ? 1 : (uint32_t)backlog);
    if (r < 0)
        return -ist__errno(r);
    f->state = IST_FD_LISTENING;
    return 0;
}

int listen(int fd, int backlog)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : start_listening(f, backlog));
}
