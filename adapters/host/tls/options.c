/*
 * options.c - the options of tls-client and tls-server; a wrong one ends the program
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

#define FILE_MAX (16 << 20)
#define BUNDLE   "/etc/ssl/certs/ca-certificates.crt"

void tool_refuse(const struct tool *tool, const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", tool->program, what, why);
    exit(BAD_USAGE);
}

static char *load(const struct tool *tool, const char *path, uint32_t *len)
{
    FILE *f = fopen(path, "rb");
    char *text = f ? malloc(FILE_MAX) : NULL;

    if (!text)
        tool_refuse(tool, path, f ? "no memory" : "cannot be opened");
    *len = (uint32_t)fread(text, 1, FILE_MAX, f);
    fclose(f);
    return text;
}

static void add_trust(struct tool *tool, const char *path)
{
    struct ist_tls_trust *trust;
    struct ist_tls_detail why = { 0 };
    uint32_t len;
    char *pem = load(tool, path, &len);

    if (ist_tls_trust_new(&trust, pem, len, NULL, &why))
        tool_refuse(tool, path, why.text ? why.text : "cannot be read");
    free(pem);
    tool->config.trust = trust;
}

static void add_identity(struct tool *tool, const char *key_path)
{
    struct ist_tls_identity *identity;
    struct ist_tls_detail why = { 0 };
    uint32_t len, key_len;
    char *chain, *key;

    if (!tool->certificate)
        tool_refuse(tool, "--key", "there is no --cert before it");
    if (tool->config.n_identities == IDENTITIES_MAX)
        tool_refuse(tool, "--cert", "more than 16 certificates");
    chain = load(tool, tool->certificate, &len);
    key = load(tool, key_path, &key_len);
    if (ist_tls_identity_new(&identity, chain, len, key, key_len, &why))
        tool_refuse(tool, tool->certificate, why.text ? why.text : "cannot be read");
    free(chain);
    free(key);
    tool->identities[tool->config.n_identities++] = identity;
    tool->certificate = NULL;
}

struct word {
    const char *name;
    uint32_t bit;
};
static const struct word ciphers[] = {
    { "CHACHA20-POLY1305", IST_TLS_CHACHA20_POLY1305 },
    { "AES128-GCM-SHA256", IST_TLS_AES_128_GCM },
    { "AES256-GCM-SHA384", IST_TLS_AES_256_GCM },
    { NULL, 0 },
};
static const struct word curves[] = {
    { "X25519", IST_TLS_X25519 }, { "P-256", IST_TLS_P256 }, { "P-384", IST_TLS_P384 }, { NULL, 0 },
};

/* A list with colons between its words. A cipher may be named with its key exchange before it, as openssl does. */
static uint32_t words(const struct tool *tool, const char *option, const char *list, const struct word *known)
{
    char copy[256], *rest = copy, *word;
    uint32_t bits = 0;

    if ((size_t)snprintf(copy, sizeof copy, "%s", list) >= sizeof copy)
        tool_refuse(tool, option, "too long");
    while ((word = strsep(&rest, ":")) != NULL) {
        const struct word *k = known;

        word += strncmp(word, "ECDHE-RSA-", 10) == 0 ? 10 : strncmp(word, "ECDHE-ECDSA-", 12) == 0 ? 12 : 0;
        while (k->name && strcmp(k->name, word) != 0)
            k++;
        if (!k->name)
            tool_refuse(tool, option, "not one of what is spoken");
        bits |= k->bit;
    }
    return bits;
}

static long number(const struct tool *tool, const char *option, const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (*end || end == text || n < 0)
        tool_refuse(tool, option, "not a number");
    return n;
}

/* Options without a value. */
static int flag(struct tool *tool, const char *o)
{
    static const struct word flags[] = {
        { "--insecure", IST_TLS_NO_VERIFY_CERTIFICATE | IST_TLS_NO_VERIFY_NAME | IST_TLS_NO_VERIFY_TIME },
        { "--no-verify-name", IST_TLS_NO_VERIFY_NAME },
        { "--no-verify-time", IST_TLS_NO_VERIFY_TIME },
        { "--require-alpn", IST_TLS_REQUIRE_PROTOCOL },
        { NULL, 0 },
    };

    for (const struct word *k = flags; k->name; k++)
        if (strcmp(o, k->name) == 0) {
            tool->config.flags |= k->bit;
            return 1;
        }
    if (strcmp(o, "--quiet") == 0)
        tool->quiet = 1;
    else if (!tool->is_server && strcmp(o, "--wait") == 0)
        tool->wait = 1;
    else if (tool->is_server && strcmp(o, "--optional") == 0)
        tool->config.flags |= IST_TLS_VERIFY_PEER_IF_SHOWN;
    else if (tool->is_server && strcmp(o, "--client-order") == 0)
        tool->config.flags |= IST_TLS_PREFER_CLIENT_ORDER;
    else if (tool->is_server && strcmp(o, "--echo") == 0)
        tool->mode = ECHO;
    else if (tool->is_server && strcmp(o, "--http") == 0)
        tool->mode = HTTP;
    else
        return 0;
    return 1;
}

static void option(struct tool *tool, const char *o, const char *value)
{
    if (!value)
        tool_refuse(tool, o, "no such option, or its value is missing");
    if (strcmp(o, "--cert") == 0)
        tool->certificate = value;
    else if (strcmp(o, "--key") == 0)
        add_identity(tool, value);
    else if (strcmp(o, tool->is_server ? "--client-ca" : "--ca") == 0)
        add_trust(tool, value);
    else if (!tool->is_server && strcmp(o, "--name") == 0)
        tool->config.server_name = value;
    else if (tool->is_server && strcmp(o, "--count") == 0)
        tool->count = number(tool, o, value);
    else if (strcmp(o, "--alpn") == 0)
        tool->config.protocols = value;
    else if (strcmp(o, "--ciphers") == 0)
        tool->config.ciphers = words(tool, o, value, ciphers);
    else if (strcmp(o, "--curves") == 0)
        tool->config.curves = words(tool, o, value, curves);
    else if (strcmp(o, "--depth") == 0)
        tool->config.verify_depth = (uint32_t)number(tool, o, value);
    else if (strcmp(o, "--time") == 0)
        tool->time_s = number(tool, o, value);
    else if (strcmp(o, "--version") != 0)
        tool_refuse(tool, o, "no such option");
    else if (strcmp(value, "1.2") != 0)
        tool_refuse(tool, o, "only TLS 1.2 is spoken");
}

static int32_t random_bytes(void *buf, uint32_t len)
{
    for (uint32_t at = 0; at < len; at += 256)      /* getentropy() gives at most 256 */
        if (getentropy((uint8_t *)buf + at, len - at < 256 ? len - at : 256))
            return IST_ENOENTROPY;
    return 0;
}

int tool_options(struct tool *tool, int argc, char **argv)
{
    struct ist_tls_config *c = &tool->config;
    int i;

    c->size = sizeof *c;
    c->role = tool->is_server ? IST_TLS_SERVER : IST_TLS_CLIENT;
    c->random_fn = random_bytes;
    c->identities = tool->identities;
    tool->time_s = -1;
    for (i = 1; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(tool->usage, stdout);
            exit(DONE);
        }
        if (!flag(tool, argv[i])) {
            option(tool, argv[i], argv[i + 1]);
            i++;
        }
    }
    if (tool->certificate)
        tool_refuse(tool, tool->certificate, "a certificate without its --key after it");
    if (tool->is_server && c->trust && !(c->flags & IST_TLS_VERIFY_PEER_IF_SHOWN))
        c->flags |= IST_TLS_VERIFY_PEER;
    if (!tool->is_server && !c->trust && !(c->flags & IST_TLS_NO_VERIFY_CERTIFICATE))
        add_trust(tool, BUNDLE);
    return i;
}
