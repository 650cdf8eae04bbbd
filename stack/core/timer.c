/*
 * timer.c - lwIP's timers and everybody's sys_timeout()
 *
 * Theory of Operation: lwIP's periodic work is a fixed table, so that none of it can be lost for want of memory; a row whose work is
 * not needed has no deadline, and an idle instance wakes once a second and not ten times. One-shot timeouts are a list sorted
 * by time. All times are milliseconds of the link's clock, 64 bits wide. TCP has deadlines of its own (deadline.c).
 */
#include <lwip/dhcp.h>
#include <lwip/etharp.h>
#include <lwip/igmp.h>
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/mem.h>
#include <lwip/mld6.h>
#include <lwip/nd6.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/prot/dhcp.h>
#include <lwip/timeouts.h>

#include "link/link.h"

struct timeout {
    struct timeout *next;
    uint64_t due_ms;
    sys_timeout_handler handler;
    void *arg;
};

static struct timeout *timeouts;
static struct timeout *running_timeout;      /* whose handler runs: what it sets next needs no memory */
static int running;
static uint64_t ran_ms;

static int tcp_needed(void)
{
    return tcp_active_pcbs || tcp_tw_pcbs;
}

static int dhcp_needed(void)
{
    struct netif *netif;

    NETIF_FOREACH(netif) {
        const struct dhcp *dhcp = netif_dhcp_data(netif);
        if (dhcp && dhcp->request_timeout)
            return 1;
    }
    return 0;
}

static int igmp_needed(void)
{
    struct netif *netif;

    NETIF_FOREACH(netif) {
        for (const struct igmp_group *g = netif_igmp_data(netif); g; g = g->next)
            if (g->timer)
                return 1;
    }
    return 0;
}

static int mld_needed(void)
{
    struct netif *netif;

    NETIF_FOREACH(netif) {
        for (const struct mld_group *g = netif_mld6_data(netif); g; g = g->next)
            if (g->timer)
                return 1;
    }
    return 0;
}

/*
 * @late_max: how many periods that were slept through are made up for. DHCP counts leases in them; the others would only repeat
 * themselves.
 */
static struct periodic {
    void (*work)(void);
    int (*needed)(void);      /* NULL: always */
    uint32_t interval_ms, late_max;
    uint64_t due_ms;          /* 0: not running */
} periodic[] = {
    { dhcp_fine_tmr, dhcp_needed, DHCP_FINE_TIMER_MSECS, 0, 0 },
    { igmp_tmr, igmp_needed, IGMP_TMR_INTERVAL, 0, 0 },
    { mld6_tmr, mld_needed, MLD6_TMR_INTERVAL, 0, 0 },
    { ip_reass_tmr, NULL, IP_TMR_INTERVAL, 60, 0 },
    { ip6_reass_tmr, NULL, IP6_REASS_TMR_INTERVAL, 60, 0 },
    { etharp_tmr, NULL, ARP_TMR_INTERVAL, 0, 0 },
    { nd6_tmr, NULL, ND6_TMR_INTERVAL, 0, 0 },
    { dhcp_coarse_tmr, NULL, DHCP_COARSE_TIMER_MSECS, 1440, 0 },
};
#define N_PERIODIC (sizeof periodic / sizeof periodic[0])

/* Asked for at every segment and far oftener than it changes: divided once. */
static uint64_t now_ms(void)
{
    static uint64_t began_ns, ms;    /* of the millisecond */

    if (ist__links.monotonic - began_ns >= 1000000) {
        ms = ist__links.monotonic / 1000000;
        began_ns = ms * 1000000;
    }
    return ms;
}

uint32_t sys_now(void)
{
    return (uint32_t)now_ms();
}

void sys_timeouts_init(void)
{
    ran_ms = UINT64_MAX;
    for (size_t i = 0; i < N_PERIODIC; i++)
        periodic[i].due_ms = 0;
}

/* lwIP's word that TCP's ticks are needed: there are none. */
void tcp_timer_needed(void)
{
}

bool ist__timeout(uint32_t ms, sys_timeout_handler handler, void *arg)
{
    struct timeout *t = running_timeout ? running_timeout : mem_malloc(sizeof *t), **at = &timeouts;

    if (!t)
        return false;
    running_timeout = NULL;
    if (running && ms == 0)
        ms = 1;      /* a handler that sets itself again must not hold the pump */
    *t = (struct timeout){ .due_ms = now_ms() + ms, .handler = handler, .arg = arg };
    while (*at && (*at)->due_ms <= t->due_ms)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    return true;
}

/* Out of memory the timeout is lost: callers must have another way to end. */
void sys_timeout(u32_t ms, sys_timeout_handler handler, void *arg)
{
    ist__timeout(ms, handler, arg);
}

void sys_untimeout(sys_timeout_handler handler, void *arg)
{
    for (struct timeout **at = &timeouts; *at; at = &(*at)->next) {
        struct timeout *t = *at;
        if (t->handler == handler && t->arg == arg) {
            *at = t->next;
            mem_free(t);
            return;
        }
    }
}

static int periodic_run(struct periodic *p, uint64_t now)
{
    uint64_t late;

    if (!p->due_ms || p->due_ms > now)
        return 0;
    late = (now - p->due_ms) / p->interval_ms;
    p->due_ms += (late + 1) * p->interval_ms;
    for (late = late < p->late_max ? late : p->late_max; ; late--) {
        p->work();
        if (!late)
            return 1;
    }
}

/* Starts and stops the rows by need. */
static void periodic_arm(uint64_t now)
{
    for (size_t i = 0; i < N_PERIODIC; i++) {
        struct periodic *p = &periodic[i];
        if (p->needed && !p->needed())
            p->due_ms = 0;
        else if (!p->due_ms)
            p->due_ms = now + p->interval_ms;
    }
}

uint64_t ist__timers_ran(void)
{
    return ran_ms == now_ms() ? (ran_ms + 1) * 1000000 : 0;
}

int ist__timers_run(void)
{
    uint64_t now = now_ms();
    int ran;

    running = 1;
    ran_ms = now;
    ran = ist__tcp_timers_run();
    for (size_t i = 0; i < N_PERIODIC; i++)
        ran |= periodic_run(&periodic[i], now);
    while (timeouts && timeouts->due_ms <= now) {
        struct timeout *t = timeouts;
        timeouts = t->next;
        running_timeout = t;
        t->handler(t->arg);
        if (running_timeout)
            mem_free(running_timeout);
        running_timeout = NULL;
        ran = 1;
    }
    running = 0;
    return ran;
}

uint64_t ist__timers_next(void)
{
    uint64_t next = UINT64_MAX, now = now_ms();
    uint32_t tcp;

    periodic_arm(now);
    if (ist__tcp_timers_next(&tcp))
        next = now + (uint64_t)(int64_t)(int32_t)(tcp - (uint32_t)now);
    for (size_t i = 0; i < N_PERIODIC; i++)
        if (periodic[i].due_ms && periodic[i].due_ms < next)
            next = periodic[i].due_ms;
    if (timeouts && timeouts->due_ms < next)
        next = timeouts->due_ms;
    return next == UINT64_MAX ? next : next * 1000000;
}

int ist__timers_idle(void)
{
    return !timeouts && !tcp_needed();
}

void ist__timers_stop(void)
{
    while (timeouts) {
        struct timeout *t = timeouts;
        timeouts = t->next;
        mem_free(t);
    }
    sys_timeouts_init();
}
