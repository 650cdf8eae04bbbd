/*
 * identity.c - a certificate chain and its private key
 */
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define RSA_BITS_MAX 4096              /* what BearSSL was built for */

static int32_t take_certificate(void *ctx, const char *label, const uint8_t *der, uint32_t len)
{
    struct ist_tls_identity *id = ctx;
    br_x509_certificate *c = &id->chain[id->n];
    struct ist_certificate certificate;

    if (!label)
        return IST_TLS_PEM_GARBAGE;
    if (!ist__pem_is_certificate(label))
        return 0;
    if (id->n == IST_TLS_CHAIN_MAX)
        return IST_TLS_CHAIN_TOO_LARGE;
    if (ist_certificate_read(der, len, &certificate))
        return IST_TLS_BAD_CERTIFICATE;
    c->data = malloc(len);
    if (!c->data)
        return IST_TLS_NO_MEMORY;
    memcpy(c->data, der, len);
    c->data_len = len;
    id->n++;
    return 0;
}

#define KEY_FOUND (-1)

static int32_t take_key(void *ctx, const char *label, const uint8_t *der, uint32_t len)
{
    struct ist_tls_identity *id = ctx;

    if (!label)
        return IST_TLS_PEM_GARBAGE;
    if (strcmp(label, "ENCRYPTED PRIVATE KEY") == 0)
        return IST_TLS_KEY_ENCRYPTED;
    if (strcmp(label, "PRIVATE KEY") != 0 && strcmp(label, "RSA PRIVATE KEY") != 0 && strcmp(label, "EC PRIVATE KEY") != 0)
        return 0;                      /* EC PARAMETERS, certificates in the same file */
    br_skey_decoder_init(&id->key);
    br_skey_decoder_push(&id->key, der, len);
    id->key_type = br_skey_decoder_key_type(&id->key);
    if (id->key_type)
        return KEY_FOUND;
    /* what is DER and a key of an algorithm we do not have, or no DER at all */
    switch (br_skey_decoder_last_error(&id->key)) {
    case BR_ERR_X509_UNSUPPORTED:
    case BR_ERR_X509_LIMIT_EXCEEDED:
        return IST_TLS_KEY_UNSUPPORTED;
    default:
        return IST_TLS_KEY_MALFORMED;
    }
}

/* The old encrypted form has headers inside the block, which the PEM decoder takes for garbage. */
static int says_encrypted(const char *pem, uint32_t len)
{
    static const char mark[] = "Proc-Type: 4,ENCRYPTED";

    for (uint32_t i = 0; i + sizeof mark - 1 <= len; i++)
        if (memcmp(pem + i, mark, sizeof mark - 1) == 0)
            return 1;
    return 0;
}

static size_t skip_zeros(const uint8_t **p, size_t len)
{
    while (len && **p == 0) {
        ++*p;
        len--;
    }
    return len;
}

static uint32_t rsa_bytes(const br_rsa_public_key *pk)
{
    const uint8_t *n = pk->n;

    return (uint32_t)skip_zeros(&n, pk->nlen);
}

/* The key is elsewhere: one signature tells whether it belongs to the certificate. */
static int32_t signer_check(struct ist_tls_identity *id, const br_x509_pkey *pk)
{
    static const char text[] = "does this key belong to the certificate?";
    uint8_t hash[br_sha256_SIZE], signature[RSA_BITS_MAX / 8];
    br_sha256_context sha;
    int32_t reason = IST_TLS_SIGNER_FAILED;
    size_t len;

    id->key_type = pk->key_type;
    if (pk->key_type == BR_KEYTYPE_RSA ? id->rsa_len < 2048 / 8 || id->rsa_len > RSA_BITS_MAX / 8
                                       : pk->key.ec.curve != BR_EC_secp256r1 && pk->key.ec.curve != BR_EC_secp384r1)
        return IST_TLS_KEY_UNSUPPORTED;
    br_sha256_init(&sha);
    br_sha256_update(&sha, text, sizeof text - 1);
    br_sha256_out(&sha, hash);
    memcpy(signature, hash, sizeof hash);
    len = ist__sign(id, br_sha256_ID, signature, sizeof hash, sizeof signature, &reason);
    if (len == 0)
        return reason;
    return ist__signature_good(pk, hash, signature, len) ? 0 : IST_TLS_KEY_MISMATCH;
}

/* Signs and checks: BearSSL's computation of the modulus has no room for 4,096 bits. */
static int32_t rsa_check(const br_rsa_private_key *sk, const br_x509_pkey *pk)
{
    uint8_t signature[RSA_BITS_MAX / 8], hash[br_sha256_SIZE] = { 1 }, found[br_sha256_SIZE];
    size_t len = (sk->n_bitlen + 7) / 8;

    if (sk->n_bitlen < 2048 || sk->n_bitlen > RSA_BITS_MAX)
        return IST_TLS_KEY_UNSUPPORTED;
    if (pk->key_type != BR_KEYTYPE_RSA)
        return IST_TLS_KEY_MISMATCH;
    if (!br_rsa_i31_pkcs1_sign(BR_HASH_OID_SHA256, hash, sizeof hash, sk, signature))
        return IST_TLS_KEY_MALFORMED;
    return br_rsa_i31_pkcs1_vrfy(signature, len, BR_HASH_OID_SHA256, sizeof hash, &pk->key.rsa, found) &&
           memcmp(hash, found, sizeof hash) == 0 ? 0 : IST_TLS_KEY_MISMATCH;
}

static int32_t ec_check(const br_ec_private_key *sk, const br_x509_pkey *pk)
{
    uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    const uint8_t *x = sk->x;
    br_ec_public_key computed;
    size_t order_len, x_len;

    if (sk->curve != BR_EC_secp256r1 && sk->curve != BR_EC_secp384r1)
        return IST_TLS_KEY_UNSUPPORTED;
    if (pk->key_type != BR_KEYTYPE_EC || pk->key.ec.curve != sk->curve)
        return IST_TLS_KEY_MISMATCH;
    ist__ec->order(sk->curve, &order_len);
    x_len = skip_zeros(&x, sk->xlen);
    if (x_len == 0 || x_len > order_len || sk->xlen > order_len || !br_ec_compute_pub(ist__ec, &computed, point, sk))
        return IST_TLS_KEY_MALFORMED;
    return computed.qlen == pk->key.ec.qlen && memcmp(computed.q, pk->key.ec.q, computed.qlen) == 0 ? 0 : IST_TLS_KEY_MISMATCH;
}

/* A key that does not belong to the certificate would fail only in the peer's check of the signature: find it here. */
static int32_t check_key(struct ist_tls_identity *id)
{
    br_x509_decoder_context decoder;
    const br_x509_pkey *pk;

    br_x509_decoder_init(&decoder, NULL, NULL);
    br_x509_decoder_push(&decoder, id->chain[0].data, id->chain[0].data_len);
    pk = br_x509_decoder_get_pkey(&decoder);
    if (!pk)
        return ist__tls_reason(br_x509_decoder_last_error(&decoder));
    if (pk->key_type == BR_KEYTYPE_EC)
        id->curve = pk->key.ec.curve;
    else
        id->rsa_len = rsa_bytes(&pk->key.rsa);
    if (id->sign_fn)
        return signer_check(id, pk);
    if (id->key_type == BR_KEYTYPE_RSA)
        return rsa_check(br_skey_decoder_get_rsa(&id->key), pk);
    return ec_check(br_skey_decoder_get_ec(&id->key), pk);
}

static int32_t identity_read(struct ist_tls_identity *id, const char *chain, uint32_t chain_len, const char *key, uint32_t key_len)
{
    int32_t reason = ist__pem_each(chain, chain_len, take_certificate, id);

    if (reason)
        return reason;
    if (id->n == 0)
        return IST_TLS_NO_CERTIFICATE;
    ist_certificate_read(id->chain[0].data, (uint32_t)id->chain[0].data_len, &id->leaf);
    if (id->sign_fn)
        return check_key(id);
    reason = ist__pem_each(key, key_len, take_key, id);
    if (reason != KEY_FOUND) {
        if (says_encrypted(key, key_len))
            return IST_TLS_KEY_ENCRYPTED;
        return reason ? reason : (int32_t)IST_TLS_NO_KEY;
    }
    return check_key(id);
}

int32_t ist_tls_identity_new(struct ist_tls_identity **out, const char *chain, uint32_t chain_len, const char *key,
                             uint32_t key_len, struct ist_tls_detail *detail)
{
    struct ist_tls_identity *id = calloc(1, sizeof *id);
    int32_t reason = id ? identity_read(id, chain, chain_len, key, key_len) : (int32_t)IST_TLS_NO_MEMORY;

    ist__tls_detail(detail, reason, 0);
    if (reason) {
        ist_tls_identity_free(id);
        return reason == IST_TLS_NO_MEMORY ? IST_ENOMEM : IST_ETLS;
    }
    *out = id;
    return IST_OK;
}

int32_t ist_tls_identity_new_signer(struct ist_tls_identity **out, const char *chain, uint32_t chain_len, ist_tls_sign_fn sign_fn, void *ctx,
                                    const char *name, struct ist_tls_detail *detail)
{
    struct ist_tls_identity *id = calloc(1, sizeof *id);
    int32_t reason = id ? IST_TLS_SIGNER_UNKNOWN : IST_TLS_NO_MEMORY;

    if (id && *name && strnlen(name, IST_TLS_SIGNER_NAME_MAX + 1) <= IST_TLS_SIGNER_NAME_MAX) {
        strcpy(id->sign_name, name);
        id->sign_fn = sign_fn;
        id->sign_ctx = ctx;
        reason = identity_read(id, chain, chain_len, NULL, 0);
    }
    ist__tls_detail(detail, reason, 0);
    if (reason) {
        ist_tls_identity_free(id);
        return reason == IST_TLS_NO_MEMORY ? IST_ENOMEM : IST_ETLS;
    }
    *out = id;
    return IST_OK;
}

void ist_tls_identity_free(struct ist_tls_identity *identity)
{
    if (!identity)
        return;
    for (uint32_t i = 0; i < identity->n; i++)
        free(identity->chain[i].data);
    ist__wipe(identity, sizeof *identity);
    free(identity);
}
