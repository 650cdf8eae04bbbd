/*
 * ifaddrs.h - the addresses of the interfaces
 *
 * One entry for each IPv4 and IPv6 address, in the order of the interfaces' numbers; an interface without one has an entry whose
 * ifa_addr is NULL.
 */
#ifndef IST_POSIX_IFADDRS_H
#define IST_POSIX_IFADDRS_H

#include <sys/socket.h>

struct ifaddrs {
    struct ifaddrs *ifa_next;
    char *ifa_name;
    unsigned int ifa_flags;               /* IFF_ of net/if.h */
    struct sockaddr *ifa_addr;
    struct sockaddr *ifa_netmask;
    union {
        struct sockaddr *ifu_broadaddr;   /* with IFF_BROADCAST, for IPv4 */
        struct sockaddr *ifu_dstaddr;
    } ifa_ifu;
    void *ifa_data;                       /* NULL */
};
#define ifa_broadaddr ifa_ifu.ifu_broadaddr
#define ifa_dstaddr   ifa_ifu.ifu_dstaddr

#ifdef __cplusplus
extern "C" {
#endif

int getifaddrs(struct ifaddrs **out);
void freeifaddrs(struct ifaddrs *list);

#ifdef __cplusplus
}
#endif

#endif
