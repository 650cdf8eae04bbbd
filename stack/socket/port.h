/*
 * port.h - local ports (private)
 *
 * RFC 6056: an ephemeral port is drawn at random from 32768..60999 (the range of Linux), then the next free one.
 */
#ifndef IST_PORT_H
#define IST_PORT_H

#include <stdbool.h>
#include <lwip/ip_addr.h>
#include <isthmus/socket.h>

/* A free port to bind to on @local, or 0. */
uint16_t ist__port_tcp(const ip_addr_t *local);
/* A port such that no connection from @local to @remote has it, nobody has bound it, and it is not @remote_port; or 0. */
uint16_t ist__port_tcp_connect(const ip_addr_t *local, const ip_addr_t *remote, uint16_t remote_port);
uint16_t ist__port_udp(const ip_addr_t *local);

/*
 * Whether a TCP socket may bind to @local and @port. With @reuse it may where the others that overlap have it too and do not
 * listen, and where only TIME-WAIT is left. 0 or IST_EADDRINUSE.
 */
int32_t ist__port_tcp_check(const ip_addr_t *local, uint16_t port, bool reuse);
/* Whether nobody listens on an address that overlaps. 0 or IST_EADDRINUSE. */
int32_t ist__port_tcp_listen_check(const ip_addr_t *local, uint16_t port);

#endif
