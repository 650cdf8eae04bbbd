/*
 * socket.h - TCP, UDP and ICMP echo
 */
#ifndef ISTHMUS_SOCKET_H
#define ISTHMUS_SOCKET_H

#include <isthmus/stream.h>

#define IST_IPV4 4u
#define IST_IPV6 6u

struct ist_address {
    uint8_t  family;     /* IST_IPV4, IST_IPV6; 0 = none */
    uint8_t  zero;
    uint16_t port;       /* host order */
    uint32_t scope;      /* link index + 1 for link-local IPv6, else 0 */
    uint8_t  ip[16];     /* network order; IPv4 in ip[0..3] */
};

ist_handle ist_tcp_open(uint32_t family);    /* IST_IPV6: also speaks IPv4 (v4-mapped) until IST_OPTION_V6ONLY is set */
ist_handle ist_udp_open(uint32_t family);
ist_handle ist_icmp_open(uint32_t family);   /* echo requests and replies: the ICMP message without its IP header */

int32_t ist_socket_bind(ist_handle socket, const struct ist_address *local);
/*
 * TCP: starts the connection, 0; WRITABLE without FAILED when it stands. While the addresses of the instance are still being
 * configured the attempt waits for them. UDP, ICMP: sets the default peer; family 0 dissolves.
 */
int32_t ist_socket_connect(ist_handle socket, const struct ist_address *peer);
int32_t ist_socket_listen(ist_handle tcp, uint32_t backlog);
ist_handle ist_socket_accept(ist_handle tcp, struct ist_address *peer);    /* peer may be NULL */
int32_t ist_socket_local(ist_handle socket, struct ist_address *out);
int32_t ist_socket_peer(ist_handle socket, struct ist_address *out);

struct ist_datagram {
    struct ist_address from, to;
    uint32_t link;       /* index + 1 of the link it came in by */
    uint32_t ttl;        /* or hop limit */
};

/* to may be NULL on a connected handle. len bytes or an error; IST_EAGAIN when the link takes no more now. */
int32_t ist_datagram_send(ist_handle socket, const void *buf, uint32_t len, const struct ist_address *to);
/* The datagram's length, which may be over cap (the rest is lost). flags: IST_PEEK. */
#define IST_PEEK 1u
int32_t ist_datagram_recv(ist_handle socket, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info);

enum ist_option {        /* value: int32_t; times in the unit of the name */
    IST_OPTION_REUSE_ADDRESS = 1,
    IST_OPTION_NO_DELAY,             /* RFC 896 off */
    IST_OPTION_KEEPALIVE,            /* 0, 1 */
    IST_OPTION_KEEPALIVE_IDLE_S,
    IST_OPTION_KEEPALIVE_INTERVAL_S,
    IST_OPTION_KEEPALIVE_COUNT,
    IST_OPTION_V6ONLY,
    IST_OPTION_BROADCAST,
    IST_OPTION_TTL,
    IST_OPTION_TOS,
    IST_OPTION_SEND_BUFFER,          /* bytes */
    IST_OPTION_RECEIVE_BUFFER,
    IST_OPTION_LINGER_S,             /* -1 off; 0: close resets */
    IST_OPTION_MSS,                  /* read only */
    IST_OPTION_LISTENING             /* read only */
};
int32_t ist_option_set(ist_handle socket, uint32_t option, int32_t value);
int32_t ist_option_get(ist_handle socket, uint32_t option, int32_t *value);

#endif
