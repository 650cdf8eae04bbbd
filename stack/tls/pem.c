/*
 * pem.c - PEM text, block by block
 */
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define BLOCK_MAX IST_TLS_CERTIFICATE_MAX

struct block {
    uint8_t *der;
    uint32_t len, cap;
    int damaged, no_memory;
};

void ist__wipe(void *p, size_t len)
{
    if (len)
        memset(p, 0, len);
    __asm__ volatile("" : : "r"(p) : "memory");      /* somebody might look: the memset() stays */
}

int ist__pem_is_certificate(const char *label)
{
    return strcmp(label, "CERTIFICATE") == 0 || strcmp(label, "X509 CERTIFICATE") == 0;
}

/* Called by the decoder with pieces of the contents. Old memory is overwritten before it goes: it may hold a key. */
static void block_append(void *ctx, const void *src, size_t len)
{
    struct block *b = ctx;

    if (len > BLOCK_MAX - b->len) {
        b->damaged = 1;
        return;
    }
    if (b->len + len > b->cap) {
        uint32_t cap = b->cap ? b->cap * 4 : 4096;
        uint8_t *der = malloc(cap);
        if (!der) {
            b->no_memory = 1;
            return;
        }
        if (b->len)
            memcpy(der, b->der, b->len);
        ist__wipe(b->der, b->len);
        free(b->der);
        b->der = der;
        b->cap = cap;
    }
    memcpy(b->der + b->len, src, len);
    b->len += (uint32_t)len;
}

int32_t ist__pem_each(const char *pem, uint32_t len,
                      int32_t (*block_fn)(void *ctx, const char *label, const uint8_t *der, uint32_t len), void *ctx)
{
    br_pem_decoder_context decoder;
    struct block block = { 0 };
    uint32_t at = 0;
    int32_t r = 0;
    int inside = 0, newline = 0;      /* newline: the one that a last line without it lacks has been given */

    br_pem_decoder_init(&decoder);
    while (r == 0 && (at < len || !newline)) {
        if (at < len) {
            at += (uint32_t)br_pem_decoder_push(&decoder, pem + at, len - at);
        } else {
            br_pem_decoder_push(&decoder, "\n", 1);
            newline = 1;
        }
        switch (br_pem_decoder_event(&decoder)) {
        case BR_PEM_BEGIN_OBJ:
            block.len = 0;
            block.damaged = 0;
            inside = 1;
            br_pem_decoder_setdest(&decoder, block_append, &block);
            break;
        case BR_PEM_END_OBJ:
            inside = 0;
            if (block.no_memory)
                r = IST_TLS_NO_MEMORY;
            else if (block.damaged || block.len == 0)
                r = block_fn(ctx, NULL, NULL, 0);
            else
                r = block_fn(ctx, br_pem_decoder_name(&decoder), block.der, block.len);
            break;
        case BR_PEM_ERROR:
            inside = 0;
            r = block_fn(ctx, NULL, NULL, 0);
            br_pem_decoder_init(&decoder);
            break;
        }
    }
    if (r == 0 && inside)             /* no END line */
        r = block_fn(ctx, NULL, NULL, 0);
    ist__wipe(block.der, block.len);
    free(block.der);
    ist__wipe(&decoder, sizeof decoder);
    return r;
}
