/*
 * counters.c - what connections have done
 */
#include "tls/engine.h"

#define HEADER 5u

struct ist_tls_counters ist__tls_total;

void ist__count_out(struct ist_tls_engine *e, const uint8_t *bytes, uint32_t len)
{
    COUNT(e, bytes_out, len);
    while (len) {
        uint32_t n = 1;
        if (e->out_header < HEADER) {
            if (e->out_header++ == 0) {
                COUNT(e, records_out, 1);
                COUNT(e, alerts_out, *bytes == RECORD_ALERT);
            }
            e->out_left = (e->out_left << 8 | *bytes) & 0xffff;        /* the last two bytes of the header */
        } else {
            n = len < e->out_left ? len : e->out_left;
            e->out_left -= n;
        }
        if (e->out_header == HEADER && e->out_left == 0)
            e->out_header = 0;
        bytes += n;
        len -= n;
    }
}

void ist_tls_counters(const struct ist_tls_engine *engine, struct ist_tls_counters *out)
{
    *out = engine ? engine->counters : ist__tls_total;
}
