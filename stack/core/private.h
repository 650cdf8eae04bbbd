/*
 * private.h - what the files of core/ and link/ share
 */
#ifndef IST_CORE_PRIVATE_H
#define IST_CORE_PRIVATE_H

#include <isthmus/link.h>
#include <lwip/ip_addr.h>

#include "core/core.h"

/* timer.c */
int ist__timers_run(void);           /* 1 when one was due */
uint64_t ist__timers_next(void);     /* ns; UINT64_MAX: none */
uint64_t ist__timers_ran(void);      /* when they have run in this millisecond: ns of the next one; else 0 */
int ist__timers_idle(void);          /* nothing but periodic housekeeping is left */
void ist__timers_stop(void);

/* demux.c: keyed with its secret; @more: 0, or what else goes in */
uint32_t ist__tcp_hash(const ip_addr_t *local, uint16_t local_port, const ip_addr_t *remote, uint16_t remote_port, uint64_t more);

/* deadline.c, on lwIP's times of 32 bits of milliseconds; lwIP itself calls ist__tcp_timers_set(). */
struct tcp_pcb;
int ist__tcp_timers_run(void);                                 /* 1 when one was due */
bool ist__tcp_timers_next(uint32_t *due);                      /* false: none */
void ist__tcp_timers_stop(struct tcp_pcb *pcb);                /* it is about to go */

/* tcp_timer.c */
bool ist__tcp_end(const struct tcp_pcb *pcb, uint32_t *end);   /* whether its peer's silence will have an end, and when */
bool ist__tcp_expired(struct tcp_pcb *pcb, uint32_t now);      /* does what is due; false when the pcb has gone */
void ist__tcp_link_moved(void);                                /* what a full link refused is sent now */

/* entropy.c */
void ist__entropy_feed(const uint8_t entropy[32], const struct ist_link *x);
int ist__entropy_wanted(void);       /* the next exchange should ask for some */
void ist__entropy_renew(void);       /* a new instance: what was drawn so far is known elsewhere */
void ist__entropy_tell(void);        /* the host, once, that what it gives is no good */
void ist__entropy_stop(void);
void ist__random_weak(void *buf, uint32_t len);    /* as ist_random(), but never fails: for all that is no key */

/* isn.c */
void ist__isn_renew(void);

/* names.c */
void ist__address_from_lwip(const ip_addr_t *ip, struct ist_address *out);
void ist__name_servers_stop(void);

/* note.c; for calls on whose stack an exchange may be: nothing is sent at once */
void ist__note_core(const char *text);                  /* "isthmus: text" */
void ist__note_link(uint32_t link, const char *text);   /* "isthmus: link N: text" */

/* interface.c */
void ist__configured_restart(void);  /* the five seconds begin again */

#endif
