/*
 * inet_ntop.c - instead of libc's, which brings stdio
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <resolve/ip_text.h>

const char *inet_ntop(int family, const void *restrict address, char *restrict out, socklen_t cap)
{
    char text[IST__IP_TEXT_MAX], *end;
    size_t n;

    if (family == AF_INET) {
        end = ist__ipv4_format(text, address);
    } else if (family == AF_INET6) {
        end = ist__ipv6_format(text, address);
    } else {
        errno = EAFNOSUPPORT;
        return NULL;
    }
    n = (size_t)(end - text);
    if (n >= cap) {
        errno = ENOSPC;
        return NULL;
    }
    memcpy(out, text, n);
    out[n] = 0;
    return out;
}
