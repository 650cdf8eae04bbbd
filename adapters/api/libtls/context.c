/*
 * context.c - contexts: their life, and the configuration they use
 */
#include <stdlib.h>
#include "libtls.h"

static struct tls *context_new(enum role role)
{
    struct tls *ctx = calloc(1, sizeof *ctx);

    if (!ctx)
        return NULL;
    ctx->role = role;
    ctx->socket = ctx->fd_read = ctx->fd_write = -1;
    return ctx;
}

struct tls *tls_client(void)
{
    return context_new(ROLE_CLIENT);
}

struct tls *tls_server(void)
{
    return context_new(ROLE_SERVER);
}

int tls_configure(struct tls *ctx, struct tls_config *config)
{
    struct prepared *p;

    error_clear(&ctx->error);
    if (config && config->needs_staple)
        return ctx_error(ctx, "OCSP stapling is required by the configuration and not supported", NULL);
    if (config)
        config->n_owners++;
    else if (!(config = tls_config_new()))
        return ctx_error(ctx, "out of memory", NULL);
    p = prepared_get(config, ctx->role, &ctx->error);
    if (!p) {
        tls_config_free(config);
        return -1;
    }
    if (ctx->role == ROLE_SERVER && p->n == 0) {
        prepared_release(p);
        tls_config_free(config);
        return ctx_error(ctx, "a server needs a certificate and its key", NULL);
    }
    tls_config_free(ctx->config);
    prepared_release(ctx->prepared);
    ctx->config = config;
    ctx->prepared = p;
    return 0;
}

static void connection_end(struct tls *ctx)
{
    ist_tls_engine_free(ctx->engine);
    free(ctx->peer_hash);
    free(ctx->peer_issuer);
    free(ctx->peer_subject);
    free(ctx->peer_pem);
    ctx->engine = NULL;
    ctx->peer_hash = ctx->peer_issuer = ctx->peer_subject = ctx->peer_pem = NULL;
    ctx->n_unreported = 0;
    ctx->session_kept = 0;
    ctx->socket = ctx->fd_read = ctx->fd_write = -1;
    ctx->read_cb = NULL;
    ctx->write_cb = NULL;
}

void tls_reset(struct tls *ctx)
{
    connection_end(ctx);
    tls_config_free(ctx->config);
    prepared_release(ctx->prepared);
    ctx->config = NULL;
    ctx->prepared = NULL;
    error_clear(&ctx->error);
}

void tls_free(struct tls *ctx)
{
    if (!ctx)
        return;
    tls_reset(ctx);
    free(ctx);
}

int engine_start(struct tls *ctx, const char *servername)
{
    const struct tls_config *config = ctx->config;
    struct ist_tls_config c = { .size = sizeof c, .role = ctx->role == ROLE_CLIENT ? IST_TLS_CLIENT : IST_TLS_SERVER };
    struct blob session = { NULL, 0 };
    struct ist_tls_detail why;
    int32_t r;

    if (!config)
        return ctx_error(ctx, "the context is not configured", NULL);
    if (ctx->engine)
        return ctx_error(ctx, "the context is connected already", NULL);
    c.flags = config->flags | (ctx->role == ROLE_CLIENT ? 0 : config->verify_client);
    c.ciphers = config->ciphers;
    c.curves = config->curves;
    c.verify_depth = config->depth;
    c.server_name = servername;
    c.protocols = config->alpn;
    c.trust = ctx->prepared->trust;
    c.identities = (const struct ist_tls_identity *const *)ctx->prepared->identities;
    c.n_identities = ctx->prepared->n;
    c.realtime_ns = platform_realtime_ns();
    c.random_fn = platform_random;
    if (ctx->role == ROLE_CLIENT) {
        if (ctx->config->session_file)
            ctx->config->session_file->read(ctx, &session);
        c.session = session.at;
        c.session_len = (uint32_t)session.len;
    } else {
        c.sessions = ctx->prepared->sessions;
    }
    r = ist_tls_engine_new(&ctx->engine, &c, &why);
    blob_wipe(&session);
    return r ? ctx_error(ctx, why.text, NULL) : 0;
}

static int accept_new(struct tls *ctx, struct tls **conn)
{
    struct tls *c;

    *conn = NULL;
    error_clear(&ctx->error);
    if (ctx->role != ROLE_SERVER)
        return ctx_error(ctx, "not a server context", NULL);
    if (!ctx->config)
        return ctx_error(ctx, "the context is not configured", NULL);
    c = context_new(ROLE_CONNECTION);
    if (!c)
        return ctx_error(ctx, "out of memory", NULL);
    c->config = ctx->config;
    c->config->n_owners++;
    c->prepared = ctx->prepared;
    c->prepared->n_owners++;
    if (engine_start(c, NULL)) {
        ctx_error(ctx, c->error.text, NULL);
        tls_free(c);
        return -1;
    }
    *conn = c;
    return 0;
}

int tls_accept_cbs(struct tls *ctx, struct tls **conn, tls_read_cb read_cb, tls_write_cb write_cb, void *arg)
{
    if (accept_new(ctx, conn))
        return -1;
    (*conn)->read_cb = read_cb;
    (*conn)->write_cb = write_cb;
    (*conn)->cb_arg = arg;
    return 0;
}

int tls_accept_fds(struct tls *ctx, struct tls **conn, int fd_read, int fd_write)
{
    if (fd_read < 0 || fd_write < 0)
        return ctx_error(ctx, "not a descriptor", NULL);
    if (accept_new(ctx, conn))
        return -1;
    use_fds(*conn, fd_read, fd_write);
    return 0;
}

int tls_accept_socket(struct tls *ctx, struct tls **conn, int socket)
{
    return tls_accept_fds(ctx, conn, socket, socket);
}

int tls_connect_cbs(struct tls *ctx, tls_read_cb read_cb, tls_write_cb write_cb, void *arg, const char *servername)
{
    error_clear(&ctx->error);
    if (ctx->role != ROLE_CLIENT)
        return ctx_error(ctx, "not a client context", NULL);
    if (engine_start(ctx, servername))
        return -1;
    ctx->read_cb = read_cb;
    ctx->write_cb = write_cb;
    ctx->cb_arg = arg;
    return 0;
}

int tls_connect_fds(struct tls *ctx, int fd_read, int fd_write, const char *servername)
{
    if (fd_read < 0 || fd_write < 0)
        return ctx_error(ctx, "not a descriptor", NULL);
    if (tls_connect_cbs(ctx, NULL, NULL, NULL, servername))
        return -1;
    use_fds(ctx, fd_read, fd_write);
    return 0;
}

int tls_connect_socket(struct tls *ctx, int socket, const char *servername)
{
    return tls_connect_fds(ctx, socket, socket, servername);
}
