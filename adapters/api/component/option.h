/*
 * option.h - socket options as wasi:sockets has them: never zero; too much is cut to what there is
 */
#ifndef ISTHMUS_COMPONENT_OPTION_H
#define ISTHMUS_COMPONENT_OPTION_H

#include "component.h"

/* The result of a setter. @unit: what one of the option's is in the interface's unit, 1 or 10^9 (seconds in ns); rounded up. */
void *option_set(struct socket *s, uint32_t option, uint64_t value, uint64_t unit, uint32_t max);
/* The value goes to @at of `out`, in @size bytes; the error code as well. */
void *option_get(struct socket *s, uint32_t option, uint64_t unit, uint32_t at, uint32_t size);

#endif
