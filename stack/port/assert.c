/*
 * assert.c - the sanitizer build names the assertion of lwIP that broke; the others trap where it stands
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <stdio.h>
#include <stdlib.h>

_Noreturn void ist__assertion_failed(const char *message, const char *file, int line);

_Noreturn void ist__assertion_failed(const char *message, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, message);
    abort();
}
#endif
#endif

typedef int ist__assert_not_empty;   /* C wants a declaration in every file */
