/*
 * wamr_names.c - sock_addr_resolve of WAMR
 */
#include <netdb.h>
#include <string.h>
#include "wamr.h"

#define TEXT_MAX 1025u

struct wamr_hints { int32_t type; uint32_t family; uint8_t given; };
struct wamr_info { struct wamr_address address; int32_t type; };

/* Text up to its NUL; NULL or empty: *out is NULL. */
static int text_read(char room[TEXT_MAX], uint32_t at, const char **out)
{
    *out = NULL;
    if (!at)
        return 0;
    for (uint32_t i = 0; i < TEXT_MAX; i++) {
        if (client_read(&room[i], at + i, 1))
            return EFAULT;
        if (!room[i]) {
            *out = *room ? room : NULL;
            return 0;
        }
    }
    return ENAMETOOLONG;
}

/* *count: in all, which may be more than fit. */
EXPORT(wamr_addr_resolve)(uint32_t host, uint32_t service, uint32_t hints, uint32_t out, uint32_t cap, uint32_t count)
{
    static char host_room[TEXT_MAX], service_room[TEXT_MAX];
    const char *host_text, *service_text;
    struct wamr_hints h;
    struct addrinfo want = { .ai_family = AF_UNSPEC }, *found;
    uint32_t n = 0;
    int e = text_read(host_room, host, &host_text);

    if (!e)
        e = text_read(service_room, service, &service_text);
    if (!e)
        e = client_read(&h, hints, sizeof h);
    if (e)
        return e;
    if (h.given) {
        want.ai_family = h.family == 0 ? AF_INET : h.family == 1 ? AF_INET6 : AF_UNSPEC;
        want.ai_socktype = h.type == 0 ? SOCK_DGRAM : h.type == 1 ? SOCK_STREAM : 0;
    }
    e = getaddrinfo(host_text, service_text, &want, &found);
    if (e)
        return e == EAI_MEMORY ? ENOMEM : e == EAI_AGAIN ? EAGAIN : e == EAI_NONAME ? ENOENT : EINVAL;
    for (struct addrinfo *i = found; i && !e; i = i->ai_next, n++) {
        struct wamr_info info = { .type = i->ai_socktype == SOCK_DGRAM ? 0 : 1 };
        wamr_address_make(&info.address, i->ai_addr);
        if (n < cap)
            e = client_write(out + n * (uint32_t)sizeof info, &info, sizeof info);
    }
    freeaddrinfo(found);
    return e ? e : client_write_u32(count, n);
}
