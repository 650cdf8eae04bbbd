/*
 * lwipopts.h - our configuration, but for what lwIP's own tests ask of one
 *
 * They count in statistics, and their numbers stand for small windows.
 */
#ifndef TEST_LWIPOPTS_H
#define TEST_LWIPOPTS_H

#include "../../stack/port/lwipopts.h"

#define LWIP_TESTMODE                   1      /* shows the tests a list or two */
#define ETHARP_SUPPORT_STATIC_ENTRIES   1
#define MIB2_STATS                      1
#undef IPFRAG_STATS
#define IPFRAG_STATS                    1
#undef IP6_FRAG_STATS
#define IP6_FRAG_STATS                  1
#undef ETHARP_STATS
#define ETHARP_STATS                    1
#undef UDP_STATS
#define UDP_STATS                       1
#undef TCP_STATS
#define TCP_STATS                       1
#undef MEMP_STATS
#define MEMP_STATS                      1

/* The tests set the time, in ticks. It is ours, in ms: port.c */
extern unsigned test_now_ms;
#define tcp_ticks                       test_now_ms

#undef TCP_MSS
#define TCP_MSS                         536
#undef TCP_WND
#define TCP_WND                         (10 * TCP_MSS)
#undef TCP_SND_BUF
#define TCP_SND_BUF                     (12 * TCP_MSS)
#undef TCP_SND_QUEUELEN
#define TCP_SND_QUEUELEN                40
#undef TCP_RCV_SCALE
#define TCP_RCV_SCALE                   0

#endif
