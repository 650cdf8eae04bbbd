/*
 * serve.c - a server's choice of certificate and cipher suite
 */
#include "tls/parts.h"

/* The first suite in common that this key can sign for. */
static int suits(const struct ist_tls_identity *id, const br_ssl_server_context *cc, br_ssl_server_choices *choices)
{
    const br_suite_translated *suites;
    size_t n;
    int is_ec = id->key_type == BR_KEYTYPE_EC;
    unsigned hash = ist__hash_choose(br_ssl_server_get_client_hashes(cc) >> (is_ec ? 8 : 0));

    if (hash == 0 || (is_ec && !(br_ssl_server_get_client_curves(cc) >> id->curve & 1)))
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
    struct ist__serve *s = (struct ist__serve *)(void *)ctx;

    return ist__sign(s->chosen, algo_id & 0xff, data, hv_len, cap, &s->reason);
}

static const br_ssl_server_policy_class serve_class = { sizeof (struct ist__serve), choose, keyx, sign };

void ist__serve_init(struct ist__serve *s, const struct ist_tls_identity *const *identities, uint32_t n)
{
    s->vtable = &serve_class;
    s->identities = identities;
    s->n_identities = n;
}
