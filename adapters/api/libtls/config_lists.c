/*
 * config_lists.c - settings that are lists of names: protocols, ciphers, curves, ALPN
 *
 * What is asked for must have something in common with what there is (TLS 1.2, six ECDHE suites, three curves); names of nothing
 * known are errors.
 */
#include <stdlib.h>
#include <string.h>
#include "libtls.h"

struct name_bits {
    const char *name;
    uint32_t bits;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static int equal(const char *a, size_t a_len, const char *b)
{
    for (size_t i = 0; i < a_len; i++)
        if (lower(a[i]) != lower(b[i]) || !b[i])
            return 0;
    return b[a_len] == '\0';
}

/* The next name of a list separated by commas or colons; its length, 0 at the end. */
static size_t next_name(const char **at)
{
    *at += strspn(*at, ",: ");
    return strcspn(*at, ",: ");
}

static int find(const struct name_bits *table, const char *name, size_t len, uint32_t *bits)
{
    for (; table->name; table++)
        if (equal(name, len, table->name)) {
            *bits = table->bits;
            return 1;
        }
    return 0;
}

int tls_config_parse_protocols(uint32_t *protocols, const char *text)
{
    static const struct name_bits names[] = {
        { "tlsv1", TLS_PROTOCOL_TLSv1 }, { "tlsv1.0", TLS_PROTOCOL_TLSv1_0 }, { "tlsv1.1", TLS_PROTOCOL_TLSv1_1 },
        { "tlsv1.2", TLS_PROTOCOL_TLSv1_2 }, { "tlsv1.3", TLS_PROTOCOL_TLSv1_3 }, { "all", TLS_PROTOCOLS_ALL },
        { "legacy", TLS_PROTOCOLS_ALL }, { "default", TLS_PROTOCOLS_DEFAULT }, { "secure", TLS_PROTOCOLS_DEFAULT }, { NULL, 0 } };
    uint32_t result = 0, bits;
    size_t len;

    if (!text) {
        *protocols = TLS_PROTOCOLS_DEFAULT;
        return 0;
    }
    for (; (len = next_name(&text)) != 0; text += len) {
        int negative = *text == '!';
        text += negative;
        len -= (size_t)negative;
        if (!find(names, text, len, &bits))
            return -1;
        if (negative && result == 0)
            result = TLS_PROTOCOLS_ALL;
        result = negative ? result & ~bits : result | bits;
    }
    if (result == 0)
        return -1;
    *protocols = result;
    return 0;
}

int tls_config_set_protocols(struct tls_config *config, uint32_t protocols)
{
    if (!(protocols & TLS_PROTOCOL_TLSv1_2))
        return config_fail(config, "only TLS 1.2 is there, and the protocols leave it out", NULL);
    return 0;
}

int tls_config_set_ciphers(struct tls_config *config, const char *ciphers)
{
    static const struct name_bits names[] = {
        { "secure", 7 }, { "default", 7 }, { "compat", 7 }, { "legacy", 7 }, { "insecure", 7 }, { "all", 7 }, { "high", 7 },
        { "TLSv1.2+AEAD+ECDHE", 7 },
        { "CHACHA20-POLY1305", IST_TLS_CHACHA20_POLY1305 },
        { "ECDHE-ECDSA-CHACHA20-POLY1305", IST_TLS_CHACHA20_POLY1305 }, { "ECDHE-RSA-CHACHA20-POLY1305", IST_TLS_CHACHA20_POLY1305 },
        { "ECDHE-ECDSA-AES128-GCM-SHA256", IST_TLS_AES_128_GCM }, { "ECDHE-RSA-AES128-GCM-SHA256", IST_TLS_AES_128_GCM },
        { "ECDHE-ECDSA-AES256-GCM-SHA384", IST_TLS_AES_256_GCM }, { "ECDHE-RSA-AES256-GCM-SHA384", IST_TLS_AES_256_GCM }, { NULL, 0 } };
    uint32_t result = 0, bits;
    size_t len;

    for (const char *at = ciphers ? ciphers : "default"; (len = next_name(&at)) != 0; at += len)
        if (find(names, at, len, &bits))       /* as in OpenSSL, a suite that is not there is passed over */
            result |= bits;
    if (result == 0)
        return config_fail(config, "none of these ciphers is there: ", ciphers);
    config->ciphers = result;
    return 0;
}

int tls_config_set_ecdhecurves(struct tls_config *config, const char *curves)
{
    static const struct name_bits names[] = {
        { "default", 7 }, { "auto", 7 }, { "X25519", IST_TLS_X25519 }, { "P-256", IST_TLS_P256 }, { "prime256v1", IST_TLS_P256 },
        { "secp256r1", IST_TLS_P256 }, { "P-384", IST_TLS_P384 }, { "secp384r1", IST_TLS_P384 }, { NULL, 0 } };
    uint32_t result = 0, bits;
    size_t len;

    for (const char *at = curves ? curves : "default"; (len = next_name(&at)) != 0; at += len) {
        if (!find(names, at, len, &bits))
            return config_fail(config, "not one of X25519, P-256, P-384: ", curves);
        result |= bits;
    }
    if (result == 0)
        return config_fail(config, "no curve is named", NULL);
    config->curves = result;
    return 0;
}

int tls_config_set_ecdhecurve(struct tls_config *config, const char *curve)
{
    if (curve && strpbrk(curve, ",:"))
        return config_fail(config, "one curve, not a list: ", curve);
    return tls_config_set_ecdhecurves(config, curve);
}

int tls_config_set_dheparams(struct tls_config *config, const char *params)
{
    if (params && strcmp(params, "none") != 0)
        return config_fail(config, "DHE is not there, only ECDHE: ", params);
    return 0;
}

int tls_config_set_alpn(struct tls_config *config, const char *alpn)
{
    size_t len = strlen(alpn), n = 0;
    char *copy;

    for (const char *at = alpn;; at++) {
        size_t one = strcspn(at, ",");
        if (one == 0 || one > 255 || ++n > 16 || len > 1024)
            return config_fail(config, "ALPN: 1 to 16 names of 1 to 255 bytes, 1,024 in all", NULL);
        at += one;
        if (!*at)
            break;
    }
    copy = malloc(len + 1);
    if (!copy)
        return config_fail(config, "out of memory", NULL);
    memcpy(copy, alpn, len + 1);
    free(config->alpn);
    config->alpn = copy;
    return 0;
}
