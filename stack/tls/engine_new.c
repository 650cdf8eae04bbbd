/*
 * engine_new.c - checks a configuration and starts an engine with it
 */
#include <stdlib.h>
#include <string.h>
#include "core/core.h"
#include "tls/engine.h"

#define SEED_BYTES  48u
#define VERIFY_FLAGS (IST_TLS_VERIFY_PEER | IST_TLS_VERIFY_PEER_IF_SHOWN)
#define ALL_FLAGS   127u

static struct ist_tls_engine *engines;             /* those that live, for ist__tls_drop() */

static int config_in_range(const struct ist_tls_config *c)
{
    return c->size == sizeof *c && c->role <= IST_TLS_SERVER && c->flags <= ALL_FLAGS && c->ciphers <= 7 && c->curves <= 7 &&
           c->verify_depth < IST_TLS_CHAIN_MAX && c->random_fn && (c->n_identities == 0 || c->identities) &&
           (!c->sessions || c->role == IST_TLS_SERVER) && (c->session_len == 0 || (c->session && c->role == IST_TLS_CLIENT));
}

/* Whether the peer's certificate is verified, which takes anchors. */
static int verifies(const struct ist_tls_config *c)
{
    if (c->role == IST_TLS_SERVER)
        return (c->flags & VERIFY_FLAGS) != 0;
    return !(c->flags & IST_TLS_NO_VERIFY_CERTIFICATE);
}

static int32_t take_name(struct ist_tls_engine *e, const char *name)
{
    uint8_t ip[16];

    if (e->config.role == IST_TLS_SERVER)
        return IST_TLS_OK;
    if (!name)
        return e->config.flags & IST_TLS_NO_VERIFY_NAME ? IST_TLS_OK : IST_TLS_BAD_NAME;
    if (!ist__host_valid(name))
        return IST_TLS_BAD_NAME;
    strcpy(e->host, name);
    e->config.server_name = e->host;
    if (!(e->config.flags & IST_TLS_NO_VERIFY_NAME))
        e->verify.host = e->host;
    e->sni = !ist__host_address(name, ip);         /* RFC 6066 3: no addresses, and no dot at the end */
    return IST_TLS_OK;
}

/* Cuts "h2,http/1.1" into its names. */
static int32_t take_protocols(struct ist_tls_engine *e, const char *text)
{
    size_t len = text ? strnlen(text, PROTOCOLS_BYTES_MAX + 1) : 0;
    uint32_t n = 0;
    char *at = e->protocol_text;

    if (!text)
        return IST_TLS_OK;
    if (len > PROTOCOLS_BYTES_MAX)
        return IST_TLS_BAD_PROTOCOL;
    memcpy(at, text, len + 1);
    for (;;) {
        size_t one = strcspn(at, ",");
        if (one == 0 || one > 255 || n == PROTOCOLS_MAX)
            return IST_TLS_BAD_PROTOCOL;
        e->protocols[n++] = at;
        at += one;
        if (!*at)
            break;
        *at++ = '\0';
    }
    br_ssl_engine_set_protocol_names(e->eng, e->protocols, n);
    return IST_TLS_OK;
}

static int32_t take_identities(struct ist_tls_engine *e, const struct ist_tls_config *c)
{
    if (c->role == IST_TLS_SERVER && c->n_identities == 0)
        return IST_TLS_NO_IDENTITY;
    if (c->n_identities == 0)
        return IST_TLS_OK;
    e->identities = calloc(c->n_identities, sizeof *e->identities);
    if (!e->identities)
        return IST_TLS_NO_MEMORY;
    for (uint32_t i = 0; i < c->n_identities; i++) {
        if (!c->identities[i])
            return IST_TLS_BAD_CONFIG;
        e->identities[i] = c->identities[i];
    }
    return IST_TLS_OK;
}

static void start_client(struct ist_tls_engine *e, const struct ist_tls_config *c)
{
    char name[IST_NAME_MAX + 1];
    size_t len;
    int resume = ist__session_offer(e, c->session, c->session_len);

    if (e->config.n_identities)
        ist__present_init(&e->present, &e->side.client, e->identities[0]);
    if (!e->sni) {
        br_ssl_client_reset(&e->side.client, NULL, resume);
        return;
    }
    len = strlen(e->host);
    len -= e->host[len - 1] == '.';
    memcpy(name, e->host, len);
    name[len] = '\0';
    br_ssl_client_reset(&e->side.client, name, resume);
}

static void start_server(struct ist_tls_engine *e)
{
    ist__serve_init(&e->serve, e->identities, e->config.n_identities);
    br_ssl_server_set_policy(&e->side.server, &e->serve.vtable);
    if (e->config.flags & VERIFY_FLAGS)
        br_ssl_server_set_trust_anchor_names_alt(&e->side.server, e->config.trust->anchors, e->config.trust->n);
    if (e->config.sessions)
        ist__recall_init(e);
    br_ssl_server_reset(&e->side.server);
    e->eng->version_out = BR_TLS12;                /* else the alert to a client of an older version is in a record of version 0 */
}

static int32_t take_entropy(struct ist_tls_engine *e)
{
    uint8_t seed[SEED_BYTES];

    if (e->config.random_fn(seed, sizeof seed) < 0)
        return IST_TLS_NO_ENTROPY;
    br_ssl_engine_inject_entropy(e->eng, seed, sizeof seed);
    ist__wipe(seed, sizeof seed);
    return IST_TLS_OK;
}

static uint32_t options(const struct ist_tls_config *c)
{
    return BR_OPT_NO_RENEGOTIATION | (c->flags & IST_TLS_REQUIRE_PROTOCOL ? BR_OPT_FAIL_ON_ALPN_MISMATCH : 0) |
           (c->flags & IST_TLS_PREFER_CLIENT_ORDER ? 0 : BR_OPT_ENFORCE_SERVER_PREFERENCES) |
           (c->flags & IST_TLS_VERIFY_PEER ? 0 : BR_OPT_TOLERATE_NO_CLIENT_AUTH);
}

static int32_t setup(struct ist_tls_engine *e, const struct ist_tls_config *c)
{
    int32_t reason;

    if (!config_in_range(c))
        return IST_TLS_BAD_CONFIG;
    e->config = *c;
    e->config.server_name = e->config.protocols = NULL;
    e->config.identities = NULL;
    e->config.session = NULL;
    e->eng = &e->side.client.eng;                  /* the server's lies at the same place: the first field */
    ist__verify_init(&e->verify);
    e->verify.trust = c->trust;
    e->verify.flags = c->flags;
    e->verify.is_server = c->role == IST_TLS_SERVER;
    e->verify.depth = c->verify_depth ? c->verify_depth : IST_TLS_DEPTH_DEFAULT;
    e->verify.realtime_ns = c->realtime_ns;
    if (verifies(c) && !c->trust)
        return IST_TLS_NO_TRUST;
    ist__profile_set(e->eng, &e->ec, c->ciphers, c->curves);
    br_ssl_engine_add_flags(e->eng, options(c));
    br_ssl_engine_set_x509(e->eng, &e->verify.vtable);
    if (!ist__buffer_in(e) || !ist__buffer_out(e))
        return IST_TLS_NO_MEMORY;
    br_ssl_engine_set_buffers_bidi(e->eng, e->ibuf, BR_SSL_BUFSIZE_INPUT, e->obuf, BR_SSL_BUFSIZE_OUTPUT);
    if ((reason = take_name(e, c->server_name)) || (reason = take_protocols(e, c->protocols)) ||
        (reason = take_identities(e, c)) || (reason = take_entropy(e)))
        return reason;
    if (c->role == IST_TLS_CLIENT)
        start_client(e, c);
    else
        start_server(e);
    e->foreign = br_ssl_engine_last_error(e->eng);
    return ist__tls_reason(e->foreign);
}

static int32_t error_of(int32_t reason)
{
    switch (reason) {
    case IST_TLS_BAD_CONFIG:
    case IST_TLS_BAD_NAME:
    case IST_TLS_BAD_PROTOCOL:
        return IST_EINVAL;
    case IST_TLS_NO_MEMORY:
        return IST_ENOMEM;
    case IST_TLS_NO_ENTROPY:
        return IST_ENOENTROPY;
    default:
        return IST_ETLS;
    }
}

int32_t ist_tls_engine_new(struct ist_tls_engine **out, const struct ist_tls_config *config, struct ist_tls_detail *detail)
{
    struct ist_tls_engine *e = calloc(1, sizeof *e);
    int32_t reason = e ? setup(e, config) : (int32_t)IST_TLS_NO_MEMORY;

    ist__tls_detail(detail, reason, e ? e->foreign : 0);
    if (reason) {
        ist_tls_engine_free(e);
        return error_of(reason);
    }
    e->next = engines;
    if (engines)
        engines->prev = e;
    engines = e;
    *out = e;
    return IST_OK;
}

void ist__tls_drop(void)
{
    for (struct ist_tls_engine *e = engines; e; e = e->next)
        ist_tls_engine_drop(e);
    ist__sessions_drop();
}

void ist_tls_engine_free(struct ist_tls_engine *engine)
{
    if (!engine)
        return;
    if (engine->prev)
        engine->prev->next = engine->next;
    else if (engines == engine)
        engines = engine->next;
    if (engine->next)
        engine->next->prev = engine->prev;
    ist__verify_release(&engine->verify);
    ist__session_free(engine->session);
    free(engine->identities);
    ist__buffers_free(engine);
    ist__wipe(engine, sizeof *engine);             /* keys, and data that was decrypted */
    free(engine);
}
