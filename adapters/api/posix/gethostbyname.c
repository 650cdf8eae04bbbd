/*
 * gethostbyname.c - the old calls for names, over getaddrinfo() and getnameinfo()
 */
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "posix.h"

int h_errno;

static void set_h_errno(int eai)
{
    h_errno = eai == EAI_NONAME || eai == EAI_ADDRFAMILY ? HOST_NOT_FOUND : eai == EAI_NODATA ? NO_DATA
            : eai == EAI_AGAIN ? TRY_AGAIN : NO_RECOVERY;
}

/* One block for the entry, its list and its addresses; it stands until the next call. */
static struct hostent *make(const char *name, int family, size_t n, size_t len)
{
    static struct hostent *last;
    static char *no_alias[1];
    struct hostent *h = calloc(1, sizeof *h + (n + 1) * sizeof(char *) + n * len + strlen(name) + 1);
    char *data;

    if (!h) {
        h_errno = NO_RECOVERY;
        return NULL;
    }
    free(last);
    last = h;
    h->h_addr_list = (char **)(h + 1);
    data = (char *)(h->h_addr_list + n + 1);
    for (size_t i = 0; i < n; i++, data += len)
        h->h_addr_list[i] = data;
    h->h_name = strcpy(data, name);
    h->h_aliases = no_alias;
    h->h_addrtype = family;
    h->h_length = (int)len;
    return h;
}

struct hostent *gethostbyname2(const char *name, int family)
{
    struct addrinfo hints = { .ai_flags = AI_CANONNAME, .ai_family = family, .ai_socktype = SOCK_STREAM }, *list, *p;
    size_t n = 0;
    struct hostent *h;
    int r = family == AF_INET || family == AF_INET6 ? getaddrinfo(name, NULL, &hints, &list) : EAI_FAMILY;

    if (r) {
        set_h_errno(r);
        return NULL;
    }
    for (p = list; p; p = p->ai_next)
        n++;
    h = make(list->ai_canonname, family, n, family == AF_INET ? 4 : 16);
    n = 0;
    for (p = list; h && p; p = p->ai_next) {
        if (family == AF_INET)
            memcpy(h->h_addr_list[n++], &((struct sockaddr_in *)(void *)p->ai_addr)->sin_addr, 4);
        else
            memcpy(h->h_addr_list[n++], &((struct sockaddr_in6 *)(void *)p->ai_addr)->sin6_addr, 16);
    }
    freeaddrinfo(list);
    return h;
}

struct hostent *gethostbyname(const char *name)
{
    return gethostbyname2(name, AF_INET);
}

struct hostent *gethostbyaddr(const void *address, socklen_t len, int family)
{
    struct ist_address a = { .family = family == AF_INET ? IST_IPV4 : IST_IPV6 };
    struct sockaddr_in6 sa;
    char name[IST_NAME_MAX];
    struct hostent *h;
    int r = EAI_FAMILY;

    if ((family == AF_INET && len == 4) || (family == AF_INET6 && len == 16)) {
        memcpy(a.ip, address, len);
        len = ist__names_sockaddr(&sa, &a);
        r = getnameinfo((struct sockaddr *)&sa, len, name, sizeof name, NULL, 0, NI_NAMEREQD);
    }
    if (r) {
        set_h_errno(r);
        return NULL;
    }
    h = make(name, family, 1, family == AF_INET ? 4 : 16);
    if (h)
        memcpy(h->h_addr_list[0], a.ip, (size_t)h->h_length);
    return h;
}

const char *hstrerror(int error)
{
    return gai_strerror(error == HOST_NOT_FOUND ? EAI_NONAME : error == TRY_AGAIN ? EAI_AGAIN : error == NO_RECOVERY ? EAI_FAIL
                        : error == NO_DATA ? EAI_NODATA : error == 0 ? 0 : 1);
}
