/*
 * poll.h - libc's header and the events that it leaves out
 *
 * POLLPRI and POLLRDBAND are never reported: there is no urgent data.
 */
#ifndef IST_POSIX_POLL_H
#define IST_POSIX_POLL_H

#include <time.h>
#include <__typedef_sigset_t.h>
#include_next <poll.h>

#define POLLPRI    0x0004
#define POLLRDBAND 0x0008
#define POLLWRBAND 0x0010
#define POLLRDHUP  0x0020

#ifdef __cplusplus
extern "C" {
#endif

struct timespec;
int ppoll(struct pollfd *set, nfds_t n_set, const struct timespec *timeout, const sigset_t *mask);

#ifdef __cplusplus
}
#endif

#endif
