/*
 * socket.h - TCP, UDP and ICMP echo
 *
 * Limits: windows and send buffers grow from 64 KiB to at most 4 MiB a connection, all within ist_config.memory_budget; a backlog of at most 65,535; ports that are chosen lie in
 * 32768..60999 (RFC 6056), so that at most 28,232 connections go to one peer and port at a time. No urgent data.
 * A socket of IST_IPV6 also speaks IPv4, with v4-mapped addresses (::ffff:a.b.c.d) in both directions, until IST_OPTION_V6ONLY is set.
 */
#ifndef ISTHMUS_SOCKET_H
#define ISTHMUS_SOCKET_H

#include <isthmus/stream.h>

#ifdef __cplusplus
extern "C" {
#endif

#define IST_IPV4 4u
#define IST_IPV6 6u

struct ist_address {
    uint8_t  family;     /* IST_IPV4, IST_IPV6; 0 = none */
    uint8_t  zero;
    uint16_t port;       /* host order */
    uint32_t scope;      /* link index + 1 for link-local IPv6, else 0 */
    uint8_t  ip[16];     /* network order; IPv4 in ip[0..3] */
};

/**
 * ist_tcp_open() - a TCP socket
 * @family:   IST_IPV4 or IST_IPV6
 *
 * Becomes a connection by ist_socket_connect() or a listener by ist_socket_listen().
 *
 * Returns: a handle > 0
 * Errors:  IST_EAFNOSUPPORT, IST_ENOMEM, IST_EMFILE
 *          IST_ESTATE   the stack has not been started
 * Waits:   never
 * Owner:   caller; ist_close()
 * Source:  RFC 9293
 */
ist_handle ist_tcp_open(uint32_t family);

/**
 * ist_udp_open() - a UDP socket
 * @family:   IST_IPV4 or IST_IPV6
 *
 * Returns: a handle > 0
 * Errors:  as ist_tcp_open()
 * Waits:   never
 * Owner:   caller; ist_close()
 * Source:  RFC 768
 */
ist_handle ist_udp_open(uint32_t family);

/**
 * ist_icmp_open() - a socket for echo requests and replies: ping
 * @family:   IST_IPV4 or IST_IPV6, and no other
 *
 * Messages begin with the ICMP header and have no IP header. The stack writes the checksum, and the id, which is this handle's
 * own: bind chooses it, as the port; else the first send does.
 *
 * Returns: a handle > 0
 * Errors:  as ist_tcp_open()
 * Waits:   never
 * Owner:   caller; ist_close()
 * Source:  RFC 792, RFC 4443 4
 */
ist_handle ist_icmp_open(uint32_t family);

/**
 * ist_socket_bind() - choose the local address
 * @socket:   TCP, UDP or ICMP handle that is not bound
 * @local:    in; an address of this instance, or all zero for every one; UDP: also a multicast group. Port 0: the stack chooses
 *
 * With IST_OPTION_REUSE_ADDRESS TCP may bind to a port where only TIME-WAIT and sockets with that option are left; two
 * listeners never share one. UDP sockets share a port when all have the option.
 *
 * Returns: 0
 * Errors:  IST_EADDRINUSE     the port is taken
 *          IST_EADDRNOTAVAIL  not an address of this instance, or no port is free
 *          IST_EAFNOSUPPORT   another family
 *          IST_EINVAL         bound or connected already
 *          IST_ENOMEM, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @local
 * Source:  POSIX.1-2017, bind; RFC 6056
 */
int32_t ist_socket_bind(ist_handle socket, const struct ist_address *local);

/**
 * ist_socket_connect() - start a TCP connection, or set the default peer
 * @socket:   TCP, UDP or ICMP handle
 * @peer:     in; all zero but the port means this instance
 *
 * TCP: the attempt goes on in the background; WRITABLE without FAILED when it stands. It waits while the addresses of the
 * instance are still being configured. A router that says "unreachable" ends it. After it has failed the handle may try again.
 * Two sides that connect to each other at once get one connection (simultaneous open), from bound ports; so does one with itself.
 * Family 0 dissolves: a connection is reset (IST_ECONNRESET here too), an attempt given up, a listener closed, and the handle is as after bind.
 * UDP, ICMP: the default peer, and the only one that is heard (UDP); family 0 dissolves. Errors that ICMP reports about it are
 * reported by the next send or recv.
 *
 * Returns: 0
 * Errors:  IST_ENETUNREACH    no link leads there, or there is no address to speak from
 *          IST_EADDRNOTAVAIL  TCP: port 0, or no local port is free for this peer
 *          IST_EAFNOSUPPORT   another family
 *          IST_EALREADY       TCP: an attempt is under way
 *          IST_EISCONN        TCP: connected
 *          IST_ESTATE         TCP: a listener
 *          IST_EACCES         UDP: a broadcast address, without the option
 *          IST_EINVAL         UDP: port 0
 *          IST_ENOMEM, IST_EBADF
 *          later, by ist_failure(): IST_ECONNREFUSED, IST_ETIMEDOUT (seven SYNs without an answer, about a minute), IST_ECONNRESET,
 *          IST_EHOSTUNREACH, IST_ENETUNREACH
 * Waits:   never
 * Owner:   caller keeps @peer
 * Source:  RFC 9293 3.10.1; RFC 5461
 */
int32_t ist_socket_connect(ist_handle socket, const struct ist_address *peer);

/**
 * ist_socket_listen() - make a TCP socket a listener
 * @tcp:      handle that is not connected; if it is not bound the stack chooses a port. On a listener: sets @backlog anew
 * @backlog:  connections that may wait for accept, half-open ones included; 0 counts as 1, over 65,535 as that
 *
 * Beyond the backlog SYNs are dropped; the peer tries again.
 *
 * Returns: 0
 * Errors:  IST_EADDRINUSE  somebody else listens there
 *          IST_ESTATE      connected or connecting
 *          IST_ENOMEM, IST_EADDRNOTAVAIL, IST_EBADF
 * Waits:   never
 * Owner:   caller
 * Source:  RFC 9293 3.10.1
 */
int32_t ist_socket_listen(ist_handle tcp, uint32_t backlog);

/**
 * ist_socket_accept() - take a connection from a listener
 * @tcp:      listener
 * @peer:     out; who connected; NULL: not wanted
 *
 * A connection that has been reset meanwhile is not given out. Options are those of the listener.
 *
 * Returns: a handle > 0
 * Errors:  IST_EAGAIN   none waits; wait for IST_READABLE
 *          IST_EMFILE, IST_ENOMEM; the connection goes on waiting
 *          IST_ENOLINK  the host has closed every link
 *          IST_ESTATE   not a listener
 *          IST_EBADF    not a live TCP handle
 * Waits:   never
 * Owner:   the new handle is the caller's
 * Source:  POSIX.1-2017, accept
 */
ist_handle ist_socket_accept(ist_handle tcp, struct ist_address *peer);

/**
 * ist_socket_local() - the local address
 * @socket:   TCP, UDP or ICMP handle
 * @out:      out; zero as far as nothing is bound. Connected UDP: the address it sends from. ICMP: the port is the id
 *
 * Returns: 0
 * Errors:  IST_EINVAL, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  POSIX.1-2017, getsockname
 */
int32_t ist_socket_local(ist_handle socket, struct ist_address *out);

/**
 * ist_socket_peer() - the address of the peer
 * @socket:   TCP, UDP or ICMP handle
 * @out:      out
 *
 * Returns: 0
 * Errors:  IST_ENOTCONN  not connected, or no longer
 *          IST_EINVAL, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  POSIX.1-2017, getpeername
 */
int32_t ist_socket_peer(ist_handle socket, struct ist_address *out);

struct ist_datagram {
    struct ist_address from, to;
    uint32_t link;       /* index + 1 of the link it came in by; 0: from this instance itself */
    uint32_t ttl;        /* or hop limit */
    uint32_t tos;        /* or traffic class */
};

/**
 * ist_datagram_send() - send one datagram
 * @socket:   UDP or ICMP handle; bound to a port of the stack's choice if it is not bound
 * @buf:      in; uint8_t[@len]; ICMP: an echo request from its type on
 * @len:      bytes; UDP: 0..65,507, over IPv6 0..65,487; ICMP: 8..65,515, over IPv6 8..65,495
 * @to:       in; NULL on a connected handle: its peer. All zero but the port means this instance
 *
 * Returns: @len
 * Errors:  IST_EAGAIN        the link takes no more now, or the instance has no address yet; wait for IST_WRITABLE
 *          IST_EMSGSIZE      too long
 *          IST_ENOTCONN      no address, and not connected
 *          IST_ENETUNREACH   no link leads there
 *          IST_EACCES        a broadcast address, and IST_OPTION_BROADCAST is not set
 *          IST_EINVAL        port 0; ICMP: too short, or not an echo request
 *          IST_EAFNOSUPPORT, IST_EADDRNOTAVAIL, IST_ENOMEM, IST_EBADF
 *          others            what ICMP reported about an earlier datagram, once; nothing was sent
 * Waits:   never
 * Owner:   caller keeps @buf and @to
 * Source:  RFC 768; RFC 1122 4.1.3
 */
int32_t ist_datagram_send(ist_handle socket, const void *buf, uint32_t len, const struct ist_address *to);

struct ist_sending {          /* what one datagram may have of its own; all zero: nothing */
    struct ist_address from;  /* an address of this instance, its port is not looked at; family 0: as bound, or as routes choose */
    uint32_t interface;       /* where it leaves, as ist_multicast_join() counts; 0: where routes lead */
    uint8_t ttl;              /* 0: that of the options */
    uint8_t has_tos, tos;
    uint8_t zero;
};

/**
 * ist_datagram_send_with() - send one datagram, from an address, by an interface, with a TTL of its own
 * @udp:      UDP handle
 * @buf:      in; as ist_datagram_send(), and so are @len and @to
 * @len:      bytes
 * @to:       in; or NULL
 * @with:     in; NULL: as ist_datagram_send()
 *
 * Returns: @len
 * Errors:  as ist_datagram_send(), and
 *          IST_EADDRNOTAVAIL  @with's address is not one of this instance
 *          IST_EAFNOSUPPORT   it is of another family than @to
 *          IST_ENETUNREACH    there is no such interface, or it has no address to send from
 *          IST_EBADF          not a live UDP handle
 * Waits:   never
 * Owner:   caller keeps all
 * Source:  RFC 3542 6
 */
int32_t ist_datagram_send_with(ist_handle udp, const void *buf, uint32_t len, const struct ist_address *to, const struct ist_sending *with);

#define IST_PEEK 1u

/**
 * ist_datagram_recv() - take one datagram
 * @socket:   UDP or ICMP handle
 * @buf:      out; uint8_t[@cap]
 * @cap:      bytes; 0 is allowed. What does not fit is lost
 * @flags:    IST_PEEK: it stays
 * @info:     out; NULL: not wanted
 *
 * What arrives while IST_OPTION_RECEIVE_BUFFER bytes of memory are held is dropped; one datagram is always kept.
 *
 * Returns: the datagram's length, which may be 0, and may be over @cap
 * Errors:  IST_EAGAIN   none has come; wait for IST_READABLE
 *          IST_EINVAL   no room, or another flag
 *          IST_EBADF    not a live UDP or ICMP handle
 *          others       what ICMP reported about an earlier datagram, once
 * Waits:   never
 * Owner:   caller keeps @buf and @info
 * Source:  RFC 768
 */
int32_t ist_datagram_recv(ist_handle socket, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info);

/**
 * ist_multicast_join() - receive what is sent to a group
 * @udp:       UDP handle
 * @group:     in; a multicast address of its family (IST_IPV6: IPv4 groups v4-mapped); the port is ignored
 * @interface: 1 + the index of ist_interface_get(): 1 is the loopback, link i is i + 2. 0: the one that leads to the group
 *
 * The link is told by IGMPv2 or MLDv1. A group that one handle has joined is heard by every handle that is bound to its port, and by
 * each of them when they share it (IST_OPTION_REUSE_ADDRESS). Closing the handle leaves.
 *
 * Returns: 0
 * Errors:  IST_EINVAL        not a multicast address
 *          IST_EADDRINUSE    this handle has joined it there already
 *          IST_ENETUNREACH   there is no such interface, or none leads there
 *          IST_ENOMEM        no memory, or 64 groups already
 *          IST_EAFNOSUPPORT, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @group
 * Source:  RFC 1112 6.1, RFC 2236, RFC 2710, RFC 3493 5.2
 */
int32_t ist_multicast_join(ist_handle udp, const struct ist_address *group, uint32_t interface);

/**
 * ist_multicast_leave() - leave a group
 * @udp:       UDP handle
 * @group:     in; as it was joined
 * @interface: as it was joined; 0: the first on which it was
 *
 * Returns: 0
 * Errors:  IST_EADDRNOTAVAIL  the handle has not joined it there
 *          IST_EINVAL, IST_EAFNOSUPPORT, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @group
 * Source:  RFC 1112 6.1, RFC 3493 5.2
 */
int32_t ist_multicast_leave(ist_handle udp, const struct ist_address *group, uint32_t interface);

enum ist_tcp_state {     /* RFC 9293 3.3.2 */
    IST_TCP_CLOSED, IST_TCP_LISTEN, IST_TCP_SYN_SENT, IST_TCP_SYN_RECEIVED, IST_TCP_ESTABLISHED, IST_TCP_FIN_WAIT_1, IST_TCP_FIN_WAIT_2,
    IST_TCP_CLOSE_WAIT, IST_TCP_CLOSING, IST_TCP_LAST_ACK, IST_TCP_TIME_WAIT
};

struct ist_tcp_info {
    uint32_t state;           /* enum ist_tcp_state */
    uint32_t mss;             /* bytes of the largest segment sent */
    uint32_t mss_receive;     /* and of the largest that the peer was told it may send */
    uint32_t rtt_us;          /* smoothed, and its variation; 0: not measured, or below the resolution */
    uint32_t rtt_var_us;
    uint32_t rto_us;          /* the retransmission timeout */
    uint32_t retransmits;     /* timeouts since the last acknowledgement */
    uint32_t probes;          /* of a closed window, or keepalives, unanswered */
    uint32_t cwnd;            /* bytes */
    uint32_t ssthresh;        /* bytes; UINT32_MAX: none yet */
    uint32_t in_flight;       /* bytes sent and not acknowledged */
    uint32_t unsent;          /* bytes taken by send that wait */
    uint32_t send_window;     /* bytes the peer takes */
    uint32_t receive_window;  /* bytes this side takes */
    uint8_t  scale_send, scale_receive;   /* RFC 7323 2 */
    uint8_t  has_scale, has_sack, has_timestamps;
    uint8_t  recovering;      /* 1: lost segments are being sent again, 2: after a timeout */
    uint16_t waiting;         /* LISTEN: connections that wait for accept */
    uint32_t backlog;         /* LISTEN */
};

/**
 * ist_tcp_info() - how a connection fares
 * @tcp:      TCP handle
 * @out:      out; what has no meaning in the state is 0
 *
 * Returns: 0
 * Errors:  IST_EINVAL   @out is NULL
 *          IST_EBADF    not a live TCP handle
 * Waits:   never
 * Owner:   caller keeps @out
 * Source:  none
 */
int32_t ist_tcp_info(ist_handle tcp, struct ist_tcp_info *out);

enum ist_option {        /* value: int32_t; times in the unit of the name */
    IST_OPTION_REUSE_ADDRESS = 1,    /* 0, 1; before bind */
    IST_OPTION_NO_DELAY,             /* TCP: 0, 1: RFC 896 off */
    IST_OPTION_KEEPALIVE,            /* TCP: 0, 1 */
    IST_OPTION_KEEPALIVE_IDLE_S,     /* TCP: 1..32,767; 7,200 */
    IST_OPTION_KEEPALIVE_INTERVAL_S, /* TCP: 1..32,767; 75 */
    IST_OPTION_KEEPALIVE_COUNT,      /* TCP: 1..127; 9 */
    IST_OPTION_V6ONLY,               /* TCP, UDP of IST_IPV6: 0, 1; before bind */
    IST_OPTION_BROADCAST,            /* UDP, ICMP: 0, 1 */
    IST_OPTION_TTL,                  /* 1..255; -1: the default */
    IST_OPTION_TOS,                  /* 0..255; the traffic class of IPv6 as well */
    IST_OPTION_SEND_BUFFER,          /* bytes; TCP: cut to 4,096..4,194,304, and it grows no more; UDP: remembered only */
    IST_OPTION_RECEIVE_BUFFER,       /* bytes; UDP, ICMP: cut to 4,096..16,777,216, default 262,144; TCP: the window, */
                                     /* cut to 4,096..4,194,304, and it grows no more; a listener's is inherited */
    IST_OPTION_LINGER_S,             /* TCP: -1 off; 0: close resets; others are remembered: ist_close() never waits (linger.h does) */
    IST_OPTION_MSS,                  /* TCP: 88..32,767, no segment is larger either way; 0: as links allow. Before connect or listen */
    IST_OPTION_LISTENING,            /* TCP: read only: 0, 1 */
    IST_OPTION_MULTICAST_TTL,        /* UDP: 1..255; -1: the default, 1 */
    IST_OPTION_MULTICAST_LOOP,       /* UDP: 0, 1 (the default): this instance hears what it sends to a group it has joined */
    IST_OPTION_MULTICAST_INTERFACE   /* UDP: where multicast leaves, as ist_multicast_join() counts; 0: where routes lead */
};

/**
 * ist_option_set() - set an option
 * @socket:   TCP, UDP or ICMP handle
 * @option:   enum ist_option
 * @value:    as listed there
 *
 * Returns: 0
 * Errors:  IST_EINVAL   outside the range, or too late for it
 *          IST_ENOTSUP  not an option of this handle, or read only
 *          IST_EBADF    not a live handle
 * Waits:   never
 * Owner:   caller
 * Source:  POSIX.1-2017, setsockopt
 */
int32_t ist_option_set(ist_handle socket, uint32_t option, int32_t value);

/**
 * ist_option_get() - read an option
 * @socket:   TCP, UDP or ICMP handle
 * @option:   enum ist_option
 * @value:    out
 *
 * Returns: 0
 * Errors:  IST_ENOTSUP, IST_EINVAL, IST_EBADF
 * Waits:   never
 * Owner:   caller keeps @value
 * Source:  POSIX.1-2017, getsockopt
 */
int32_t ist_option_get(ist_handle socket, uint32_t option, int32_t *value);

#ifdef __cplusplus
}
#endif

#endif
