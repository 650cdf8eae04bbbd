/*
 * merge.h - what the files of the engine share (private)
 *
 * Theory of operation. `isthmus compose` merges a compiled preview1 module, the client, with this engine: the POSIX face and the
 * stack. The client's imports are renamed to the engine's exports (p1_ preview1's own, edge_ WasmEdge's, wamr_ WAMR's); both keep
 * a memory of their own. An address that the client passes is therefore no pointer here but a number, uint32_t, and all that
 * passes between the memories goes through client_read() and client_write(), which check it.
 *
 * What is not ours - files, standard streams - is passed on to the host with the client's own numbers, for the host sees the
 * client's memory. Where the engine itself has to ask the host (poll_oneoff), it borrows the first bytes of the client's
 * memory for the length of that call (host.c).
 *
 * All functions return WASI's errno values, which are wasi-libc's.
 */
#ifndef IST_MERGE_H
#define IST_MERGE_H

#include "../posix/posix.h"

#define EXPORT(name) __attribute__((export_name(#name))) int32_t name
#define STAGE 65536u          /* what one call moves; no datagram is longer */
#define IOVS_MAX 1024u

/* memory.c: 0 or EFAULT, when the range is not within the client's memory. */
int client_read(void *dst, uint32_t from, size_t len);
int client_write(uint32_t to, const void *src, size_t len);
int client_write_u32(uint32_t to, uint32_t value);

/* transfer.c: all that moves bytes. @from: NULL or what receives the sender's address (sa_family 0: none). */
int client_recv(int fd, uint32_t iovs, uint32_t n, int flags, uint32_t *done, int *out_flags, struct sockaddr_storage *from);
int client_send(int fd, uint32_t iovs, uint32_t n, int flags, uint32_t *done, const struct sockaddr_storage *to);
extern uint8_t client_stage[STAGE];

/* listen.c: the sockets of --listen bear small numbers, as preview1 servers expect. The face's number, or @fd itself. */
int fd_of(int fd);
void listen_forget(int fd);

/* The length that sockaddr_in or sockaddr_in6 has; 0 or errno of the last call of the face. */
socklen_t address_length(const struct sockaddr_storage *a);
int last(int r);

#endif
