/* A peer that is gone is EPIPE and ECONNRESET, and SIGPIPE never kills. */
#include <poll.h>
#include <signal.h>
#include "tap.h"

static volatile int seen, informed;

static void on_signal(int number)
{
    seen = number;
}

static void on_signal_with(int number, siginfo_t *info, void *context)
{
    (void)context;
    informed = info->si_signo == number ? number : -1;
}

static void handlers(void)
{
    struct sigaction plain = { .sa_flags = 0 }, with = { .sa_flags = SA_SIGINFO }, was;

    plain.sa_handler = on_signal;
    with.sa_sigaction = on_signal_with;
    ok(sigaction(SIGUSR1, &plain, NULL) == 0 && raise(SIGUSR1) == 0 && seen == SIGUSR1, "raise calls a handler");
    ok(sigaction(SIGUSR1, &with, &was) == 0 && was.sa_handler == on_signal, "sigaction says which it was");
    ok(raise(SIGUSR1) == 0 && informed == SIGUSR1, "one with SA_SIGINFO is told the number");
    ok(sigaction(SIGUSR1, NULL, &was) == 0 && was.sa_flags & SA_SIGINFO && was.sa_sigaction == on_signal_with, "it is asked for");
    seen = informed = 0;
    ok(raise(SIGUSR1) == 0 && informed == SIGUSR1 && seen == 0, "and stays");
    fails(sigaction(0, &plain, NULL), EINVAL, "signal 0 is EINVAL");
}

int main(void)
{
    struct sigaction ignore = { .sa_flags = 0 }, was;
    sigset_t set;
    struct pollfd p0;
    int p[2];
    char byte;

    ok(signal(SIGPIPE, SIG_IGN) == SIG_DFL, "signal(SIGPIPE, SIG_IGN) says what was");
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    ok(sigaction(SIGPIPE, &ignore, &was) == 0 && was.sa_handler == SIG_IGN, "sigaction too");
    ok(sigemptyset(&set) == 0 && sigaddset(&set, SIGPIPE) == 0 && sigismember(&set, SIGPIPE) == 1 && sigismember(&set, SIGTERM) == 0, "signal sets hold what they are given");
    handlers();
    tcp_pair(p);
    need(send(p[1], "unread", 6, 0) == 6, "send");
    p0 = (struct pollfd) { .fd = p[0], .events = POLLIN };
    poll(&p0, 1, 5000);
    close(p[0]);
    p0 = (struct pollfd) { .fd = p[1], .events = 0 };
    ok(poll(&p0, 1, 5000) == 1 && p0.revents & POLLERR, "closing with unread bytes resets the connection");
    fails(write(p[1], "x", 1), ECONNRESET, "the next write says so");
    fails(write(p[1], "x", 1), EPIPE, "the one after is EPIPE");
    fails(send(p[1], "x", 1, MSG_NOSIGNAL), EPIPE, "send too");
    ok(read(p[1], &byte, 1) == 0, "and reading finds the end");
    return done();
}
