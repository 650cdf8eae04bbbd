/*
 * sign.c - signatures with our key, wherever it is: in the identity, or behind a function
 */
#include <string.h>
#include "tls/parts.h"

#define RSA_BYTES_MAX 512u
#define ECDSA_MAX     139u            /* P-521, DER; what BearSSL reserves */

static const unsigned char *const oids[] = { BR_HASH_OID_SHA256, BR_HASH_OID_SHA384, BR_HASH_OID_SHA512 };
static const br_hash_class *const hashes[] = { &br_sha256_vtable, &br_sha384_vtable, &br_sha512_vtable };

unsigned ist__hash_choose(uint32_t bits)
{
    return bits >> br_sha256_ID & 1 ? br_sha256_ID : bits >> br_sha384_ID & 1 ? br_sha384_ID
         : bits >> br_sha512_ID & 1 ? br_sha512_ID : 0;
}

/* A sequence of two integers, to the last byte. */
static int is_ecdsa(const uint8_t *p, uint32_t len)
{
    struct ist__der der = { p, p + len }, pair, number;

    return ist__der_take(&der, IST__DER_SEQUENCE, &pair) && der.at == der.end && ist__der_take(&pair, IST__DER_INTEGER, &number) &&
           number.at < number.end && ist__der_take(&pair, IST__DER_INTEGER, &number) && number.at < number.end && pair.at == pair.end;
}

/* The scheme's number is that of RFC 8446 4.2.3: in TLS 1.2 hash and algorithm, RFC 5246 7.4.1.4.1. */
static size_t ask(const struct ist_tls_identity *id, unsigned hash, const uint8_t *hv, size_t hv_len, uint8_t *out, size_t cap, int32_t *reason)
{
    int is_ec = id->key_type == BR_KEYTYPE_EC;
    uint8_t signature[RSA_BYTES_MAX];
    int32_t n = id->sign_fn(id->sign_ctx, id->sign_name, hash << 8 | (is_ec ? 3 : 1), hv, (uint32_t)hv_len, signature, sizeof signature);

    if (n > 0 && (uint32_t)n <= sizeof signature && (size_t)n <= cap &&
        (is_ec ? (uint32_t)n <= ECDSA_MAX && is_ecdsa(signature, (uint32_t)n) : (uint32_t)n == id->rsa_len)) {
        memcpy(out, signature, (size_t)n);
        return (size_t)n;
    }
    *reason = n == IST_ENONAME || n == IST_ENOLINK || n == IST_ESTATE ? IST_TLS_SIGNER_UNKNOWN : n == IST_EACCES ? IST_TLS_SIGNER_REFUSED
                                                                                                                : IST_TLS_SIGNER_FAILED;
    return 0;
}

size_t ist__sign(const struct ist_tls_identity *id, unsigned hash_id, uint8_t *data, size_t hv_len, size_t cap, int32_t *reason)
{
    unsigned hash = hash_id - br_sha256_ID;
    uint8_t hv[64];

    if (!id || hash > 2 || hv_len > sizeof hv)
        return 0;
    memcpy(hv, data, hv_len);
    if (id->sign_fn)
        return ask(id, hash_id, hv, hv_len, data, cap, reason);
    if (id->key_type == BR_KEYTYPE_EC)
        return cap < ECDSA_MAX ? 0 : br_ecdsa_i31_sign_asn1(ist__ec, hashes[hash], hv, br_skey_decoder_get_ec(&id->key), data);
    return cap < id->rsa_len || !br_rsa_i31_pkcs1_sign(oids[hash], hv, hv_len, br_skey_decoder_get_rsa(&id->key), data) ? 0 : id->rsa_len;
}

int ist__signature_good(const br_x509_pkey *pk, const uint8_t *hv, const uint8_t *signature, size_t len)
{
    uint8_t found[br_sha256_SIZE];

    if (pk->key_type == BR_KEYTYPE_EC)
        return br_ecdsa_i31_vrfy_asn1(ist__ec, hv, br_sha256_SIZE, &pk->key.ec, signature, len) == 1;
    return br_rsa_i31_pkcs1_vrfy(signature, len, BR_HASH_OID_SHA256, br_sha256_SIZE, &pk->key.rsa, found) == 1 &&
           memcmp(hv, found, sizeof found) == 0;
}

/* ---- what a client shows when it is asked for a certificate */

static void nothing(const br_ssl_client_certificate_class **ctx)
{
    (void)ctx;
}

static void name_start(const br_ssl_client_certificate_class **ctx, size_t len)
{
    (void)ctx;
    (void)len;
}

static void name_append(const br_ssl_client_certificate_class **ctx, const unsigned char *data, size_t len)
{
    (void)ctx;
    (void)data;
    (void)len;
}

static void choose(const br_ssl_client_certificate_class **ctx, const br_ssl_client_context *cc, uint32_t auth_types,
                   br_ssl_client_certificate *choices)
{
    const struct ist_tls_identity *id = ((struct ist__present *)(void *)ctx)->identity;
    int is_ec = id->key_type == BR_KEYTYPE_EC;
    unsigned hash = ist__hash_choose(auth_types >> (is_ec ? 8 : 0));

    (void)cc;
    memset(choices, 0, sizeof *choices);
    if (!hash)
        return;                                    /* the server takes no such signature: none is shown */
    choices->auth_type = is_ec ? BR_AUTH_ECDSA : BR_AUTH_RSA;
    choices->hash_id = (int)hash;
    choices->chain = id->chain;
    choices->chain_len = id->n;
}

static size_t sign(const br_ssl_client_certificate_class **ctx, int hash_id, size_t hv_len, unsigned char *data, size_t cap)
{
    struct ist__present *p = (struct ist__present *)(void *)ctx;

    return ist__sign(p->identity, (unsigned)hash_id, data, hv_len, cap, &p->reason);
}

/* No static ECDH is offered, so no key exchange by certificate. */
static const br_ssl_client_certificate_class present_class = {
    sizeof (struct ist__present), nothing, name_start, name_append, nothing, nothing, choose, NULL, sign
};

void ist__present_init(struct ist__present *p, br_ssl_client_context *cc, const struct ist_tls_identity *identity)
{
    p->vtable = &present_class;
    p->identity = identity;
    br_ssl_client_set_client_certificate(cc, &p->vtable);
}
