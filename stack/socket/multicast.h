/*
 * multicast.h - the groups of a UDP handle, and where multicast leaves (private)
 */
#ifndef IST_MULTICAST_H
#define IST_MULTICAST_H

#include <lwip/ip_addr.h>
#include <lwip/netif.h>

#define IST__GROUPS_MAX 64u    /* of one handle */

struct ist__group;

/* The errors of ist_multicast_join() and ist_multicast_leave(). @interface: lwIP's index of a netif, 0 = any. */
int32_t ist__group_join(struct ist__group **list, const ip_addr_t *ip, uint32_t interface);
int32_t ist__group_leave(struct ist__group **list, const ip_addr_t *ip, uint32_t interface);
void ist__groups_leave(struct ist__group **list);
/* @netif has been made anew and has forgotten its groups. */
void ist__groups_rejoin(const struct ist__group *list, struct netif *netif);

/* The same for all handles. For the core, when a restored or forked instance makes its links anew. */
void ist__multicast_rejoin(struct netif *netif);

/*
 * As ist__route(), to a group: the zone of @to decides, then @interface, then the link whose address @local is, then the routes,
 * then the first link that has an address of the family. Gives @to the zone.
 */
struct netif *ist__multicast_route(const ip_addr_t *local, ip_addr_t *to, uint32_t interface, const ip_addr_t **source);

#endif
