/*
 * getaddrinfo.c - a name and a service as addresses to connect or bind to (POSIX.1-2017; RFC 3493 6.1)
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "posix.h"

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
    struct ist_address *addresses, own[2];   /* addresses: own, or malloc */
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

/* -1: not a number at all */
static long parse_number(const char *text)
{
    long value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        if ((value = value * 10 + (*text - '0')) > 65536)
            value = 65536;
    return *text ? -1 : value;
}

static int find_ports(struct found *found, const char *service, int flags)
{
    long number = parse_number(service);
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

static void add_own(struct found *found, uint8_t family, uint8_t first, uint8_t last)
{
    struct ist_address *a = &found->own[found->n_addresses++];

    memset(a, 0, sizeof *a);
    a->family = family;
    a->ip[0] = first;
    a->ip[family == IST_IPV4 ? 3 : 15] = last;
}

/* No node: the wildcard, IPv4 first, or the loopback, IPv6 first, as Linux gives them. */
static void find_own(struct found *found, int family, int passive)
{
    if (passive && family != AF_INET6)
        add_own(found, IST_IPV4, 0, 0);
    if (family != AF_INET)
        add_own(found, IST_IPV6, 0, !passive);
    if (!passive && family != AF_INET6)
        add_own(found, IST_IPV4, 127, 1);
}

static void map_v4(struct ist_address *a)
{
    uint8_t v4[4];

    memcpy(v4, a->ip, 4);
    memset(a->ip, 0, 16);
    a->ip[10] = a->ip[11] = 0xff;
    memcpy(a->ip + 12, v4, 4);
    a->family = IST_IPV6;
}

/* IPv6 with an optional scope: an interface's name, or its index as if_nametoindex() gives it. 0: not one. */
static int parse_ipv6(const char *node, struct ist_address *a)
{
    char text[INET6_ADDRSTRLEN];
    const char *percent = strchr(node, '%');
    size_t n = percent ? (size_t)(percent - node) : strlen(node);
    unsigned index = 0;

    if (n >= sizeof text)
        return 0;
    memcpy(text, node, n);
    text[n] = 0;
    if (inet_pton(AF_INET6, text, a->ip) != 1)
        return 0;
    if (percent) {
        long number = percent[1] ? parse_number(percent + 1) : -1;
        int local = (a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80) || (a->ip[0] == 0xff && (a->ip[1] & 15) == 2);
        index = number >= 0 ? (unsigned)number : if_nametoindex(percent + 1);
        if (!local || index == 0 || index > 65535)
            return 0;
    }
    a->family = IST_IPV6;
    a->scope = index > 1 ? index - 1 : 0;
    return 1;
}

/* 1: it was a literal and is found; 0: it is a name; or an EAI_ code. */
static int find_literal(struct found *found, const char *node, int family, int flags)
{
    struct ist_address *a = found->own;
    struct in_addr v4;

    memset(a, 0, sizeof *a);
    if (inet_aton(node, &v4)) {
        if (family == AF_INET6 && !(flags & AI_V4MAPPED))
            return EAI_ADDRFAMILY;
        a->family = IST_IPV4;
        memcpy(a->ip, &v4, 4);
        if (family == AF_INET6)
            map_v4(a);
    } else if (strchr(node, ':')) {
        if (strchr(node, '%') && ist__posix_start() < 0)       /* interfaces have names once the stack runs */
            return EAI_SYSTEM;
        if (!parse_ipv6(node, a))
            return EAI_NONAME;
        if (family == AF_INET)
            return EAI_ADDRFAMILY;
    } else {
        return flags & AI_NUMERICHOST ? EAI_NONAME : 0;
    }
    found->n_addresses = 1;
    return 1;
}

/* Has a link an address of that family, link-local ones aside? */
static int family_configured(uint8_t family)
{
    struct ist_interface interface;

    for (uint32_t i = 1; ist_interface_get(i, &interface) == 0; i++)
        for (uint32_t k = 0; k < interface.n_addresses && k < 8; k++) {
            const struct ist_address *a = &interface.addresses[k].address;
            if (a->family == family && !(family == IST_IPV6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80))
                return 1;
        }
    return 0;
}

/* AI_ADDRCONFIG: the families to ask for, or EAI_NONAME where the one wanted is not there. */
static int configured_family(int family)
{
    int four, six;

    if (ist__posix_start() < 0)
        return EAI_SYSTEM;
    ist__wait_configured();
    four = family != AF_INET6 && family_configured(IST_IPV4);
    six = family != AF_INET && family_configured(IST_IPV6);
    if (four && six)
        return AF_UNSPEC;
    return four ? AF_INET : six ? AF_INET6 : EAI_NONAME;
}

/* AF_INET6 with AI_V4MAPPED: IPv4 addresses mapped, where there is no IPv6 one or AI_ALL asks for both. */
static void keep_mapped(struct found *found, int all)
{
    int n = 0, n_six = 0;

    for (int i = 0; i < found->n_addresses; i++)
        n_six += found->addresses[i].family == IST_IPV6;
    for (int i = 0; i < found->n_addresses; i++) {
        struct ist_address *a = &found->addresses[i];
        if (a->family == IST_IPV4 && n_six && !all)
            continue;
        if (a->family == IST_IPV4)
            map_v4(a);
        found->addresses[n++] = *a;
    }
    found->n_addresses = n;
}

static int find_addresses(struct found *found, const char *node, int family, int flags)
{
    int mapped = family == AF_INET6 && flags & AI_V4MAPPED, n;

    found->addresses = found->own;
    if (!node) {
        find_own(found, family, flags & AI_PASSIVE);
        return 0;
    }
    if ((n = find_literal(found, node, family, flags)) != 0)
        return n > 0 ? 0 : n;
    if (mapped)
        family = AF_UNSPEC;
    if (flags & AI_ADDRCONFIG && (family = configured_family(family)) < 0)
        return family;
    n = ist__names_lookup(node, family, &found->addresses, found->canonical);
    if (n < 0)
        return n;
    found->n_addresses = n;
    if (mapped)
        keep_mapped(found, flags & AI_ALL);
    return 0;
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
        r = find_addresses(&found, node, hints->ai_family, hints->ai_flags);
    if (r == 0)
        r = make_list(&found, hints->ai_flags & AI_CANONNAME ? (found.canonical[0] ? found.canonical : node) : NULL, out);
    if (found.addresses != found.own)
        free(found.addresses);
    return r;
}
