/*
 * tcp.h - the interface that tcp.c and tcp_option.c serve together
 */
#ifndef ISTHMUS_COMPONENT_TCP_H
#define ISTHMUS_COMPONENT_TCP_H

#include "component.h"

#define TCP "wasi:sockets/tcp@0.2"
#define METHOD(name) EXPORT(TCP, name)

#endif
