/*
 * verify.c - judges the peer's certificate chain
 *
 * Theory of Operation: BearSSL hands certificates over in pieces while the handshake message arrives. They are only collected here.
 * At the end of the chain each is read whole by our own strict reader, then fed to BearSSL's x509_minimal for signatures, dates,
 * names of issuers and constraints; the host's name is compared by our own rules (addresses, no common name). A check that
 * BearSSL does not make has its place in judge_each(), which sees every certificate whole before BearSSL does.
 */
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define CHAIN_BYTES_MAX (IST_TLS_CERTIFICATE_MAX * 4)
#define DAYS_TO_1970    719528        /* from 0000-01-01, BearSSL's day 0 */

static struct ist__verify *of(const br_x509_class **ctx)
{
    return (struct ist__verify *)(void *)ctx;
}

static void start_chain(const br_x509_class **ctx, const char *server_name)
{
    struct ist__verify *v = of(ctx);

    (void)server_name;                /* the name to check is in v->host: an address is not sent, but checked */
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

    if (v->reason || len > v->cap - v->start[v->n + 1])
        return;
    memcpy(v->der + v->start[v->n + 1], buf, len);
    v->start[v->n + 1] += (uint32_t)len;
}

static void end_cert(const br_x509_class **ctx)
{
    struct ist__verify *v = of(ctx);

    if (!v->reason)
        v->n++;
}

/* Which of the two it is: BearSSL has one number for both. */
static int32_t date_reason(const struct ist_certificate *c, uint64_t realtime_ns)
{
    return (int64_t)(realtime_ns / 1000000000u) < c->not_before_s ? IST_TLS_NOT_YET_VALID : IST_TLS_EXPIRED;
}

/* One certificate through our reader and BearSSL; 0 goes on. */
static int32_t judge_each(struct ist__verify *v, uint32_t i)
{
    const br_x509_class **x = &v->minimal.vtable;
    const uint8_t *der = v->der + v->start[i];
    uint32_t len = v->start[i + 1] - v->start[i];
    struct ist_certificate c;
    int64_t s;

    if (ist_certificate_read(der, len, &c))
        return IST_TLS_BAD_CERTIFICATE;
    s = v->flags & IST_TLS_NO_VERIFY_TIME ? c.not_before_s : (int64_t)(v->realtime_ns / 1000000000u);
    br_x509_minimal_set_time(&v->minimal, (uint32_t)(s / 86400 - (s % 86400 < 0) + DAYS_TO_1970), (uint32_t)((s % 86400 + 86400) % 86400));
    (*x)->start_cert(x, len);
    (*x)->append(x, der, len);
    (*x)->end_cert(x);
    if (v->minimal.err == BR_ERR_X509_EXPIRED)
        return date_reason(&c, v->realtime_ns);
    return 0;
}

static int32_t judge_chain(struct ist__verify *v)
{
    const br_x509_class **x = &v->minimal.vtable;
    uint32_t i;
    unsigned err;

    if (v->realtime_ns == 0 && !(v->flags & IST_TLS_NO_VERIFY_TIME))
        return IST_TLS_CLOCK_UNKNOWN;
    br_x509_minimal_init(&v->minimal, &br_sha256_vtable, v->trust->anchors, v->trust->n);
    ist__profile_verify(&v->minimal);
    (*x)->start_chain(x, NULL);
    for (i = 0; i < v->n && v->minimal.err == 0; i++) {
        int32_t reason = judge_each(v, i);
        if (reason)
            return reason;
    }
    err = (*x)->end_chain(x);
    if (err) {
        v->foreign = (int32_t)err;
        return ist__tls_reason((int)err);
    }
    return i - 1 > v->depth ? IST_TLS_CHAIN_TOO_LARGE : IST_TLS_OK;    /* the last one looked at was signed by an anchor */
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
                  : v->flags & IST_TLS_NO_VERIFY_CERTIFICATE ? read_key(v) : judge_chain(v);
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

void ist__verify_release(struct ist__verify *v)
{
    free(v->der);
    v->der = NULL;
    v->n = 0;
}
