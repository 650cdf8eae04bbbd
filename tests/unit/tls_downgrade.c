/*
 * A server that marks its random as RFC 8446 4.1.3 has it. For this the generator that BearSSL draws from is replaced in this
 * program by one that draws from the system and puts the mark where a hello's random ends; all else is the real thing.
 */
#include "tls_help.h"
#include <bearssl.h>

static const char *mark;                   /* 8 bytes; NULL: none */

void br_hmac_drbg_generate(br_hmac_drbg_context *ctx, void *out, size_t len)
{
    (void)ctx;
    if (getrandom(out, len, 0) != (ssize_t)len)
        abort();
    if (mark && len == 28)
        memcpy((uint8_t *)out + 20, mark, 8);
}

void br_hmac_drbg_update(br_hmac_drbg_context *ctx, const void *seed, size_t len)
{
    (void)ctx;
    (void)seed;
    (void)len;
}

const br_prng_class br_hmac_drbg_vtable = {
    sizeof (br_hmac_drbg_context), NULL, (void (*)(const br_prng_class **, void *, size_t))(void (*)(void))br_hmac_drbg_generate,
    (void (*)(const br_prng_class **, const void *, size_t))(void (*)(void))br_hmac_drbg_update
};

void br_hmac_drbg_init(br_hmac_drbg_context *ctx, const br_hash_class *hash, const void *seed, size_t len)
{
    (void)seed;
    (void)len;
    ctx->vtable = &br_hmac_drbg_vtable;
    ctx->digest_class = hash;
}

int main(void)
{
    struct ist_tls_trust *ca;
    const struct ist_tls_identity *host;

    pki_make("root ca ec; leaf host ec ca DNS:host.test");
    ca = trust_of("ca.pem");
    host = identity_of("host.pem", "host.key");
    for (int i = 0; i < 3; i++) {
        struct ist_tls_config c = client_config(ca, "host.test"), s = server_config(&host);
        struct pair p;
        mark = i == 0 ? NULL : i == 1 ? "DOWNGRD\1" : "DOWNGRD\0";
        p = pair_new(&c, &s);
        pump(&p);
        if (i == 0)
            ok(is_done(p.client) && echoes(&p, "x"), "a random without a mark is accepted");
        else if (i == 1)
            ok(is_done(p.client) && echoes(&p, "x"), "a server that could TLS 1.3 too is accepted");
        else
            ok(failed_for(p.client, IST_TLS_DOWNGRADE) && got_alert(p.server, 47) && !(ist_tls_engine_state(p.client) & IST_TLS_DATA_OUT),
               "one that was asked for less than TLS 1.2 is refused, with alert illegal_parameter, before any data");
        pair_free(&p);
    }
    ist_tls_trust_free(ca);
    ist_tls_identity_free((void *)(uintptr_t)host);
    return tap_done();
}
