/*
 * memory.c - memcpy(), memmove() and memset() for libc's own use, as the instructions of wasm that do it
 *
 * What clang compiles here has them in place already. libc's are loops of 2.6 KB for machines without. Weak: a program may bring its own.
 */
#ifdef __wasm_bulk_memory__
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);

__attribute__((weak)) void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    return __builtin_memcpy(to, from, len);      /* memory.copy */
}

__attribute__((weak)) void *memmove(void *to, const void *from, size_t len)
{
    return __builtin_memmove(to, from, len);
}

__attribute__((weak)) void *memset(void *at, int value, size_t len)
{
    return __builtin_memset(at, value, len);     /* memory.fill */
}
#endif

typedef int ist__memory_not_empty;   /* C wants a declaration in every file */
