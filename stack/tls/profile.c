/*
 * profile.c - the algorithms: which, in which order, and which implementation of each
 *
 * Named one by one instead of BearSSL's defaults, so that wasm and native builds run the same code: these are the fast ones where
 * a 32x32->64 multiplication is cheap and a 64x64->128 one is not. All are constant-time in C; see docs/tls.md on wasm.
 */
#include "tls/parts.h"

static const struct ist__suite suites[] = {      /* in order of preference */
    { BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, IST_TLS_CHACHA20_POLY1305, 256, "ECDHE-ECDSA-CHACHA20-POLY1305" },
    { BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, IST_TLS_CHACHA20_POLY1305, 256, "ECDHE-RSA-CHACHA20-POLY1305" },
    { BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, IST_TLS_AES_128_GCM, 128, "ECDHE-ECDSA-AES128-GCM-SHA256" },
    { BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, IST_TLS_AES_128_GCM, 128, "ECDHE-RSA-AES128-GCM-SHA256" },
    { BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, IST_TLS_AES_256_GCM, 256, "ECDHE-ECDSA-AES256-GCM-SHA384" },
    { BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, IST_TLS_AES_256_GCM, 256, "ECDHE-RSA-AES256-GCM-SHA384" },
};
#define N_SUITES (sizeof suites / sizeof *suites)

const br_ec_impl *const ist__ec = &br_ec_all_m31;

const struct ist__suite *ist__suite_find(uint32_t number)
{
    for (uint32_t i = 0; i < N_SUITES; i++)
        if (suites[i].number == number)
            return &suites[i];
    return NULL;
}

const char *ist__curve_name(uint32_t number)
{
    return number == BR_EC_curve25519 ? "X25519" : number == BR_EC_secp256r1 ? "P-256" : number == BR_EC_secp384r1 ? "P-384" : NULL;
}

static void hashes_set(br_multihash_context *m)
{
    br_multihash_setimpl(m, br_sha256_ID, &br_sha256_vtable);      /* SHA-1 and MD5 are not there at all */
    br_multihash_setimpl(m, br_sha384_ID, &br_sha384_vtable);
    br_multihash_setimpl(m, br_sha512_ID, &br_sha512_vtable);
}

/* BearSSL takes a point of X25519 that makes the shared secret zero, whatever our own key; RFC 8422 5.11 does not. */
static uint32_t secret_make(unsigned char *point, size_t len, const unsigned char *key, size_t key_len, int curve)
{
    uint32_t good = ist__ec->mul(point, len, key, key_len, curve);
    uint8_t any = 0;

    if (curve != BR_EC_curve25519)
        return good;
    for (size_t i = 0; i < len; i++)
        any |= point[i];
    return good & (any != 0);
}

void ist__profile_set(br_ssl_engine_context *eng, br_ec_impl *ec, uint32_t ciphers, uint32_t curves)
{
    uint16_t numbers[N_SUITES];
    size_t n = 0;

    for (uint32_t i = 0; i < N_SUITES; i++)
        if (ciphers == 0 || ciphers & suites[i].cipher)
            numbers[n++] = suites[i].number;
    br_ssl_engine_set_versions(eng, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(eng, numbers, n);

    /* BearSSL prefers x25519, then the lowest number: P-256, P-384. There is no other order to choose. */
    *ec = *ist__ec;
    ec->mul = secret_make;
    ec->supported_curves = (curves == 0 || curves & IST_TLS_X25519 ? 1u << BR_EC_curve25519 : 0) |
                           (curves == 0 || curves & IST_TLS_P256 ? 1u << BR_EC_secp256r1 : 0) |
                           (curves == 0 || curves & IST_TLS_P384 ? 1u << BR_EC_secp384r1 : 0);
    br_ssl_engine_set_ec(eng, ec);
    br_ssl_engine_set_ecdsa(eng, br_ecdsa_i31_vrfy_asn1);
    br_ssl_engine_set_rsavrfy(eng, br_rsa_i31_pkcs1_vrfy);

    hashes_set(&eng->mhash);
    br_ssl_engine_set_prf_sha256(eng, br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(eng, br_tls12_sha384_prf);

    br_ssl_engine_set_chacha20(eng, br_chacha20_ct_run);
    br_ssl_engine_set_poly1305(eng, br_poly1305_ctmul_run);
    br_ssl_engine_set_chapol(eng, &br_sslrec_in_chapol_vtable, &br_sslrec_out_chapol_vtable);
    br_ssl_engine_set_aes_ctr(eng, &br_aes_ct64_ctr_vtable);
    br_ssl_engine_set_ghash(eng, br_ghash_ctmul64);
    br_ssl_engine_set_gcm(eng, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
}

void ist__profile_verify(br_x509_minimal_context *x)
{
    hashes_set(&x->mhash);
    br_x509_minimal_set_rsa(x, br_rsa_i31_pkcs1_vrfy);
    br_x509_minimal_set_ecdsa(x, ist__ec, br_ecdsa_i31_vrfy_asn1);
    br_x509_minimal_set_minrsa(x, 2048 / 8);
}
