/*
 * select_set.h - what select.c and pselect.c share (private)
 */
#ifndef IST_POSIX_SELECT_SET_H
#define IST_POSIX_SELECT_SET_H

#include <sys/select.h>
#include "posix.h"

/* The number of members left in the three sets, or -errno, and then the sets are as they were. */
int ist__select(int n_fds, fd_set *reads, fd_set *writes, fd_set *excepts, int64_t timeout_ns);

#endif
