/*
 * sys/socket.h - POSIX sockets for wasi-libc's preview1
 *
 * libc's own header lacks most of it and gives MSG_PEEK and MSG_TRUNC one value. This one keeps libc's AF_, SOCK_ and SHUT_
 * values, lays the addresses out as Linux does, and adds the rest. docs/posix.md says what each call does.
 */
#ifndef IST_POSIX_SYS_SOCKET_H
#define IST_POSIX_SYS_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <__typedef_sa_family_t.h>
#include <__typedef_socklen_t.h>

/* libc's own structures have no room for a path, for sa_data, or for a Unix address: these guards keep them out. */
#define __wasilibc___struct_sockaddr_h
#define __wasilibc___struct_sockaddr_storage_h

struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};

struct sockaddr_storage {
    sa_family_t ss_family;
    char __ss_padding[118];
    uint64_t __ss_align;
};

#include_next <sys/socket.h>

#define SOCK_RAW       3
#define SOCK_SEQPACKET 4
#define SOCK_RDM       7

#define PF_UNIX  AF_UNIX
#define PF_LOCAL AF_UNIX
#define AF_LOCAL AF_UNIX
#define AF_MAX   4

#undef MSG_PEEK
#undef MSG_WAITALL
#undef MSG_TRUNC
#define MSG_PEEK         0x0001
#define MSG_WAITALL      0x0002
#define MSG_OOB          0x0004
#define MSG_CTRUNC       0x0008
#define MSG_DONTROUTE    0x0010
#define MSG_TRUNC        0x0020
#define MSG_DONTWAIT     0x0040
#define MSG_EOR          0x0080
#define MSG_ERRQUEUE     0x2000
#define MSG_NOSIGNAL     0x4000
#define MSG_MORE         0x8000
#define MSG_CMSG_CLOEXEC 0x40000000

#undef SOMAXCONN
#define SOMAXCONN 4096   /* what listen() cuts its backlog to, as Linux does since 5.4 */

#ifndef SOL_IP
#define SOL_IP     0
#endif
#ifndef SOL_TCP
#define SOL_TCP    6
#endif
#ifndef SOL_UDP
#define SOL_UDP    17
#endif
#ifndef SOL_IPV6
#define SOL_IPV6   41
#endif
#define SOL_ICMPV6 58

/* SO_TYPE is libc's. */
#define SO_DEBUG      1
#define SO_REUSEADDR  2
#define SO_ERROR      4
#define SO_DONTROUTE  5
#define SO_BROADCAST  6
#define SO_SNDBUF     7
#define SO_RCVBUF     8
#define SO_KEEPALIVE  9
#define SO_OOBINLINE  10
#define SO_PRIORITY   12
#define SO_LINGER     13
#define SO_REUSEPORT  15
#define SO_RCVLOWAT   18
#define SO_SNDLOWAT   19
#define SO_BINDTODEVICE 25
#define SO_TIMESTAMP  29
#define SO_ACCEPTCONN 30
#define SO_MARK       36
#define SO_PROTOCOL   38
#define SO_DOMAIN     39
#define SO_RCVTIMEO   66
#define SO_SNDTIMEO   67

/* Control data: the layout and the macros. recvmsg gives what IP_PKTINFO and the like ask for, sendmsg takes the same. */
#define SCM_RIGHTS 1

struct cmsghdr {
    socklen_t cmsg_len;
    int cmsg_level;
    int cmsg_type;
};

#define CMSG_ALIGN(len) (((len) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_LEN(len)   (CMSG_ALIGN(sizeof(struct cmsghdr)) + (len))
#define CMSG_SPACE(len) (CMSG_ALIGN(sizeof(struct cmsghdr)) + CMSG_ALIGN(len))
#define CMSG_DATA(c)    ((unsigned char *)(c) + CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_FIRSTHDR(m) \
    ((size_t)(m)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(m)->msg_control : (struct cmsghdr *)0)
#define CMSG_NXTHDR(m, c) \
    ((c)->cmsg_len < sizeof(struct cmsghdr) || \
     (size_t)((unsigned char *)(m)->msg_control + (m)->msg_controllen - (unsigned char *)(c)) < \
         CMSG_ALIGN((c)->cmsg_len) + sizeof(struct cmsghdr) \
         ? (struct cmsghdr *)0 : (struct cmsghdr *)(void *)((unsigned char *)(c) + CMSG_ALIGN((c)->cmsg_len)))

#ifdef __cplusplus
extern "C" {
#endif

int socket(int domain, int type, int protocol);
int socketpair(int domain, int type, int protocol, int out[2]);
int bind(int fd, const struct sockaddr *local, socklen_t len);
int listen(int fd, int backlog);
int connect(int fd, const struct sockaddr *peer, socklen_t len);
int getsockname(int fd, struct sockaddr *__restrict local, socklen_t *__restrict len);
int getpeername(int fd, struct sockaddr *__restrict peer, socklen_t *__restrict len);
ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t to_len);
ssize_t recvfrom(int fd, void *__restrict buf, size_t cap, int flags,
    struct sockaddr *__restrict from, socklen_t *__restrict from_len);
ssize_t sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t recvmsg(int fd, struct msghdr *message, int flags);
int setsockopt(int fd, int level, int option, const void *value, socklen_t len);

#ifdef __cplusplus
}
#endif

#endif
