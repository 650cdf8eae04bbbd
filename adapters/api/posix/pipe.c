/*
 * pipe.c - pipe(), pipe2(): both ends in this instance, so that a program may wake its own poll()
 */
#include <fcntl.h>
#include <unistd.h>
#include "posix.h"

int pipe2(int out[2], int flags)
{
    struct ist__fd ends[2];

    if (flags & ~(O_NONBLOCK | O_CLOEXEC))
        return ist__result(-EINVAL);
    for (int i = 0; i < 2; i++)
        ends[i] = (struct ist__fd) {
            .domain = AF_UNIX, .type = SOCK_STREAM, .state = IST_FD_CONNECTED, .announced = 1, .nonblock = (flags & O_NONBLOCK) != 0,
            .pipe = i ? POLLOUT : POLLIN
        };
    return ist__result(ist__pair(ends, flags & O_CLOEXEC, out));
}

int pipe(int out[2])
{
    return pipe2(out, 0);
}
