/*
 * config_keys.c - anchors, certificates and keys, from memory and from files
 *
 * Files are read when they are named; what they hold is parsed by tls_configure().
 */
#include <string.h>
#include "libtls.h"

static int take(struct tls_config *config, struct blob *b, const void *mem, size_t len)
{
    config_changed(config);
    if (!mem || len == 0 || len > FILE_MAX)
        return config_fail(config, "no PEM text, or more than 16 MiB of it", NULL);
    return blob_copy(b, mem, len) ? config_fail(config, "out of memory", NULL) : 0;
}

static int load(struct tls_config *config, struct blob *b, const char *file)
{
    config_changed(config);
    return blob_load(b, file, &config->error);
}

static struct keypair *first_pair(struct tls_config *config)
{
    if (config->n_keypairs == 0)
        config->n_keypairs = 1;
    return &config->keypairs[0];
}

/* A further pair; the first place is kept for the one of tls_config_set_keypair_*(). */
static struct keypair *next_pair(struct tls_config *config)
{
    first_pair(config);
    return config->n_keypairs < KEYPAIRS_MAX ? &config->keypairs[config->n_keypairs] : NULL;
}

static int no_staple(struct tls_config *config)
{
    return config_fail(config, "OCSP stapling is not supported", NULL);
}

int tls_config_set_ca_file(struct tls_config *config, const char *file)
{
    return load(config, &config->ca, file);
}

int tls_config_set_ca_mem(struct tls_config *config, const uint8_t *ca, size_t len)
{
    return take(config, &config->ca, ca, len);
}

int tls_config_set_cert_file(struct tls_config *config, const char *file)
{
    return load(config, &first_pair(config)->cert, file);
}

int tls_config_set_cert_mem(struct tls_config *config, const uint8_t *cert, size_t len)
{
    return take(config, &first_pair(config)->cert, cert, len);
}

int tls_config_set_key_file(struct tls_config *config, const char *file)
{
    first_pair(config)->signer[0] = '\0';
    return load(config, &config->keypairs[0].key, file);
}

int tls_config_set_key_mem(struct tls_config *config, const uint8_t *key, size_t len)
{
    first_pair(config)->signer[0] = '\0';
    return take(config, &config->keypairs[0].key, key, len);
}

static int pair_load(struct tls_config *config, struct keypair *pair, const char *cert_file, const char *key_file)
{
    pair->signer[0] = '\0';
    return load(config, &pair->cert, cert_file) || load(config, &pair->key, key_file) ? -1 : 0;
}

static int pair_take(struct tls_config *config, struct keypair *pair, const uint8_t *cert, size_t cert_len, const uint8_t *key,
                     size_t key_len)
{
    pair->signer[0] = '\0';
    return take(config, &pair->cert, cert, cert_len) || take(config, &pair->key, key, key_len) ? -1 : 0;
}

int tls_config_set_keypair_file(struct tls_config *config, const char *cert_file, const char *key_file)
{
    return pair_load(config, first_pair(config), cert_file, key_file);
}

int tls_config_set_keypair_mem(struct tls_config *config, const uint8_t *cert, size_t cert_len, const uint8_t *key, size_t key_len)
{
    return pair_take(config, first_pair(config), cert, cert_len, key, key_len);
}

int tls_config_set_keypair_ocsp_file(struct tls_config *config, const char *cert_file, const char *key_file, const char *staple_file)
{
    return staple_file ? no_staple(config) : tls_config_set_keypair_file(config, cert_file, key_file);
}

int tls_config_set_keypair_ocsp_mem(struct tls_config *config, const uint8_t *cert, size_t cert_len, const uint8_t *key,
                                    size_t key_len, const uint8_t *staple, size_t staple_len)
{
    return staple || staple_len ? no_staple(config) : tls_config_set_keypair_mem(config, cert, cert_len, key, key_len);
}

int tls_config_add_keypair_file(struct tls_config *config, const char *cert_file, const char *key_file)
{
    struct keypair *pair = next_pair(config);

    if (!pair)
        return config_fail(config, "more than 63 further keypairs", NULL);
    if (pair_load(config, pair, cert_file, key_file))
        return -1;
    config->n_keypairs++;
    return 0;
}

int tls_config_add_keypair_mem(struct tls_config *config, const uint8_t *cert, size_t cert_len, const uint8_t *key, size_t key_len)
{
    struct keypair *pair = next_pair(config);

    if (!pair)
        return config_fail(config, "more than 63 further keypairs", NULL);
    if (pair_take(config, pair, cert, cert_len, key, key_len))
        return -1;
    config->n_keypairs++;
    return 0;
}

int tls_config_add_keypair_ocsp_file(struct tls_config *config, const char *cert_file, const char *key_file, const char *staple_file)
{
    return staple_file ? no_staple(config) : tls_config_add_keypair_file(config, cert_file, key_file);
}

int tls_config_add_keypair_ocsp_mem(struct tls_config *config, const uint8_t *cert, size_t cert_len, const uint8_t *key,
                                    size_t key_len, const uint8_t *staple, size_t staple_len)
{
    return staple || staple_len ? no_staple(config) : tls_config_add_keypair_mem(config, cert, cert_len, key, key_len);
}

static int signer(struct tls_config *config, struct keypair *pair, const char *name)
{
    size_t len = name ? strlen(name) : 0;

    config_changed(config);
    if (len == 0 || len > IST_TLS_SIGNER_NAME_MAX)
        return config_fail(config, "a signer's name has 1 to 63 bytes", NULL);
    blob_wipe(&pair->key);
    memcpy(pair->signer, name, len + 1);
    return 0;
}

int tls_config_set_signer(struct tls_config *config, const char *name)
{
    return signer(config, first_pair(config), name);
}

static int signer_added(struct tls_config *config, struct keypair *pair, int failed, const char *name)
{
    if (failed || signer(config, pair, name))
        return -1;
    config->n_keypairs++;
    return 0;
}

int tls_config_add_signer_file(struct tls_config *config, const char *cert_file, const char *name)
{
    struct keypair *pair = next_pair(config);

    return pair ? signer_added(config, pair, load(config, &pair->cert, cert_file), name) : config_fail(config, "more than 63 further keypairs", NULL);
}

int tls_config_add_signer_mem(struct tls_config *config, const uint8_t *cert, size_t cert_len, const char *name)
{
    struct keypair *pair = next_pair(config);

    return pair ? signer_added(config, pair, take(config, &pair->cert, cert, cert_len), name)
                : config_fail(config, "more than 63 further keypairs", NULL);
}

void tls_config_clear_keys(struct tls_config *config)
{
    for (uint32_t i = 0; i < KEYPAIRS_MAX; i++)
        blob_wipe(&config->keypairs[i].key);
    config_changed(config);
}
