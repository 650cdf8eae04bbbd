/* wamr_client.c - WAMR's sockets: a name is asked for, TCP and UDP talk to it, options are kept */
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>
#include "dialect.h"

struct ip4 { uint8_t ip[4]; uint16_t port; };
struct ip6 { uint16_t ip[8]; uint16_t port; };
struct address { uint32_t kind; union { struct ip4 v4; struct ip6 v6; } u; };
struct info { struct address a; int type; };
struct hints { int type; uint32_t family; uint8_t given; };
struct vec { void *buf; uint32_t len; };

IMPORT(sock_open)(int pool, int family, int type, int *fd);
IMPORT(sock_connect)(int fd, struct address *a);
IMPORT(sock_bind)(int fd, struct address *a);
IMPORT(sock_addr_local)(int fd, struct address *a);
IMPORT(sock_addr_remote)(int fd, struct address *a);
IMPORT(sock_addr_resolve)(const char *host, const char *service, struct hints *h, struct info *out, uint32_t cap, uint32_t *n);
IMPORT(sock_send)(int fd, struct vec *v, uint32_t n, int flags, uint32_t *done);
IMPORT(sock_recv)(int fd, struct vec *v, uint32_t n, int flags, uint32_t *done, uint16_t *out);
IMPORT(sock_send_to)(int fd, struct vec *v, uint32_t n, int flags, struct address *to, uint32_t *done);
IMPORT(sock_recv_from)(int fd, struct vec *v, uint32_t n, int flags, struct address *from, uint32_t *done);
IMPORT(sock_set_tcp_no_delay)(int fd, bool on);
IMPORT(sock_get_tcp_no_delay)(int fd, bool *on);
IMPORT(sock_set_recv_timeout)(int fd, uint64_t us);
IMPORT(sock_get_recv_timeout)(int fd, uint64_t *us);
IMPORT(sock_set_linger)(int fd, bool on, int seconds);
IMPORT(sock_get_linger)(int fd, bool *on, int *seconds);
IMPORT(sock_set_reuse_port)(int fd, bool on);

static void options(int fd)
{
    bool on = false;
    uint64_t us;
    int seconds;

    CHECK(sock_set_tcp_no_delay(fd, true) == 0 && sock_get_tcp_no_delay(fd, &on) == 0 && on);
    CHECK(sock_set_recv_timeout(fd, 2500000) == 0 && sock_get_recv_timeout(fd, &us) == 0 && us == 2500000);
    CHECK(sock_set_linger(fd, true, 3) == 0 && sock_get_linger(fd, &on, &seconds) == 0 && on && seconds == 3);
    CHECK(sock_set_reuse_port(fd, true) == ENOPROTOOPT);
    CHECK(sock_get_recv_timeout(fd, (uint64_t *)0xfffffff8) == EFAULT);
}

int main(int argc, char **argv)
{
    struct hints hints = { .type = 1, .family = 0, .given = 1 };
    struct info found[4];
    struct address peer, self = { 0 };
    uint32_t n = 0, len;
    char text[32];
    struct vec out = { "hello wamr\n", 11 }, in = { text, sizeof text };
    uint16_t flags;
    int fd;

    CHECK(argc == 2);
    CHECK(sock_addr_resolve(argv[1], "7", &hints, found, 4, &n) == 0 && n == 1 && found[0].a.u.v4.port == 7);
    CHECK(sock_addr_resolve("no.such.name.invalid", "7", &hints, found + 1, 3, &n) != 0);
    CHECK(sock_open(-1, 0, 1, &fd) == 0 && sock_open(-1, 5, 1, &fd) == EAFNOSUPPORT);
    options(fd);
    CHECK(sock_connect(fd, &found[0].a) == 0);
    CHECK(sock_addr_remote(fd, &peer) == 0 && peer.kind == 0 && peer.u.v4.port == 7 && !memcmp(peer.u.v4.ip, found[0].a.u.v4.ip, 4));
    CHECK(sock_addr_local(fd, &peer) == 0 && peer.u.v4.ip[0] == 10);
    CHECK(sock_send(fd, &out, 1, 0, &len) == 0 && len == 11);
    CHECK(sock_recv(fd, &in, 1, 0, &len, &flags) == 0 && len == 11 && !memcmp(text, "hello wamr\n", 11));
    close(fd);
    SAY("tcp\n");
    CHECK(sock_open(-1, 0, 0, &fd) == 0 && sock_bind(fd, &self) == 0);
    CHECK(sock_send_to(fd, &out, 1, 0, &found[0].a, &len) == 0 && len == 11);
    memset(&peer, 0xff, sizeof peer);
    CHECK(sock_recv_from(fd, &in, 1, 0, &peer, &len) == 0 && len == 11 && peer.kind == 0 && peer.u.v4.port == 7);
    SAY("udp\n");
    return 0;
}
