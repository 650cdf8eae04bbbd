/*
 * option.h - what getsockopt.c and setsockopt.c share (private)
 */
#ifndef IST_POSIX_OPTION_H
#define IST_POSIX_OPTION_H

#include "posix.h"

struct ist__option {
    int level, name;
    uint32_t option;      /* enum ist_option */
    uint32_t flags;
    int32_t min, max;
    int32_t minus;        /* what -1 stands for */
};

/* NULL: this socket has no such option (ENOPROTOOPT). */
const struct ist__option *ist__option_find(const struct ist__fd *f, int level, int name);
int ist__option_set(struct ist__fd *f, const struct ist__option *o, int32_t value);

/* multicast.c: joining, leaving, and IP_MULTICAST_IF, whose values are structures. 0 or -errno; 1: it is none of these. */
int ist__multicast_set(struct ist__fd *f, int level, int name, const void *value, socklen_t len);
int ist__multicast_get(struct ist__fd *f, int level, int name, struct in_addr *out);

/* tcp_info.c: 0 or -errno. */
struct tcp_info;
int ist__tcp_info_get(struct ist__fd *f, struct tcp_info *out);

#endif
