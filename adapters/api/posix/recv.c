/*
 * recv.c - recv()
 */
#include "posix.h"

ssize_t recv(int fd, void *buf, size_t cap, int flags)
{
    return recvfrom(fd, buf, cap, flags, NULL, NULL);
}
