/*
 * wamr.h - the addresses of WAMR's sockets, between its files (private)
 */
#ifndef IST_MERGE_WAMR_H
#define IST_MERGE_WAMR_H

#include "merge.h"

struct wamr_address { uint32_t kind; uint8_t bytes[20]; };   /* IPv4: 4 bytes and a port; IPv6: 8 halves and a port; all in the host's order */

int wamr_address_read(struct sockaddr_storage *to, uint32_t at);
void wamr_address_make(struct wamr_address *to, const struct sockaddr *from);
/* The same without a port: 0 for IPv4, 1 for IPv6. */
int wamr_ip_read(void *to, uint32_t at, uint32_t *kind);

#endif
