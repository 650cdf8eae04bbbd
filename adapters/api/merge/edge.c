/*
 * edge.c - the sockets of WasmEdge, its first and its second shape
 *
 * An address is a buffer of 4 or 16 bytes (IPv4, IPv6), or of 128: the family, two bytes, and the address behind it. Ports are in the
 * host's order. Where the two shapes differ the export's name ends in the number of its parameters.
 * Source: WasmEdge's wasi_snapshot_preview1 module; the clients are the Rust crate wasmedge_wasi_socket and Go's dispatchrun/net.
 */
#include <string.h>
#include "merge.h"

enum { EDGE_UNSPEC, EDGE_INET4, EDGE_INET6 };
enum { EDGE_ANY, EDGE_DGRAM, EDGE_STREAM };
#define STORAGE 128u

struct edge_address { uint32_t buf, len; };

EXPORT(edge_open)(int32_t family, int32_t type, uint32_t out)
{
    int domain = family == EDGE_INET4 ? AF_INET : family == EDGE_INET6 ? AF_INET6 : -1;
    int kind = type == EDGE_STREAM ? SOCK_STREAM : type == EDGE_DGRAM ? SOCK_DGRAM : -1;
    int fd;

    if (domain < 0)
        return EAFNOSUPPORT;
    if (kind < 0)
        return EINVAL;
    fd = socket(domain, kind, 0);
    return fd < 0 ? errno : client_write_u32(out, (uint32_t)fd);
}

static int address_read(struct sockaddr_storage *to, uint32_t at, uint32_t port)
{
    struct edge_address a;
    struct sockaddr_in *v4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)to;
    uint16_t family = EDGE_UNSPEC;

    memset(to, 0, sizeof *to);
    if (client_read(&a, at, sizeof a))
        return EFAULT;
    if (a.len == STORAGE) {
        if (client_read(&family, a.buf, sizeof family))
            return EFAULT;
        a.buf += 2;
    } else {
        family = a.len == 4 ? EDGE_INET4 : a.len == 16 ? EDGE_INET6 : EDGE_UNSPEC;
    }
    if (family == EDGE_UNSPEC || port > 65535)
        return EINVAL;
    if (family == EDGE_INET4) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        return client_read(&v4->sin_addr, a.buf, 4);
    }
    if (family != EDGE_INET6)
        return EAFNOSUPPORT;
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons((uint16_t)port);
    return client_read(&v6->sin6_addr, a.buf, 16);
}

/* @family: 0, or where the first shape wants 4 or 6. */
static int address_write(const struct sockaddr_storage *from, uint32_t at, uint32_t family, uint32_t port)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
    int six = from->ss_family == AF_INET6;
    const void *bytes = six ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr;
    uint16_t tag = six ? EDGE_INET6 : EDGE_INET4;
    struct edge_address a;
    int e = client_read(&a, at, sizeof a);

    if (!e && a.len == STORAGE) {
        e = client_write(a.buf, &tag, sizeof tag);
        a.buf += 2;
    } else if (!e && a.len < (six ? 16u : 4u)) {
        e = EINVAL;
    }
    if (!e)
        e = client_write(a.buf, bytes, six ? 16 : 4);
    if (!e && family)
        e = client_write_u32(family, six ? 6 : 4);
    if (!e && port)
        e = client_write_u32(port, ntohs(six ? v6->sin6_port : v4->sin_port));
    return e;
}

EXPORT(edge_bind)(int32_t fd, uint32_t address, uint32_t port)
{
    struct sockaddr_storage a;
    int e = address_read(&a, address, port);

    return e ? e : last(bind(fd_of(fd), (struct sockaddr *)&a, address_length(&a)));
}

EXPORT(edge_connect)(int32_t fd, uint32_t address, uint32_t port)
{
    struct sockaddr_storage a;
    int e = address_read(&a, address, port);

    return e ? e : last(connect(fd_of(fd), (struct sockaddr *)&a, address_length(&a)));
}

EXPORT(edge_listen)(int32_t fd, int32_t backlog)
{
    return last(listen(fd_of(fd), backlog));
}

EXPORT(edge_accept_2)(int32_t fd, uint32_t out)
{
    int r = accept(fd_of(fd), NULL, NULL);

    return r < 0 ? errno : client_write_u32(out, (uint32_t)r);
}

EXPORT(edge_recv_from_8)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t address, int32_t flags, uint32_t port, uint32_t done, uint32_t out_flags)
{
    int msg = (flags & __WASI_RIFLAGS_RECV_PEEK ? MSG_PEEK : 0) | (flags & __WASI_RIFLAGS_RECV_WAITALL ? MSG_WAITALL : 0);
    struct sockaddr_storage from = { .ss_family = AF_UNSPEC };
    uint32_t len;
    int got;
    int e = client_recv(fd, iovs, n, msg, &len, &got, &from);

    if (!e && from.ss_family != AF_UNSPEC)
        e = address_write(&from, address, 0, port);
    if (!e)
        e = client_write_u32(out_flags, got & MSG_TRUNC ? __WASI_ROFLAGS_RECV_DATA_TRUNCATED : 0);
    return e ? e : client_write_u32(done, len);
}

EXPORT(edge_recv_from_7)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t address, int32_t flags, uint32_t done, uint32_t out_flags)
{
    return edge_recv_from_8(fd, iovs, n, address, flags, 0, done, out_flags);
}

EXPORT(edge_send_to)(int32_t fd, uint32_t iovs, uint32_t n, uint32_t address, uint32_t port, int32_t flags, uint32_t done)
{
    struct sockaddr_storage to;
    uint32_t len;
    int e = flags ? ENOTSUP : address_read(&to, address, port);

    if (!e)
        e = client_send(fd, iovs, n, 0, &len, &to);
    return e ? e : client_write_u32(done, len);
}

static int name_tell(int32_t fd, int (*ask)(int, struct sockaddr *, socklen_t *), uint32_t address, uint32_t family, uint32_t port)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;

    if (ask(fd_of(fd), (struct sockaddr *)&a, &len) < 0)
        return errno;
    return address_write(&a, address, family, port);
}

EXPORT(edge_getlocaladdr_4)(int32_t fd, uint32_t address, uint32_t family, uint32_t port)
{
    return name_tell(fd, getsockname, address, family, port);
}

EXPORT(edge_getlocaladdr_3)(int32_t fd, uint32_t address, uint32_t port)
{
    return name_tell(fd, getsockname, address, 0, port);
}

EXPORT(edge_getpeeraddr_4)(int32_t fd, uint32_t address, uint32_t family, uint32_t port)
{
    return name_tell(fd, getpeername, address, family, port);
}

EXPORT(edge_getpeeraddr_3)(int32_t fd, uint32_t address, uint32_t port)
{
    return name_tell(fd, getpeername, address, 0, port);
}
