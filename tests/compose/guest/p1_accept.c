/* p1_accept.c - preview1 alone, and no files: accepts a connection on descriptor 3, which listens already, and echoes it */
#include <sys/socket.h>
#include <unistd.h>
#include "dialect.h"

IMPORT(sock_accept)(int fd, int flags, int *out);

int main(void)
{
    char buf[500];
    ssize_t n;
    int c;

    CHECK(sock_accept(3, 0, &c) == 0);
    while ((n = recv(c, buf, sizeof buf, 0)) > 0)
        CHECK(send(c, buf, (size_t)n, 0) == n);
    CHECK(n == 0 && close(c) == 0);
    return 0;
}
