/*
 * option.c - the options that TCP, UDP and ICMP handles have in common
 */
#include "socket/option.h"

static int32_t byte_set(uint8_t *at, int32_t value, int32_t least)
{
    if (value < least || value > 255)
        return IST_EINVAL;
    *at = (uint8_t)value;
    return 0;
}

int32_t ist__options_set(struct ist__options *o, uint32_t option, int32_t value, uint8_t ttl)
{
    switch (option) {
    case IST_OPTION_REUSE_ADDRESS: o->reuse = value != 0; return 0;
    case IST_OPTION_BROADCAST:     o->broadcast = value != 0; return 0;
    case IST_OPTION_V6ONLY:        o->v6only = value != 0; return 0;
    case IST_OPTION_TTL:           return byte_set(&o->ttl, value == -1 ? ttl : value, 1);
    case IST_OPTION_TOS:           return byte_set(&o->tos, value, 0);
    default:                       return IST_ENOTSUP;
    }
}

int32_t ist__options_get(const struct ist__options *o, uint32_t option, int32_t *value)
{
    switch (option) {
    case IST_OPTION_REUSE_ADDRESS: *value = o->reuse; return 0;
    case IST_OPTION_BROADCAST:     *value = o->broadcast; return 0;
    case IST_OPTION_V6ONLY:        *value = o->v6only; return 0;
    case IST_OPTION_TTL:           *value = o->ttl; return 0;
    case IST_OPTION_TOS:           *value = o->tos; return 0;
    default:                       return IST_ENOTSUP;
    }
}

void ist__options_apply(const struct ist__options *o, struct ip_pcb *pcb)
{
    pcb->ttl = o->ttl;
    pcb->tos = o->tos;
    if (o->reuse)
        ip_set_option(pcb, SOF_REUSEADDR);
    else
        ip_reset_option(pcb, SOF_REUSEADDR);
    if (o->broadcast)
        ip_set_option(pcb, SOF_BROADCAST);
    else
        ip_reset_option(pcb, SOF_BROADCAST);
}
