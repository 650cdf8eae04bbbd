/*
 * tcp_option.c - options of TCP handles
 *
 * They are kept in the object and told to lwIP when it has a pcb, so that they may be set at any time; accept inherits them.
 */
#include <lwip/priv/tcp_priv.h>
#include "socket/budget.h"

#define BUFFER_LEAST      4096
#define SECONDS_MOST      32767   /* as Linux */
#define COUNT_MOST        127
#define MSS_LEAST         88
#define MSS_MOST          32767
#define OPTION_MSS        (UINT32_C(2) << 24 | UINT32_C(4) << 16)   /* RFC 9293 3.2: kind, length, and the size in the rest */

void ist__tcp_options_default(struct ist__tcp_options *options)
{
    options->ip.ttl = TCP_TTL;
    options->idle_s = TCP_KEEPIDLE_DEFAULT / 1000;
    options->interval_s = TCP_KEEPINTVL_DEFAULT / 1000;
    options->count = TCP_KEEPCNT_DEFAULT;
    options->linger_s = -1;
}

void ist__tcp_options_apply(struct ist__tcp *t)
{
    struct tcp_pcb *pcb = t->pcb;

    if (!pcb)
        return;
    ist__options_apply(&t->options.ip, (struct ip_pcb *)pcb);
    if (pcb->state == LISTEN)
        return;
    if (t->options.no_delay)
        tcp_nagle_disable(pcb);
    else
        tcp_nagle_enable(pcb);
    if (t->options.keepalive)
        ip_set_option(pcb, SOF_KEEPALIVE);
    else
        ip_reset_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = (u32_t)t->options.idle_s * 1000;
    pcb->keep_intvl = (u32_t)t->options.interval_s * 1000;
    pcb->keep_cnt = (u32_t)t->options.count;
    tcp_output(pcb);    /* what Nagle's algorithm held back; and a keepalive may be due */
}

void ist__tcp_mss_limit(struct ist__tcp *t)
{
    if (t->options.mss && t->pcb->mss > t->options.mss)
        t->pcb->mss = t->options.mss;
}

/* Whose options a SYN goes by: a half-open connection has none of its own, and may outlive its listener. */
static const struct ist__tcp *owner_of(const struct tcp_pcb *pcb)
{
    if (pcb && pcb->recv == ist__tcp_arrived)
        return pcb->callback_arg;
    return pcb && pcb->listener ? pcb->listener->callback_arg : NULL;
}

/* lwIP has written the options of a SYN, the size of segments first. */
uint32_t *ist__tcp_options_out(const struct tcp_pcb *pcb, const struct tcp_hdr *header, uint32_t *end)
{
    const struct ist__tcp *t = owner_of(pcb);
    uint32_t *first = (uint32_t *)(void *)(header + 1), option = first < end ? lwip_ntohl(*first) : 0;

    if (t && t->options.mss && (option & 0xffff0000u) == OPTION_MSS && (option & 0xffff) > t->options.mss)
        *first = lwip_htonl(OPTION_MSS | t->options.mss);
    return end;
}

static int32_t mss_set(struct ist__tcp *t, int32_t value)
{
    if (value && (value < MSS_LEAST || value > MSS_MOST))
        return IST_EINVAL;
    t->options.mss = (uint16_t)value;
    return 0;
}

static int32_t within(int32_t *at, int32_t value, int32_t least, int32_t most)
{
    if (value < least || value > most)
        return IST_EINVAL;
    *at = value;
    return 0;
}

static int32_t set(struct ist__tcp *t, uint32_t option, int32_t value)
{
    struct ist__tcp_options *options = &t->options;

    switch (option) {
    case IST_OPTION_NO_DELAY:             options->no_delay = value != 0; return 0;
    case IST_OPTION_KEEPALIVE:            options->keepalive = value != 0; return 0;
    case IST_OPTION_KEEPALIVE_IDLE_S:     return within(&options->idle_s, value, 1, SECONDS_MOST);
    case IST_OPTION_KEEPALIVE_INTERVAL_S: return within(&options->interval_s, value, 1, SECONDS_MOST);
    case IST_OPTION_KEEPALIVE_COUNT:      return within(&options->count, value, 1, COUNT_MOST);
    case IST_OPTION_LINGER_S:             options->linger_s = value < 0 ? -1 : value; return 0;
    case IST_OPTION_SEND_BUFFER:
        options->send_buffer = (uint32_t)LWIP_MAX(BUFFER_LEAST, LWIP_MIN(value, (int32_t)TCP_SND_BUF));
        return 0;
    case IST_OPTION_RECEIVE_BUFFER:
        options->receive_buffer = (uint32_t)LWIP_MAX(BUFFER_LEAST, LWIP_MIN(value, (int32_t)TCP_WND));
        return 0;
    case IST_OPTION_MSS:                  return mss_set(t, value);
    case IST_OPTION_BROADCAST:
    case IST_OPTION_LISTENING:            return IST_ENOTSUP;
    case IST_OPTION_V6ONLY:
        if (t->family != IST_IPV6)
            return IST_ENOTSUP;
        if (t->local_port || t->phase != IST__TCP_FRESH)
            return IST_EINVAL;
        break;
    default:
        break;
    }
    return ist__options_set(&options->ip, option, value, TCP_TTL);
}

int32_t ist__tcp_option_set(struct ist__object *o, uint32_t option, int32_t value)
{
    struct ist__tcp *t = ist__tcp(o);
    int32_t r = set(t, option, value);

    if (!r)
        ist__tcp_options_apply(t);
    return r;
}

static int32_t mss_of(const struct ist__tcp *t)
{
    return t->pcb && t->phase == IST__TCP_CONNECTED ? tcp_mss(t->pcb) : t->options.mss ? t->options.mss : TCP_MSS;
}

int32_t ist__tcp_option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    struct ist__tcp *t = ist__tcp(o);
    const struct ist__tcp_options *options = &t->options;

    switch (option) {
    case IST_OPTION_NO_DELAY:             *value = options->no_delay; return 0;
    case IST_OPTION_KEEPALIVE:            *value = options->keepalive; return 0;
    case IST_OPTION_KEEPALIVE_IDLE_S:     *value = options->idle_s; return 0;
    case IST_OPTION_KEEPALIVE_INTERVAL_S: *value = options->interval_s; return 0;
    case IST_OPTION_KEEPALIVE_COUNT:      *value = options->count; return 0;
    case IST_OPTION_LINGER_S:             *value = options->linger_s; return 0;
    case IST_OPTION_SEND_BUFFER:          *value = (int32_t)ist__tcp_send_limit(t); return 0;
    case IST_OPTION_RECEIVE_BUFFER:       *value = ist__tcp_window_of(t); return 0;
    case IST_OPTION_MSS:                  *value = mss_of(t); return 0;
    case IST_OPTION_LISTENING:            *value = t->phase == IST__TCP_LISTENING; return 0;
    case IST_OPTION_BROADCAST:            return IST_ENOTSUP;
    case IST_OPTION_V6ONLY:
        if (t->family != IST_IPV6)
            return IST_ENOTSUP;
        break;
    default:
        break;
    }
    return ist__options_get(&options->ip, option, value);
}
