/*
 * sys/ioctl.h - libc's header, and the size of a terminal, which is not told (EINVAL)
 */
#ifndef IST_POSIX_SYS_IOCTL_H
#define IST_POSIX_SYS_IOCTL_H

#include_next <sys/ioctl.h>

#define TIOCGWINSZ 0x5413

struct winsize {
    unsigned short ws_row;
    unsigned short ws_col;
    unsigned short ws_xpixel;
    unsigned short ws_ypixel;
};

#endif
