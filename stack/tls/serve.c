/*
 * serve.c - a server's choice of certificate and cipher suite, and its signature
 *
 * The place where a signer outside the instance fits: sign() is the only function of a server that needs the private key.
 */
#include <string.h>
#include "tls/parts.h"

/* The strongest reason to prefer SHA-256 is speed; all three are safe. 0: none in common. */
static unsigned hash_choose(uint32_t bits)
{
    return bits >> br_sha256_ID & 1 ? br_sha256_ID : bits >> br_sha384_ID & 1 ? br_sha384_ID
         : bits >> br_sha512_ID & 1 ? br_sha512_ID : 0;
}

/* The first suite in common that this key can sign for. */
static int suits(const struct ist_tls_identity *id, const br_ssl_server_context *cc, br_ssl_server_choices *choices)
{
    const br_suite_translated *suites;
    size_t n;
    int is_ec = id->key_type == BR_KEYTYPE_EC;
    unsigned hash = hash_choose(br_ssl_server_get_client_hashes(cc) >> (is_ec ? 8 : 0));

    if (hash == 0 || (is_ec && !(br_ssl_server_get_client_curves(cc) >> br_skey_decoder_get_ec(&id->key)->curve & 1)))
        return 0;
    suites = br_ssl_server_get_client_suites(cc, &n);
    for (size_t i = 0; i < n; i++) {
        if (suites[i][1] >> 12 != (is_ec ? BR_SSLKEYX_ECDHE_ECDSA : BR_SSLKEYX_ECDHE_RSA))
            continue;
        choices->cipher_suite = suites[i][0];
        choices->algo_id = 0xff00 + hash;
        choices->chain = id->chain;
        choices->chain_len = id->n;
        return 1;
    }
    return 0;
}

static int choose(const br_ssl_server_policy_class **ctx, const br_ssl_server_context *cc, br_ssl_server_choices *choices)
{
    struct ist__serve *s = (struct ist__serve *)(void *)ctx;
    const char *name = br_ssl_engine_get_server_name(&cc->eng);

    for (int by_name = 1; by_name >= 0; by_name--)
        for (uint32_t i = 0; i < s->n_identities; i++) {
            const struct ist_tls_identity *id = s->identities[i];
            if ((!by_name || (*name && ist_certificate_matches(&id->leaf, name) == 1)) && suits(id, cc, choices)) {
                s->chosen = id;
                return 1;
            }
        }
    return 0;
}

/* Only for suites without ECDHE, which are not offered. */
static uint32_t keyx(const br_ssl_server_policy_class **ctx, unsigned char *data, size_t *len)
{
    (void)ctx;
    (void)data;
    (void)len;
    return 0;
}

static size_t sign(const br_ssl_server_policy_class **ctx, unsigned algo_id, unsigned char *data, size_t hv_len, size_t cap)
{
    static const unsigned char *const oids[] = { BR_HASH_OID_SHA256, BR_HASH_OID_SHA384, BR_HASH_OID_SHA512 };
    static const br_hash_class *const hashes[] = { &br_sha256_vtable, &br_sha384_vtable, &br_sha512_vtable };
    const struct ist_tls_identity *id = ((struct ist__serve *)(void *)ctx)->chosen;
    unsigned hash = (algo_id & 0xff) - br_sha256_ID;
    unsigned char hv[64];
    size_t len;

    if (!id || hash > 2 || hv_len > sizeof hv)
        return 0;
    memcpy(hv, data, hv_len);
    if (id->key_type == BR_KEYTYPE_EC)
        return cap < 139 ? 0 : br_ecdsa_i31_sign_asn1(ist__ec, hashes[hash], hv, br_skey_decoder_get_ec(&id->key), data);
    len = (br_skey_decoder_get_rsa(&id->key)->n_bitlen + 7) / 8;
    return cap < len || !br_rsa_i31_pkcs1_sign(oids[hash], hv, hv_len, br_skey_decoder_get_rsa(&id->key), data) ? 0 : len;
}

static const br_ssl_server_policy_class serve_class = { sizeof (struct ist__serve), choose, keyx, sign };

void ist__serve_init(struct ist__serve *s, const struct ist_tls_identity *const *identities, uint32_t n)
{
    s->vtable = &serve_class;
    s->identities = identities;
    s->n_identities = n;
}
