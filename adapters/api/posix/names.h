/*
 * names.h - what the name calls of the POSIX face share (private)
 */
#ifndef IST_POSIX_NAMES_H
#define IST_POSIX_NAMES_H

#include <netdb.h>
#include <isthmus/resolve.h>

struct ist__service {
    const char *name, *alias;    /* alias may be NULL */
    uint16_t port;
    uint8_t tcp, udp;
};

/* By name, or by port where name is NULL; protocol "tcp", "udp", or NULL for either. NULL: not in the table. */
const struct ist__service *ist__service_find(const char *name, uint16_t port, const char *protocol);

/*
 * ist__names_lookup() - the addresses of a name, waiting for them
 * @family:   AF_UNSPEC, AF_INET, AF_INET6
 * @out:      out; malloc, the caller's on success
 * @canonical: out; IST_NAME_MAX bytes
 * Returns: their count, or an EAI_ code; EAI_SYSTEM with errno
 */
int ist__names_lookup(const char *name, int family, struct ist_address **out, char *canonical);

/* The name of an address, waiting for it: 0, or an EAI_ code. @name has IST_NAME_MAX bytes. */
int ist__names_reverse(const struct ist_address *address, char *name);

/*
 * ist__names_node() - the addresses of getaddrinfo()'s node, which may be NULL
 * @flags:    AI_PASSIVE, AI_NUMERICHOST, AI_V4MAPPED, AI_ALL, AI_ADDRCONFIG
 * The rest as ist__names_lookup(); @canonical begins empty and stays so without a node.
 */
int ist__names_node(const char *node, int family, int flags, struct ist_address **out, char *canonical);

/* A decimal number, 65536 for more; -1: not one. */
long ist__names_number(const char *text);

/* Writes a struct sockaddr_in or sockaddr_in6; its length. */
socklen_t ist__names_sockaddr(void *out, const struct ist_address *in);

#endif
