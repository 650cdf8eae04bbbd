/*
 * getprotobyname.c - getprotobyname() and getprotobynumber() for the protocols that there are
 */
#include <stddef.h>
#include <string.h>
#include <netdb.h>

static char *no_alias[1];
static char ip[] = "ip", icmp[] = "icmp", tcp[] = "tcp", udp[] = "udp", ipv6[] = "ipv6", icmp6[] = "ipv6-icmp";
static struct protoent protocols[] = {
    { ip, no_alias, IPPROTO_IP }, { icmp, no_alias, IPPROTO_ICMP }, { tcp, no_alias, IPPROTO_TCP },
    { udp, no_alias, IPPROTO_UDP }, { ipv6, no_alias, IPPROTO_IPV6 }, { icmp6, no_alias, IPPROTO_ICMPV6 },
};

#define N_PROTOCOLS (sizeof protocols / sizeof *protocols)

struct protoent *getprotobyname(const char *name)
{
    for (size_t i = 0; i < N_PROTOCOLS; i++)
        if (!strcmp(name, protocols[i].p_name))
            return &protocols[i];
    return NULL;
}

struct protoent *getprotobynumber(int number)
{
    for (size_t i = 0; i < N_PROTOCOLS; i++)
        if (number == protocols[i].p_proto)
            return &protocols[i];
    return NULL;
}
