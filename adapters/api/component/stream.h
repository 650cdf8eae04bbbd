/*
 * stream.h - reading and writing, for each other's sake: splice needs both
 */
#ifndef ISTHMUS_COMPONENT_STREAM_H
#define ISTHMUS_COMPONENT_STREAM_H

#include "component.h"

/* result<list<u8>, stream-error> in `out`; the list is malloc's. */
void input_read(struct stream *self, uint64_t len, bool block);

#endif
