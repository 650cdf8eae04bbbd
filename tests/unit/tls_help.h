/*
 * tls_help.h - what the TLS unit tests share: certificates made by openssl, and two engines joined by memory
 */
#ifndef TLS_HELP_H
#define TLS_HELP_H

#include "tap.h"

#include <isthmus/certificate.h>
#include <isthmus/tls.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct text {
    char *at;
    uint32_t len;
};

static char pki_folder[] = "/tmp/isthmus-tls-XXXXXX";

/* The last function of an openssl script: `leaf NAME KEY ISSUER SAN DAYS` and so on. */
static const char pki_functions[] =
    "set -e; exec 2>log\n"
    "key() { case $2 in\n"
    "  ec) openssl ecparam -name prime256v1 -genkey -noout -out $1.key;;\n"
    "  ec384) openssl ecparam -name secp384r1 -genkey -noout -out $1.key;;\n"
    "  ec521) openssl ecparam -name secp521r1 -genkey -noout -out $1.key;;\n"
    "  ed25519) openssl genpkey -algorithm ed25519 -out $1.key;;\n"
    "  *) openssl genrsa -out $1.key ${2#rsa};; esac; }\n"
    "root() { key $1 $2; openssl req -x509 -new -key $1.key -out $1.pem -days 3650 -subj \"/C=DE/O=Isthmus/CN=$1\"; }\n"
    "signed() { key $1 $2; openssl req -new -key $1.key -subj \"/C=DE/O=Isthmus/CN=$1\" -out $1.csr; echo \"$4\" >$1.ext\n"
    "  openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -CAcreateserial -days 365 -extfile $1.ext -out $1.pem; }\n"
    "leaf() { signed $1 $2 $3 \"basicConstraints=CA:FALSE\nsubjectAltName=$4\"; }\n"
    "middle() { signed $1 $2 $3 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign'; }\n";

/* Runs @script, made of the functions above, in a folder of its own that goes at the end. */
static inline void pki_remove(void)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", pki_folder);
    if (system(command) != 0)
        fprintf(stderr, "cannot remove %s\n", pki_folder);
}

static inline void pki_make(const char *script)
{
    char path[128], command[256];
    FILE *f;

    if (!mkdtemp(pki_folder))
        abort();
    atexit(pki_remove);
    snprintf(path, sizeof path, "%s/make.sh", pki_folder);
    f = fopen(path, "w");
    if (!f)
        abort();
    fprintf(f, "%s%s\n", pki_functions, script);
    fclose(f);
    snprintf(command, sizeof command, "cd %s && bash make.sh || { cat log >&2; exit 1; }", pki_folder);
    if (system(command) != 0)
        abort();
}

/* A file of the folder; lives until the end. */
static inline struct text pki_read(const char *name)
{
    char path[128];
    struct text t = { NULL, 0 };
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", pki_folder, name);
    f = fopen(path, "rb");
    if (!f)
        abort();
    t.at = malloc(1 << 20);
    if (!t.at)
        abort();
    t.len = (uint32_t)fread(t.at, 1, (1 << 20) - 1, f);
    t.at[t.len] = '\0';
    fclose(f);
    return t;
}

static inline struct ist_tls_trust *trust_of(const char *name)
{
    struct text pem = pki_read(name);
    struct ist_tls_trust *trust = NULL;

    if (ist_tls_trust_new(&trust, pem.at, pem.len, NULL, NULL))
        abort();
    free(pem.at);
    return trust;
}

/* NAME.chain, or NAME.pem, and NAME.key */
static inline struct ist_tls_identity *identity_of(const char *chain_name, const char *key_name)
{
    struct text chain = pki_read(chain_name), key = pki_read(key_name);
    struct ist_tls_identity *identity = NULL;
    struct ist_tls_detail why;

    if (ist_tls_identity_new(&identity, chain.at, chain.len, key.at, key.len, &why)) {
        fprintf(stderr, "%s: %s\n", chain_name, why.text);
        abort();
    }
    free(chain.at);
    free(key.at);
    return identity;
}

static inline int32_t random_bytes(void *buf, uint32_t len)
{
    return getrandom(buf, len, 0) == (ssize_t)len ? 0 : IST_ENOENTROPY;
}

static inline uint64_t now_ns(void)
{
    return (uint64_t)time(NULL) * 1000000000u;
}

static inline struct ist_tls_config client_config(const struct ist_tls_trust *trust, const char *name)
{
    return (struct ist_tls_config){ .size = sizeof (struct ist_tls_config), .role = IST_TLS_CLIENT, .server_name = name, .trust = trust,
                                    .realtime_ns = now_ns(), .random_fn = random_bytes };
}

static inline struct ist_tls_config server_config(const struct ist_tls_identity *const *identity)
{
    return (struct ist_tls_config){ .size = sizeof (struct ist_tls_config), .role = IST_TLS_SERVER, .identities = identity,
                                    .n_identities = 1, .realtime_ns = now_ns(), .random_fn = random_bytes };
}

struct pair {
    struct ist_tls_engine *client, *server;
    uint32_t step;                 /* most bytes carried at once; 0 = all */
};

static inline struct pair pair_new(const struct ist_tls_config *client, const struct ist_tls_config *server)
{
    struct pair p = { NULL, NULL, 0 };
    struct ist_tls_detail why;

    if (ist_tls_engine_new(&p.client, client, &why) || ist_tls_engine_new(&p.server, server, &why)) {
        fprintf(stderr, "engine: %s\n", why.text);
        abort();
    }
    return p;
}

static inline void pair_free(struct pair *p)
{
    ist_tls_engine_free(p->client);
    ist_tls_engine_free(p->server);
}

/* Carries what can be carried from one to the other; the number of bytes. */
static inline uint32_t carry(struct ist_tls_engine *from, struct ist_tls_engine *to, uint32_t step)
{
    uint32_t n, room, total = 0;
    const uint8_t *out;
    uint8_t *in;

    while ((out = ist_tls_engine_record_out_buf(from, &n)) != NULL && (in = ist_tls_engine_record_in_buf(to, &room)) != NULL) {
        n = n < room ? n : room;
        n = step && step < n ? step : n;
        memcpy(in, out, n);
        ist_tls_engine_record_in_ack(to, n);
        ist_tls_engine_record_out_ack(from, n);
        total += n;
    }
    return total;
}

/* Until nothing moves any more. */
static inline void pump(struct pair *p)
{
    while (carry(p->client, p->server, p->step) + carry(p->server, p->client, p->step))
        ;
}

static inline uint32_t put_data(struct ist_tls_engine *e, const void *data, uint32_t len)
{
    uint32_t room;
    uint8_t *to = ist_tls_engine_data_out_buf(e, &room);

    if (!to)
        return 0;
    len = len < room ? len : room;
    memcpy(to, data, len);
    ist_tls_engine_data_out_ack(e, len);
    ist_tls_engine_flush(e);
    return len;
}

static inline uint32_t get_data(struct ist_tls_engine *e, void *data, uint32_t cap)
{
    uint32_t len;
    const uint8_t *from = ist_tls_engine_data_in_buf(e, &len);

    if (!from)
        return 0;
    len = len < cap ? len : cap;
    memcpy(data, from, len);
    ist_tls_engine_data_in_ack(e, len);
    return len;
}

/* Whether a text goes there and back. */
static inline int echoes(struct pair *p, const char *text)
{
    char buf[256] = "";
    uint32_t len = (uint32_t)strlen(text) + 1;

    if (put_data(p->client, text, len) != len)
        return 0;
    pump(p);
    if (get_data(p->server, buf, sizeof buf) != len || strcmp(buf, text) != 0 || put_data(p->server, buf, len) != len)
        return 0;
    pump(p);
    memset(buf, 0, sizeof buf);
    return get_data(p->client, buf, sizeof buf) == len && strcmp(buf, text) == 0;
}

static inline int is_done(const struct ist_tls_engine *e)
{
    return (ist_tls_engine_state(e) & (IST_TLS_HANDSHAKE_DONE | IST_TLS_FAILED)) == IST_TLS_HANDSHAKE_DONE;
}

static inline struct ist_tls_detail detail_of(const struct ist_tls_engine *e)
{
    struct ist_tls_detail d;

    ist_tls_engine_detail(e, &d);
    return d;
}

/* Whether @e failed for @reason; tells on the way what else it was. */
static inline int failed_for(const struct ist_tls_engine *e, int32_t reason)
{
    struct ist_tls_detail d = detail_of(e);
    uint32_t s = ist_tls_engine_state(e);

    if (d.reason == reason && s & IST_TLS_FAILED && s & IST_TLS_CLOSED)
        return 1;
    printf("# reason %d (%s), foreign %d, alert %d, state %u\n", d.reason, d.text, d.foreign, d.alert, s);
    return 0;
}

static inline int got_alert(const struct ist_tls_engine *e, int alert)
{
    struct ist_tls_detail d = detail_of(e);

    if (d.reason == IST_TLS_PEER_ALERT && d.alert == alert)
        return 1;
    printf("# reason %d (%s), alert %d\n", d.reason, d.text, d.alert);
    return 0;
}

#endif
