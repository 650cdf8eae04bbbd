/* syslog: two of its lines are TAP of their own, on standard error, which the test joins with the rest. */
#include <syslog.h>
#include "tap.h"

int main(void)
{
    syslog(LOG_ERR, "not ok - what nobody asked to see");
    openlog("ok 1 - the log", LOG_PERROR, LOG_DAEMON);
    errno = ENOENT;
    syslog(LOG_ERR, "the error is told: %m");
    ok(++tap_count && setlogmask(LOG_UPTO(LOG_WARNING)) == LOG_UPTO(LOG_DEBUG), "a mask is set");
    syslog(LOG_INFO, "not ok - what the mask leaves out");
    ok(setlogmask(0) == LOG_UPTO(LOG_WARNING), "and told");
    openlog("ok 4 - another name", LOG_PERROR, LOG_USER);
    syslog(LOG_WARNING | LOG_LOCAL3, "%s", "with a line's end\n");
    ++tap_count;
    closelog();
    return done();
}
