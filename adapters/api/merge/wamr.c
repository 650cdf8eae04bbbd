/*
 * wamr.c - the sockets of WAMR
 *
 * Source: the imports that WAMR's lib-socket declares (wasi_socket_ext.h). Families: 0 IPv4, 1 IPv6, 2 either; types: 0 datagram, 1 stream.
 */
#include <string.h>
#include "wamr.h"

static void halves(uint8_t *to, const uint8_t *from, int bytes)
{
    for (int i = 0; i < bytes; i += 2) {
        to[i] = from[i + 1];
        to[i + 1] = from[i];
    }
}

int wamr_ip_read(void *to, uint32_t at, uint32_t *kind)
{
    uint8_t bytes[16];

    if (client_read(kind, at, sizeof *kind))
        return EFAULT;
    if (*kind > 1)
        return EAFNOSUPPORT;
    if (client_read(bytes, at + 4, *kind ? 16 : 4))
        return EFAULT;
    if (*kind)
        halves(to, bytes, 16);
    else
        memcpy(to, bytes, 4);
    return 0;
}

int wamr_address_read(struct sockaddr_storage *to, uint32_t at)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    uint8_t ip[16];
    uint32_t kind;
    uint16_t port;
    int e = wamr_ip_read(ip, at, &kind);

    memset(to, 0, sizeof *to);
    if (!e)
        e = client_read(&port, at + 4 + (kind ? 16 : 4), sizeof port);
    if (e)
        return e;
    if (kind) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        memcpy(&v6->sin6_addr, ip, 16);
    } else {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        memcpy(&v4->sin_addr, ip, 4);
    }
    return 0;
}

void wamr_address_make(struct wamr_address *to, const struct sockaddr *from)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;

    memset(to, 0, sizeof *to);
    to->kind = from->sa_family == AF_INET6;
    if (to->kind) {
        halves(to->bytes, (const uint8_t *)&v6->sin6_addr, 16);
        halves(to->bytes + 16, (const uint8_t *)&v6->sin6_port, 2);
    } else {
        memcpy(to->bytes, &v4->sin_addr, 4);
        halves(to->bytes + 4, (const uint8_t *)&v4->sin_port, 2);
    }
}

EXPORT(wamr_open)(int32_t pool, int32_t family, int32_t type, uint32_t out)
{
    int fd;

    (void)pool;   /* the descriptor of an address pool: who may be reached is the host's affair here */
    if (family != 0 && family != 1)
        return EAFNOSUPPORT;
    if (type != 0 && type != 1)
        return EINVAL;
    fd = socket(family ? AF_INET6 : AF_INET, type ? SOCK_STREAM : SOCK_DGRAM, 0);
    return fd < 0 ? errno : client_write_u32(out, (uint32_t)fd);
}

EXPORT(wamr_bind)(int32_t fd, uint32_t address)
{
    struct sockaddr_storage a;
    int e = wamr_address_read(&a, address);

    return e ? e : last(bind(fd_of(fd), (struct sockaddr *)&a, address_length(&a)));
}

EXPORT(wamr_connect)(int32_t fd, uint32_t address)
{
    struct sockaddr_storage a;
    int e = wamr_address_read(&a, address);

    return e ? e : last(connect(fd_of(fd), (struct sockaddr *)&a, address_length(&a)));
}

static int name_tell(int32_t fd, int (*ask)(int, struct sockaddr *, socklen_t *), uint32_t out)
{
    struct sockaddr_storage a;
    struct wamr_address w;
    socklen_t len = sizeof a;

    if (ask(fd_of(fd), (struct sockaddr *)&a, &len) < 0)
        return errno;
    wamr_address_make(&w, (struct sockaddr *)&a);
    return client_write(out, &w, sizeof w);
}

EXPORT(wamr_addr_local)(int32_t fd, uint32_t out)
{
    return name_tell(fd, getsockname, out);
}

EXPORT(wamr_addr_remote)(int32_t fd, uint32_t out)
{
    return name_tell(fd, getpeername, out);
}

EXPORT(wamr_recv_from)(int32_t fd, uint32_t iovs, uint32_t n, int32_t flags, uint32_t address, uint32_t done)
{
    int msg = (flags & __WASI_RIFLAGS_RECV_PEEK ? MSG_PEEK : 0) | (flags & __WASI_RIFLAGS_RECV_WAITALL ? MSG_WAITALL : 0);
    struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
    struct wamr_address w;
    uint32_t len;
    int got;
    int e = client_recv(fd, iovs, n, msg, &len, &got, &from);

    if (!e && from.ss_family != AF_UNSPEC) {
        wamr_address_make(&w, (struct sockaddr *)&from);
        e = client_write(address, &w, sizeof w);
    }
    return e ? e : client_write_u32(done, len);
}

EXPORT(wamr_send_to)(int32_t fd, uint32_t iovs, uint32_t n, int32_t flags, uint32_t address, uint32_t done)
{
    struct sockaddr_storage to;
    uint32_t len;
    int e = flags ? ENOTSUP : wamr_address_read(&to, address);

    if (!e)
        e = client_send(fd, iovs, n, 0, &len, &to);
    return e ? e : client_write_u32(done, len);
}
