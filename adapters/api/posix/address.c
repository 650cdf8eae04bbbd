/*
 * address.c - struct sockaddr to and from struct ist_address
 */
#include <string.h>
#include "posix.h"

/* 0, -EINVAL for one that is too short, -EAFNOSUPPORT for another family than the socket's */
int ist__address_from(struct ist_address *out, const struct ist__fd *f, const struct sockaddr *in, socklen_t len)
{
    memset(out, 0, sizeof *out);
    if (!in || len < sizeof in->sa_family)
        return -EINVAL;
    if (f->domain == AF_INET && len < sizeof(struct sockaddr_in))
        return -EINVAL;
    if (f->domain == AF_INET6 && len < sizeof(struct sockaddr_in6))
        return -EINVAL;
    if (in->sa_family != f->domain)
        return -EAFNOSUPPORT;
    if (in->sa_family == AF_INET) {
        struct sockaddr_in sin;
        memcpy(&sin, in, sizeof sin);
        out->family = IST_IPV4;
        out->port = ntohs(sin.sin_port);
        memcpy(out->ip, &sin.sin_addr, 4);
        return 0;
    }
    if (in->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;
        memcpy(&sin6, in, sizeof sin6);
        out->family = IST_IPV6;
        out->port = ntohs(sin6.sin6_port);
        memcpy(out->ip, &sin6.sin6_addr, 16);
        if (sin6.sin6_scope_id > 1)
            out->scope = sin6.sin6_scope_id - 1;   /* interface index 1 is lo, link i has 2 + i */
        return 0;
    }
    return -EAFNOSUPPORT;
}

/* *len is the room, and then the whole length, even where the address was cut */
static void address_give(struct sockaddr *out, socklen_t *len, const void *from, socklen_t from_len)
{
    if (!out || !len)
        return;
    memcpy(out, from, *len < from_len ? *len : from_len);
    *len = from_len;
}

void ist__address_to(struct sockaddr *out, socklen_t *len, const struct ist__fd *f, const struct ist_address *in)
{
    if (f->domain == AF_INET) {
        struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(in->port) };
        memcpy(&sin.sin_addr, in->ip, 4);
        address_give(out, len, &sin, sizeof sin);
    } else if (f->domain == AF_INET6) {
        struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(in->port) };
        if (in->family == IST_IPV4) {              /* v4-mapped, RFC 4291 2.5.5.2 */
            memset(&sin6.sin6_addr.s6_addr[10], 0xff, 2);
            memcpy(&sin6.sin6_addr.s6_addr[12], in->ip, 4);
        } else {
            memcpy(&sin6.sin6_addr, in->ip, 16);
        }
        sin6.sin6_scope_id = in->scope ? in->scope + 1 : 0;
        address_give(out, len, &sin6, sizeof sin6);
    } else {
        ist__address_unnamed(out, len, f);
    }
}

/* Of a Unix socket pair: a family and nothing else. */
void ist__address_unnamed(struct sockaddr *out, socklen_t *len, const struct ist__fd *f)
{
    sa_family_t family = f->domain;

    address_give(out, len, &family, sizeof family);
}

int ist__address_is_any(const struct ist_address *a)
{
    static const uint8_t zero[16];

    return memcmp(a->ip, zero, a->family == IST_IPV4 ? 4 : 16) == 0;
}

void ist__address_loopback(struct ist_address *a)
{
    if (a->family == IST_IPV4)
        a->ip[0] = 127;
    a->ip[a->family == IST_IPV4 ? 3 : 15] = 1;
}

int ist__address_is_loopback(const struct ist_address *a)
{
    static const uint8_t one[16] = { [15] = 1 }, mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (a->family == IST_IPV4)
        return a->ip[0] == 127;
    return memcmp(a->ip, one, 16) == 0 || (memcmp(a->ip, mapped, 12) == 0 && a->ip[12] == 127);
}

int ist__address_ask(struct sockaddr *out, socklen_t *len, const struct ist__fd *f, int32_t (*ask)(ist_handle, struct ist_address *))
{
    struct ist_address a = { .family = 0 };
    int32_t r;

    if (!out || !len)
        return -EFAULT;
    if (f->domain == AF_UNIX) {
        ist__address_unnamed(out, len, f);
        return 0;
    }
    r = ask(f->handle, &a);
    if (r < 0)
        return -ist__errno(r);
    ist__address_to(out, len, f, &a);
    return 0;
}
