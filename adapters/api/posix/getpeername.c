/*
 * getpeername.c - getpeername()
 */
#include "posix.h"

int getpeername(int fd, struct sockaddr *__restrict peer, socklen_t *__restrict len)
{
    struct ist__fd *f;
    int r = ist__fd_find(fd, &f);

    if (r == 0 && f->domain != AF_UNIX && ist__fd_state(f) != IST_FD_CONNECTED)
        r = -ENOTCONN;
    return ist__result(r ? r : ist__address_ask(peer, len, f, ist_socket_peer));
}
