/*
 * port.c - what lwIP asks of the stack around it, in the simplest way: time that passes with lwIP's ticks, no gateways, no name
 * servers
 */
#include <lwip/dns.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/sys.h>
#include <lwip/timeouts.h>
#include <stdlib.h>
#include <string.h>

#include "core/private.h"
#include "port/hooks.h"

uint32_t ist__lwip_random(void)
{
    return (uint32_t)rand();
}

void ist__random_weak(void *buf, uint32_t len)
{
    memset(buf, 7, len);
}

unsigned test_now_ms;

uint64_t ist_monotonic(void)
{
    return test_now_ms * UINT64_C(1000000);
}

uint32_t sys_now(void)
{
    return test_now_ms;
}

/* The tests call both, the slow one every second time. */
void tcp_fasttmr(void)
{
    test_now_ms += TCP_TMR_INTERVAL;
    ist__tcp_timers_run();
}

void tcp_slowtmr(void)
{
}

void sys_timeouts_init(void)
{
}

void tcp_timer_needed(void)
{
}

void sys_timeout(u32_t ms, sys_timeout_handler handler, void *arg)
{
    (void)ms, (void)handler, (void)arg;
}

void sys_untimeout(sys_timeout_handler handler, void *arg)
{
    (void)handler, (void)arg;
}

/* As lwIP's own, which the tests count with. */
uint32_t ist__tcp_isn(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port)
{
    static uint32_t isn = 6510;

    (void)local, (void)local_port, (void)remote, (void)remote_port;
    return isn += tcp_ticks;
}

/* No budget. */
struct ist__budget ist__budget = { UINT32_MAX, UINT32_MAX };

uint32_t ist__tcp_window(struct tcp_pcb *pcb)
{
    (void)pcb;
    return TCP_WND;
}

bool ist__tcp_refuse(const struct tcp_pcb *pcb, uint32_t len, bool in_order)
{
    (void)pcb, (void)len, (void)in_order;
    return false;
}

uint32_t *ist__tcp_options_out(const struct tcp_pcb *pcb, const struct tcp_hdr *header, uint32_t *end)
{
    (void)pcb, (void)header;
    return end;
}

const ip6_addr_t *ist__gateway6(struct netif *netif)
{
    (void)netif;
    return NULL;
}

struct netif *ist__route6(const ip6_addr_t *dest)
{
    (void)dest;
    return NULL;
}

void dns_setserver(uint8_t i, const ip_addr_t *server)
{
    (void)i, (void)server;
}

const ip_addr_t *dns_getserver(uint8_t i)
{
    (void)i;
    return NULL;
}

void ist__neighbour_silent(struct pbuf *packet, struct netif *netif)
{
    (void)packet, (void)netif;
}
