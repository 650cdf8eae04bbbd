/* stdin.c - WasmEdge's second shape: waits for standard input while the network goes on; both are told apart by poll_oneoff */
#include <poll.h>
#include <unistd.h>
#include "edge.h"

IMPORT(sock_getlocaladdr)(int fd, struct address *a, uint32_t *port);

int main(void)
{
    static uint8_t any[128] = { INET4 };
    struct address a = { any, sizeof any };
    uint32_t port;
    char line[32];
    int fd;

    CHECK(sock_open(INET4, DGRAM, &fd) == 0 && sock_bind(fd, &a, 5353) == 0 && sock_getlocaladdr(fd, &a, &port) == 0 && port == 5353);
    struct pollfd p[2] = { { 0, POLLRDNORM, 0 }, { fd, POLLRDNORM, 0 } };
    CHECK(poll(&p[1], 1, 20) == 0);
    CHECK(poll(p, 2, 30000) == 1 && p[0].revents && !p[1].revents);
    CHECK(fgets(line, sizeof line, stdin));
    SAY("stdin %s", line);
    CHECK(!fgets(line, sizeof line, stdin));
    return 0;
}
