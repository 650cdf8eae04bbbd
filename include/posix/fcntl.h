/*
 * fcntl.h - libc's header, and F_DUPFD, which sockets have
 */
#ifndef IST_POSIX_FCNTL_H
#define IST_POSIX_FCNTL_H

#include_next <fcntl.h>

#ifndef F_DUPFD
#define F_DUPFD 0
#endif
#ifndef F_DUPFD_CLOEXEC
#define F_DUPFD_CLOEXEC 1030
#endif

#endif
