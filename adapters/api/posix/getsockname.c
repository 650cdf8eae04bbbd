/*
 * getsockname.c - getsockname()
 */
#include "posix.h"

int getsockname(int fd, struct sockaddr *__restrict local, socklen_t *__restrict len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    return ist__result(r ? r : ist__address_ask(local, len, f, ist_socket_local));
}
