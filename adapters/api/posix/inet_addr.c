/*
 * inet_addr.c - the old conversions of IPv4 addresses that wasi-libc lacks
 */
#include <arpa/inet.h>

#include <resolve/ip_text.h>

in_addr_t inet_addr(const char *text)
{
    struct in_addr a;

    return inet_aton(text, &a) ? a.s_addr : INADDR_NONE;
}

char *inet_ntoa(struct in_addr address)
{
    static char text[INET_ADDRSTRLEN];

    *ist__ipv4_format(text, (const uint8_t *)&address) = 0;
    return text;
}
