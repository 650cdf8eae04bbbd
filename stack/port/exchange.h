/*
 * exchange.h - one call across the border (private)
 *
 * In an instance addresses are addresses. Natively the memory that the host sees is one block, and addresses are offsets in it: so all
 * that a call hands over lies in one block.
 */
#ifndef IST_PORT_EXCHANGE_H
#define IST_PORT_EXCHANGE_H

#include <isthmus/link.h>

uint32_t ist__port_address(const uint8_t *block, const void *p);
int32_t ist__port_exchange(uint8_t *block, uint64_t block_len, struct ist_link *x);

#endif
