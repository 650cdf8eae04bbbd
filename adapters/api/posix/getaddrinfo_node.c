/*
 * getaddrinfo_node.c - the node of getaddrinfo(): nothing, a literal, or a name
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "posix.h"

long ist__names_number(const char *text)
{
    long value = 0;

    for (; *text >= '0' && *text <= '9'; text++)
        if ((value = value * 10 + (*text - '0')) > 65536)
            value = 65536;
    return *text ? -1 : value;
}

static int is_link_local(const uint8_t ip[16])
{
    return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) || (ip[0] == 0xff && (ip[1] & 15) == 2);
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

/* No node: the wildcard, IPv4 first, or the loopback, IPv6 first, as Linux gives them. */
static int own_addresses(struct ist_address out[2], int family, int passive)
{
    struct ist_address four = { .family = IST_IPV4 }, six = { .family = IST_IPV6 };
    int n = 0;

    if (!passive) {
        four.ip[0] = 127;
        four.ip[3] = six.ip[15] = 1;
    }
    if (passive && family != AF_INET6)
        out[n++] = four;
    if (family != AF_INET)
        out[n++] = six;
    if (!passive && family != AF_INET6)
        out[n++] = four;
    return n;
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
        long number = percent[1] ? ist__names_number(percent + 1) : -1;
        index = number >= 0 ? (unsigned)number : if_nametoindex(percent + 1);
        if (!is_link_local(a->ip) || index == 0 || index > 65535)
            return 0;
    }
    a->family = IST_IPV6;
    a->scope = index > 1 ? index - 1 : 0;
    return 1;
}

/* 1: it was a literal; 0: it is a name; or an EAI_ code. */
static int literal(const char *node, int family, int flags, struct ist_address *out)
{
    struct in_addr v4;
    int r;

    if (inet_aton(node, &v4)) {
        if (family == AF_INET6 && !(flags & AI_V4MAPPED))
            return EAI_ADDRFAMILY;
        out->family = IST_IPV4;
        memcpy(out->ip, &v4, 4);
        if (family == AF_INET6)
            map_v4(out);
        return 1;
    }
    if (!strchr(node, ':'))
        return flags & AI_NUMERICHOST ? EAI_NONAME : 0;
    if (strchr(node, '%') && (r = ist__posix_start()) < 0) {       /* interfaces have names once the stack runs */
        errno = -r;
        return EAI_SYSTEM;
    }
    if (!parse_ipv6(node, out))
        return EAI_NONAME;
    return family == AF_INET ? EAI_ADDRFAMILY : 1;
}

/* Has a link an address of that family, link-local ones aside? */
static int family_configured(uint8_t family)
{
    struct ist_interface interface;

    for (uint32_t i = 1; ist_interface_get(i, &interface) == 0; i++)
        for (uint32_t k = 0; k < interface.n_addresses && k < 8; k++) {
            const struct ist_address *a = &interface.addresses[k].address;
            if (a->family == family && !(family == IST_IPV6 && is_link_local(a->ip)))
                return 1;
        }
    return 0;
}

/* AI_ADDRCONFIG: the families to ask for, or EAI_NONAME where the one wanted is not there. */
static int configured_family(int family)
{
    int four, six, r = ist__posix_start();

    if (r == 0)
        r = ist__wait_configured();
    if (r < 0) {
        errno = -r;
        return EAI_SYSTEM;
    }
    four = family != AF_INET6 && family_configured(IST_IPV4);
    six = family != AF_INET && family_configured(IST_IPV6);
    if (four && six)
        return AF_UNSPEC;
    return four ? AF_INET : six ? AF_INET6 : EAI_NONAME;
}

/* AF_INET6 with AI_V4MAPPED: IPv4 addresses mapped, where there is no IPv6 one or AI_ALL asks for both. */
static int keep_mapped(struct ist_address *addresses, int n, int all)
{
    int n_six = 0, kept = 0;

    for (int i = 0; i < n; i++)
        n_six += addresses[i].family == IST_IPV6;
    for (int i = 0; i < n; i++) {
        struct ist_address a = addresses[i];
        if (a.family == IST_IPV4 && n_six && !all)
            continue;
        if (a.family == IST_IPV4)
            map_v4(&a);
        addresses[kept++] = a;
    }
    return kept;
}

static int name(const char *node, int family, int flags, struct ist_address **out, char *canonical)
{
    int mapped = family == AF_INET6 && flags & AI_V4MAPPED, n;

    if (mapped)
        family = AF_UNSPEC;
    if (flags & AI_ADDRCONFIG && (family = configured_family(family)) < 0)
        return family;
    n = ist__names_lookup(node, family, out, canonical);
    return n > 0 && mapped ? keep_mapped(*out, n, flags & AI_ALL) : n;
}

int ist__names_node(const char *node, int family, int flags, struct ist_address **out, char *canonical)
{
    struct ist_address own[2] = { { 0 } };
    int n = node ? literal(node, family, flags, own) : own_addresses(own, family, flags & AI_PASSIVE);

    if (n < 0)
        return n;
    if (n == 0)
        return name(node, family, flags, out, canonical);
    *out = malloc((size_t)n * sizeof *own);
    if (!*out)
        return EAI_MEMORY;
    memcpy(*out, own, (size_t)n * sizeof *own);
    if (node)          /* a literal is short, its scope may be written long */
        strncat(canonical, node, IST_NAME_MAX - 1);
    return n;
}
