/*
 * unistd.h - libc's header, and dup() of sockets; of what the host has opened it is ENOTSUP
 */
#ifndef IST_POSIX_UNISTD_H
#define IST_POSIX_UNISTD_H

#include_next <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

int dup(int fd);
int dup2(int from, int to);
int dup3(int from, int to, int flags);

#ifdef __cplusplus
}
#endif

#endif
