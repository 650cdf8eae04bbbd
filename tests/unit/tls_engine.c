/*
 * Two TLS engines joined by memory: what they agree on, what they carry, how they end.
 */
#include "tls_help.h"

static struct ist_tls_trust *trust;
static const struct ist_tls_identity *ec, *ec384, *rsa, *rsa4096, *other_name;

static void agree(const char *what, const struct ist_tls_identity *identity, uint32_t cipher, uint32_t curve, uint32_t step)
{
    static const char *const ciphers[] = { "CHACHA20-POLY1305", "CHACHA20-POLY1305", "AES128-GCM-SHA256", "", "AES256-GCM-SHA384" };
    static const char *const curves[] = { "X25519", "X25519", "P-256", "", "P-384" };
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&identity);
    struct ist_tls_info info;
    struct pair p;

    c.ciphers = s.ciphers = cipher;
    c.curves = curve == IST_TLS_X25519 ? 0 : curve;       /* certificates have curves too, so the client needs theirs */
    s.curves = curve;
    p = pair_new(&c, &s);
    p.step = step;
    pump(&p);
    ist_tls_engine_info(p.client, &info);
    ok(is_done(p.client) && is_done(p.server) && echoes(&p, "there and back") && info.version == 0x0303 &&
       strstr(info.cipher_name, ciphers[cipher]) && strcmp(info.curve_name, curves[curve]) == 0,
       "%s: %s, %s", what, info.cipher_name ? info.cipher_name : detail_of(p.client).text, info.curve_name ? info.curve_name : "");
    pair_free(&p);
}

static void agreements(void)
{
    const struct { const char *name; const struct ist_tls_identity *identity; } keys[] = {
        { "P-256 key", ec }, { "P-384 key", ec384 }, { "RSA 2048 key", rsa }, { "RSA 4096 key", rsa4096 } };

    for (int k = 0; k < 4; k++)
        for (uint32_t cipher = 1; cipher <= 4; cipher *= 2)
            agree(keys[k].name, keys[k].identity, cipher, 0, 0);
    agree("RSA 2048 key", rsa, 0, IST_TLS_X25519, 0);
    agree("RSA 2048 key", rsa, 0, IST_TLS_P256, 0);
    agree("RSA 2048 key", rsa, 0, IST_TLS_P384, 0);
    agree("P-256 key", ec, 0, IST_TLS_P256, 0);
    agree("P-384 key", ec384, 0, IST_TLS_P384, 0);
    agree("P-256 key, one byte at a time", ec, 0, 0, 1);
    agree("RSA 2048 key, AES-GCM, one byte at a time", rsa, IST_TLS_AES_128_GCM, 0, 1);
}

static void nothing_in_common(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    struct pair p;

    c.ciphers = IST_TLS_CHACHA20_POLY1305;
    s.ciphers = IST_TLS_AES_128_GCM;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_NOTHING_IN_COMMON), "no cipher in common: the server fails");
    ok(got_alert(p.client, 40), "and the client gets handshake_failure");
    pair_free(&p);

    c = client_config(trust, "host.test");
    s = server_config(&rsa);
    c.curves = IST_TLS_P384;
    s.curves = IST_TLS_X25519;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_NOTHING_IN_COMMON) && got_alert(p.client, 40), "no curve in common: both fail");
    pair_free(&p);
}

/* Bytes both ways at once, with records cut at odd places. */
static void bulk(uint32_t cipher, const char *name)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    enum { TOTAL = 3000000 };
    uint8_t *sent = malloc(TOTAL), *up = malloc(TOTAL), *down = malloc(TOTAL);
    uint32_t at_client = 0, at_server = 0, n_up = 0, n_down = 0, size = 1;
    struct pair p;

    if (!sent || !up || !down)
        abort();
    random_bytes(sent, TOTAL);
    c.ciphers = cipher;
    p = pair_new(&c, &s);
    p.step = 1361;
    pump(&p);
    for (int i = 0; i < 100000 && (n_up < TOTAL || n_down < TOTAL); i++) {
        size = size * 7 % 16411 + 1;
        at_client += put_data(p.client, sent + at_client, size < TOTAL - at_client ? size : TOTAL - at_client);
        at_server += put_data(p.server, sent + at_server, TOTAL - at_server);
        pump(&p);
        n_up += get_data(p.server, up + n_up, TOTAL - n_up);
        n_down += get_data(p.client, down + n_down, TOTAL - n_down);
    }
    ok(n_up == TOTAL && n_down == TOTAL && memcmp(sent, up, TOTAL) == 0 && memcmp(sent, down, TOTAL) == 0,
       "%s: 3 MB each way, every byte once and in order", name);
    pair_free(&p);
    free(sent);
    free(up);
    free(down);
}

static void protocols(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    struct ist_tls_info ci, si;
    struct pair p;

    c.protocols = "http/1.1,h2";
    s.protocols = "h2,http/1.1";
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.client, &ci);
    ist_tls_engine_info(p.server, &si);
    ok(is_done(p.client) && ci.protocol && si.protocol && strcmp(ci.protocol, "h2") == 0 && strcmp(si.protocol, "h2") == 0,
       "ALPN: the server's first choice that the client offers");
    pair_free(&p);

    s.protocols = "spdy";
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.client, &ci);
    ok(is_done(p.client) && is_done(p.server) && !ci.protocol, "ALPN with none in common: the connection stands without");
    pair_free(&p);

    s.flags = IST_TLS_REQUIRE_PROTOCOL;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_NO_PROTOCOL) && got_alert(p.client, 120), "ALPN required, none in common: both fail, alert 120");
    pair_free(&p);
}

static void server_names(void)
{
    const struct ist_tls_identity *list[] = { other_name, rsa, ec };
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(list);
    struct ist_tls_info ci, si;
    struct pair p;
    uint32_t len;

    s.n_identities = 3;
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.client, &ci);
    ist_tls_engine_info(p.server, &si);
    ok(is_done(p.client) && si.server_name && strcmp(si.server_name, "host.test") == 0 && ci.n_peer_certificates == 1 &&
       strstr(ci.cipher_name, "RSA"), "SNI: the certificate for the name asked for, the first of two that fit");
    ok(ist_tls_engine_peer_certificate(p.client, 0, &len) && len > 300 && !ist_tls_engine_peer_certificate(p.client, 1, &len) && len == 0,
       "the peer's certificate can be read, and there is no second");
    pair_free(&p);

    c.server_name = "nobody.test";
    c.flags = IST_TLS_NO_VERIFY_NAME;
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.client, &ci);
    ok(is_done(p.client) && strstr(ci.cipher_name, "ECDSA"), "a name nobody has: the first certificate");
    pair_free(&p);

    c.server_name = "192.0.2.7";
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.server, &si);
    ok(is_done(p.client) && !si.server_name, "an address is not sent as a name");
    pair_free(&p);

    c.server_name = "host.test.";
    c.flags = 0;
    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_info(p.server, &si);
    ok(is_done(p.client) && strcmp(si.server_name, "host.test") == 0, "a dot at the end is not sent, and the name matches");
    pair_free(&p);
}

static void ends(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    struct pair p = pair_new(&c, &s);
    char buf[64];

    pump(&p);
    put_data(p.client, "last words", 10);
    ist_tls_engine_close(p.client);
    ist_tls_engine_close(p.client);
    ok(!(ist_tls_engine_state(p.client) & IST_TLS_DATA_OUT) && put_data(p.client, "more", 4) == 0, "closed for writing: no data is taken");
    carry(p.client, p.server, 0);
    ok(ist_tls_engine_state(p.server) & IST_TLS_DATA_IN && !(ist_tls_engine_state(p.server) & IST_TLS_PEER_CLOSED),
       "data before close_notify comes first");
    put_data(p.server, "an answer", 9);
    carry(p.server, p.client, 0);
    ok(get_data(p.client, buf, sizeof buf) == 9 && memcmp(buf, "an answer", 9) == 0, "after its close_notify the client still reads");
    ok(get_data(p.server, buf, sizeof buf) == 10, "the server reads the last words");
    pump(&p);
    ok((ist_tls_engine_state(p.server) & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED | IST_TLS_FAILED)) == (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED),
       "then the clean end at the server");
    ok((ist_tls_engine_state(p.client) & (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED | IST_TLS_FAILED | IST_TLS_RECORD_OUT)) ==
       (IST_TLS_PEER_CLOSED | IST_TLS_CLOSED), "and at the client, with nothing more to send");
    ist_tls_engine_record_end(p.client);
    ok(detail_of(p.client).reason == IST_TLS_OK, "the end of the bytes after it is no failure");
    pair_free(&p);

    p = pair_new(&c, &s);
    pump(&p);
    put_data(p.server, "half", 4);
    carry(p.server, p.client, 0);
    ist_tls_engine_record_end(p.client);
    ok(failed_for(p.client, IST_TLS_TRUNCATED), "the end of the bytes without close_notify is TRUNCATED");
    ok(get_data(p.client, buf, sizeof buf) == 4 && !(ist_tls_engine_state(p.client) & IST_TLS_DATA_IN), "what came before can be read");
    pair_free(&p);

    p = pair_new(&c, &s);
    ist_tls_engine_record_end(p.server);
    ok(failed_for(p.server, IST_TLS_TRUNCATED), "the end of the bytes in the handshake too");
    ist_tls_engine_close(p.client);
    ok((ist_tls_engine_state(p.client) & (IST_TLS_CLOSED | IST_TLS_FAILED)) == IST_TLS_CLOSED, "closing in the handshake ends it");
    pair_free(&p);

    p = pair_new(&c, &s);
    pump(&p);
    ist_tls_engine_drop(p.client);
    ok(failed_for(p.client, IST_TLS_FORGOTTEN) && !(ist_tls_engine_state(p.client) & IST_TLS_RECORD_OUT), "dropped: failed, and nothing is sent");
    pair_free(&p);
}

/* Both ends close at once, in the middle of data both ways. */
static void crossing_ends(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    struct pair p = pair_new(&c, &s);
    char buf[32768];
    uint32_t a = 0, b = 0, n;

    pump(&p);
    memset(buf, 'x', sizeof buf);
    put_data(p.client, buf, 16384);
    put_data(p.server, buf, 16384);
    ist_tls_engine_close(p.client);
    ist_tls_engine_close(p.server);
    for (int i = 0; i < 100; i++) {
        carry(p.client, p.server, 7);
        carry(p.server, p.client, 11);
        while ((n = get_data(p.client, buf, sizeof buf)) != 0)
            a += n;
        while ((n = get_data(p.server, buf, sizeof buf)) != 0)
            b += n;
    }
    ok(a == 16384 && b == 16384, "both close at once: all data still arrives");
    ok(ist_tls_engine_state(p.client) & IST_TLS_CLOSED && ist_tls_engine_state(p.server) & IST_TLS_CLOSED &&
       detail_of(p.client).reason == 0 && detail_of(p.server).reason == 0, "and both end cleanly");
    pair_free(&p);
}

static void feed(struct ist_tls_engine *e, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;
    uint32_t room;
    uint8_t *to;

    while (len && (to = ist_tls_engine_record_in_buf(e, &room)) != NULL) {
        uint32_t n = len < room ? len : room;
        memcpy(to, from, n);
        ist_tls_engine_record_in_ack(e, n);
        from += n;
        len -= n;
    }
}

static void garbage(void)
{
    struct ist_tls_config c = client_config(trust, "host.test"), s = server_config(&ec);
    struct pair p = pair_new(&c, &s);
    uint8_t record[64];
    const uint8_t *out;
    uint32_t n;

    feed(p.server, "GET / HTTP/1.1\r\n\r\n", 18);
    ok(failed_for(p.server, IST_TLS_VERSION), "HTTP instead of TLS fails the server");
    out = ist_tls_engine_record_out_buf(p.server, &n);
    ok(out && n == 7 && out[0] == 21 && out[5] == 2 && out[6] == 70, "and it answers with an alert");
    feed(p.client, "\x17\x03\x03\x00\x05hello", 10);
    ok(detail_of(p.client).reason != IST_TLS_OK, "data before the handshake fails the client: %s", detail_of(p.client).text);
    pair_free(&p);

    p = pair_new(&c, &s);
    feed(p.client, "\x16\x03\x03\xff\xff", 5);
    ok(failed_for(p.client, IST_TLS_BAD_RECORD), "a record of 65,535 bytes is refused");
    pair_free(&p);

    p = pair_new(&c, &s);
    pump(&p);
    put_data(p.client, "secret", 6);
    out = ist_tls_engine_record_out_buf(p.client, &n);
    memcpy(record, out, n);
    record[n - 1] ^= 1;
    feed(p.server, record, n);
    ok(failed_for(p.server, IST_TLS_BAD_MAC) && !(ist_tls_engine_state(p.server) & IST_TLS_DATA_IN), "one bit altered: BAD_MAC, and no data");
    carry(p.server, p.client, 0);
    ok(got_alert(p.client, 20), "the encrypted alert reaches the client");
    pair_free(&p);

    p = pair_new(&c, &s);
    pump(&p);
    put_data(p.client, "once", 4);
    out = ist_tls_engine_record_out_buf(p.client, &n);
    memcpy(record, out, n);
    feed(p.server, record, n);
    get_data(p.server, record + 40, 24);
    feed(p.server, record, n);
    ok(failed_for(p.server, IST_TLS_BAD_MAC), "a record played again is refused");
    pair_free(&p);
}

static int32_t no_random(void *buf, uint32_t len)
{
    (void)buf;
    (void)len;
    return IST_ENOENTROPY;
}

static int32_t refused(struct ist_tls_config c, int32_t error, int32_t reason)
{
    struct ist_tls_engine *e = NULL;
    struct ist_tls_detail d;
    int32_t r = ist_tls_engine_new(&e, &c, &d);

    if (r == error && d.reason == reason && !e && strlen(d.text) > 8)
        return 1;
    printf("# returned %d, reason %d (%s)\n", r, d.reason, d.text);
    return 0;
}

static void configurations(void)
{
    struct ist_tls_config good = client_config(trust, "host.test"), c, s = server_config(&ec);
    char name[300];

    ok((c = good, c.size = 8, refused(c, IST_EINVAL, IST_TLS_BAD_CONFIG)), "a wrong size is refused");
    ok((c = good, c.role = 7, refused(c, IST_EINVAL, IST_TLS_BAD_CONFIG)), "an unknown role is refused");
    ok((c = good, c.random_fn = NULL, refused(c, IST_EINVAL, IST_TLS_BAD_CONFIG)), "no source of randomness is refused");
    ok((c = good, c.random_fn = no_random, refused(c, IST_ENOENTROPY, IST_TLS_NO_ENTROPY)), "no entropy: TLS does not start");
    ok((c = good, c.trust = NULL, refused(c, IST_ETLS, IST_TLS_NO_TRUST)), "a client without anchors is refused");
    ok((c = good, c.server_name = NULL, refused(c, IST_EINVAL, IST_TLS_BAD_NAME)), "a client without a name to check is refused");
    ok((c = good, c.server_name = "", refused(c, IST_EINVAL, IST_TLS_BAD_NAME)), "an empty name is refused");
    ok((c = good, c.server_name = "a b", refused(c, IST_EINVAL, IST_TLS_BAD_NAME)), "a name with a space is refused");
    memset(name, 'a', sizeof name);
    for (int i = 60; i < 299; i += 60)
        name[i] = '.';
    name[256] = '\0';
    ok((c = good, c.server_name = name, refused(c, IST_EINVAL, IST_TLS_BAD_NAME)), "a name of 256 bytes is refused");
    ok((c = good, c.protocols = "", refused(c, IST_EINVAL, IST_TLS_BAD_PROTOCOL)), "an empty protocol list is refused");
    ok((c = good, c.protocols = "h2,,x", refused(c, IST_EINVAL, IST_TLS_BAD_PROTOCOL)), "an empty protocol is refused");
    ok((c = good, c.protocols = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", refused(c, IST_EINVAL, IST_TLS_BAD_PROTOCOL)),
       "17 protocols are refused");
    ok((c = s, c.n_identities = 0, refused(c, IST_ETLS, IST_TLS_NO_IDENTITY)), "a server without a certificate is refused");
    ok((c = s, c.flags = IST_TLS_VERIFY_PEER, refused(c, IST_ETLS, IST_TLS_NO_TRUST)), "a server that verifies clients needs anchors");
}

int main(void)
{
    pki_make("root ca ec; leaf ec ec ca DNS:host.test; leaf ec384 ec384 ca DNS:host.test; leaf rsa rsa2048 ca DNS:host.test\n"
             "leaf rsa4096 rsa4096 ca DNS:host.test; leaf other ec ca DNS:other.test");
    trust = trust_of("ca.pem");
    ec = identity_of("ec.pem", "ec.key");
    ec384 = identity_of("ec384.pem", "ec384.key");
    rsa = identity_of("rsa.pem", "rsa.key");
    rsa4096 = identity_of("rsa4096.pem", "rsa4096.key");
    other_name = identity_of("other.pem", "other.key");
    agreements();
    nothing_in_common();
    bulk(IST_TLS_CHACHA20_POLY1305, "ChaCha20-Poly1305");
    bulk(IST_TLS_AES_128_GCM, "AES-128-GCM");
    bulk(IST_TLS_AES_256_GCM, "AES-256-GCM");
    protocols();
    server_names();
    ends();
    crossing_ends();
    garbage();
    configurations();
    ist_tls_trust_free(trust);
    for (int i = 0; i < 5; i++)
        ist_tls_identity_free((struct ist_tls_identity *[]){ (void *)(uintptr_t)ec, (void *)(uintptr_t)ec384, (void *)(uintptr_t)rsa,
                                                             (void *)(uintptr_t)rsa4096, (void *)(uintptr_t)other_name }[i]);
    return tap_done();
}
