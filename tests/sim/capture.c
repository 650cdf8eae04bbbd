/*
 * capture.c - pcapng of a world: what each stack sends and gets, an interface for each, in the time of the world
 *
 * Source: draft-ietf-opsawg-pcapng
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"

const char *capture_path;
static FILE *file;

static void put32(uint32_t v)
{
    fwrite(&v, 4, 1, file);
}

void capture_open(uint32_t kind, uint32_t n_stacks)
{
    if (!capture_path)
        return;
    file = fopen(capture_path, "wb");
    if (!file) {
        perror(capture_path);
        exit(2);
    }
    for (int i = 0; i < 7; i++)
        put32((uint32_t[]){ 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, UINT32_MAX, UINT32_MAX, 28 }[i]);
    for (uint32_t n = 0; n < n_stacks; n++) {
        for (int i = 0; i < 8; i++)      /* times in ns: option 9, one byte, 9 */
            put32((uint32_t[]){ 1, 32, kind == IST_LINK_KIND_ETHERNET ? 1 : 101, 0, 9 | 1 << 16, 9, 0, 32 }[i]);
    }
}

void capture_frame(uint32_t stack, bool inward, const uint8_t *frame, uint32_t len)
{
    uint32_t padded = (len + 3) / 4 * 4, all = 44 + padded;

    if (!file)
        return;
    for (int i = 0; i < 7; i++)
        put32((uint32_t[]){ 6, all, stack, (uint32_t)(world.now >> 32), (uint32_t)world.now, len, len }[i]);
    fwrite(frame, 1, len, file);
    fwrite("\0\0\0", 1, padded - len, file);
    for (int i = 0; i < 4; i++)          /* option 2, the direction */
        put32((uint32_t[]){ 2 | 4 << 16, inward ? 1 : 2, 0, all }[i]);
    fflush(file);
}
