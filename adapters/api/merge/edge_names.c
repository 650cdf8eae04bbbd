/*
 * edge_names.c - sock_getaddrinfo of WasmEdge: the answers go into a list that the caller has laid out
 */
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include "merge.h"

#define NAME_MAX_LEN 1025u

struct edge_info {
    uint16_t flags;
    uint8_t family, type;
    uint32_t protocol;
    uint32_t address_len;
    uint32_t address;       /* of a struct edge_sockaddr */
    uint32_t canonical, canonical_len;
    uint32_t next;
};
struct edge_sockaddr { uint32_t family, len, data; };

/* A crate packs the protocol into one byte; the numbers are small either way. */
static int hints_read(struct addrinfo *to, uint32_t at)
{
    struct edge_info h;

    if (client_read(&h, at, sizeof h))
        return EFAULT;
    if (h.family > 2 || h.type > 2 || (uint8_t)h.protocol > 2)
        return EINVAL;
    *to = (struct addrinfo) {
        .ai_family = h.family == 1 ? AF_INET : h.family == 2 ? AF_INET6 : AF_UNSPEC,
        .ai_socktype = h.type == 1 ? SOCK_DGRAM : h.type == 2 ? SOCK_STREAM : 0,
        .ai_flags = (h.flags & 1 ? AI_PASSIVE : 0) | (h.flags & 2 ? AI_CANONNAME : 0) | (h.flags & 4 ? AI_NUMERICHOST : 0) |
            (h.flags & 8 ? AI_NUMERICSERV : 0) | (h.flags & 16 ? AI_V4MAPPED : 0) | (h.flags & 32 ? AI_ALL : 0) | (h.flags & 64 ? AI_ADDRCONFIG : 0)
    };
    return 0;
}

/* Text with a length, which may count a NUL at its end; empty: NULL. */
static int text_read(char room[NAME_MAX_LEN], uint32_t at, uint32_t len, const char **out)
{
    if (len >= NAME_MAX_LEN)
        return ENAMETOOLONG;
    if (client_read(room, at, len))
        return EFAULT;
    room[len] = 0;
    *out = *room ? room : NULL;
    return 0;
}

/* One answer into the entry at @at; *next: the entry behind it. */
static int answer_write(const struct addrinfo *info, uint32_t at, uint32_t *next)
{
    struct edge_sockaddr a;
    struct edge_info e;
    size_t len = info->ai_family == AF_INET6 ? sizeof(struct sockaddr_in6) - 2 : sizeof(struct sockaddr_in) - 2;
    size_t name_len = info->ai_canonname ? strlen(info->ai_canonname) : 0;

    if (client_read(&e, at, sizeof e) || client_read(&a, e.address, sizeof a))
        return EFAULT;
    if (a.len < (info->ai_family == AF_INET6 ? 18u : 6u))   /* port and address at least */
        return ENOMEM;
    if (len > a.len)
        len = a.len;
    a.family = info->ai_family == AF_INET6 ? 2 : 1;
    if (client_write(a.data, (const uint8_t *)info->ai_addr + 2, len))
        return EFAULT;
    a.len = (uint32_t)len;
    e.family = (uint8_t)a.family;
    e.type = info->ai_socktype == SOCK_DGRAM ? 1 : info->ai_socktype == SOCK_STREAM ? 2 : 0;
    e.protocol = info->ai_socktype == SOCK_DGRAM ? 2 : info->ai_socktype == SOCK_STREAM ? 1 : 0;
    e.address_len = 16;
    if (name_len && name_len < e.canonical_len && client_write(e.canonical, info->ai_canonname, name_len + 1))
        return EFAULT;
    e.canonical_len = name_len < e.canonical_len ? (uint32_t)name_len : 0;
    *next = e.next;
    return client_write(e.address, &a, sizeof a) || client_write(at, &e, sizeof e) ? EFAULT : 0;
}

static int name_error(int e)
{
    return e == EAI_MEMORY ? ENOMEM : e == EAI_AGAIN ? EAGAIN : e == EAI_FAMILY ? EAFNOSUPPORT : e == EAI_NONAME ? ENOENT : EINVAL;
}

EXPORT(edge_getaddrinfo)(uint32_t node, uint32_t node_len, uint32_t service, uint32_t service_len, uint32_t hints, uint32_t list, uint32_t cap,
    uint32_t count)
{
    static char node_text[NAME_MAX_LEN], service_text[NAME_MAX_LEN];
    const char *node_or_null, *service_or_null;
    struct addrinfo want, *found;
    uint32_t at, n = 0;
    int e = hints_read(&want, hints);

    if (!e)
        e = text_read(node_text, node, node_len, &node_or_null);
    if (!e)
        e = text_read(service_text, service, service_len, &service_or_null);
    if (!e)
        e = client_read(&at, list, sizeof at);
    if (e)
        return e;
    e = getaddrinfo(node_or_null, service_or_null, &want, &found);
    if (e)
        return name_error(e);
    for (struct addrinfo *i = found; i && n < cap && at && !e; i = i->ai_next, n++)
        e = answer_write(i, at, &at);
    freeaddrinfo(found);
    return e ? e : client_write_u32(count, n);
}
