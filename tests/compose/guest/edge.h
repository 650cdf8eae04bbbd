/* edge.h - WasmEdge's sockets, what both shapes share */
#ifndef EDGE_H
#define EDGE_H

#include "dialect.h"

enum { INET4 = 1, INET6 = 2, DGRAM = 1, STREAM = 2 };
struct address { void *buf; uint32_t len; };
struct vec { void *buf; uint32_t len; };
struct info { uint16_t flags; uint8_t family, type; uint32_t protocol, address_len; struct sock *address; char *name; uint32_t name_len; struct info *next; };
struct sock { uint32_t family, len; uint8_t *data; };

IMPORT(sock_open)(int family, int type, int *fd);
IMPORT(sock_bind)(int fd, struct address *a, uint32_t port);
IMPORT(sock_connect)(int fd, struct address *a, uint32_t port);
IMPORT(sock_listen)(int fd, int backlog);
IMPORT(sock_send)(int fd, struct vec *v, uint32_t n, int flags, uint32_t *done);
IMPORT(sock_recv)(int fd, struct vec *v, uint32_t n, int flags, uint32_t *done, uint16_t *out);
IMPORT(sock_send_to)(int fd, struct vec *v, uint32_t n, struct address *a, uint32_t port, int flags, uint32_t *done);
IMPORT(sock_getsockopt)(int fd, uint32_t level, uint32_t name, void *value, uint32_t *len);
IMPORT(sock_setsockopt)(int fd, uint32_t level, uint32_t name, const void *value, uint32_t len);
IMPORT(sock_getaddrinfo)(const char *node, uint32_t node_len, const char *service, uint32_t service_len, struct info *hints, struct info **list,
    uint32_t cap, uint32_t *n);
IMPORT(sock_shutdown)(int fd, int how);

#endif
