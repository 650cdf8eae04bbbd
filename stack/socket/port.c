/*
 * port.c - local ports
 *
 * A port is drawn at random (RFC 6056 3.3.1); where it is taken, others are tried in steps that are drawn as well. Who has a port of
 * TCP is looked up in the table of core/demux.c; one of UDP in the chains of patches/lwip-udp-port-chains.patch.
 */
#include <lwip/priv/tcp_priv.h>
#include <lwip/udp.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/port.h"

#define PORT_FIRST 32768u
#define PORT_LAST  60999u
#define N_PORTS    (PORT_LAST - PORT_FIRST + 1)

/*
 * The first free port from a random one on, in random steps: of ports side by side runs would grow, and the more are taken the more
 * would be looked at. 0: none is free. The step is odd and less than 3,529, so it has no divisor in common with N_PORTS.
 */
static uint16_t pick(bool (*taken)(const void *who, uint16_t port), const void *who)
{
    uint32_t drawn = (uint32_t)LWIP_RAND(), at = drawn % N_PORTS, step = drawn / N_PORTS % 1764 * 2 + 1;

    for (uint32_t i = 0; i < N_PORTS; i++, at = (at + step) % N_PORTS) {
        uint16_t port = (uint16_t)(PORT_FIRST + at);
        if (!taken(who, port))
            return port;
    }
    return 0;
}

_Static_assert(N_PORTS == 2 * 2 * 2 * 3529, "a prime beside the twos");

static bool tcp_taken(const void *who, uint16_t port)
{
    const ip_addr_t *local = who;

    for (const struct tcp_pcb *pcb = ist__tcp_on_port(port, NULL); pcb; pcb = ist__tcp_on_port(port, pcb))
        if (ist__address_overlap(&pcb->local_ip, local))
            return true;
    return false;
}

uint16_t ist__port_tcp(const ip_addr_t *local)
{
    return pick(tcp_taken, local);
}

struct ends {
    const ip_addr_t *local, *remote;
    uint16_t remote_port;
};

/* By somebody bound or listening, by a connection between these ends, or by the other end of one to ourselves. */
static bool tcp_pair_taken(const void *who, uint16_t port)
{
    const struct ends *e = who;
    const struct tcp_pcb *pcb = ist__tcp_on_port(port, NULL);

    for (; pcb && pcb->state <= LISTEN; pcb = ist__tcp_on_port(port, pcb))
        if (ist__address_overlap(&pcb->local_ip, e->local))
            return true;
    return port == e->remote_port || ist__tcp_find(e->local, port, e->remote, e->remote_port) ||
           ist__tcp_find(e->remote, e->remote_port, e->local, port);
}

uint16_t ist__port_tcp_connect(const ip_addr_t *local, const ip_addr_t *remote, uint16_t remote_port)
{
    struct ends ends = { local, remote, remote_port };

    return pick(tcp_pair_taken, &ends);
}

int32_t ist__port_tcp_listen_check(const ip_addr_t *local, uint16_t port)
{
    const struct tcp_pcb_listen *l = ist__tcp_listening(port, NULL);

    for (; l; l = ist__tcp_listening(port, l))
        if (ist__address_overlap(&l->local_ip, local))
            return IST_EADDRINUSE;
    return 0;
}

int32_t ist__port_tcp_check(const ip_addr_t *local, uint16_t port, bool reuse)
{
    const struct tcp_pcb *pcb = ist__tcp_on_port(port, NULL);

    for (; pcb; pcb = ist__tcp_on_port(port, pcb)) {
        bool shared = reuse && pcb->state != LISTEN && (pcb->state == TIME_WAIT || ip_get_option(pcb, SOF_REUSEADDR));
        if (!shared && ist__address_overlap(&pcb->local_ip, local))
            return IST_EADDRINUSE;
    }
    return 0;
}

static bool udp_taken(const void *who, uint16_t port)
{
    const ip_addr_t *local = who;

    for (const struct udp_pcb *pcb = udp_on_port(port, NULL); pcb; pcb = udp_on_port(port, pcb))
        if (ist__address_overlap(&pcb->local_ip, local))
            return true;
    return false;
}

uint16_t ist__port_udp(const ip_addr_t *local)
{
    return pick(udp_taken, local);
}
