/*
 * sigaction.c - sigaction() over signal(); a handler of SA_SIGINFO is told the number, and that the program itself sent it
 */
#include <string.h>
#include <signal.h>
#include "posix.h"

typedef void informed(int, siginfo_t *, void *);

static informed *handlers[NSIG];

/* What libc calls in the place of such a handler. */
static void inform(int number)
{
    siginfo_t info;

    memset(&info, 0, sizeof info);
    info.si_signo = number;
    handlers[number](number, &info, NULL);
}

int sigaction(int number, const struct sigaction *__restrict action, struct sigaction *__restrict old)
{
    int informs = action && action->sa_flags & SA_SIGINFO && action->sa_handler != SIG_IGN && action->sa_handler != SIG_DFL;
    struct sigaction was;

    if (number < 1 || number >= NSIG)
        return ist__result(-EINVAL);
    memset(&was, 0, sizeof was);
    was.sa_handler = signal(number, !action ? SIG_IGN : informs ? inform : action->sa_handler);
    if (was.sa_handler == SIG_ERR)
        return -1;
    if (!action)
        signal(number, was.sa_handler);
    if (was.sa_handler == inform) {
        was.sa_sigaction = handlers[number];
        was.sa_flags = SA_SIGINFO;
    }
    if (informs)
        handlers[number] = action->sa_sigaction;
    if (old)
        *old = was;
    return 0;
}
