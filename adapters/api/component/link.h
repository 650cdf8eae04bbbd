/*
 * link.h - room for the frames that a host returns
 */
#ifndef ISTHMUS_COMPONENT_LINK_H
#define ISTHMUS_COMPONENT_LINK_H

#include <stdint.h>

/* During an exchange: the receive buffer itself for the list of frames; else NULL, and memory is to be had as usual. */
void *link_room(void *old, uint32_t old_len, uint32_t len);

#endif
