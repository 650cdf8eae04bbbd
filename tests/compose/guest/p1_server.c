/* p1_server.c - preview1 alone: the socket on the descriptor given as an argument listens already; echoes
 * COUNT connections, waiting by poll_oneoff. With a third argument it writes that file for each: its descriptor must not be a socket's. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "dialect.h"

IMPORT(sock_accept)(int fd, int flags, int *out);

int main(int argc, char **argv)
{
    static char buf[5000];
    int fd = atoi(argv[1]), count = atoi(argv[2]), c;
    ssize_t n;

    CHECK(argc >= 3);
    for (int i = 0; i < count; i++) {
        struct pollfd p = { fd, POLLRDNORM, 0 };
        CHECK(poll(&p, 1, 60000) == 1);
        CHECK(sock_accept(fd, 0, &c) == 0);
        while ((n = recv(c, buf, sizeof buf, 0)) > 0)
            for (ssize_t at = 0, w; at < n; at += w)
                CHECK((w = send(c, buf + at, (size_t)(n - at), 0)) > 0);
        CHECK(n == 0 && close(c) == 0);
        if (argc > 3) {
            FILE *f = fopen(argv[3], "a");
            CHECK(f && fprintf(f, "%d\n", i) > 0 && fclose(f) == 0);
        }
    }
    SAY("served %d\n", count);
    return 0;
}
