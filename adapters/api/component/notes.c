/*
 * notes.c - standard output without wasi:io: each write is a note
 */
#include <stdlib.h>
#include <string.h>
#include "component.h"
#include "notes.h"

/* Bytes of the character at @p, of at most @len; 0: not UTF-8 (RFC 3629 4). */
static uint32_t character(const uint8_t *p, uint32_t len)
{
    uint32_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : 0;

    if (n == 0 || n > len)
        return 0;
    for (uint32_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

void notes_write(const uint8_t *from, uint32_t len)
{
    char *text = take(len);

    for (uint32_t at = 0, n; at < len; at += n) {
        n = character(from + at, len - at);
        if (n)
            memcpy(text + at, from + at, n);
        else
            text[at] = '?', n = 1;
    }
    if (len)
        tell(text, len);
    give(text, len);
}
