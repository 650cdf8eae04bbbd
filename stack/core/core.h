/*
 * core.h - what the rest of the stack asks of the core (private)
 *
 * The core owns the links, lwIP's bring-up and the pump. lwIP's sys_timeout() is the one timer list: whoever needs to be called
 * later uses it, and the pump waits no longer than the nearest.
 */
#ifndef IST_CORE_H
#define IST_CORE_H

#include <isthmus/stack.h>
#include <stdbool.h>

struct netif;

/* Whether ist_start() has succeeded. Every public call that needs the stack starts with this. */
int ist__started(void);

/*
 * ist__turn() - one turn of the pump
 * @deadline: absolute, ns; 0 = do not wait
 *
 * Runs due timers, sends what is queued, waits until @deadline, the next timer or an arrival, feeds lwIP with what came.
 * Time (ist_monotonic, and so sys_timeout) is that of the last exchange: who sets a short timer after long work of its own makes
 * a turn with deadline 0 first. Memory from lwIP's mem_malloc() is counted in ist_statistics.memory_used.
 *
 * Returns: 1 when frames came in, a timer ran, or a link changed (a full one moves again); 0 when nothing did and
 *          @deadline has passed
 * Errors:  IST_EINTR    the host ended the wait for a reason of its own
 *          IST_EDEADLK  the host cannot wait and nothing was there
 *          IST_ENOLINK  every link is closed, and @deadline was IST_NO_DEADLINE, and no timer is set
 */
int32_t ist__turn(uint64_t deadline);

/*
 * ist__queued() - frames were queued or a timer was moved by a call from outside the pump
 *
 * On a host that cannot wait this makes the exchange that carries the nearest deadline before control returns to the host
 * (link.md, event loops). It may run a turn, and so call back into sockets: call it last. Elsewhere it sends what is queued once a
 * batch is worth it; the next wait sends the rest.
 */
void ist__queued(void);

/* sys_timeout(), and whether there was memory for it; a handler that sets one timeout always gets it. */
bool ist__timeout(uint32_t ms, void (*handler)(void *arg), void *arg);

/*
 * lwIP's err_t as an enum ist_error. A link whose batch the host refuses gives ERR_WOULDBLOCK, which becomes IST_EAGAIN; ERR_MEM is
 * memory.
 */
int32_t ist__error_lwip(int err);

/* 0 while some link's host takes no more: datagram senders wait. TCP's segments are sent again by the pump itself. */
int ist__writable(void);

/* Index + 1 of the link behind a netif, also behind an alias of it (a further IPv4 address); 0: the loopback. */
uint32_t ist__netif_link(const struct netif *netif);

/* What the grant of the link behind a netif says about windows; 0: nothing. */
uint32_t ist__link_window(const struct netif *netif);

/*
 * Whether an address of the family may still come: DHCP or the routers have been asked, have not answered, and have not been
 * given up on (IPv4 after 5 s, IPv6 after 2 s).
 */
bool ist__configuring(bool ipv6);

/* The memory that TCP connections keep within, as ist_statistics.memory_used counts it; 0: the default. socket/budget.c */
void ist__budget_set(uint32_t bytes);

/* Called by the core when a restored or forked instance must forget its connections (rule 10): fails every handle. */
void ist__sockets_drop(int32_t error);
/* The same for every TLS engine, whoever carries its records: a twin would use the same keys and nonces. */
void ist__tls_drop(void);
/* The same for what is known of names: the answers were those of another place. */
void ist__names_forget(void);

#endif
