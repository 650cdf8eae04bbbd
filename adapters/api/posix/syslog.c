/*
 * syslog.c - syslog() as on a machine whose daemon does not run: LOG_PERROR writes to standard error, all else is dropped
 */
#include <stdio.h>
#include <string.h>
#include <syslog.h>

static const char *name;
static int options, mask = LOG_UPTO(LOG_DEBUG);

/* The facility would be told to the daemon; LOG_PID has no number to tell. */
void openlog(const char *ident, int option, int facility)
{
    (void)facility;
    name = ident;
    options = option;
}

void closelog(void)
{
    name = NULL;
}

int setlogmask(int set)
{
    int was = mask;

    if (set)
        mask = set;
    return was;
}

void vsyslog(int priority, const char *format, va_list args)
{
    char line[1024];
    int n;

    if (!(options & LOG_PERROR) || !(mask & LOG_MASK(LOG_PRI(priority))))
        return;
    n = vsnprintf(line, sizeof line, format, args);
    if (n < 0)
        return;
    fprintf(stderr, "%s%s%s%s", name ? name : "", name ? ": " : "", line, n && line[strlen(line) - 1] == '\n' ? "" : "\n");
}

void syslog(int priority, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsyslog(priority, format, args);
    va_end(args);
}
