/*
 * inet_network.c - addresses taken apart by the classes of long ago (RFC 791 2.3)
 */
#include <arpa/inet.h>
#include <stdlib.h>

#define HOST_BITS(a) ((a) >> 31 == 0 ? 24 : (a) >> 30 == 2 ? 16 : 8)

/* Up to four parts, decimal, octal or hexadecimal, each a byte, right-aligned; host order. */
in_addr_t inet_network(const char *text)
{
    in_addr_t value = 0;

    for (int i = 0; i < 4; i++) {
        char *end;
        unsigned long part;
        if (*text < '0' || *text > '9')
            break;
        part = strtoul(text, &end, 0);
        if (part > 255)
            break;
        value = value << 8 | (in_addr_t)part;
        if (*end == 0)
            return value;
        if (*end != '.')
            break;
        text = end + 1;
    }
    return INADDR_NONE;
}

struct in_addr inet_makeaddr(in_addr_t network, in_addr_t host)
{
    /* a network number as inet_network() gives it, without the bytes of the host */
    int bits = network < 128 ? 24 : network < 65536 ? 16 : network < 1 << 24 ? 8 : 0;
    in_addr_t mask = bits ? ((in_addr_t)1 << bits) - 1 : UINT32_MAX;

    return (struct in_addr){ htonl(network << bits | (host & mask)) };
}

in_addr_t inet_lnaof(struct in_addr address)
{
    in_addr_t a = ntohl(address.s_addr);

    return a & (((in_addr_t)1 << HOST_BITS(a)) - 1);
}

in_addr_t inet_netof(struct in_addr address)
{
    in_addr_t a = ntohl(address.s_addr);

    return a >> HOST_BITS(a);
}
