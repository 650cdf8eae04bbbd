/*
 * getaddrinfo.c - a name and a service as addresses to connect or bind to (POSIX.1-2017; RFC 3493 6.1)
 */
#include <stdlib.h>
#include <string.h>
#include "names.h"

#define FLAGS (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_V4MAPPED | AI_ALL | AI_ADDRCONFIG | AI_NUMERICSERV)

struct transport {
    int socktype, protocol;
    const char *name;
    uint16_t port;
};

/* What the request comes to, before it is a list. */
struct found {
    struct transport transports[2];
    int n_transports;
    struct ist_address *addresses;           /* malloc */
    int n_addresses;
    char canonical[IST_NAME_MAX];
};

static int find_transports(struct found *found, const struct addrinfo *hints)
{
    static const struct transport all[] = {
        { SOCK_STREAM, IPPROTO_TCP, "tcp", 0 }, { SOCK_DGRAM, IPPROTO_UDP, "udp", 0 }, { SOCK_RAW, 0, NULL, 0 },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct transport t = all[i];
        if (t.socktype == SOCK_RAW ? hints->ai_socktype != SOCK_RAW : hints->ai_socktype && hints->ai_socktype != t.socktype)
            continue;
        if (t.protocol && hints->ai_protocol && hints->ai_protocol != t.protocol)
            continue;
        if (t.socktype == SOCK_RAW)
            t.protocol = hints->ai_protocol;
        found->transports[found->n_transports++] = t;
    }
    if (found->n_transports)
        return 0;
    return hints->ai_socktype ? EAI_SOCKTYPE : EAI_SERVICE;
}

static int find_ports(struct found *found, const char *service, int flags)
{
    long number = ist__names_number(service);
    int n = 0;

    if (number > 65535)
        return EAI_SERVICE;
    if (number < 0 && flags & AI_NUMERICSERV)
        return EAI_NONAME;
    for (int i = 0; i < found->n_transports; i++) {
        struct transport t = found->transports[i];
        const struct ist__service *s = number < 0 && t.name ? ist__service_find(service, 0, t.name) : NULL;
        if (number < 0 && !s)
            continue;
        t.port = s ? s->port : (uint16_t)number;
        found->transports[n++] = t;
    }
    found->n_transports = n;
    return n ? 0 : EAI_SERVICE;
}

static struct addrinfo *make_one(const struct transport *t, const struct ist_address *address)
{
    struct one {
        struct addrinfo info;
        struct sockaddr_in6 address;       /* room for either family */
    } *one = calloc(1, sizeof *one);
    struct ist_address a = *address;

    if (!one)
        return NULL;
    a.port = t->port;
    one->info.ai_family = a.family == IST_IPV4 ? AF_INET : AF_INET6;
    one->info.ai_socktype = t->socktype;
    one->info.ai_protocol = t->protocol;
    one->info.ai_addrlen = ist__names_sockaddr(&one->address, &a);
    one->info.ai_addr = (struct sockaddr *)&one->address;
    return &one->info;
}

static int make_list(const struct found *found, const char *canonical, struct addrinfo **out)
{
    struct addrinfo *list = NULL, **tail = &list;

    for (int i = 0; i < found->n_addresses; i++)
        for (int k = 0; k < found->n_transports; k++) {
            if (!(*tail = make_one(&found->transports[k], &found->addresses[i])))
                goto no_memory;
            tail = &(*tail)->ai_next;
        }
    if (canonical && !(list->ai_canonname = strdup(canonical)))
        goto no_memory;
    *out = list;
    return 0;
no_memory:
    freeaddrinfo(list);
    return EAI_MEMORY;
}

int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict out)
{
    static const struct addrinfo none;
    struct found found = { 0 };
    int r;

    if (!hints)
        hints = &none;
    if (!node && !service)
        return EAI_NONAME;
    if (hints->ai_flags & ~FLAGS || (hints->ai_flags & AI_CANONNAME && !node))
        return EAI_BADFLAGS;
    if (hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET && hints->ai_family != AF_INET6)
        return EAI_FAMILY;
    r = find_transports(&found, hints);
    if (r == 0 && service)
        r = find_ports(&found, service, hints->ai_flags);
    if (r == 0)
        r = found.n_addresses = ist__names_node(node, hints->ai_family, hints->ai_flags, &found.addresses, found.canonical);
    if (r > 0)
        r = make_list(&found, hints->ai_flags & AI_CANONNAME ? found.canonical : NULL, out);
    free(found.addresses);
    return r;
}
