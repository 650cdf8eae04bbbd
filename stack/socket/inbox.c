/*
 * inbox.c - datagrams that have arrived and wait for their reader
 */
#include <string.h>
#include <lwip/ip.h>
#include <lwip/mem.h>
#include "core/core.h"
#include "socket/address.h"
#include "socket/inbox.h"

struct ist__letter {
    struct ist__letter *next;
    struct pbuf *p;
    uint32_t cost;
    struct ist_datagram info;
};

static uint32_t cost_of(const struct pbuf *p)
{
    uint32_t cost = sizeof(struct ist__letter);

    for (; p; p = p->next)
        cost += (uint32_t)sizeof *p + p->len;
    return cost;
}

void ist__inbox_put(struct ist__inbox *inbox, struct pbuf *p, const struct ist_datagram *info)
{
    uint32_t cost = cost_of(p);
    struct ist__letter *l = NULL;

    /* One datagram of any size is always taken. */
    if (!inbox->first || inbox->held + cost <= inbox->limit)
        l = mem_malloc(sizeof *l);
    if (!l) {
        inbox->n_dropped++;
        pbuf_free(p);
        return;
    }
    l->next = NULL;
    l->p = p;
    l->cost = cost;
    l->info = *info;
    if (inbox->first)
        inbox->last->next = l;
    else
        inbox->first = l;
    inbox->last = l;
    inbox->held += cost;
}

static void first_free(struct ist__inbox *inbox)
{
    struct ist__letter *l = inbox->first;

    inbox->first = l->next;
    inbox->held -= l->cost;
    pbuf_free(l->p);
    mem_free(l);
}

int32_t ist__inbox_take(struct ist__inbox *inbox, void *buf, uint32_t cap, uint32_t flags, struct ist_datagram *info)
{
    struct ist__letter *l = inbox->first;
    int32_t len;

    if (!l)
        return IST_EAGAIN;
    len = l->p->tot_len;
    if (cap)
        pbuf_copy_partial(l->p, buf, (u16_t)(cap < (uint32_t)len ? cap : (uint32_t)len), 0);
    *info = l->info;
    if (!(flags & IST_PEEK))
        first_free(inbox);
    return len;
}

void ist__inbox_clear(struct ist__inbox *inbox)
{
    while (inbox->first)
        first_free(inbox);
}

void ist__inbox_limit(struct ist__inbox *inbox, int32_t bytes)
{
    uint32_t n = bytes < 0 ? 0 : (uint32_t)bytes;

    inbox->limit = n < IST__INBOX_LEAST ? IST__INBOX_LEAST : n > IST__INBOX_MOST ? IST__INBOX_MOST : n;
}

void ist__inbox_describe(struct ist_datagram *info, uint32_t family, uint16_t from_port, uint16_t to_port)
{
    memset(info, 0, sizeof *info);
    ist__address_out(ip_current_src_addr(), from_port, family, &info->from);
    ist__address_out(ip_current_dest_addr(), to_port, family, &info->to);
    info->link = ist__netif_link(ip_current_input_netif());
    info->tos = ip_current_is_v6() ? IP6H_TC(ip6_current_header()) : IPH_TOS(ip4_current_header());
    info->ttl = ip_current_is_v6() ? IP6H_HOPLIM(ip6_current_header()) : IPH_TTL(ip4_current_header());
}
