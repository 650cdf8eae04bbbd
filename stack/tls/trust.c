/*
 * trust.c - a bundle of certificates as trust anchors
 *
 * BearSSL's anchor is a name, a key and whether it is an authority. Its dates, its name constraints and what else its certificate
 * limits are kept beside it, and hold: path.c.
 */
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define BUNDLE_MAX (16u << 20)

struct reading {
    struct ist_tls_trust *trust;
    struct ist_tls_trust_report report;
    int damaged;
};

/* The subject of the certificate as the decoder gives it, in pieces. */
struct subject {
    uint8_t data[4096];
    uint32_t len;
    int too_long;
};

static void subject_append(void *ctx, const void *buf, size_t len)
{
    struct subject *s = ctx;

    if (len > sizeof s->data - s->len) {
        s->too_long = 1;
        return;
    }
    memcpy(s->data + s->len, buf, len);
    s->len += (uint32_t)len;
}

static uint8_t *copy_to(uint8_t **at, const void *src, size_t len)
{
    uint8_t *start = *at;

    memcpy(start, src, len);
    *at += len;
    return start;
}

/* Copies name, key and constraints into one block of memory that begins with the name. */
static int anchor_fill(br_x509_trust_anchor *a, struct ist__rules *rules, const struct subject *s, const br_x509_pkey *key, unsigned flags)
{
    size_t need = s->len + rules->constraints_len + (key->key_type == BR_KEYTYPE_RSA ? key->key.rsa.nlen + key->key.rsa.elen : key->key.ec.qlen);
    uint8_t *at = malloc(need);

    if (!at)
        return 0;
    a->flags = flags;
    a->pkey = *key;
    a->dn.data = copy_to(&at, s->data, s->len);
    a->dn.len = s->len;
    if (rules->constraints)
        rules->constraints = copy_to(&at, rules->constraints, rules->constraints_len);
    if (key->key_type == BR_KEYTYPE_RSA) {
        a->pkey.key.rsa.n = copy_to(&at, key->key.rsa.n, key->key.rsa.nlen);
        a->pkey.key.rsa.e = copy_to(&at, key->key.rsa.e, key->key.rsa.elen);
    } else {
        a->pkey.key.ec.q = copy_to(&at, key->key.ec.q, key->key.ec.qlen);
    }
    return 1;
}

static int room_for_one(struct ist_tls_trust *t)
{
    uint32_t cap = t->cap ? t->cap * 2 : 8;
    br_x509_trust_anchor *anchors;
    struct ist__rules *rules;

    if (t->n < t->cap)
        return 1;
    anchors = realloc(t->anchors, cap * sizeof *anchors);
    if (!anchors)
        return 0;
    t->anchors = anchors;
    rules = realloc(t->rules, cap * sizeof *rules);
    if (!rules)
        return 0;
    t->rules = rules;
    t->cap = cap;
    return 1;
}

static int32_t take_block(void *ctx, const char *label, const uint8_t *der, uint32_t len)
{
    struct reading *r = ctx;
    br_x509_decoder_context decoder;
    struct ist__facts facts;
    struct subject subject = { .len = 0 };
    br_x509_pkey *key;

    if (label && !ist__pem_is_certificate(label))
        return 0;
    r->damaged |= !label;
    if (!label || !ist__facts_read(der, len, &facts)) {
        r->report.n_skipped++;
        return 0;
    }
    br_x509_decoder_init(&decoder, subject_append, &subject);
    br_x509_decoder_push(&decoder, der, len);
    key = br_x509_decoder_get_pkey(&decoder);
    if (!key || subject.too_long || subject.len == 0) {
        r->report.n_skipped++;
        return 0;
    }
    if (!room_for_one(r->trust) || !anchor_fill(&r->trust->anchors[r->trust->n], &facts.rules, &subject, key,
                                                br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0))
        return IST_TLS_NO_MEMORY;
    r->trust->rules[r->trust->n] = facts.rules;
    r->trust->n++;
    r->report.n_anchors++;
    return 0;
}

static void digest_make(struct ist_tls_trust *t)
{
    br_sha256_context sha;

    br_sha256_init(&sha);
    for (uint32_t i = 0; i < t->n; i++) {
        const br_x509_trust_anchor *a = &t->anchors[i];
        br_sha256_update(&sha, a->dn.data, a->dn.len);
        if (a->pkey.key_type == BR_KEYTYPE_RSA)
            br_sha256_update(&sha, a->pkey.key.rsa.n, a->pkey.key.rsa.nlen);
        else
            br_sha256_update(&sha, a->pkey.key.ec.q, a->pkey.key.ec.qlen);
    }
    br_sha256_out(&sha, t->digest);
}

int32_t ist_tls_trust_new(struct ist_tls_trust **out, const char *pem, uint32_t len, struct ist_tls_trust_report *report,
                          struct ist_tls_detail *detail)
{
    struct reading r = { .trust = calloc(1, sizeof *r.trust) };
    int32_t reason = IST_TLS_NO_MEMORY;

    if (r.trust)
        reason = len > BUNDLE_MAX ? (int32_t)IST_TLS_PEM_GARBAGE : ist__pem_each(pem, len, take_block, &r);
    if (reason == 0 && r.trust->n == 0)
        reason = r.damaged ? IST_TLS_PEM_GARBAGE : IST_TLS_NO_ANCHOR;
    ist__tls_detail(detail, reason, 0);
    if (report)
        *report = r.report;
    if (reason) {
        ist_tls_trust_free(r.trust);
        return reason == IST_TLS_NO_MEMORY ? IST_ENOMEM : IST_ETLS;
    }
    digest_make(r.trust);
    *out = r.trust;
    return IST_OK;
}

void ist_tls_trust_free(struct ist_tls_trust *trust)
{
    if (!trust)
        return;
    for (uint32_t i = 0; i < trust->n; i++)
        free(trust->anchors[i].dn.data);
    free(trust->anchors);
    free(trust->rules);
    free(trust);
}
