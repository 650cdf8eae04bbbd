/*
 * result.c - results of 0.2 that may be an error-code
 */
#include "component.h"

void *out_code(uint32_t at, enum error_code code)
{
    out8(0, 1);
    out8(at, code);
    return out;
}

void *out_refused(enum error_code code)
{
    return out_code(1, code);
}

void *out_result(int32_t error)
{
    out8(0, 0);
    return error < 0 ? out_refused(code_of(error)) : out;
}
