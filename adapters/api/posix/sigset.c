/*
 * sigset.c - signal sets, and masks that nothing needs
 */
#include <signal.h>
#include "posix.h"

static int in_range(int number)
{
    return number >= 1 && number <= 64;
}

int sigemptyset(sigset_t *set)
{
    *set = 0;
    return 0;
}

int sigfillset(sigset_t *set)
{
    *set = ~(sigset_t)0;
    return 0;
}

int sigaddset(sigset_t *set, int number)
{
    if (!in_range(number))
        return ist__result(-EINVAL);
    *set |= (sigset_t)1 << (number - 1);
    return 0;
}

int sigdelset(sigset_t *set, int number)
{
    if (!in_range(number))
        return ist__result(-EINVAL);
    *set &= ~((sigset_t)1 << (number - 1));
    return 0;
}

int sigismember(const sigset_t *set, int number)
{
    if (!in_range(number))
        return ist__result(-EINVAL);
    return (int)(*set >> (number - 1) & 1);
}

int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old)
{
    if (set && (how < SIG_BLOCK || how > SIG_SETMASK))
        return ist__result(-EINVAL);
    if (old)
        *old = 0;
    return 0;
}
