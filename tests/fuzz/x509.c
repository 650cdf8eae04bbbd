/*
 * x509.c - certificates, chains of them, bundles and keys from whoever sends them
 *
 * Input: what it is (below), then the bytes. Keys and certificates are new in every process; the seeds fit them.
 */
#include "../unit/tls_help.h"
#include "fuzz.h"
#include "tls/parts.h"

enum kind { CHAIN, BUNDLE, IDENTITY, N_KINDS };      /* u16 length and DER each; PEM; PEM certificates, NUL, PEM key */

static struct ist_tls_trust *trust;
static const uint32_t flags[] = { 0, IST_TLS_NO_VERIFY_CERTIFICATE, IST_TLS_NO_VERIFY_NAME, IST_TLS_NO_VERIFY_TIME };

static void prepare(void)
{
    if (trust)
        return;
    pki_make("root ca ec; middle mid ec ca; leaf leaf ec mid 'DNS:host.test,DNS:*.wild.test,IP:192.0.2.7'\n"
             "key lim ec; openssl req -new -key lim.key -subj /CN=lim -out lim.csr\n"
             "printf 'basicConstraints=critical,CA:TRUE,pathlen:0\\nkeyUsage=critical,keyCertSign\\nextendedKeyUsage=serverAuth,clientAuth\\n"
             "nameConstraints=critical,permitted;DNS:host.test,excluded;DNS:bad.host.test,permitted;IP:192.0.2.0/255.255.255.0\\n' >lim.ext\n"
             "openssl x509 -req -in lim.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile lim.ext -out lim.pem\n"
             "signed under ec lim 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:a.host.test,IP:192.0.2.7'\n"
             "leaf rsa rsa2048 ca DNS:host.test; cat leaf.pem mid.pem >chain.pem; cat under.pem lim.pem >limits.pem\n"
             "openssl pkcs8 -topk8 -nocrypt -in leaf.key -out leaf.p8");
    trust = trust_of("ca.pem");
}

static void look(const uint8_t *der, uint32_t len)
{
    struct ist_certificate c;
    char text[128];

    if (ist_certificate_read(der, len, &c) != IST_OK)
        return;
    must(ist_certificate_matches(&c, "host.test") >= 0);
    ist_certificate_matches(&c, "192.0.2.7");
    ist_certificate_name_text(c.subject, c.subject_len, text, sizeof text);
    ist_certificate_name_text(c.issuer, c.issuer_len, text, 4);
}

/* Whether the chain is good. */
static int chain(struct input in, uint32_t how)
{
    struct ist__verify *v = calloc(1, sizeof *v);
    uint32_t n, usages;
    int good;

    if (!v)
        abort();
    ist__verify_init(v);
    v->trust = trust;
    v->flags = flags[how % 4];
    v->is_server = how & 4;
    v->depth = IST_TLS_DEPTH_DEFAULT;
    v->host = how & 8 ? "a.host.test" : "host.test";
    v->realtime_ns = now_ns();
    v->vtable->start_chain(&v->vtable, v->host);
    while (in.left) {
        uint32_t len = take16(&in);
        const uint8_t *der = take(&in, len, &n);
        uint8_t *copy = malloc(n ? n : 1);
        if (!copy)
            abort();
        memcpy(copy, der, n);
        look(copy, n);
        v->vtable->start_cert(&v->vtable, n);
        v->vtable->append(&v->vtable, copy, n / 2);          /* it comes in pieces, as over a connection */
        v->vtable->append(&v->vtable, copy + n / 2, n - n / 2);
        v->vtable->end_cert(&v->vtable);
        free(copy);
    }
    good = v->vtable->end_chain(&v->vtable) == 0;
    if (good)
        must(v->reason == 0 && v->vtable->get_pkey(&v->vtable, &usages) != NULL);
    ist__verify_release(v);
    free(v);
    return good;
}

static void identity(const char *text, uint32_t len)
{
    struct ist_tls_identity *id = NULL;
    struct ist_tls_detail d;
    const char *end = memchr(text, '\0', len);
    uint32_t n = end ? (uint32_t)(end - text) : len / 2, skip = end ? n + 1 : n;
    int32_t r = ist_tls_identity_new(&id, text, n, text + skip, len - skip, &d);

    must((r == 0) == (d.reason == 0) && (r == 0) == (id != NULL));
    ist_tls_identity_free(id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    uint32_t kind = take8(&in);
    struct ist_tls_trust *t = NULL;

    prepare();
    switch (kind % N_KINDS) {
    case CHAIN:
        chain(in, kind / N_KINDS);
        break;
    case BUNDLE:
        must((ist_tls_trust_new(&t, (const char *)in.at, (uint32_t)in.left, NULL, NULL) == 0) == (t != NULL));
        ist_tls_trust_free(t);
        break;
    default:
        identity((const char *)in.at, (uint32_t)in.left);
    }
    return 0;
}

const uint32_t fuzz_rounds = 100;
static struct seed s;

static int32_t add_certificate(void *ctx, const char *label, const uint8_t *der, uint32_t len)
{
    (void)ctx;
    if (!label)
        return 1;
    add16(&s, len);
    add(&s, der, len);
    return 0;
}

static void emit_chain(seed_fn seed, const char *name, const char *file, uint32_t how)
{
    struct text pem = pki_read(file);

    s.len = 0;
    add8(&s, how * N_KINDS + CHAIN);
    must(ist__pem_each(pem.at, pem.len, add_certificate, NULL) == 0);
    must(chain((struct input){ s.at + 1, s.len - 1 }, how));
    seed(name, s.at, s.len);
    free(pem.at);
}

static void emit_text(seed_fn seed, const char *name, enum kind kind, const char *file, const char *key)
{
    struct text pem = pki_read(file);

    s.len = 0;
    add8(&s, kind);
    add(&s, pem.at, pem.len);
    free(pem.at);
    if (key) {
        pem = pki_read(key);
        add8(&s, 0);
        add(&s, pem.at, pem.len);
        free(pem.at);
    }
    seed(name, s.at, s.len);
}

void fuzz_seeds(seed_fn seed)
{
    prepare();
    emit_chain(seed, "a chain of three", "chain.pem", 0);
    emit_chain(seed, "one that nobody verifies", "chain.pem", 1);
    emit_chain(seed, "a client's", "limits.pem", 4 + 8);
    emit_chain(seed, "name constraints", "limits.pem", 8);
    emit_chain(seed, "an rsa certificate", "rsa.pem", 0);
    emit_chain(seed, "dates apart", "limits.pem", 8 + 3);
    s.len = 0;
    add_hex(&s, "00 0000 0000");
    seed("two certificates of no bytes", s.at, s.len);
    emit_text(seed, "a bundle", BUNDLE, "chain.pem", NULL);
    emit_text(seed, "a bundle with constraints", BUNDLE, "lim.pem", NULL);
    emit_text(seed, "an identity", IDENTITY, "chain.pem", "leaf.key");
    emit_text(seed, "an identity with pkcs8", IDENTITY, "chain.pem", "leaf.p8");
    emit_text(seed, "an rsa identity", IDENTITY, "rsa.pem", "rsa.key");
}
