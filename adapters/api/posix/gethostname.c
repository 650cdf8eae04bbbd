/*
 * gethostname.c - gethostname(): the grant's hostname=, else "localhost"
 */
#include <string.h>
#include <unistd.h>
#include "posix.h"

int gethostname(char *name, size_t cap)
{
    char granted[256];
    const char *source = granted;

    if (ist__posix_start() < 0 || ist_grant_value("hostname", 0, granted, sizeof granted) <= 0)
        source = "localhost";
    if (strlen(source) >= cap)
        return ist__result(-ENAMETOOLONG);
    strcpy(name, source);
    return 0;
}
