/*
 * names.c - a query of the stack, waited for; addresses as struct sockaddr
 */
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "posix.h"

static int eai_of(int32_t error)
{
    switch (error) {
    case IST_EINVAL:                      /* it can be nobody's name */
    case IST_ENONAME:     return EAI_NONAME;
    case IST_ENODATA:     return EAI_NODATA;
    case IST_ENAMESERVER: return EAI_AGAIN;
    case IST_ENAMEREFUSED: return EAI_FAIL;
    case IST_ENOMEM:
    case IST_EMFILE:      return EAI_MEMORY;
    }
    errno = ist__errno(error);
    return EAI_SYSTEM;
}

/* The count of addresses, or an error of the stack. */
static int32_t wait_result(ist_handle query)
{
    struct ist_interest interest = { .handle = query, .want = IST_READABLE };
    int32_t r = 0;

    while ((r = ist_resolve_result(query, NULL, 0)) == IST_EAGAIN) {
        r = ist_wait(&interest, 1, IST_NO_DEADLINE);
        if (r < 0 && r != IST_EINTR)
            break;
    }
    return r;
}

int ist__names_lookup(const char *name, int family, struct ist_address **out, char *canonical)
{
    ist_handle query;
    int32_t n;
    int r = ist__posix_start();

    if (r < 0) {
        errno = -r;
        return EAI_SYSTEM;
    }
    query = ist_resolve_open(name, family == AF_INET ? IST_IPV4 : family == AF_INET6 ? IST_IPV6 : 0);
    if (query < 0)
        return eai_of(query);
    n = wait_result(query);
    if (n > 0) {
        *out = malloc((size_t)n * sizeof **out);
        if (*out) {
            ist_resolve_result(query, *out, (uint32_t)n);
            ist_resolve_canonical(query, canonical, IST_NAME_MAX);
        } else {
            n = IST_ENOMEM;
        }
    }
    ist_close(query);
    return n > 0 ? n : eai_of(n);
}

int ist__names_reverse(const struct ist_address *address, char *name)
{
    ist_handle query;
    int32_t n;

    if (ist__posix_start() < 0)      /* no grant, no names */
        return EAI_NONAME;
    query = ist_resolve_reverse_open(address);
    if (query < 0)
        return eai_of(query);
    n = wait_result(query);
    if (n > 0)
        ist_resolve_canonical(query, name, IST_NAME_MAX);
    ist_close(query);
    return n > 0 ? 0 : n == IST_ENODATA ? EAI_NONAME : eai_of(n);
}

socklen_t ist__names_sockaddr(void *out, const struct ist_address *in)
{
    if (in->family == IST_IPV4) {
        struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(in->port) };
        memcpy(&sin.sin_addr, in->ip, 4);
        memcpy(out, &sin, sizeof sin);
        return sizeof sin;
    }
    struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_port = htons(in->port) };
    memcpy(&sin6.sin6_addr, in->ip, 16);
    sin6.sin6_scope_id = in->scope ? in->scope + 1 : 0;    /* as if_nametoindex() counts */
    memcpy(out, &sin6, sizeof sin6);
    return sizeof sin6;
}
