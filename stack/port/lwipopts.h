/*
 * lwipopts.h - lwIP as this stack wants it: raw API, no system below, malloc for all memory
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

/* No threads: whoever calls is the only one. */
#define NO_SYS                          1
#define SYS_LIGHTWEIGHT_PROT            0
#define LWIP_SOCKET                     0
#define LWIP_NETCONN                    0
#define LWIP_TIMERS                     1
#define LWIP_TIMERS_CUSTOM              1     /* core/timer.c */
#define LWIP_HOOK_FILENAME              "hooks.h"

/* Memory: no pool has a limit of its own; the number in use is counted for ist_statistics_get(). */
#define MEM_LIBC_MALLOC                 1
#define MEMP_MEM_MALLOC                 1
#define MEM_ALIGNMENT                   8
#define MEM_SIZE                        (1u << 30)   /* makes mem_size_t 32 bits wide */
#define LWIP_DISABLE_MEMP_SANITY_CHECKS 1
#define LWIP_STATS                      1
#define MEM_STATS                       1
#define LINK_STATS                      0
#define ETHARP_STATS                    0
#define IP_STATS                        0
#define IPFRAG_STATS                    0
#define ICMP_STATS                      0
#define IGMP_STATS                      0
#define UDP_STATS                       0
#define TCP_STATS                       0
#define MEMP_STATS                      0
#define SYS_STATS                       0
#define IP6_STATS                       0
#define ICMP6_STATS                     0
#define IP6_FRAG_STATS                  0
#define MLD6_STATS                      0
#define ND6_STATS                       0
#define LWIP_STATS_DISPLAY              0

/* Protocols */
#define LWIP_IPV4                       1
#define LWIP_IPV6                       1
#define LWIP_ICMP                       1
#define LWIP_ICMP6                      1
#define LWIP_RAW                        1
#define LWIP_UDP                        1
#define LWIP_TCP                        1
#define LWIP_DNS                        0     /* stack/resolve */
#define LWIP_IGMP                       1
#define LWIP_IPV6_MLD                   1
#define LWIP_ARP                        1
#define LWIP_ETHERNET                   1
#define LWIP_BROADCAST_PING             0
#define LWIP_MULTICAST_PING             0
#define IP_DEFAULT_TTL                  64
#define IP_FORWARD                      0

/* Interfaces. Addresses of our own are answered inside the instance; the queue is emptied by the pump (core/turn.c). */
#define LWIP_SINGLE_NETIF               0
#define LWIP_HAVE_LOOPIF                1
#define LWIP_NETIF_LOOPBACK             1
#define LWIP_LOOPIF_MULTICAST           1     /* groups may be joined on it */
#define LWIP_LOOPBACK_MAX_PBUFS         0
#define LWIP_NETIF_HOSTNAME             1
#define LWIP_NETIF_EXT_STATUS_CALLBACK  1
#define LWIP_CHECKSUM_CTRL_PER_NETIF    1
#define ETH_PAD_SIZE                    0     /* frames are placed so that the IP header is aligned; a pad would overflow 65,535 */

/* Checksums: checksum.c, with 64-bit or 128-bit sums. */
unsigned short ist__checksum(const void *data, int len);
#define LWIP_CHKSUM                     ist__checksum
#define LWIP_CHKSUM_ALGORITHM           0
#define LWIP_CHECKSUM_ON_COPY           0

/* ARP and neighbours. nd6.c counts with 8 bits: at most 127 of each. */
#define ARP_TABLE_SIZE                  120
#define ARP_QUEUEING                    1
#define ARP_QUEUE_LEN                   16
#define LWIP_ND6_NUM_NEIGHBORS          100
#define LWIP_ND6_NUM_DESTINATIONS       120
#define LWIP_ND6_NUM_PREFIXES           8
#define LWIP_ND6_NUM_ROUTERS            4
#define LWIP_ND6_QUEUEING               1
#define MEMP_NUM_ND6_QUEUE              64

/* Addresses. DHCP takes an address without probing for it first: that would cost seconds at every start. */
#define LWIP_DHCP                       1
#define LWIP_ACD                        0
#define LWIP_DHCP_DOES_ACD_CHECK        0
#define DNS_MAX_SERVERS                 3     /* kept by core/names.c: of DHCP, and of router advertisements */
#define LWIP_DHCP_PROVIDE_DNS_SERVERS   3
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS  3
#define LWIP_IPV6_NUM_ADDRESSES         8
#define LWIP_IPV6_AUTOCONFIG            1
#define LWIP_IPV6_SEND_ROUTER_SOLICIT   1
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS   1
#define LWIP_IPV6_DHCP6                 0

/* Fragments: a datagram of 65,535 bytes is 45 frames of 1,500. */
#define IP_REASSEMBLY                   1
#define IP_FRAG                         1
#define LWIP_IPV6_REASS                 1
#define LWIP_IPV6_FRAG                  1
#define IPV6_FRAG_COPYHEADER            1     /* a pointer of 64 bits does not fit into the fragment header */
#define IP_REASS_MAX_PBUFS              256
#define MEMP_NUM_REASSDATA              64

/* UDP and raw */
#define SO_REUSE                        1
#define SO_REUSE_RXTOALL                1
#define IP_SOF_BROADCAST                1
#define IP_SOF_BROADCAST_RECV           0

/*
 * TCP. Windows and send buffers are the largest there can be: socket/budget.c says what each connection may have. The segment size is
 * what an IP link of MTU 65,535 carries; each connection uses what its link allows. Sanity checks of lwIP think of 16-bit windows.
 */
#define LWIP_DISABLE_TCP_SANITY_CHECKS  1
#define TCP_MSS                         65495
#define TCP_MSS_MIN                     48     /* as Linux; patches/lwip-tcp-options.patch */
#define LWIP_WND_SCALE                  1
#define TCP_RCV_SCALE                   7
#define TCP_WND                         (4 * 1024 * 1024)
#define TCP_SND_BUF                     (4 * 1024 * 1024)
#define TCP_SND_QUEUELEN                16384
#define TCP_SNDLOWAT                    (TCP_SND_BUF / 2)
#define TCP_SNDQUEUELOWAT               (TCP_SND_QUEUELEN / 2)
#define TCP_OVERSIZE                    2048
#define TCP_WND_UPDATE_THRESHOLD        (pcb->rcv_wnd_max / 4)
#define TCP_QUEUE_OOSEQ                 1
#define TCP_OOSEQ_MAX_PBUFS             4096   /* a window of 1,460-byte segments is 2,873; tiny ones must not eat the memory */
#define LWIP_TCP_SACK_OUT               1
#define LWIP_TCP_TIMESTAMPS             0      /* lwIP does not check them (RFC 7323 5.3) */
#define LWIP_TCP_KEEPALIVE              1
#define LWIP_TCP_PCB_NUM_EXT_ARGS       1      /* socket/tcp.c learns by it that a pcb has gone */
#define LWIP_TCP_RTO_TIME               1000   /* RFC 6298 2.1 */
#define TCP_RTO_MAX                     120000 /* ms, as Linux; RFC 6298 2.4 allows one of 60 s or more */
#define TCP_SLOW_INTERVAL               1      /* no ticks: TCP counts milliseconds (core/deadline.c) */
#define TCP_CHALLENGE_INTERVAL          500    /* ms between two challenge ACKs of a connection: RFC 5961 7 */
#define TCP_MSL                         30000u /* TIME-WAIT lasts a minute */
#define TCP_LISTEN_BACKLOG              1
#define TCP_DEFAULT_LISTEN_BACKLOG      255

#endif
