/*
 * bind.c - bind()
 */
#include "posix.h"

int bind(int fd, const struct sockaddr *local, socklen_t len)
{
    struct ist_address a;
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && f->domain == AF_UNIX)
        r = -EINVAL;
    if (r == 0)
        r = ist__address_from(&a, f, local, len);
    if (r == 0 && (f->bound || f->state != IST_FD_NEW))
        r = -EINVAL;
    if (r == 0 && !ist__address_is_any(&a) && !ist__address_is_loopback(&a))
        r = ist__wait_configured();   /* the address may be on its way */
    if (r == 0)
        r = -ist__errno(ist_socket_bind(f->handle, &a));
    if (r == 0)
        f->bound = 1;
    return ist__result(r);
}
