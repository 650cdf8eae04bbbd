/*
 * udp.h - the interface that udp.c and udp_stream.c serve together
 */
#ifndef ISTHMUS_COMPONENT_UDP_H
#define ISTHMUS_COMPONENT_UDP_H

#include "component.h"

#define UDP "wasi:sockets/udp@0.2"
#define METHOD(name) EXPORT(UDP, name)

/* One direction of a socket, until its next `stream`. */
struct datagrams {
    struct socket *socket;
    uint32_t generation;
    uint64_t permit;          /* outgoing: datagrams that send may have */
};
int32_t incoming_make(struct socket *s);
int32_t outgoing_make(struct socket *s);

#endif
