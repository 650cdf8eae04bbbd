/*
 * verify.c - takes the peer's certificate chain and has it judged
 *
 * Theory of Operation: BearSSL hands certificates over in pieces while the handshake message arrives. They are only collected here.
 * At the end of the chain they are judged whole: the path to an anchor by path.c, the host's name by our own rules (addresses, no
 * common name).
 */
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define CHAIN_BYTES_MAX (IST_TLS_CERTIFICATE_MAX * 4)

static struct ist__verify *of(const br_x509_class **ctx)
{
    return (struct ist__verify *)(void *)ctx;
}

static void start_chain(const br_x509_class **ctx, const char *server_name)
{
    struct ist__verify *v = of(ctx);

    (void)server_name;                /* the name to check is in v->host: an address is not sent, but checked */
    v->begun = 1;
    v->n = 0;
    v->start[0] = 0;
    v->reason = v->foreign = 0;
}

static void start_cert(const br_x509_class **ctx, uint32_t len)
{
    struct ist__verify *v = of(ctx);
    uint32_t need;

    if (v->reason)
        return;
    if (v->n == IST_TLS_CHAIN_MAX || len > IST_TLS_CERTIFICATE_MAX || len > CHAIN_BYTES_MAX - v->start[v->n]) {
        v->reason = IST_TLS_CHAIN_TOO_LARGE;
        return;
    }
    need = v->start[v->n] + len;
    if (need > v->cap) {
        uint32_t cap = need < 4096 ? 4096 : need * 2;
        uint8_t *der = realloc(v->der, cap);
        if (!der) {
            v->reason = IST_TLS_NO_MEMORY;
            return;
        }
        v->der = der;
        v->cap = cap;
    }
    v->start[v->n + 1] = v->start[v->n];     /* grows as the bytes arrive */
}

static void append(const br_x509_class **ctx, const unsigned char *buf, size_t len)
{
    struct ist__verify *v = of(ctx);

    if (v->reason || len == 0 || len > v->cap - v->start[v->n + 1])
        return;
    memcpy(v->der + v->start[v->n + 1], buf, len);
    v->start[v->n + 1] += (uint32_t)len;
}

static void end_cert(const br_x509_class **ctx)
{
    struct ist__verify *v = of(ctx);

    if (!v->reason && v->start[v->n + 1] == v->start[v->n])
        v->reason = IST_TLS_BAD_CERTIFICATE;                        /* of no bytes */
    if (!v->reason)
        v->n++;
}

/* Nothing is verified: only the key is read. */
static int32_t read_key(struct ist__verify *v)
{
    br_x509_decoder_init(&v->decoder, NULL, NULL);
    br_x509_decoder_push(&v->decoder, v->der, v->start[1]);
    v->by_decoder = 1;
    v->foreign = br_x509_decoder_last_error(&v->decoder);
    return ist__tls_reason(v->foreign);
}

static int32_t judge_name(const struct ist__verify *v)
{
    struct ist_certificate c;

    if (!v->host)
        return IST_TLS_OK;
    if (ist_certificate_read(v->der, v->start[1], &c))
        return IST_TLS_BAD_CERTIFICATE;
    return ist_certificate_matches(&c, v->host) == 1 ? IST_TLS_OK : IST_TLS_NAME_MISMATCH;
}

static unsigned end_chain(const br_x509_class **ctx)
{
    struct ist__verify *v = of(ctx);

    if (!v->reason)
        v->reason = v->n == 0 ? (int32_t)IST_TLS_NO_PEER_CERTIFICATE
                  : v->flags & IST_TLS_NO_VERIFY_CERTIFICATE ? read_key(v) : ist__path_judge(v);
    if (!v->reason)
        v->reason = judge_name(v);
    if (v->reason && !v->foreign)
        v->foreign = BR_ERR_X509_NOT_TRUSTED;
    return v->reason ? (unsigned)v->foreign : 0;
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *ctx, unsigned *usages)
{
    const struct ist__verify *v = (const struct ist__verify *)(const void *)ctx;

    if (v->reason)
        return NULL;
    if (!v->by_decoder)
        return v->minimal.vtable->get_pkey(&v->minimal.vtable, usages);
    if (usages)
        *usages = BR_KEYTYPE_SIGN | BR_KEYTYPE_KEYX;
    return &v->decoder.pkey;
}

static const br_x509_class verify_class = {
    sizeof (struct ist__verify), start_chain, start_cert, append, end_cert, end_chain, get_pkey
};

void ist__verify_init(struct ist__verify *v)
{
    v->vtable = &verify_class;
}

void ist__verify_shrink(struct ist__verify *v)
{
    uint32_t need = v->n ? v->start[v->n] : 0;
    uint8_t *der = need && v->cap > need ? realloc(v->der, need) : NULL;

    if (der) {
        v->der = der;
        v->cap = need;
    }
}

void ist__verify_release(struct ist__verify *v)
{
    free(v->der);
    v->der = NULL;
    v->n = 0;
}
