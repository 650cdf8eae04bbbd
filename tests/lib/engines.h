/*
 * engines.h - two TLS engines joined by memory, and the files that their keys come from
 */
#ifndef TESTS_ENGINES_H
#define TESTS_ENGINES_H

#include <isthmus/tls_engine.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of FOLDER/NAME.SUFFIX, 64 KiB at most; ends the program when there is no such file. */
static inline char *load(const char *folder, const char *name, const char *suffix, uint32_t *len)
{
    static char path[512];
    char *text = malloc(65536);
    FILE *f;

    snprintf(path, sizeof path, "%s/%s.%s", folder, name, suffix);
    f = fopen(path, "rb");
    if (!f || !text) {
        perror(path);
        exit(1);
    }
    *len = (uint32_t)fread(text, 1, 65536, f);
    fclose(f);
    return text;
}

/* All records that fit from one to the other; their bytes. */
static inline uint32_t carry(struct ist_tls_engine *from, struct ist_tls_engine *to)
{
    uint32_t n, room, total = 0;
    const uint8_t *out;
    uint8_t *in;

    while ((out = ist_tls_engine_record_out_buf(from, &n)) != NULL && (in = ist_tls_engine_record_in_buf(to, &room)) != NULL) {
        n = n < room ? n : room;
        memcpy(in, out, n);
        ist_tls_engine_record_in_ack(to, n);
        ist_tls_engine_record_out_ack(from, n);
        total += n;
    }
    return total;
}

#endif
