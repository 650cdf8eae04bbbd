/*
 * dialect.c - the calls that bulk.c makes, over the imports of WAMR: so the same program can be merged instead of linked
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define IMPORT(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int name

struct address { uint32_t kind; uint8_t ip[4]; uint16_t port; uint8_t rest[12]; };
struct info { struct address address; int type; };
struct hints { int type; uint32_t family; uint8_t given; };

IMPORT(sock_open)(int pool, int family, int type, int *fd);
IMPORT(sock_bind)(int fd, const struct address *a);
IMPORT(sock_connect)(int fd, const struct address *a);
IMPORT(sock_listen)(int fd, int backlog);
IMPORT(sock_accept)(int fd, int flags, int *out);
IMPORT(sock_addr_resolve)(const char *host, const char *service, const struct hints *h, struct info *out, uint32_t cap, uint32_t *n);

static int result(int e)
{
    errno = e;
    return e ? -1 : 0;
}

static struct address wamr(const struct sockaddr *a)
{
    const struct sockaddr_in *in = (const struct sockaddr_in *)a;
    struct address to = { .port = ntohs(in->sin_port) };

    memcpy(to.ip, &in->sin_addr, 4);
    return to;
}

int socket(int domain, int type, int protocol)
{
    int fd;

    (void)domain;
    (void)type;
    (void)protocol;
    return result(sock_open(-1, 0, 1, &fd)) ? -1 : fd;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    (void)fd, (void)level, (void)name, (void)value, (void)len;
    return 0;
}

int bind(int fd, const struct sockaddr *a, socklen_t len)
{
    struct address to = wamr(a);

    (void)len;
    return result(sock_bind(fd, &to));
}

int listen(int fd, int backlog)
{
    return result(sock_listen(fd, backlog));
}

int accept(int fd, struct sockaddr *restrict a, socklen_t *restrict len)
{
    int out;

    (void)a, (void)len;
    return result(sock_accept(fd, 0, &out)) ? -1 : out;
}

int connect(int fd, const struct sockaddr *a, socklen_t len)
{
    struct address to = wamr(a);

    (void)len;
    return result(sock_connect(fd, &to));
}

int getaddrinfo(const char *restrict host, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
    static struct sockaddr_in in;
    static struct addrinfo one = { .ai_addr = (struct sockaddr *)&in, .ai_addrlen = sizeof in };
    struct hints h = { .type = 1, .given = 1 };
    struct info found;
    uint32_t n = 0;

    (void)hints;
    if (sock_addr_resolve(host, service, &h, &found, 1, &n) || n == 0)
        return EAI_NONAME;
    in.sin_family = AF_INET;
    in.sin_port = htons(found.address.port);
    memcpy(&in.sin_addr, found.address.ip, 4);
    *out = &one;
    return 0;
}
