/*
 * option.h - the options that TCP, UDP and ICMP handles have in common (private)
 */
#ifndef IST_OPTION_H
#define IST_OPTION_H

#include <stdbool.h>
#include <lwip/ip.h>
#include <isthmus/socket.h>

struct ist__options {
    uint8_t ttl, tos;
    bool reuse, broadcast, v6only;
};

/* @ttl: what IST_OPTION_TTL -1 goes back to. */
int32_t ist__options_set(struct ist__options *o, uint32_t option, int32_t value, uint8_t ttl);
/* IST_ENOTSUP: not one of these options, as above. */
int32_t ist__options_get(const struct ist__options *o, uint32_t option, int32_t *value);
/* Tells lwIP. @pcb: struct tcp_pcb, tcp_pcb_listen, udp_pcb or raw_pcb, which all begin with an ip_pcb. */
void ist__options_apply(const struct ist__options *o, struct ip_pcb *pcb);

#endif
