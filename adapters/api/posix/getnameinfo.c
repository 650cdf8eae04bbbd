/*
 * getnameinfo.c - an address as a name and a service (POSIX.1-2017; RFC 3493 6.2)
 *
 * Names come from the grant's host= lines, then from PTR records; without one the number is given, as on Linux: docs/names.md.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>
#include "names.h"
#include "posix.h"

#include <resolve/ip_text.h>

#define FLAGS (NI_NUMERICHOST | NI_NUMERICSERV | NI_NOFQDN | NI_NAMEREQD | NI_DGRAM | NI_NUMERICSCOPE)

static int give(const char *text, char *out, socklen_t cap)
{
    size_t n = strlen(text);

    if (n >= cap)
        return EAI_OVERFLOW;
    memcpy(out, text, n + 1);
    return 0;
}

static int take_address(struct ist_address *a, unsigned *scope, const struct sockaddr *in, socklen_t len)
{
    memset(a, 0, sizeof *a);
    *scope = 0;
    if (len >= sizeof(struct sockaddr_in) && in->sa_family == AF_INET) {
        struct sockaddr_in sin;
        memcpy(&sin, in, sizeof sin);
        a->family = IST_IPV4;
        a->port = ntohs(sin.sin_port);
        memcpy(a->ip, &sin.sin_addr, 4);
        return 0;
    }
    if (len >= sizeof(struct sockaddr_in6) && in->sa_family == AF_INET6) {
        struct sockaddr_in6 sin6;
        memcpy(&sin6, in, sizeof sin6);
        a->family = IST_IPV6;
        a->port = ntohs(sin6.sin6_port);
        memcpy(a->ip, &sin6.sin6_addr, 16);
        *scope = sin6.sin6_scope_id;
        a->scope = *scope > 1 ? *scope - 1 : 0;
        return 0;
    }
    return EAI_FAMILY;
}

static void number_of(const struct ist_address *address, unsigned scope, int flags, char *text)
{
    int local = (address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80) || (address->ip[0] == 0xff && (address->ip[1] & 15) == 2);
    char *p;

    if (address->family == IST_IPV4) {
        p = ist__ipv4_format(text, address->ip);
    } else {
        p = ist__ipv6_format(text, address->ip);
        if (scope) {
            *p++ = '%';
            if (local && !(flags & NI_NUMERICSCOPE) && ist__posix_start() == 0 && if_indextoname(scope, p))
                return;
            p = ist__number_format(p, scope);
        }
    }
    *p = 0;
}

static int give_host(const struct ist_address *address, unsigned scope, char *host, socklen_t cap, int flags)
{
    char text[IST_NAME_MAX];

    int r = flags & NI_NUMERICHOST ? EAI_NONAME : ist__names_reverse(address, text);

    if (r) {
        if (flags & NI_NAMEREQD && !(flags & NI_NUMERICHOST))
            return r;
        number_of(address, scope, flags, text);
    }
    return give(text, host, cap);
}

static int give_service(uint16_t port, char *service, socklen_t cap, int flags)
{
    const struct ist__service *s = flags & NI_NUMERICSERV ? NULL : ist__service_find(NULL, port, flags & NI_DGRAM ? "udp" : "tcp");
    char text[6];

    if (s)
        return give(s->name, service, cap);
    *ist__number_format(text, port) = 0;
    return give(text, service, cap);
}

int getnameinfo(const struct sockaddr *restrict address, socklen_t len, char *restrict host, socklen_t host_cap,
    char *restrict service, socklen_t service_cap, int flags)
{
    struct ist_address a;
    unsigned scope;
    int r;

    if (flags & ~FLAGS)
        return EAI_BADFLAGS;
    if ((r = take_address(&a, &scope, address, len)) < 0)
        return r;
    if (!host)
        host_cap = 0;
    if (!service)
        service_cap = 0;
    if (!host_cap && !service_cap)
        return EAI_NONAME;
    if (host_cap && (r = give_host(&a, scope, host, host_cap, flags)) < 0)
        return r;
    return service_cap ? give_service(a.port, service, service_cap, flags) : 0;
}
