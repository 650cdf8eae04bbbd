/*
 * judge.c - hostile vectors for the algorithms that a TLS connection of ours uses, in the implementations that profile.c selects
 *
 * Standard input holds a case a line: an operation and its arguments in hex, "-" for none. For each a line goes out: what the
 * operation gives in hex, "-" where that is nothing, "refused" where it refuses. Compiled natively and to wasm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tls/parts.h"

#define N_ARGS   6
#define LINE_CAP (1 << 18)

struct bytes {
    uint8_t at[LINE_CAP / 2];
    size_t len;
};

static struct bytes arg[N_ARGS];
static uint8_t out[LINE_CAP / 2];
static br_ssl_engine_context engine;    /* only to ask it what was selected */
static br_ec_impl ec;

/* Each operation: the length of what it wrote to out, or -1. */

static int aes_gcm(int open)            /* key nonce aad text tag */
{
    br_aes_ct64_ctr_keys keys;
    br_gcm_context gcm;
    size_t len = arg[3].len;

    if (engine.iaes_ctr != &br_aes_ct64_ctr_vtable)
        abort();
    br_aes_ct64_ctr_init(&keys, arg[0].at, arg[0].len);
    br_gcm_init(&gcm, &keys.vtable, engine.ighash);
    br_gcm_reset(&gcm, arg[1].at, arg[1].len);
    br_gcm_aad_inject(&gcm, arg[2].at, arg[2].len);
    br_gcm_flip(&gcm);
    memcpy(out, arg[3].at, len);
    br_gcm_run(&gcm, !open, out, len);
    if (open)
        return br_gcm_check_tag(&gcm, arg[4].at) ? (int)len : -1;
    br_gcm_get_tag(&gcm, out + len);
    return (int)len + 16;
}

static int chapoly(int open)            /* key nonce aad text tag */
{
    size_t len = arg[3].len;

    if (arg[1].len != 12)               /* there is no place for another length in the call */
        return -1;
    memcpy(out, arg[3].at, len);
    engine.ipoly(arg[0].at, arg[1].at, out, len, arg[2].at, arg[2].len, out + len, engine.ichacha, !open);
    if (open)
        return memcmp(out + len, arg[4].at, 16) ? -1 : (int)len;
    return (int)len + 16;
}

static int x25519(int unused)           /* secret public */
{
    (void)unused;
    memcpy(out, arg[1].at, arg[1].len);
    return engine.iec->mul(out, arg[1].len, arg[0].at, arg[0].len, BR_EC_curve25519) ? 32 : -1;
}

static void sha256(const struct bytes *message, uint8_t hash[32])
{
    br_sha256_context c;

    br_sha256_init(&c);
    br_sha256_update(&c, message->at, message->len);
    br_sha256_out(&c, hash);
}

static int ecdsa(int curve)             /* point message signature */
{
    br_ec_public_key key = { .curve = curve, .q = arg[0].at, .qlen = arg[0].len };
    uint8_t hash[32];

    sha256(&arg[1], hash);
    return engine.iecdsa(ist__ec, hash, sizeof hash, &key, arg[2].at, arg[2].len) ? 0 : -1;
}

static int rsa(int unused)              /* modulus exponent message signature */
{
    br_rsa_public_key key = { .n = arg[0].at, .nlen = arg[0].len, .e = arg[1].at, .elen = arg[1].len };
    uint8_t hash[32], signed_hash[32];

    (void)unused;
    sha256(&arg[2], hash);
    if (!engine.irsavrfy(arg[3].at, arg[3].len, BR_HASH_OID_SHA256, sizeof hash, &key, signed_hash))
        return -1;
    return memcmp(hash, signed_hash, sizeof hash) ? -1 : 0;
}

static int hmac(int unused)             /* key message tag, which may be cut */
{
    br_hmac_key_context key;
    br_hmac_context c;

    (void)unused;
    br_hmac_key_init(&key, &br_sha256_vtable, arg[0].at, arg[0].len);
    br_hmac_init(&c, &key, 0);
    br_hmac_update(&c, arg[1].at, arg[1].len);
    br_hmac_out(&c, out);
    return arg[2].len == 0 || arg[2].len > 32 || memcmp(out, arg[2].at, arg[2].len) ? -1 : 0;
}

static int hkdf(int unused)             /* secret salt info length */
{
    br_hkdf_context c;
    size_t len = (size_t)arg[3].at[0] << 8 | arg[3].at[1];

    (void)unused;
    br_hkdf_init(&c, &br_sha256_vtable, arg[1].at, arg[1].len);
    br_hkdf_inject(&c, arg[0].at, arg[0].len);
    br_hkdf_flip(&c);
    return br_hkdf_produce(&c, arg[2].at, arg[2].len, out, len) == len ? (int)len : -1;
}

static const struct operation {
    const char *name;
    int (*run_fn)(int variant);
    int variant, n_args;
} operations[] = {
    { "aes-gcm-seal", aes_gcm, 0, 4 }, { "aes-gcm-open", aes_gcm, 1, 5 }, { "chapoly-seal", chapoly, 0, 4 }, { "chapoly-open", chapoly, 1, 5 },
    { "x25519", x25519, 0, 2 }, { "ecdsa-p256", ecdsa, BR_EC_secp256r1, 3 }, { "rsa-pkcs1", rsa, 0, 4 }, { "hmac", hmac, 0, 3 },
    { "hkdf", hkdf, 0, 4 },
};

static void read_hex(const char *text, struct bytes *into)
{
    into->len = 0;
    for (unsigned byte; sscanf(text, "%2x", &byte) == 1; text += 2)
        into->at[into->len++] = (uint8_t)byte;
}

static int run(char *line)
{
    const char *name = strtok(line, " \n");

    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(name, operations[i].name) == 0) {
            for (int k = 0; k < operations[i].n_args; k++) {
                const char *text = strtok(NULL, " \n");
                if (!text)
                    break;
                read_hex(text, &arg[k]);
            }
            return operations[i].run_fn(operations[i].variant);
        }
    abort();
}

int main(void)
{
    static char line[LINE_CAP];

    ist__profile_set(&engine, &ec, 0, 0);
    while (fgets(line, sizeof line, stdin)) {
        int n = run(line);
        if (n == 0)
            putchar('-');
        for (int i = 0; i < n; i++)
            printf("%02x", out[i]);
        puts(n < 0 ? "refused" : "");
    }
    return 0;
}
