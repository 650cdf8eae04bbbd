/*
 * sessions.c - a server's cache of sessions
 *
 * A ring: the oldest makes room. BearSSL asks for a session before it has read the name in the ClientHello, so what is found counts only
 * once the hello is there but for its last byte: ist__sessions_confirm(). If the name is another by then, BearSSL is made to give
 * the resumption up (by a version no client can have), and a full handshake follows, as RFC 6066 3 wants.
 */
#include <stdlib.h>
#include <string.h>
#include "core/core.h"
#include "tls/engine.h"

#define CHAIN_MAX       16384u      /* bytes of a client's certificates that are kept; with more the session is not */
#define NO_VERSION      0xffff
#define EXTENSION_SNI   0
#define EXTENSION_ALPN  16

struct ist_tls_sessions {
    struct ist_tls_sessions *next, *prev;
    struct ist__session **at;
    uint32_t n_max, oldest, lifetime_s;
    uint8_t context[32];
};

static struct ist_tls_sessions *caches;       /* all, for ist__sessions_drop() */

int32_t ist_tls_sessions_new(struct ist_tls_sessions **out, uint32_t n_max, uint32_t lifetime_s, const void *context, uint32_t context_len)
{
    struct ist_tls_sessions *all;
    br_sha256_context sha;

    if (n_max == 0 || n_max > IST_TLS_SESSIONS_MAX || lifetime_s == 0 || lifetime_s > IST_TLS_SESSION_LIFETIME_MAX)
        return IST_EINVAL;
    all = calloc(1, sizeof *all);
    if (all)
        all->at = calloc(n_max, sizeof *all->at);
    if (!all || !all->at) {
        free(all);
        return IST_ENOMEM;
    }
    all->n_max = n_max;
    all->lifetime_s = lifetime_s;
    br_sha256_init(&sha);
    br_sha256_update(&sha, context, context_len);
    br_sha256_out(&sha, all->context);
    all->next = caches;
    if (caches)
        caches->prev = all;
    caches = all;
    *out = all;
    return IST_OK;
}

static void forget_all(struct ist_tls_sessions *all)
{
    for (uint32_t i = 0; i < all->n_max; i++) {
        ist__session_free(all->at[i]);
        all->at[i] = NULL;
    }
}

void ist_tls_sessions_free(struct ist_tls_sessions *sessions)
{
    if (!sessions)
        return;
    if (sessions->prev)
        sessions->prev->next = sessions->next;
    else
        caches = sessions->next;
    if (sessions->next)
        sessions->next->prev = sessions->prev;
    forget_all(sessions);
    free(sessions->at);
    free(sessions);
}

void ist__sessions_drop(void)
{
    for (struct ist_tls_sessions *all = caches; all; all = all->next)
        forget_all(all);
}

static struct ist__session **find(struct ist_tls_sessions *all, const uint8_t *id)
{
    for (uint32_t i = 0; i < all->n_max; i++)
        if (all->at[i] && memcmp(all->at[i]->id, id, sizeof all->at[i]->id) == 0)
            return &all->at[i];
    return NULL;
}

static int load(const br_ssl_session_cache_class **ctx, br_ssl_server_context *server, br_ssl_session_parameters *params)
{
    struct ist_tls_engine *e = ((struct ist__recall *)(void *)ctx)->engine;
    struct ist__session **found = find(e->config.sessions, params->session_id);

    (void)server;
    if (found && ist__session_alive(*found, e->config.realtime_ns))
        e->session = ist__session_copy(*found);
    if (e->session)
        ist__session_apply(e->session, params);
    return e->session != NULL;
}

/* It is kept when the handshake has been judged to its end: ist__sessions_keep(). */
static void save(const br_ssl_session_cache_class **ctx, br_ssl_server_context *server, const br_ssl_session_parameters *params)
{
    (void)ctx;
    (void)server;
    (void)params;
}

static const br_ssl_session_cache_class recall_class = { sizeof (struct ist__recall), save, load };

void ist__recall_init(struct ist_tls_engine *e)
{
    e->recall.vtable = &recall_class;
    e->recall.engine = e;
    br_ssl_server_set_cache(&e->side.server, &e->recall.vtable);
}

static int is_bound(const struct ist_tls_engine *e)
{
    uint8_t binding[32];

    ist__session_bind(e, e->config.sessions->context, e->eng->server_name, binding);
    return memcmp(binding, e->session->binding, sizeof binding) == 0;
}

static int offered(const struct ist_tls_engine *e, uint16_t extension)
{
    for (uint32_t i = 0; i < e->intake.n_extensions; i++)
        if (e->intake.extensions[i] == extension)
            return 1;
    return 0;
}

/* All of the ClientHello but its last byte has been read. Name and protocols are known, unless one of them comes last. */
void ist__sessions_confirm(struct ist_tls_engine *e)
{
    uint32_t n = e->intake.n_extensions;
    uint16_t last = n ? e->intake.extensions[n - 1] : 0xffff;

    if (!e->session)
        return;
    if (is_bound(e) && last != EXTENSION_SNI && (last == EXTENSION_ALPN || e->eng->selected_protocol != 0xffff))
        return;
    ist__session_free(e->session);
    e->session = NULL;
    e->eng->session.version = NO_VERSION;
}

/* Whether the handshake that is done now resumed what was found, and rightly. -1: a session for another name. */
int ist__sessions_resumed(const struct ist_tls_engine *e)
{
    if (!e->session || e->serve.chosen)
        return 0;
    return is_bound(e) ? 1 : -1;
}

/*
 * A client that offered protocols of which we have none got a connection without; a resumption cannot do this again, as BearSSL
 * leaves the search's mark standing there.
 */
void ist__sessions_keep(struct ist_tls_engine *e)
{
    struct ist_tls_sessions *all = e->config.sessions;
    struct ist__session *s;

    if (e->eng->protocol_names_num && e->eng->selected_protocol == 0 && offered(e, EXTENSION_ALPN))
        return;
    s = ist__session_of(e, all->context, all->lifetime_s, CHAIN_MAX);
    if (!s)
        return;
    ist__session_free(all->at[all->oldest]);
    all->at[all->oldest] = s;
    all->oldest = (all->oldest + 1) % all->n_max;
}

/* RFC 5246 7.2.2: after a fatal alert a session is not to be resumed. */
void ist__sessions_forget(struct ist_tls_engine *e)
{
    struct ist__session **found = find(e->config.sessions, e->eng->session.session_id);

    if (found) {
        ist__session_free(*found);
        *found = NULL;
    }
}
