/*
 * start.c - the first socket call starts the stack; exit() lets it finish
 *
 * A kernel goes on sending after a process has ended. Here the process is the kernel: a destructor, which runs when main returns
 * and in exit() but not in _Exit(), flushes stdio, closes all sockets and gives TCP up to IST_LINGER_NS to deliver.
 * A datagram that was sent just before may still wait for the address of its neighbour: it gets IST_DATAGRAM_NS.
 */
#include <string.h>
#include <isthmus/linger.h>
#include <isthmus/link.h>
#include "posix.h"

extern const struct ist__face ist__face_stack;

/* ist_note() needs a stack that has started. The program learns an errno only; whoever runs it may read this. */
static void tell_host(const char *why)
{
    char text[256] = "isthmus: the network did not start: ";
    struct ist_link x = { .magic = IST_LINK_MAGIC, .version = IST_LINK_VERSION, .size = sizeof x, .note = (uint32_t)(uintptr_t)text };

    strncat(text, why, sizeof text - strlen(text) - 2);
    strcat(text, "\n");
    x.note_len = (uint32_t)strlen(text);
    isthmus_exchange(&x);
}

int ist__posix_start(void)
{
    int32_t r;

    if (ist__face)
        return 0;
    r = ist_start(NULL);
    if (r < 0) {
        tell_host(ist_error_text(r));
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
    if (ist__datagram_sent_ns + IST_DATAGRAM_NS > ist__now())
        ist__sleep_until(ist__datagram_sent_ns + IST_DATAGRAM_NS);
    ist__fd_close_all();
    ist_linger(ist__now() + IST_LINGER_NS);
}

/* Never called: brings the host's poll into the link, so that hook_fd_read.c finds it in programs with sockets (posix.h). */
int ist__posix_anchor(void);
int ist__posix_anchor(void)
{
    return ist__host_poll_real(NULL, 0, 0);
}
