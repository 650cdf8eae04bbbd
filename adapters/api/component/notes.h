/*
 * notes.h - output that leaves by the link's notes
 */
#ifndef ISTHMUS_COMPONENT_NOTES_H
#define ISTHMUS_COMPONENT_NOTES_H

#include <stdint.h>

/* Tells the host @from as it is; bytes that are no UTF-8 become '?', as notes are text. */
void notes_write(const uint8_t *from, uint32_t len);

#endif
