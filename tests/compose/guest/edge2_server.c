/* edge2_server.c - WasmEdge's second shape, 128 bytes an address: echoes TCP once and UDP once, over IPv6 sockets that take IPv4 too */
#include <poll.h>
#include <unistd.h>
#include "edge.h"

IMPORT(sock_accept)(int fd, int flags, int *out);
IMPORT(sock_recv_from)(int fd, struct vec *v, uint32_t n, struct address *a, int flags, uint32_t *port, uint32_t *done, uint32_t *out);
IMPORT(sock_getlocaladdr)(int fd, struct address *a, uint32_t *port);
IMPORT(sock_getpeeraddr)(int fd, struct address *a, uint32_t *port);

int main(void)
{
    static uint8_t any[128] = { INET4 }, peer[128];
    struct address a = { any, sizeof any }, from = { peer, sizeof peer };
    char text[64];
    struct vec v = { text, sizeof text };
    uint32_t port, len, flags, got;
    uint16_t out;
    int tcp, udp, c;

    CHECK(sock_open(INET4, STREAM, &tcp) == 0 && sock_bind(tcp, &a, 7) == 0 && sock_listen(tcp, 5) == 0);
    CHECK(sock_open(INET4, DGRAM, &udp) == 0 && sock_bind(udp, &a, 7) == 0);
    CHECK(sock_getlocaladdr(tcp, &from, &port) == 0 && port == 7 && peer[0] == INET4);
    SAY("listening\n");
    CHECK(sock_accept(tcp, 0, &c) == 0);
    CHECK(sock_getpeeraddr(c, &from, &port) == 0 && peer[0] == INET4 && peer[2] == 10 && port != 0);
    CHECK(sock_recv(c, &v, 1, 0, &len, &out) == 0 && len > 0);
    v.len = len;
    CHECK(sock_send(c, &v, 1, 0, &got) == 0 && got == len);
    sock_shutdown(c, 2);
    v.len = sizeof text;
    CHECK(sock_recv_from(udp, &v, 1, &from, 0, &port, &len, &flags) == 0);
    v.len = len;
    CHECK(sock_send_to(udp, &v, 1, &from, port, 0, &got) == 0 && got == len);
    return 0;
}
