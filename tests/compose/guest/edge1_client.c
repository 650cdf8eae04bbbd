/* edge1_client.c - WasmEdge's first shape: a name is asked for, TCP and UDP talk to it; what is wrong is refused */
#include <errno.h>
#include <unistd.h>
#include "edge.h"

IMPORT(sock_accept)(int fd, int *out);
IMPORT(sock_recv_from)(int fd, struct vec *v, uint32_t n, struct address *a, int flags, uint32_t *done, uint32_t *out);
IMPORT(sock_getlocaladdr)(int fd, struct address *a, uint32_t *family, uint32_t *port);
IMPORT(sock_getpeeraddr)(int fd, struct address *a, uint32_t *family, uint32_t *port);

static uint8_t server[4];

static void name(const char *host)
{
    uint8_t data[28];
    struct sock s = { .len = sizeof data, .data = data };
    struct info hints = { .family = INET4, .type = STREAM }, answer = { .address = &s }, *list = &answer;
    uint32_t n;

    CHECK(sock_getaddrinfo(host, strlen(host), "echo", 4, &hints, &list, 1, &n) == 0 && n == 1);
    CHECK(s.family == INET4 && data[0] == 0 && data[1] == 7);
    memcpy(server, data + 2, 4);
    CHECK(sock_getaddrinfo("no.such.name.invalid", 20, "", 0, &hints, &list, 1, &n) != 0);
}

static void refused(void)
{
    struct address a = { server, 4 }, bad = { (void *)0xfffffff0, 4 }, odd = { server, 5 };
    int fd;

    CHECK(sock_open(9, STREAM, &fd) == EAFNOSUPPORT && sock_open(INET4, 9, &fd) == EINVAL);
    CHECK(sock_open(INET4, STREAM, (int *)0xfffffffe) == EFAULT);
    CHECK(sock_open(INET4, STREAM, &fd) == 0);
    CHECK(sock_connect(fd, &bad, 7) == EFAULT && sock_connect(fd, (struct address *)0xfffffff8, 7) == EFAULT);
    CHECK(sock_connect(fd, &odd, 7) == EINVAL && sock_connect(fd, &a, 70000) == EINVAL);
    CHECK(sock_connect(fd, &a, 9) == ECONNREFUSED);
    CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
    CHECK(sock_connect(1, &a, 7) == ENOTSOCK && sock_connect(300, &a, 7) == EBADF);
}

static void tcp(void)
{
    uint8_t ip[4];
    struct address a = { server, 4 }, peer = { ip, 4 };
    uint32_t family, port, len, value = 1, value_len = sizeof value;
    char text[16];
    struct vec out[2] = { { "hel", 3 }, { "lo\n", 3 } }, in[2] = { { text, 2 }, { text + 2, 14 } };
    uint16_t flags;
    int fd;

    CHECK(sock_open(INET4, STREAM, &fd) == 0);
    CHECK(sock_setsockopt(fd, 0, 7, &value, sizeof value) == 0);           /* SO_KEEPALIVE */
    CHECK(sock_setsockopt(fd, 0, 8, &value, sizeof value) == ENOPROTOOPT); /* SO_OOBINLINE */
    CHECK(sock_getsockopt(fd, 0, 1, &value, &value_len) == 0 && value == STREAM);
    CHECK(sock_connect(fd, &a, 7) == 0);
    CHECK(sock_getpeeraddr(fd, &peer, &family, &port) == 0 && family == 4 && port == 7 && !memcmp(ip, server, 4));
    CHECK(sock_getlocaladdr(fd, &peer, &family, &port) == 0 && ip[0] == 10 && port != 0);
    CHECK(sock_send(fd, out, 2, 0, &len) == 0 && len == 6);
    CHECK(sock_send(fd, (struct vec *)0xfffffff8, 2, 0, &len) == EFAULT);
    CHECK(sock_recv(fd, in, 2, 0, &len, &flags) == 0 && len == 6);
    SAY("tcp %.*s", (int)len, text);
    close(fd);
}

static void udp(void)
{
    uint8_t ip[4];
    struct address a = { server, 4 }, from = { ip, 4 };
    char text[4];
    struct vec out = { "datagram", 8 }, in = { text, sizeof text };
    uint32_t len, flags;
    int fd;

    CHECK(sock_open(INET4, DGRAM, &fd) == 0);
    CHECK(sock_send_to(fd, &out, 1, &a, 7, 0, &len) == 0 && len == 8);
    CHECK(sock_recv_from(fd, &in, 1, &from, 0, &len, &flags) == 0);
    CHECK(len == 4 && flags == 1 && !memcmp(ip, server, 4) && !memcmp(text, "data", 4));
    SAY("udp %.4s\n", text);
    close(fd);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    name(argv[1]);
    refused();
    tcp();
    udp();
    return 0;
}
