/*
 * config_refused.c - settings that there is nothing for: each fails and says so
 */
#include "libtls.h"

int tls_config_set_ca_path(struct tls_config *config, const char *path)
{
    return config_fail(config, "a folder of hashed certificates is not supported; name one file: ", path);
}

int tls_config_set_crl_file(struct tls_config *config, const char *file)
{
    return config_fail(config, "revocation lists are not supported: ", file);
}

int tls_config_set_crl_mem(struct tls_config *config, const uint8_t *crl, size_t len)
{
    (void)crl;
    (void)len;
    return config_fail(config, "revocation lists are not supported", NULL);
}

int tls_config_set_ocsp_staple_file(struct tls_config *config, const char *file)
{
    return config_fail(config, "OCSP stapling is not supported: ", file);
}

int tls_config_set_ocsp_staple_mem(struct tls_config *config, const uint8_t *staple, size_t len)
{
    (void)staple;
    (void)len;
    return config_fail(config, "OCSP stapling is not supported", NULL);
}

int tls_config_add_ticket_key(struct tls_config *config, uint32_t revision, unsigned char *key, size_t len)
{
    (void)revision;
    (void)key;
    (void)len;
    return config_fail(config, "there are no session tickets; tls_config_set_session_lifetime() resumes by ids", NULL);
}
