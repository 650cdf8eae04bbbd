/*
 * memory.c - what the canonical ABI asks of every core module: memory for lists, and a place for results
 */
#include <stdlib.h>
#include <string.h>
#include "component.h"
#include "link.h"

#define EMPTY ((void *)16)      /* where an empty list may be said to lie */

uint8_t out[OUT_SIZE] __attribute__((aligned(8)));

void out8(uint32_t at, uint32_t value) { out[at] = (uint8_t)value; }
void out16(uint32_t at, uint32_t value) { memcpy(out + at, &value, 2); }
void out32(uint32_t at, uint32_t value) { memcpy(out + at, &value, 4); }
void out64(uint32_t at, uint64_t value) { memcpy(out + at, &value, 8); }
void out_pointer(uint32_t at, const void *p) { out32(at, (uint32_t)(uintptr_t)p); }

_Noreturn void trap(void)
{
    __builtin_trap();
}

void *take(size_t len)
{
    void *p = len ? malloc(len) : EMPTY;

    if (!p)
        trap();
    return p;
}

void give(void *list, size_t len)
{
    if (len)
        free(list);
}

/* Only sizes and kinds of lists come in here: no alignment is over malloc's 16. */
__attribute__((export_name("cm32p2_realloc")))
void *cm32p2_realloc(void *old, uint32_t old_len, uint32_t align, uint32_t len)
{
    void *p = link_room(old, old_len, len);

    (void)align;
    if (p)
        return p;
    if (!old_len)
        return take(len);
    p = realloc(old, len ? len : 1);
    if (!p)
        trap();
    return p;
}

void __wasm_call_ctors(void);
__attribute__((export_name("cm32p2_initialize"))) void cm32p2_initialize(void)
{
    __wasm_call_ctors();
}
