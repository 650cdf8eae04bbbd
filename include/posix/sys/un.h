/*
 * sys/un.h - the address of Unix sockets, so that programs which know them compile
 *
 * socket(AF_UNIX) is EAFNOSUPPORT; socketpair(AF_UNIX) works.
 */
#ifndef IST_POSIX_SYS_UN_H
#define IST_POSIX_SYS_UN_H

#include <sys/socket.h>

#define __wasilibc___struct_sockaddr_un_h

struct sockaddr_un {
    sa_family_t sun_family;
    char sun_path[108];
};

#include_next <sys/un.h>

#endif
