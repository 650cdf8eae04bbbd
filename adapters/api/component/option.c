/*
 * option.c - reading and setting options, for TCP and UDP
 */
#include "option.h"

void *option_set(struct socket *s, uint32_t option, uint64_t value, uint64_t unit, uint32_t max)
{
    if (value == 0)
        return out_refused(CODE_INVALID_ARGUMENT);
    value = value / unit + (value % unit != 0);
    return out_result(ist_option_set(s->handle, option, (int32_t)(value < max ? value : max)));
}

void *option_get(struct socket *s, uint32_t option, uint64_t unit, uint32_t at, uint32_t size)
{
    int32_t value = 0, r = ist_option_get(s->handle, option, &value);

    if (r < 0)
        return out_code(at, code_of(r));
    out8(0, 0);
    if (size == 8)
        out64(at, (uint64_t)value * unit);
    else if (size == 4)
        out32(at, (uint32_t)value);
    else
        out8(at, (uint32_t)value);
    return out;
}
