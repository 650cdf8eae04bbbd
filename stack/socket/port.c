/*
 * port.c - local ports
 *
 * Ports in use are marked in one pass over lwIP's lists, so that the search costs the same however many are taken.
 */
#include <string.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/udp.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/port.h"

#define PORT_FIRST 32768u
#define PORT_LAST  60999u
#define N_PORTS    (PORT_LAST - PORT_FIRST + 1)

struct ports {
    uint8_t taken[(N_PORTS + 7) / 8];
};

static void mark(struct ports *ports, uint16_t port)
{
    if (port >= PORT_FIRST && port <= PORT_LAST)
        ports->taken[(port - PORT_FIRST) / 8] |= (uint8_t)(1u << (port - PORT_FIRST) % 8);
}

static uint16_t pick(const struct ports *ports)
{
    uint32_t at = (uint32_t)LWIP_RAND() % N_PORTS;

    for (uint32_t i = 0; i < N_PORTS; i++) {
        if (!(ports->taken[at / 8] >> at % 8 & 1))
            return (uint16_t)(PORT_FIRST + at);
        at = at + 1 == N_PORTS ? 0 : at + 1;
    }
    return 0;
}

static void mark_overlapping(struct ports *ports, const struct tcp_pcb *pcb, const ip_addr_t *local)
{
    for (; pcb; pcb = pcb->next) {
        if (ist__address_overlap(&pcb->local_ip, local))
            mark(ports, pcb->local_port);
    }
}

/* The two kinds of pcb share their first fields. */
static const struct tcp_pcb *listeners(void)
{
    return tcp_listen_pcbs.pcbs;
}

uint16_t ist__port_tcp(const ip_addr_t *local)
{
    struct ports ports;

    memset(&ports, 0, sizeof ports);
    mark_overlapping(&ports, listeners(), local);
    mark_overlapping(&ports, tcp_bound_pcbs, local);
    mark_overlapping(&ports, tcp_active_pcbs, local);
    mark_overlapping(&ports, tcp_tw_pcbs, local);
    return pick(&ports);
}

static void mark_connected(struct ports *ports, const struct tcp_pcb *pcb, const ip_addr_t *remote, uint16_t remote_port)
{
    for (; pcb; pcb = pcb->next) {
        if (pcb->remote_port == remote_port && ip_addr_eq(&pcb->remote_ip, remote))
            mark(ports, pcb->local_port);
        /* the other end of a connection to ourselves, which may be the one in TIME-WAIT */
        if (pcb->local_port == remote_port && ip_addr_eq(&pcb->local_ip, remote))
            mark(ports, pcb->remote_port);
    }
}

uint16_t ist__port_tcp_connect(const ip_addr_t *local, const ip_addr_t *remote, uint16_t remote_port)
{
    struct ports ports;

    memset(&ports, 0, sizeof ports);
    mark(&ports, remote_port);
    mark_overlapping(&ports, listeners(), local);
    mark_overlapping(&ports, tcp_bound_pcbs, local);
    mark_connected(&ports, tcp_active_pcbs, remote, remote_port);
    mark_connected(&ports, tcp_tw_pcbs, remote, remote_port);
    return pick(&ports);
}

uint16_t ist__port_udp(const ip_addr_t *local)
{
    struct ports ports;

    memset(&ports, 0, sizeof ports);
    for (const struct udp_pcb *pcb = udp_pcbs; pcb; pcb = pcb->next) {
        if (ist__address_overlap(&pcb->local_ip, local))
            mark(&ports, pcb->local_port);
    }
    return pick(&ports);
}

int32_t ist__port_tcp_listen_check(const ip_addr_t *local, uint16_t port)
{
    for (const struct tcp_pcb *pcb = listeners(); pcb; pcb = pcb->next) {
        if (pcb->local_port == port && ist__address_overlap(&pcb->local_ip, local))
            return IST_EADDRINUSE;
    }
    return 0;
}

static bool in_use(const struct tcp_pcb *pcb, const ip_addr_t *local, uint16_t port, bool reuse)
{
    for (; pcb; pcb = pcb->next) {
        if (pcb->local_port == port && ist__address_overlap(&pcb->local_ip, local) &&
            !(reuse && (pcb->state == TIME_WAIT || ip_get_option(pcb, SOF_REUSEADDR))))
            return true;
    }
    return false;
}

int32_t ist__port_tcp_check(const ip_addr_t *local, uint16_t port, bool reuse)
{
    int32_t r = ist__port_tcp_listen_check(local, port);

    if (r)
        return r;
    return in_use(tcp_bound_pcbs, local, port, reuse) || in_use(tcp_active_pcbs, local, port, reuse) ||
           in_use(tcp_tw_pcbs, local, port, reuse) ? IST_EADDRINUSE : 0;
}
