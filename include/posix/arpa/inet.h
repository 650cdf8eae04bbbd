/*
 * arpa/inet.h - libc's header and the old calls that it leaves out
 */
#ifndef IST_POSIX_ARPA_INET_H
#define IST_POSIX_ARPA_INET_H

#include <netinet/in.h>
#include_next <arpa/inet.h>

#ifdef __cplusplus
extern "C" {
#endif

in_addr_t inet_addr(const char *text);
in_addr_t inet_network(const char *text);
char *inet_ntoa(struct in_addr address);
struct in_addr inet_makeaddr(in_addr_t network, in_addr_t host);
in_addr_t inet_lnaof(struct in_addr address);
in_addr_t inet_netof(struct in_addr address);

#ifdef __cplusplus
}
#endif

#endif
