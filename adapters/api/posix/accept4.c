/*
 * accept4.c - accept4(): SOCK_NONBLOCK, SOCK_CLOEXEC
 */
#include "posix.h"

int accept4(int fd, struct sockaddr *__restrict peer, socklen_t *__restrict len, int flags)
{
    return ist__result(ist__accept(fd, peer, len, flags));
}
