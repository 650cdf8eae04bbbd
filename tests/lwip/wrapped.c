/*
 * wrapped.c - where lwIP's tests themselves do what does not hold here; linked with --wrap
 *
 * The segments they make carry data or a FIN without an ACK. RFC 9293 3.10.7.4 has such segments dropped, and so do we
 * (patches/lwip-tcp-acceptance.patch): they get one, or the tests would say nothing about what comes behind. And they register a pcb before
 * they give it its addresses, by which it is found (patches/lwip-tcp-hash.patch). They count frames, and do not expect the ARP with which an
 * address is announced where nobody probes for it (LWIP_ACD 0). They know no ERR_TIMEOUT (core/tcp_timer.c).
 */
#include <lwip/dhcp.h>
#include <lwip/prot/tcp.h>

#include "tcp/tcp_helper.h"

struct pbuf *__real_tcp_create_rx_segment(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags);
struct pbuf *__wrap_tcp_create_rx_segment(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags);
struct pbuf *__real_tcp_create_rx_segment_wnd(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags, u16_t wnd);
struct pbuf *__wrap_tcp_create_rx_segment_wnd(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags, u16_t wnd);
void __real_tcp_set_state(struct tcp_pcb *pcb, enum tcp_state state, const ip_addr_t *local, const ip_addr_t *remote, u16_t local_port, u16_t remote_port);
void __wrap_tcp_set_state(struct tcp_pcb *pcb, enum tcp_state state, const ip_addr_t *local, const ip_addr_t *remote, u16_t local_port, u16_t remote_port);

void __real_tcp_err(struct tcp_pcb *pcb, tcp_err_fn fn);
void __wrap_tcp_err(struct tcp_pcb *pcb, tcp_err_fn fn);
err_t __real_etharp_request(struct netif *netif, const ip4_addr_t *address);
err_t __wrap_etharp_request(struct netif *netif, const ip4_addr_t *address);

static u8_t with_ack(u8_t flags)
{
    return flags & (TCP_SYN | TCP_RST) ? flags : flags | TCP_ACK;
}

struct pbuf *__wrap_tcp_create_rx_segment(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags)
{
    return __real_tcp_create_rx_segment(pcb, data, len, seq, ack, with_ack(flags));
}

struct pbuf *__wrap_tcp_create_rx_segment_wnd(struct tcp_pcb *pcb, void *data, size_t len, u32_t seq, u32_t ack, u8_t flags, u16_t wnd)
{
    return __real_tcp_create_rx_segment_wnd(pcb, data, len, seq, ack, with_ack(flags), wnd);
}

void __wrap_tcp_set_state(struct tcp_pcb *pcb, enum tcp_state state, const ip_addr_t *local, const ip_addr_t *remote, u16_t local_port,
                          u16_t remote_port)
{
    ip_addr_copy(pcb->local_ip, *local);
    pcb->local_port = local_port;
    if (state != LISTEN) {                  /* a listening one has no room for them */
        ip_addr_copy(pcb->remote_ip, *remote);
        pcb->remote_port = remote_port;
    }
    __real_tcp_set_state(pcb, state, local, remote, local_port, remote_port);
    if (state == ESTABLISHED)
        pcb->recover = pcb->lastack - 1;    /* as a handshake would leave it (patches/lwip-tcp-newreno.patch) */
}

static tcp_err_fn their_fn;

static void err_told(void *arg, err_t err)
{
    their_fn(arg, err == ERR_TIMEOUT ? ERR_ABRT : err);
}

void __wrap_tcp_err(struct tcp_pcb *pcb, tcp_err_fn fn)
{
    their_fn = fn;
    __real_tcp_err(pcb, fn ? err_told : NULL);
}

err_t __wrap_etharp_request(struct netif *netif, const ip4_addr_t *address)
{
    return netif_dhcp_data(netif) ? __real_etharp_request(netif, address) : ERR_OK;
}
