/*
 * instance.c - wasi:sockets/network and instance-network
 */
#include "component.h"

#define NETWORK "wasi:sockets/network@0.2"

struct network { int unused; };
RESOURCE(NETWORK, "network", network, network_new)

static struct network the_network;     /* there is one, and it is never given back */

EXPORT("wasi:sockets/instance-network@0.2", "instance-network") int32_t instance_network(void)
{
    return network_new(&the_network);
}

EXPORT(NETWORK, "network_dtor") void network_dtor(struct network *self)
{
    (void)self;
}
