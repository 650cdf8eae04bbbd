/*
 * signal.h - libc's emulated signals, and sigaction and signal sets over them
 *
 * No signal ever comes from outside: raise() alone calls a handler. A broken connection is EPIPE, never SIGPIPE, whatever its
 * disposition. Masks are kept nowhere; a mask given to a call is ignored.
 */
#ifndef IST_POSIX_SIGNAL_H
#define IST_POSIX_SIGNAL_H

#ifndef _WASI_EMULATED_SIGNAL
#define _WASI_EMULATED_SIGNAL
#endif

#include <time.h>
#include <sys/types.h>
#include <__typedef_sigset_t.h>
#include_next <signal.h>

#ifndef NSIG
#define NSIG _NSIG
#endif

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SA_NOCLDSTOP 1
#define SA_NOCLDWAIT 2
#define SA_SIGINFO   4
#define SA_RESTART   0x10000000
#define SA_NODEFER   0x40000000
#define SA_RESETHAND 0x80000000

union sigval {
    int sival_int;
    void *sival_ptr;
};

typedef struct {
    int si_signo, si_errno, si_code;
    pid_t si_pid;
    void *si_addr;
    union sigval si_value;
} siginfo_t;

struct sigaction {
    union {
        void (*sa_handler)(int);
        void (*sa_sigaction)(int, siginfo_t *, void *);
    } __sa_handler;
    sigset_t sa_mask;
    int sa_flags;
};
#define sa_handler   __sa_handler.sa_handler
#define sa_sigaction __sa_handler.sa_sigaction

#ifdef __cplusplus
extern "C" {
#endif

int sigaction(int signal, const struct sigaction *__restrict action, struct sigaction *__restrict old);
int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int signal);
int sigdelset(sigset_t *set, int signal);
int sigismember(const sigset_t *set, int signal);

#ifdef __cplusplus
}
#endif

#endif
