/*
 * sigaction.c - sigaction() over signal(); no handler is told who sent a signal: SA_SIGINFO is EINVAL
 */
#include <string.h>
#include <signal.h>
#include "posix.h"

int sigaction(int number, const struct sigaction *__restrict action, struct sigaction *__restrict old)
{
    void (*before)(int);

    if (number < 1 || number >= NSIG || (action && action->sa_flags & SA_SIGINFO))
        return ist__result(-EINVAL);
    before = signal(number, action ? action->sa_handler : SIG_IGN);
    if (before == SIG_ERR)
        return -1;
    if (!action)
        signal(number, before);
    if (old) {
        memset(old, 0, sizeof *old);
        old->sa_handler = before;
    }
    return 0;
}
