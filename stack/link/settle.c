/*
 * settle.c - acting on what exchanges noted: closed, renewed, another grant, up and down, a batch that moves again
 *
 * Runs in the pump, with lwIP not on the stack: any of this may abort connections.
 */
#include <lwip/priv/tcp_priv.h>

#include "link/link.h"
#include "port/hooks.h"
#include "socket/multicast.h"

#pragma weak ist__sockets_drop    /* a program without sockets has none */
#pragma weak ist__multicast_rejoin
#pragma weak ist__tls_drop        /* and one without TLS none of this */
#pragma weak ist__names_forget    /* nor one without names of that */

static void link_gone(struct ist__link *link)
{
    link->gone = true;
    netif_set_link_down(&link->netif);
    ist__addresses_drop(link);
    ist__routes_update();
}

static void link_updown(struct ist__link *link)
{
    bool up = (link->flags & IST_LINK_UP) != 0;

    if (up) {
        ist__addresses_up(link);
        ist__configured_restart();
    } else {
        netif_set_link_down(&link->netif);
        for (uint32_t i = 0; i < IST__ALIASES_MAX && link->aliases[i]; i++)
            netif_set_link_down(link->aliases[i]);
    }
    ist__routes_update();
}

static bool link_settle(struct ist__link *link)
{
    bool any = false;

    if (link->gone)
        return false;
    if (link->closed) {
        link_gone(link);
        return true;
    }
    if (link->grant_stale) {
        link->grant_stale = false;      /* the flag comes again until the host has given all of it */
        if (ist__link_fetch(link) == 0) {
            ist__addresses_apply(link);
            ist__routes_update();
        }
        any = true;
    }
    if (!link->closed && ((link->flags & IST_LINK_UP) != 0) != (netif_is_link_up(&link->netif) != 0)) {
        link_updown(link);
        any = true;
    }
    if ((link->flags & IST__SUMMED) != link->summed)
        ist__netif_checksums(link);
    return any;
}

/*
 * Rule 10. The host vouches with EXCLUSIVE that the original is gone. Without it this may be a twin: its connections belong to the
 * other, so they are forgotten without a word, and so is what waits to be sent; the addresses are asked for anew.
 */
static void renew(void)
{
    bool exclusive = ist__links.exclusive;

    ist__links.renewed = false;
    ist__entropy_renew();
    ist__isn_renew();
    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (!link || link->closed)
            continue;
        if (!exclusive)
            link->tx_len = 0;
        if (ist__entropy_wanted())
            ist__link_exchange(link, IST_LINK_NO_WAIT, false);
    }
    ist__links.renewed = false;
    if (exclusive)
        return;
    if (ist__tls_drop)
        ist__tls_drop();
    if (ist__names_forget)
        ist__names_forget();
    if (ist__sockets_drop)
        ist__sockets_drop(IST_ECONNABORTED);
    for (uint32_t i = 0; i < ist__links.n; i++) {
        struct ist__link *link = ist__links.at[i];
        if (!link || link->gone)
            continue;
        link->tx_len = 0;
        link->refused = false;
        ist__netif_detach(link);
        if (ist__netif_attach(link) && ist__multicast_rejoin)
            ist__multicast_rejoin(&link->netif);
        link->tx_len = 0;       /* the release of an address that the other still has */
        link->grant_stale = true;
    }
    ist__configured_restart();
}

/* TCP left its segments where they were when the batch was full; datagram senders are told by readiness. */
static bool senders_wake(void)
{
    bool moved = false;

    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && ist__links.at[i]->moved) {
            ist__links.at[i]->moved = false;
            moved = true;
        }
    if (moved)
        ist__tcp_link_moved();
    return moved;
}

bool ist__links_settle(void)
{
    bool any = false;

    if (ist__links.renewed) {
        renew();
        any = true;
    }
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i])
            any |= link_settle(ist__links.at[i]);
    return senders_wake() || any;
}

int ist__writable(void)
{
    for (uint32_t i = 0; i < ist__links.n; i++)
        if (ist__links.at[i] && ist__links.at[i]->full)
            return 0;
    return 1;
}
