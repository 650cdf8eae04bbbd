/*
 * start.c - the first socket call starts the stack; exit() lets it finish
 *
 * A kernel goes on sending after a process has ended. Here the process is the kernel: a destructor, which runs when main returns
 * and in exit() but not in _Exit(), flushes stdio, closes all sockets and gives TCP up to IST_LINGER_NS to deliver.
 */
#include <isthmus/linger.h>
#include "posix.h"

extern const struct ist__face ist__face_stack;

int ist__posix_start(void)
{
    int32_t r;

    if (ist__face)
        return 0;
    r = ist_start(NULL);
    if (r < 0) {
        ist_note("isthmus: the network did not start:");
        ist_note(ist_error_text(r));
        return r == IST_ENOMEM ? -ENOMEM : -ENETDOWN;
    }
    ist__face = &ist__face_stack;
    return 0;
}

/* libc's: writes out what stdio still holds; linked when stdio is. It runs again later, and then finds nothing. */
void __stdio_exit(void) __attribute__((weak));

/* Priority 101: registered before, and so run after, every atexit() and destructor of the program. */
__attribute__((destructor(101))) static void finish(void)
{
    if (!ist__face)
        return;
    if (__stdio_exit)
        __stdio_exit();
    for (uint32_t i = 0; ist__fd_slot(i); i++)
        ist__fd_close((int)(IST_FD_FIRST + i));
    ist_linger(ist__now() + IST_LINGER_NS);
}

/* Never called: brings the host's poll into the link, so that hook_fd_read.c finds it in programs with sockets (posix.h). */
int ist__posix_anchor(void);
int ist__posix_anchor(void)
{
    return ist__host_poll_real(NULL, 0, 0);
}
