/*
 * unistd.h - libc's header, pipe(), and dup() of sockets and pipes; of what the host has opened it is ENOTSUP
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
int pipe(int out[2]);
int pipe2(int out[2], int flags);

#ifdef __cplusplus
}
#endif

#endif
