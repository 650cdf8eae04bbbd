/*
 * address.h - addresses and routes as the sockets need them (private)
 */
#ifndef IST_ADDRESS_H
#define IST_ADDRESS_H

#include <stdbool.h>
#include <lwip/ip_addr.h>
#include <lwip/netif.h>
#include <isthmus/socket.h>

/*
 * An address from the caller for a socket of @family. v4-mapped becomes IPv4 unless @v6only; scope becomes lwIP's zone.
 * IST_EAFNOSUPPORT: the other family. IST_EADDRNOTAVAIL: the scope names no link.
 */
int32_t ist__address_in(const struct ist_address *a, uint32_t family, bool v6only, ip_addr_t *out);

/* The reverse: on a socket of family IST_IPV6 an IPv4 address is reported v4-mapped. */
void ist__address_out(const ip_addr_t *ip, uint16_t port, uint32_t family, struct ist_address *out);

/* What to bind to when nothing has been bound: all addresses the socket may use. */
const ip_addr_t *ist__address_any(uint32_t family, bool v6only);

/* 0, or IST_EADDRNOTAVAIL when @ip is none of this instance's (multicast groups pass where @multicast). */
int32_t ist__address_is_local(const ip_addr_t *ip, bool multicast);

/* Whether sockets bound to @a and @b could both be meant by one packet. */
bool ist__address_overlap(const ip_addr_t *a, const ip_addr_t *b);

/*
 * ist__route() - where a packet from @local (may be any) to @remote leaves
 * @source:   out; the address it comes from; valid until addresses change
 *
 * An IPv6 source of link-local scope is no source for a destination off the link.
 * Returns: the netif, or NULL: there is no way, or no address to speak from
 */
struct netif *ist__route(const ip_addr_t *local, const ip_addr_t *remote, const ip_addr_t **source);

/* What a call reports when ist__route() finds nothing: IST_EAGAIN while an address of that family may still come, else IST_ENETUNREACH. */
int32_t ist__no_route(const ip_addr_t *remote);

#endif
