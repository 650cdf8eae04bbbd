/*
 * config.h - lwIP's tests include one: what they take for granted and is not there
 */
#ifndef TEST_LWIP_CONFIG_H
#define TEST_LWIP_CONFIG_H

#include <stdio.h>

#define MEMP_SYS_TIMEOUT        (MEMP_MAX + 1)      /* a pool of lwIP's timeouts.c, which core/timer.c stands for */
#define tcpip_thread_poll_one() netif_poll_all()   /* packets to ourselves wait for a thread there, for the pump here */
void netif_poll_all(void);

#endif
