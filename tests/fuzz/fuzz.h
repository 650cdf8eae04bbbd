/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is one file: LLVMFuzzerTestOneInput() tries an input and aborts where something is wrong that no sanitizer sees;
 * fuzz_seeds() builds inputs that reach its parts, among them one for each bug that was found. replay.c runs the seeds and damaged
 * ones in `make test`; libFuzzer goes on from them in `make fuzz`.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*seed_fn)(const char *name, const void *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
void fuzz_seeds(seed_fn seed);
extern const uint32_t fuzz_rounds;      /* damaged inputs of each seed in `make test`: a second's worth */

/* Says what is wrong and ends, so that libFuzzer keeps the input. */
#define must(good) do { if (!(good)) { fprintf(stderr, "%s:%d: must be: %s\n", __FILE__, __LINE__, #good); abort(); } } while (0)

/* An input, read piece by piece; behind its end there are zeros. */
struct input {
    const uint8_t *at;
    size_t left;
};

static inline uint32_t take8(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->at++;
}

static inline uint32_t take16(struct input *in)
{
    uint32_t high = take8(in);

    return high << 8 | take8(in);
}

static inline uint32_t take32(struct input *in)
{
    uint32_t high = take16(in);

    return high << 16 | take16(in);
}

/* At most @n bytes; *got of them are there. */
static inline const uint8_t *take(struct input *in, uint32_t n, uint32_t *got)
{
    const uint8_t *p = in->at;

    *got = n < in->left ? n : (uint32_t)in->left;
    in->at += *got;
    in->left -= *got;
    return p;
}

/* A seed under construction. */
struct seed {
    uint8_t at[1 << 16];
    size_t len;
};

static inline void add8(struct seed *s, uint32_t v)
{
    s->at[s->len++] = (uint8_t)v;
}

static inline void add16(struct seed *s, uint32_t v)
{
    add8(s, v >> 8);
    add8(s, v);
}

static inline void add32(struct seed *s, uint32_t v)
{
    add16(s, v >> 16);
    add16(s, v);
}

static inline void add(struct seed *s, const void *data, size_t len)
{
    memcpy(s->at + s->len, data, len);
    s->len += len;
}

/* Bytes as hex text, with spaces. */
static inline void add_hex(struct seed *s, const char *text)
{
    unsigned byte;
    int n;

    for (; sscanf(text, " %2x%n", &byte, &n) == 1; text += n)
        add8(s, byte);
}

#endif
