/*
 * config.c - configurations: their life, and the settings that are a flag or a number
 */
#include <stdlib.h>
#include "libtls.h"

int tls_init(void)
{
    return 0;
}

const char *tls_default_ca_cert_file(void)
{
    return "/etc/ssl/cert.pem";
}

struct tls_config *tls_config_new(void)
{
    struct tls_config *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->n_owners = 1;
    c->session_fd = -1;
    return c;
}

void tls_config_free(struct tls_config *config)
{
    if (!config || --config->n_owners > 0)
        return;
    config_changed(config);
    blob_wipe(&config->ca);
    for (uint32_t i = 0; i < KEYPAIRS_MAX; i++) {
        blob_wipe(&config->keypairs[i].cert);
        blob_wipe(&config->keypairs[i].key);
    }
    free(config->alpn);
    free(config);
}

void tls_config_insecure_noverifycert(struct tls_config *config)
{
    config->flags |= IST_TLS_NO_VERIFY_CERTIFICATE;
}

void tls_config_insecure_noverifyname(struct tls_config *config)
{
    config->flags |= IST_TLS_NO_VERIFY_NAME;
}

void tls_config_insecure_noverifytime(struct tls_config *config)
{
    config->flags |= IST_TLS_NO_VERIFY_TIME;
}

void tls_config_verify(struct tls_config *config)
{
    config->flags &= ~(IST_TLS_NO_VERIFY_CERTIFICATE | IST_TLS_NO_VERIFY_NAME | IST_TLS_NO_VERIFY_TIME);
}

void tls_config_verify_client(struct tls_config *config)
{
    config->verify_client = IST_TLS_VERIFY_PEER;
}

void tls_config_verify_client_optional(struct tls_config *config)
{
    config->verify_client = IST_TLS_VERIFY_PEER_IF_SHOWN;
}

void tls_config_prefer_ciphers_client(struct tls_config *config)
{
    config->flags |= IST_TLS_PREFER_CLIENT_ORDER;
}

void tls_config_prefer_ciphers_server(struct tls_config *config)
{
    config->flags &= ~IST_TLS_PREFER_CLIENT_ORDER;
}

int tls_config_set_verify_depth(struct tls_config *config, int depth)
{
    if (depth < 1 || depth >= (int)IST_TLS_CHAIN_MAX)
        return config_fail(config, "the verify depth must be 1 to 15", NULL);
    config->depth = (uint32_t)depth;
    return 0;
}

void tls_config_ocsp_require_stapling(struct tls_config *config)
{
    config->needs_staple = 1;          /* tls_configure() fails: this call cannot */
}
