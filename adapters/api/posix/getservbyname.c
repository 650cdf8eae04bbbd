/*
 * getservbyname.c - getservbyname() and getservbyport() over the table in services.c
 */
#include <string.h>
#include "names.h"

static struct servent *give(const struct ist__service *s, const char *protocol)
{
    static struct servent entry;
    static char *aliases[2], tcp[] = "tcp", udp[] = "udp";

    if (!s)
        return NULL;
    /* the old type has no const; nobody may write there */
    aliases[0] = (char *)(uintptr_t)s->alias;
    entry.s_name = (char *)(uintptr_t)s->name;
    entry.s_aliases = aliases;
    entry.s_port = htons(s->port);
    entry.s_proto = protocol ? (strcmp(protocol, "udp") ? tcp : udp) : s->tcp ? tcp : udp;
    return &entry;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
    return give(ist__service_find(name, 0, protocol), protocol);
}

struct servent *getservbyport(int port, const char *protocol)
{
    return give(ist__service_find(NULL, ntohs((uint16_t)port), protocol), protocol);
}
