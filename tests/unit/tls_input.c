/*
 * Hostile and damaged input: PEM, certificates, keys, records; and what a good certificate says.
 */
#include "tls_help.h"

static struct text leaf_pem, key_pem, ca_pem, rsa_pem, rsa_key;
static struct ist_tls_trust *trust;
static const struct ist_tls_identity *identity;

static int32_t identity_reason(const char *chain, size_t chain_len, const char *key, size_t key_len)
{
    struct ist_tls_identity *id = NULL;
    struct ist_tls_detail d;
    int32_t r = ist_tls_identity_new(&id, chain, (uint32_t)chain_len, key, (uint32_t)key_len, &d);

    ist_tls_identity_free(id);
    if ((r == 0) != (d.reason == 0) || strlen(d.text) < 8)
        return -1;
    return d.reason;
}

static int32_t trust_reason(const char *pem, size_t len, struct ist_tls_trust_report *report)
{
    struct ist_tls_trust *t = NULL;
    struct ist_tls_detail d;
    int32_t r = ist_tls_trust_new(&t, pem, (uint32_t)len, report, &d);

    ist_tls_trust_free(t);
    return (r == 0) == (d.reason == 0) ? d.reason : -1;
}

static int32_t with_key(const char *key_file)
{
    struct text key = pki_read(key_file);
    int32_t r = identity_reason(leaf_pem.at, leaf_pem.len, key.at, key.len);

    free(key.at);
    return r;
}

static void keys(void)
{
    static char many[1 << 20];
    size_t len = 0;

    ok(with_key("leaf.key") == 0, "the key of the certificate: SEC1");
    ok(with_key("leaf.p8") == 0, "PKCS#8");
    ok(with_key("both.pem") == 0, "with parameters and a certificate in the same file");
    ok(with_key("other.key") == IST_TLS_KEY_MISMATCH, "the key of another certificate is refused");
    ok(with_key("rsa.key") == IST_TLS_KEY_MISMATCH, "a key of another kind is refused");
    ok(with_key("locked.p8") == IST_TLS_KEY_ENCRYPTED, "an encrypted PKCS#8 key is refused, and it says why");
    ok(with_key("locked.key") == IST_TLS_KEY_ENCRYPTED, "an encrypted key of the old form too");
    ok(with_key("ed25519.key") == IST_TLS_KEY_UNSUPPORTED, "Ed25519 is not supported, and it says so");
    ok(with_key("ec521.key") == IST_TLS_KEY_UNSUPPORTED, "P-521 neither");
    ok(with_key("rsa1024.key") == IST_TLS_KEY_UNSUPPORTED, "nor RSA with 1024 bits");
    ok(with_key("leaf.pem") == IST_TLS_NO_KEY, "a certificate is no key");
    ok(identity_reason(rsa_pem.at, rsa_pem.len, rsa_key.at, rsa_key.len) == 0, "an RSA key");
    ok(identity_reason(rsa_pem.at, rsa_pem.len, key_pem.at, key_pem.len) == IST_TLS_KEY_MISMATCH, "an EC key for an RSA certificate is refused");
    ok(identity_reason("", 0, key_pem.at, key_pem.len) == IST_TLS_NO_CERTIFICATE, "an empty chain is refused");
    ok(identity_reason(key_pem.at, key_pem.len, key_pem.at, key_pem.len) == IST_TLS_NO_CERTIFICATE, "a key is no certificate");
    for (int i = 0; i < 17; i++) {
        memcpy(many + len, leaf_pem.at, leaf_pem.len);
        len += leaf_pem.len;
    }
    ok(identity_reason(many, len, key_pem.at, key_pem.len) == IST_TLS_CHAIN_TOO_LARGE, "a chain of 17 is refused");
    ok(identity_reason(many, len - leaf_pem.len, key_pem.at, key_pem.len) == 0, "and 16 are accepted");
    ok(identity_reason(leaf_pem.at, leaf_pem.len - 1, key_pem.at, key_pem.len - 1) == 0, "the last line may lack its newline");
    ok(identity_reason(leaf_pem.at, leaf_pem.len - 40, key_pem.at, key_pem.len) == IST_TLS_PEM_GARBAGE, "a block without its end is refused");
}

static void bundles(void)
{
    struct text bundle = pki_read("bundle.pem");
    struct ist_tls_trust_report report;

    ok(trust_reason(bundle.at, bundle.len, &report) == 0 && report.n_anchors == 2 && report.n_skipped == 2,
       "a bundle of two good anchors, an Ed25519 one and a damaged one: two used, two counted");
    ok(trust_reason("nothing here\n", 13, &report) == IST_TLS_NO_ANCHOR, "text without a block: no anchor");
    ok(trust_reason("", 0, &report) == IST_TLS_NO_ANCHOR, "no text: no anchor");
    ok(trust_reason(key_pem.at, key_pem.len, &report) == IST_TLS_NO_ANCHOR, "a key: no anchor");
    ok(trust_reason(ca_pem.at, ca_pem.len / 2, &report) == IST_TLS_PEM_GARBAGE && report.n_skipped == 1, "half a block: damaged");
    free(bundle.at);
}

struct der {
    uint8_t at[8192];
    uint32_t len;
};

/* The first block of PEM text, decoded by our own identity reader through the peer's side would be roundabout: base64 by hand. */
static struct der decode(const struct text *pem)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = strstr(pem->at, "-----\n") + 6;
    struct der d = { .len = 0 };
    uint32_t bits = 0, n = 0;

    for (; *p != '-'; p++) {
        const char *digit = *p == '=' ? NULL : strchr(digits, *p);
        if (*p == '\n' || !digit)
            continue;
        bits = bits << 6 | (uint32_t)(digit - digits);
        n += 6;
        if (n >= 8) {
            n -= 8;
            d.at[d.len++] = (uint8_t)(bits >> n);
        }
    }
    return d;
}

static uint8_t *find(struct der *d, const char *text)
{
    size_t len = strlen(text);

    for (uint32_t i = 0; i + len <= d->len; i++)
        if (memcmp(d->at + i, text, len) == 0)
            return d->at + i;
    abort();
}

static void reading(void)
{
    struct der good = decode(&leaf_pem), bad;
    struct ist_certificate c;
    char text[256], pem[8192];
    uint8_t hash[32];
    char hex[65];
    struct text expected = pki_read("leaf.sha256"), dates = pki_read("leaf.dates");
    int all = 1;

    ok(ist_certificate_read(good.at, good.len, &c) == IST_OK && c.version == 3, "a certificate is read");
    ok(ist_certificate_name_text(c.subject, c.subject_len, text, sizeof text) > 0 && strcmp(text, "/C=DE/O=Isthmus/CN=leaf") == 0, "its subject as text");
    ok(ist_certificate_name_text(c.issuer, c.issuer_len, text, sizeof text) > 0 && strcmp(text, "/C=DE/O=Isthmus/CN=ca") == 0, "its issuer");
    ok(ist_certificate_name_text(c.issuer, c.issuer_len, text, 5) == 21 && strcmp(text, "/C=D") == 0, "cut to the room there is, with the whole length");
    ok(ist_certificate_name_text(c.issuer, c.issuer_len - 1, text, sizeof text) == IST_EINVAL, "a truncated name is refused");
    ok(c.not_before_s == strtoll(dates.at, NULL, 10) && c.not_after_s == c.not_before_s + 365 * 86400, "its dates, as openssl tells them");
    ist_certificate_hash(good.at, good.len, hash);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    ok(strncmp(hex, expected.at, 64) == 0, "its SHA-256");
    ok(ist_certificate_pem(good.at, good.len, pem, sizeof pem) == (int32_t)leaf_pem.len && strcmp(pem, leaf_pem.at) == 0, "as PEM it is what openssl wrote");
    ok(ist_certificate_pem(good.at, good.len, pem, leaf_pem.len) == (int32_t)leaf_pem.len, "too little room tells how much is needed");
    ok(ist_certificate_matches(&c, "host.test") == 1 && ist_certificate_matches(&c, "a b") == IST_EINVAL &&
       ist_certificate_matches(&c, "") == IST_EINVAL, "it matches its name, and what is no name is an error");

    for (uint32_t len = 0; len < good.len; len++)
        all &= ist_certificate_read(good.at, len, &c) == IST_EINVAL;
    ok(all, "cut at each of its bytes it is refused");
    bad = good;
    bad.len++;
    ok(ist_certificate_read(bad.at, bad.len, &c) == IST_EINVAL, "a byte after it is refused");
    bad = good;
    find(&bad, "host.test")[4] = '\0';
    ok(ist_certificate_read(bad.at, bad.len, &c) == IST_EINVAL, "a NUL in a name is refused");
    bad = good;
    find(&bad, "host.test")[4] = ' ';
    ok(ist_certificate_read(bad.at, bad.len, &c) == IST_EINVAL, "a space in a name is refused");
    free(expected.at);
    free(dates.at);
}

static uint32_t seed = 20261;

static uint32_t below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(seed >> 8) * n >> 24);
}

/* A few bytes changed, cut, or repeated. */
static uint32_t mutate(uint8_t *buf, uint32_t len, uint32_t cap)
{
    for (uint32_t n = 1 + below(4); n && len > 1; n--)
        switch (below(5)) {
        case 0: buf[below(len)] = (uint8_t)below(256); break;
        case 1: buf[below(len)] ^= (uint8_t)(1u << below(8)); break;
        case 2: len = 1 + below(len); break;
        case 3: {
            uint32_t at = below(len), n_cut = 1 + below(8);
            if (at + n_cut < len) {
                memmove(buf + at, buf + at + n_cut, len - at - n_cut);
                len -= n_cut;
            }
            break;
        }
        default:
            if (len + 16 <= cap && len > 16) {
                uint32_t at = below(len - 16);
                memmove(buf + at + 16, buf + at, len - at);
                len += 16;
            }
        }
    return len;
}

static void fuzz_text(void)
{
    const struct text *chains[] = { &leaf_pem, &rsa_pem }, *keys_of[] = { &key_pem, &rsa_key };
    static uint8_t buf[16384], key[16384];
    int n_good = 0, strange = 0;

    for (int i = 0; i < 3000; i++) {
        const struct text *chain = chains[i & 1], *k = keys_of[i & 1];
        uint32_t len = chain->len, key_len = k->len;
        int32_t r;
        memcpy(buf, chain->at, len);
        memcpy(key, k->at, key_len);
        if (i & 2)
            len = mutate(buf, len, sizeof buf);
        else
            key_len = mutate(key, key_len, sizeof key);
        r = identity_reason((char *)buf, len, (char *)key, key_len);
        n_good += r == 0;
        strange += r < 0;
        strange += i & 2 && trust_reason((char *)buf, len, NULL) < 0;
    }
    ok(strange == 0 && n_good < 1500, "3,000 damaged chains and keys: %d still good, each other an error", n_good);
}

static void fuzz_der(void)
{
    struct der good = decode(&leaf_pem);
    static uint8_t buf[16384];
    char text[64];
    int n_read = 0;

    for (int i = 0; i < 20000; i++) {
        struct ist_certificate c;
        uint32_t len = good.len;
        uint8_t *exact;
        memcpy(buf, good.at, len);
        len = mutate(buf, len, sizeof buf);
        exact = malloc(len);                       /* so that the sanitizer sees every byte past the end */
        if (!exact)
            abort();
        memcpy(exact, buf, len);
        if (ist_certificate_read(exact, len, &c) == IST_OK) {
            n_read++;
            ist_certificate_matches(&c, "host.test");
            ist_certificate_name_text(c.subject, c.subject_len, text, sizeof text);
            ist_certificate_name_text(c.issuer, c.issuer_len, text, sizeof text);
        }
        free(exact);
    }
    ok(n_read < 15000, "20,000 damaged certificates: %d could be read, none past its end", n_read);
}

/* Records altered on their way, in the handshake and after it. */
static void fuzz_records(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&identity);
    int n_failed = 0, wrong_data = 0, n_rounds = 400;

    for (int i = 0; i < n_rounds; i++) {
        struct pair p = pair_new(&c, &s);
        struct ist_tls_engine *ends[] = { p.client, p.server };
        uint32_t when = below(i & 1 ? 40 : 6), step = 0;
        for (int idle = 0; idle < 2; step++) {
            struct ist_tls_engine *from = ends[step & 1], *to = ends[!(step & 1)];
            uint32_t n, room;
            const uint8_t *out = ist_tls_engine_record_out_buf(from, &n);
            uint8_t *in = ist_tls_engine_record_in_buf(to, &room);
            if (!out || !in) {
                idle++;
                if (step < 30 && is_done(from))
                    idle -= put_data(from, "data", 4) == 4;
                continue;
            }
            idle = 0;
            n = n < room ? n : room;
            memcpy(in, out, n);
            if (when-- == 0)
                mutate(in, n, n);
            ist_tls_engine_record_in_ack(to, n);
            ist_tls_engine_record_out_ack(from, n);
            char got[64];
            n = get_data(to, got, sizeof got);
            for (uint32_t k = 0; k < n; k++)
                wrong_data += got[k] != "data"[k & 3];
        }
        n_failed += detail_of(p.client).reason != 0 || detail_of(p.server).reason != 0;
        ist_tls_engine_record_end(p.client);
        ist_tls_engine_record_end(p.server);
        pair_free(&p);
    }
    ok(n_failed > n_rounds / 3 && wrong_data == 0, "%d connections with damaged records: %d failed, no wrong byte came through", n_rounds, n_failed);
}

/* Random bytes as what a peer sends. */
static void fuzz_noise(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&identity);
    int n_alive = 0;

    for (int i = 0; i < 400; i++) {
        struct pair p = pair_new(&c, &s);
        struct ist_tls_engine *e = i & 1 ? p.client : p.server;
        uint32_t room;
        uint8_t *in;
        for (int k = 0; k < 200 && (in = ist_tls_engine_record_in_buf(e, &room)) != NULL; k++) {
            uint32_t n = 1 + below(room);
            for (uint32_t j = 0; j < n; j++)
                in[j] = (uint8_t)below(256);
            if (k == 0 && n >= 3) {
                in[0] = (uint8_t)(20 + below(4));
                in[1] = in[2] = 3;
            }
            ist_tls_engine_record_in_ack(e, n);
        }
        n_alive += detail_of(e).reason == 0;
        pair_free(&p);
    }
    ok(n_alive == 0, "400 times noise: each connection fails");
}

int main(void)
{
    pki_make("root ca ec; leaf leaf ec ca DNS:host.test; key other ec; leaf rsa rsa2048 ca DNS:host.test\n"
             "key ed25519 ed25519; key ec521 ec521; key rsa1024 rsa1024\n"
             "openssl pkcs8 -topk8 -nocrypt -in leaf.key -out leaf.p8; openssl pkcs8 -topk8 -passout pass:x -in leaf.key -out locked.p8\n"
             "openssl ec -in leaf.key -aes128 -passout pass:x -out locked.key\n"
             "{ openssl ecparam -name prime256v1; cat leaf.pem leaf.key; } >both.pem\n"
             "openssl req -x509 -new -key ed25519.key -out ed.pem -days 9 -subj /CN=ed\n"
             "root ca2 rsa2048; { echo a comment; cat ca.pem ed.pem; head -5 ca.pem; echo '-----END CERTIFICATE-----'; cat ca2.pem; } >bundle.pem\n"
             "openssl x509 -in leaf.pem -outform der | sha256sum >leaf.sha256\n"
             "date -d \"$(openssl x509 -in leaf.pem -noout -startdate | cut -d= -f2)\" +%s >leaf.dates");
    leaf_pem = pki_read("leaf.pem");
    key_pem = pki_read("leaf.key");
    ca_pem = pki_read("ca.pem");
    rsa_pem = pki_read("rsa.pem");
    rsa_key = pki_read("rsa.key");
    trust = trust_of("ca.pem");
    identity = identity_of("leaf.pem", "leaf.key");
    keys();
    bundles();
    reading();
    fuzz_text();
    fuzz_der();
    fuzz_records();
    fuzz_noise();
    ist_tls_trust_free(trust);
    ist_tls_identity_free((void *)(uintptr_t)identity);
    free(leaf_pem.at);
    free(key_pem.at);
    free(ca_pem.at);
    free(rsa_pem.at);
    free(rsa_key.at);
    return tap_done();
}
