/*
 * hooks.h - what lwIP calls in the stack; tests/lwip/port.c has the simplest of each
 */
#ifndef IST_HOOKS_H
#define IST_HOOKS_H

#include <lwip/ip_addr.h>
#include <lwip/netif.h>
#include <lwip/stats.h>
#include <stdbool.h>

/* RFC 6528: core/isn.c */
uint32_t ist__tcp_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port);
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) ist__tcp_isn(local, local_port, remote, remote_port)

/* Memory for what TCP connections send and receive: socket/budget.c; patches/lwip-tcp-window.patch */
struct tcp_pcb;
extern struct ist__budget { uint32_t all, tight; } ist__budget;
uint32_t ist__tcp_window(struct tcp_pcb *pcb);
bool ist__tcp_refuse(const struct tcp_pcb *pcb, uint32_t len, bool in_order);
#define LWIP_HOOK_TCP_WND(pcb) ist__tcp_window(pcb)
#define LWIP_HOOK_TCP_REFUSE(pcb, len, in_order) (lwip_stats.mem.used > ist__budget.tight && ist__tcp_refuse(pcb, len, in_order))
#define LWIP_HOOK_TCP_REFUSE_SYN() (lwip_stats.mem.used >= ist__budget.all)

/* IST_OPTION_MSS: socket/tcp_option.c */
struct tcp_pcb;
struct tcp_hdr;
uint32_t *ist__tcp_options_out(const struct tcp_pcb *pcb, const struct tcp_hdr *header, uint32_t *end);
#define LWIP_HOOK_TCP_OUT_ADD_TCPOPTS(p, header, pcb, end) \
    ((header)->_hdrlen_rsvd_flags & PP_HTONS(TCP_SYN) ? ist__tcp_options_out(pcb, header, end) : (end))

/* Gateways and routes of the grant: link/route.c */
const ip6_addr_t *ist__gateway6(struct netif *netif);
#define LWIP_HOOK_ND6_GET_GW(netif, dest) ist__gateway6(netif)
struct netif *ist__route6(const ip6_addr_t *dest);
#define LWIP_HOOK_IP6_ROUTE(src, dest) ist__route6(dest)

/* Name servers of DHCP and of router advertisements: core/names.c */
void dns_setserver(uint8_t i, const ip_addr_t *server);
const ip_addr_t *dns_getserver(uint8_t i);

/* Of a neighbour that does not answer: socket/unreachable.c */
void ist__neighbour_silent(struct pbuf *packet, struct netif *netif);
#define LWIP_HOOK_NEIGHBOUR_SILENT(packet, netif) ist__neighbour_silent(packet, netif)

/* Added to lwIP by patches/lwip-nd6-quick-start.patch */
void nd6_probe_duplicate(struct netif *netif, int8_t address);
void nd6_solicit_router(struct netif *netif);

#endif
