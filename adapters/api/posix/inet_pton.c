/*
 * inet_pton.c - strict text to address: four decimal bytes, or RFC 4291 2.2
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include <resolve/ip_text.h>

int inet_pton(int family, const char *restrict text, void *restrict address)
{
    uint8_t ip[16];
    uint32_t n;

    if (family != AF_INET && family != AF_INET6) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    n = family == AF_INET ? ist__ipv4_parse(text, ip) : ist__ipv6_parse(text, ip);
    if (n == 0 || text[n])
        return 0;
    memcpy(address, ip, family == AF_INET ? 4 : 16);
    return 1;
}
