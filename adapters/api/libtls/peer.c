/*
 * peer.c - what the peer's certificate says, and what was agreed on
 */
#include <stdlib.h>
#include <string.h>
#include "libtls.h"

static const uint8_t *peer(struct tls *ctx, uint32_t *len)
{
    *len = 0;
    if (!ctx->engine || !(ist_tls_engine_state(ctx->engine) & IST_TLS_HANDSHAKE_DONE))
        return NULL;
    return ist_tls_engine_peer_certificate(ctx->engine, 0, len);
}

static int peer_read(struct tls *ctx, struct ist_certificate *c)
{
    uint32_t len;
    const uint8_t *der = peer(ctx, &len);

    return der && ist_certificate_read(der, len, c) == IST_OK;
}

int tls_peer_cert_provided(struct tls *ctx)
{
    uint32_t len;

    return peer(ctx, &len) != NULL;
}

int tls_peer_cert_contains_name(struct tls *ctx, const char *name)
{
    struct ist_certificate c;

    return peer_read(ctx, &c) && ist_certificate_matches(&c, name) == 1;
}

const char *tls_peer_cert_hash(struct tls *ctx)
{
    static const char hex[] = "0123456789abcdef";
    uint32_t len;
    const uint8_t *der = peer(ctx, &len);
    uint8_t hash[32];

    if (!der || ctx->peer_hash)
        return ctx->peer_hash;
    ctx->peer_hash = malloc(7 + 64 + 1);
    if (!ctx->peer_hash)
        return NULL;
    ist_certificate_hash(der, len, hash);
    memcpy(ctx->peer_hash, "SHA256:", 7);
    for (int i = 0; i < 32; i++) {
        ctx->peer_hash[7 + 2 * i] = hex[hash[i] >> 4];
        ctx->peer_hash[8 + 2 * i] = hex[hash[i] & 15];
    }
    ctx->peer_hash[71] = '\0';
    return ctx->peer_hash;
}

static const char *name_text(char **kept, const uint8_t *name, uint32_t len)
{
    int32_t need;

    if (*kept)
        return *kept;
    need = ist_certificate_name_text(name, len, NULL, 0);
    if (need < 0)
        return NULL;
    *kept = malloc((size_t)need + 1);
    if (*kept)
        ist_certificate_name_text(name, len, *kept, (uint32_t)need + 1);
    return *kept;
}

const char *tls_peer_cert_issuer(struct tls *ctx)
{
    struct ist_certificate c;

    return peer_read(ctx, &c) ? name_text(&ctx->peer_issuer, c.issuer, c.issuer_len) : NULL;
}

const char *tls_peer_cert_subject(struct tls *ctx)
{
    struct ist_certificate c;

    return peer_read(ctx, &c) ? name_text(&ctx->peer_subject, c.subject, c.subject_len) : NULL;
}

time_t tls_peer_cert_notbefore(struct tls *ctx)
{
    struct ist_certificate c;

    return peer_read(ctx, &c) ? (time_t)c.not_before_s : (time_t)-1;
}

time_t tls_peer_cert_notafter(struct tls *ctx)
{
    struct ist_certificate c;

    return peer_read(ctx, &c) ? (time_t)c.not_after_s : (time_t)-1;
}

const uint8_t *tls_peer_cert_chain_pem(struct tls *ctx, size_t *len)
{
    const uint8_t *der;
    uint32_t n, i;
    size_t need = 0, at = 0;

    *len = 0;
    if (!peer(ctx, &n))
        return NULL;
    for (i = 0; (der = ist_tls_engine_peer_certificate(ctx->engine, i, &n)) != NULL; i++)
        need += (size_t)ist_certificate_pem(der, n, NULL, 0);
    if (!ctx->peer_pem && !(ctx->peer_pem = malloc(need + 1)))
        return NULL;
    for (i = 0; (der = ist_tls_engine_peer_certificate(ctx->engine, i, &n)) != NULL; i++)
        at += (size_t)ist_certificate_pem(der, n, ctx->peer_pem + at, (uint32_t)(need + 1 - at));
    *len = need;
    return (const uint8_t *)ctx->peer_pem;
}

static struct ist_tls_info info_of(struct tls *ctx)
{
    struct ist_tls_info info;

    memset(&info, 0, sizeof info);
    if (ctx->engine)
        ist_tls_engine_info(ctx->engine, &info);
    return info;
}

const char *tls_conn_alpn_selected(struct tls *ctx)
{
    return info_of(ctx).protocol;
}

const char *tls_conn_cipher(struct tls *ctx)
{
    return info_of(ctx).cipher_name;
}

int tls_conn_cipher_strength(struct tls *ctx)
{
    return (int)info_of(ctx).cipher_bits;
}

const char *tls_conn_servername(struct tls *ctx)
{
    return info_of(ctx).server_name;
}

int tls_conn_session_resumed(struct tls *ctx)
{
    return (int)info_of(ctx).resumed;
}

const char *tls_conn_version(struct tls *ctx)
{
    return info_of(ctx).version_name;
}
