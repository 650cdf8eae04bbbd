/*
 * session.c - what a connection leaves behind so that the next one with the same peer need not begin anew
 *
 * A session is bound to all that its handshake was judged by: the role, what is verified and how, the anchors, the name, our own certificate, and
 * on a server the context that its cache is for. The binding is a hash of these: a session is taken up again only where it is the same,
 * so that resuming never gives what a full handshake would have refused. It dies with the first certificate of the peer's chain that
 * expires. The bytes of the struct and the chain behind it are the form in which a client keeps it.
 */
#include <stdlib.h>
#include <string.h>
#include "tls/engine.h"

#define MAGIC       UINT32_C(0x31545349)      /* ISI1, and the version of the layout */
#define SECOND_NS   UINT64_C(1000000000)
#define CLIENT_S    86400u                    /* RFC 5246 F.1.4: an upper limit of 24 hours is suggested */
#define VERIFY_BITS (IST_TLS_NO_VERIFY_CERTIFICATE | IST_TLS_NO_VERIFY_NAME | IST_TLS_NO_VERIFY_TIME | IST_TLS_VERIFY_PEER | \
                     IST_TLS_VERIFY_PEER_IF_SHOWN)

static void add(br_sha256_context *sha, const void *bytes, uint32_t len)
{
    uint8_t head[4] = { (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len };

    br_sha256_update(sha, head, sizeof head);
    br_sha256_update(sha, bytes, len);
}

/* @context: of a server's cache; NULL for a client */
void ist__session_bind(const struct ist_tls_engine *e, const uint8_t *context, const char *name, uint8_t binding[32])
{
    const struct ist_tls_config *c = &e->config;
    const struct ist_tls_trust *trust = e->verify.trust;
    uint32_t numbers[] = { MAGIC, c->role, c->flags & VERIFY_BITS, e->verify.depth, c->ciphers, c->curves };
    br_sha256_context sha;

    br_sha256_init(&sha);
    add(&sha, numbers, sizeof numbers);
    add(&sha, name, (uint32_t)strlen(name));
    add(&sha, trust ? trust->digest : NULL, trust ? sizeof trust->digest : 0);
    add(&sha, context, context ? 32 : 0);
    for (uint32_t i = 0; i < c->n_identities; i++)
        add(&sha, e->identities[i]->chain[0].data, (uint32_t)e->identities[i]->chain[0].data_len);
    br_sha256_out(&sha, binding);
}

static uint32_t size_of(const struct ist__session *s)
{
    return (uint32_t)sizeof *s + s->start[s->n];
}

void ist__session_free(struct ist__session *s)
{
    if (s)
        ist__wipe(s, sizeof *s);
    free(s);
}

struct ist__session *ist__session_copy(const struct ist__session *s)
{
    struct ist__session *copy = malloc(size_of(s));

    if (copy)
        memcpy(copy, s, size_of(s));
    return copy;
}

int ist__session_alive(const struct ist__session *s, uint64_t now_ns)
{
    return now_ns && now_ns >= s->made_ns && now_ns < s->until_ns;
}

/* When the first certificate of the peer's chain expires, if that is before @until_ns. */
static uint64_t chain_until(const struct ist__verify *v, uint64_t until_ns)
{
    struct ist_certificate c;

    for (uint32_t i = 0; i < v->n; i++) {
        if (ist_certificate_read(v->der + v->start[i], v->start[i + 1] - v->start[i], &c) || c.not_after_s <= 0)
            return 0;
        if ((uint64_t)c.not_after_s < until_ns / SECOND_NS)
            until_ns = (uint64_t)c.not_after_s * SECOND_NS;
    }
    return until_ns;
}

/* The session of a connection whose handshake is done; NULL: it cannot be resumed, or there is no memory. */
struct ist__session *ist__session_of(const struct ist_tls_engine *e, const uint8_t *context, uint32_t lifetime_s, uint32_t chain_max)
{
    const struct ist__verify *v = &e->verify;
    const br_ssl_session_parameters *p = &e->eng->session;
    uint32_t chain_len = v->n ? v->start[v->n] : 0;
    struct ist__session *s;

    if (e->config.realtime_ns == 0 || lifetime_s == 0 || p->session_id_len == 0 || chain_len > chain_max)
        return NULL;
    s = calloc(1, sizeof *s + chain_len);
    if (!s)
        return NULL;
    s->magic = MAGIC;
    s->suite = p->cipher_suite;
    s->id_len = p->session_id_len;
    s->made_ns = e->config.realtime_ns;
    s->until_ns = s->made_ns + lifetime_s * SECOND_NS;
    if (!(e->config.flags & IST_TLS_NO_VERIFY_TIME))
        s->until_ns = chain_until(v, s->until_ns);
    memcpy(s->id, p->session_id, s->id_len);
    memcpy(s->master, p->master_secret, sizeof s->master);
    ist__session_bind(e, context, e->config.role == IST_TLS_CLIENT ? e->host : e->eng->server_name, s->binding);
    s->n = v->n;
    if (chain_len) {
        memcpy(s->start, v->start, (v->n + 1) * sizeof *v->start);
        memcpy(s + 1, v->der, chain_len);
    }
    return s;
}

/* What a client kept, checked: it comes from a file. NULL: no session, or of another layout. */
static struct ist__session *session_read(const void *bytes, uint32_t len)
{
    struct ist__session *s;

    if (!bytes || len < sizeof *s || !(s = malloc(len)))
        return NULL;
    memcpy(s, bytes, len);
    if (s->magic != MAGIC || s->id_len == 0 || s->id_len > sizeof s->id || s->n > IST_TLS_CHAIN_MAX || s->start[0] != 0)
        goto refuse;
    for (uint32_t i = 0; i < s->n; i++)
        if (s->start[i + 1] < s->start[i] || s->start[i + 1] > len - sizeof *s)
            goto refuse;
    if (size_of(s) == len && ist__suite_find(s->suite))
        return s;
refuse:
    ist__session_free(s);
    return NULL;
}

/* The parameters that BearSSL resumes with. */
void ist__session_apply(const struct ist__session *s, br_ssl_session_parameters *p)
{
    memset(p, 0, sizeof *p);
    memcpy(p->session_id, s->id, s->id_len);
    p->session_id_len = (unsigned char)s->id_len;
    p->version = BR_TLS12;
    p->cipher_suite = s->suite;
    memcpy(p->master_secret, s->master, sizeof s->master);
}

/* A client offers the session that it was given, if it is for this server and still good. Whether it does. */
int ist__session_offer(struct ist_tls_engine *e, const void *bytes, uint32_t len)
{
    struct ist__session *s = session_read(bytes, len);
    uint8_t binding[32];

    if (!s)
        return 0;
    ist__session_bind(e, NULL, e->host, binding);
    if (memcmp(binding, s->binding, sizeof binding) != 0 || !ist__session_alive(s, e->config.realtime_ns)) {
        ist__session_free(s);
        return 0;
    }
    e->session = s;
    ist__session_apply(s, &e->eng->session);
    return 1;
}

/* The peer's chain is that of the handshake which made the session. 0: no memory. */
int ist__session_chain(const struct ist__session *s, struct ist__verify *v)
{
    uint8_t *der = s->n ? realloc(v->der, s->start[s->n] + 1) : v->der;

    if (s->n && !der)
        return 0;
    v->der = der;
    v->n = s->n;
    memcpy(v->start, s->start, sizeof s->start);
    if (s->n) {
        v->cap = s->start[s->n] + 1;
        memcpy(v->der, s + 1, s->start[s->n]);
    }
    return 1;
}

int32_t ist_tls_engine_session(const struct ist_tls_engine *engine, void *buf, uint32_t cap)
{
    struct ist__session *s;
    uint32_t need;

    if (engine->config.role != IST_TLS_CLIENT)
        return IST_ENOTSUP;
    if (!engine->done || engine->reason)
        return IST_ESTATE;
    /* One that was resumed is the same still, and lives no longer for that. */
    s = engine->resumed ? ist__session_copy(engine->session)
                        : ist__session_of(engine, NULL, CLIENT_S, IST_TLS_CERTIFICATE_MAX * 4);
    if (!s)
        return 0;
    need = size_of(s);
    if (need <= cap)
        memcpy(buf, s, need);
    ist__session_free(s);
    return (int32_t)need;
}
