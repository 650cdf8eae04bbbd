/*
 * prepare.c - what a configuration holds, parsed: once for all contexts that use it
 */
#include <stdlib.h>
#include "libtls.h"

void prepared_release(struct prepared *p)
{
    if (!p || --p->n_owners > 0)
        return;
    ist_tls_trust_free(p->trust);
    ist_tls_sessions_free(p->sessions);
    for (uint32_t i = 0; i < p->n; i++)
        ist_tls_identity_free(p->identities[i]);
    free(p);
}

void config_changed(struct tls_config *config)
{
    prepared_release(config->prepared);
    config->prepared = NULL;
}

/* Anchors: those that were set, else the file that every libtls program falls back to. */
static int read_trust(struct prepared *p, struct tls_config *config, struct error *e)
{
    struct ist_tls_detail why;
    struct blob fallback = { NULL, 0 };
    const struct blob *ca = &config->ca;
    int32_t r;

    if (!ca->at) {
        if (blob_load(&fallback, tls_default_ca_cert_file(), e))
            return -1;
        ca = &fallback;
    }
    r = ist_tls_trust_new(&p->trust, (const char *)ca->at, (uint32_t)ca->len, NULL, &why);
    blob_wipe(&fallback);
    return r ? error_set(e, "trust anchors: ", why.text, NULL) : 0;
}

static int read_signer(struct prepared *p, const struct keypair *pair, struct error *e)
{
    struct ist_tls_detail why;

    if (ist_tls_identity_new_signer(&p->identities[p->n], (const char *)pair->cert.at, (uint32_t)pair->cert.len, platform_sign, NULL, pair->signer, &why))
        return error_set(e, pair->signer, ": ", why.text);
    p->n++;
    return 0;
}

static int read_identities(struct prepared *p, const struct tls_config *config, struct error *e)
{
    struct ist_tls_detail why;

    for (uint32_t i = 0; i < config->n_keypairs; i++) {
        const struct keypair *pair = &config->keypairs[i];
        if (pair->cert.at && pair->signer[0]) {
            if (read_signer(p, pair, e))
                return -1;
            continue;
        }
        if (!pair->cert.at && !pair->key.at && !pair->signer[0])
            continue;                  /* only further pairs were added */
        if (!pair->cert.at || !pair->key.at)
            return error_set(e, pair->cert.at ? "a certificate is set without its private key" : "a private key is set without its certificate",
                             NULL, NULL);
        if (ist_tls_identity_new(&p->identities[p->n], (const char *)pair->cert.at, (uint32_t)pair->cert.len,
                                 (const char *)pair->key.at, (uint32_t)pair->key.len, &why))
            return error_set(e, "certificate and key: ", why.text, NULL);
        p->n++;
    }
    return 0;
}

/* A server needs anchors only when it verifies clients. */
static int needs_trust(const struct tls_config *config, enum role role)
{
    return role == ROLE_CLIENT ? !(config->flags & IST_TLS_NO_VERIFY_CERTIFICATE) : config->verify_client != 0;
}

struct prepared *prepared_get(struct tls_config *config, enum role role, struct error *e)
{
    struct prepared *p = config->prepared;

    if (p && needs_trust(config, role) && !p->trust) {
        config_changed(config);        /* it was made for a context of the other kind */
        p = NULL;
    }
    if (!p) {
        p = calloc(1, sizeof *p);
        if (!p) {
            error_set(e, "out of memory", NULL, NULL);
            return NULL;
        }
        p->n_owners = 1;
        if ((needs_trust(config, role) && read_trust(p, config, e)) || read_identities(p, config, e)) {
            prepared_release(p);
            return NULL;
        }
        config->prepared = p;
    }
    if (role == ROLE_SERVER && config->session_lifetime && !p->sessions &&
        ist_tls_sessions_new(&p->sessions, SESSIONS_MAX, config->session_lifetime, config->session_id, config->session_id_len)) {
        error_set(e, "out of memory", NULL, NULL);
        return NULL;
    }
    p->n_owners++;
    return p;
}
