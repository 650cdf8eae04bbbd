/*
 * herror.c - say on stderr why a name was not found; a file of its own, because it brings stdio
 */
#include <stdio.h>
#include <netdb.h>

void herror(const char *before)
{
    fprintf(stderr, "%s%s%s\n", before ? before : "", before && *before ? ": " : "", hstrerror(h_errno));
}
