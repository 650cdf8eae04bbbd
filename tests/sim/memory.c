/*
 * memory.c - the memory of one copy of the stack: counted, and refused where the simulator says
 *
 * Linked into the simulator's copies of the library alone, by --wrap: the library that is shipped calls libc.
 */
#include <stdlib.h>
#include <string.h>

#include "memory.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
char *__wrap_strdup(const char *text);
void __wrap_free(void *p);

static uint64_t n_asked, n_held, first_refused, n_refused;

void sim_memory_refuse(uint64_t first, uint64_t n)
{
    first_refused = first;
    n_refused = n;
    n_asked = 0;
}

uint64_t sim_memory_asked(void)
{
    return n_asked;
}

uint64_t sim_memory_held(void)
{
    return n_held;
}

static int refused(void)
{
    n_asked++;
    return n_asked >= first_refused && n_asked - first_refused < n_refused;
}

static void *held(void *p)
{
    n_held += p != NULL;
    return p;
}

void *__wrap_malloc(size_t n)
{
    return refused() ? NULL : held(__real_malloc(n));
}

void *__wrap_calloc(size_t n, size_t size)
{
    return refused() ? NULL : held(__real_calloc(n, size));
}

void *__wrap_realloc(void *p, size_t n)
{
    if (refused())
        return NULL;
    return p ? __real_realloc(p, n) : held(__real_realloc(p, n));
}

char *__wrap_strdup(const char *text)
{
    size_t n = strlen(text) + 1;
    char *p = __wrap_malloc(n);

    return p ? memcpy(p, text, n) : NULL;
}

void __wrap_free(void *p)
{
    n_held -= p != NULL;
    __real_free(p);
}
