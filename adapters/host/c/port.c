/*
 * port.c - what all ports have in common
 */
#include "port.h"

#include <isthmus/link.h>
#include <string.h>

static uint32_t head_of_kind(uint32_t kind)
{
    switch (kind) {
    case IST_LINK_KIND_ETHERNET: return 18;
    case IST_LINK_KIND_UDP: return sizeof(struct ist_link_peer);
    case IST_LINK_KIND_SERVICE: return 5;
    default: return 0;
    }
}

void isthmus_port_init(struct isthmus_port *port, const struct isthmus_port_class *vtable, uint32_t kind, uint32_t mtu,
                       const char *grant)
{
    memset(port, 0, sizeof *port);
    port->vtable = vtable;
    port->kind = kind;
    port->mtu = mtu;
    port->frame_max = mtu + head_of_kind(kind);
    port->grant = grant;
    port->up = 1;
    port->doorbell = -1;
}

void isthmus_port_release(struct isthmus_port *port)
{
    if (port)
        port->vtable->release(port);
}

void isthmus_port_set_grant(struct isthmus_port *port, const char *grant)
{
    port->grant = grant;
    port->grant_version++;
}
