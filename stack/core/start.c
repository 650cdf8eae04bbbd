/*
 * start.c - bringing the stack up, and giving every byte back
 */
#include <lwip/init.h>
#include <lwip/ip4_frag.h>
#include <lwip/ip6_frag.h>
#include <lwip/nd6.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/udp.h>
#include <string.h>

#include "link/link.h"
#include "socket/class.h"

#define BATCH_DEFAULT 65536u
#define BATCH_MAX     (UINT32_C(1) << 24)

/* A program without sockets links without them. */
#pragma weak ist__handles_limit
#pragma weak ist__handles_free
#pragma weak ist__names_forget

static bool started;

int ist__started(void)
{
    return started;
}

static int32_t config_take(const struct ist_config *given, struct ist_config *config)
{
    memset(config, 0, sizeof *config);
    if (given) {
        if (given->size < sizeof given->size)
            return IST_EINVAL;
        memcpy(config, given, given->size < sizeof *config ? given->size : sizeof *config);
    }
    if (config->batch_cap > BATCH_MAX)
        return IST_EINVAL;
    if (config->batch_cap == 0)
        config->batch_cap = BATCH_DEFAULT;
    return 0;
}

static bool any_link(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i])
            return true;
    return false;
}

static uint32_t budget_granted(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && ist__links.at[i]->grant.budget)
            return ist__links.at[i]->grant.budget;
    return 0;
}

static int32_t links_attach(void)
{
    ist__addresses_watch(true);
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && !ist__netif_attach(ist__links.at[i]))
            return IST_ENOMEM;
    return 0;
}

int32_t ist_start(const struct ist_config *given)
{
    struct ist_config config;
    int32_t r = config_take(given, &config);

    if (r != 0 || started)
        return r;
    memset(&ist__links, 0, sizeof ist__links);
    ist__links.batch_cap = config.batch_cap;
    ist__entropy_renew();
    r = ist__links_fetch();
    if (r == 0 && !any_link())
        r = IST_ENOLINK;
    if (r == 0) {
        started = true;
        ist__links.renewed = false;
        if (ist__handles_limit)
            ist__handles_limit(config.handles_max);
        ist__budget_set(config.memory_budget ? config.memory_budget : budget_granted());
        lwip_init();
        netif_list->num = 0;     /* the loopback's number, also at the second start */
        ist__configured_restart();
        r = links_attach();
    }
    if (r != 0) {
        ist_stop();
        return r;
    }
    ist__entropy_tell();
    ist__links_settle();
    return 0;
}

/* lwIP has no end of its own. What ages is aged until it is gone; what is bound is closed. */
static void lwip_end(void)
{
    while (tcp_active_pcbs)
        tcp_abort(tcp_active_pcbs);
    while (tcp_tw_pcbs)
        tcp_abort(tcp_tw_pcbs);
    while (tcp_bound_pcbs)
        tcp_abort(tcp_bound_pcbs);
    while (tcp_listen_pcbs.pcbs)
        tcp_close(tcp_listen_pcbs.pcbs);
    for (int i = 0; i <= IP_REASS_MAXAGE; i++)
        ip_reass_tmr();
    for (int i = 0; i <= IPV6_REASS_MAXAGE; i++)
        ip6_reass_tmr();
}

static void loopback_end(void)
{
    while (netif_list) {
        struct netif *netif = netif_list;
        if (netif->loop_first)
            netif_poll(netif);
        netif_remove(netif);
    }
    nd6_clear_destination_cache();
}

void ist_stop(void)
{
    if (started && ist__handles_free)
        ist__handles_free();
    if (ist__names_forget)
        ist__names_forget();
    if (started)
        lwip_end();
    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (!link)
            continue;
        ist__netif_detach(link);
        if (started && !link->closed)
            ist__link_exchange(link, IST_LINK_NO_WAIT, false);    /* resets, the release of an address, notes */
    }
    if (started)
        loopback_end();
    ist__addresses_watch(false);
    ist__timers_stop();
    ist__name_servers_stop();
    ist__isn_renew();
    ist__entropy_stop();
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i])
            ist__link_free(ist__links.at[i]);
    memset(&ist__links, 0, sizeof ist__links);
    started = false;
}
