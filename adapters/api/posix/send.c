/*
 * send.c - send(); blocking it takes all, or what it took before an error or SO_SNDTIMEO
 */
#include "posix.h"

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    return sendto(fd, buf, len, flags, NULL, 0);
}
