/*
 * Sessions: taken up by the same client and server, refused where anything differs; and the memory of idle connections.
 */
#include "tls_help.h"

#include "tls/engine.h"

#include <core/core.h>
#include <malloc.h>

static struct ist_tls_trust *trust, *other_trust;
static const struct ist_tls_identity *ec, *two, *me, *stranger;
static const struct ist_tls_identity *served[2];
static struct ist_tls_sessions *sessions;
static _Alignas(8) uint8_t kept[65536];
static uint32_t kept_len;

static struct ist__session *session(void)
{
    return (struct ist__session *)(void *)kept;
}

static struct ist_tls_config client(void)
{
    struct ist_tls_config c = client_config(trust, "host.test");

    c.realtime_ns += UINT64_C(60000000000);          /* so that a moment before a session was made the certificates were valid */
    c.session = kept_len ? kept : NULL;
    c.session_len = kept_len;
    return c;
}

static struct ist_tls_config server(void)
{
    struct ist_tls_config s = server_config(served);

    s.n_identities = 2;
    s.realtime_ns += UINT64_C(60000000000);
    s.sessions = sessions;
    return s;
}

static struct ist_tls_info info_of(const struct ist_tls_engine *e)
{
    struct ist_tls_info info;

    ist_tls_engine_info(e, &info);
    return info;
}

/* 1: both say resumed, and talk; 0: neither does, and they talk; -1: anything else. The session is kept when @keep. */
static int connects(const struct ist_tls_config *c, const struct ist_tls_config *s, int keep, uint32_t step)
{
    struct pair p = pair_new(c, s);
    int r = -1;

    p.step = step;
    pump(&p);
    if (is_done(p.client) && is_done(p.server) && echoes(&p, "hello")) {
        uint32_t a = info_of(p.client).resumed, b = info_of(p.server).resumed;
        r = a == b ? (int)a : -1;
    } else {
        printf("# client: %s; server: %s\n", detail_of(p.client).text, detail_of(p.server).text);
    }
    if (keep) {
        int32_t n = ist_tls_engine_session(p.client, kept, sizeof kept);
        kept_len = n > 0 ? (uint32_t)n : 0;
    }
    ist_tls_engine_close(p.client);
    ist_tls_engine_close(p.server);
    pump(&p);
    pair_free(&p);
    return r;
}

static void begin(uint32_t n_max)
{
    struct ist_tls_config c, s;

    kept_len = 0;
    ist_tls_sessions_free(sessions);
    if (ist_tls_sessions_new(&sessions, n_max, 300, "a", 1))
        abort();
    c = client(), s = server();
    if (connects(&c, &s, 1, 0) != 0 || kept_len == 0)
        abort();
}

static void resumes(void)
{
    struct ist_tls_config c, s;
    struct ist_tls_info info;
    struct pair p;
    uint32_t len;

    begin(64);
    c = client(), s = server();
    ok(connects(&c, &s, 1, 0) == 1, "a session is taken up again");
    ok(connects(&c, &s, 1, 0) == 1 && connects(&c, &s, 0, 0) == 1, "and again");
    ok(connects(&c, &s, 0, 1) == 1, "one byte at a time as well");
    ok(connects(&c, &s, 0, 7) == 1, "seven bytes at a time");
    p = pair_new(&c, &s);
    pump(&p);
    info = info_of(p.client);
    ok(info.resumed && info.curve == 0 && info.curve_name == NULL && strcmp(info.cipher_name, "ECDHE-ECDSA-CHACHA20-POLY1305") == 0,
       "it has the cipher of before, and no key exchange");
    ok(info.n_peer_certificates == 1 && ist_tls_engine_peer_certificate(p.client, 0, &len) && len > 200, "the server's certificate is that of before");
    ok(strcmp(info_of(p.server).server_name, "host.test") == 0, "the server knows the name");
    pair_free(&p);
    for (uint32_t cipher = 1; cipher <= 4; cipher *= 2) {
        kept_len = 0;
        c = client(), s = server();
        c.ciphers = cipher;
        connects(&c, &s, 1, 0);
        c.session = kept;
        c.session_len = kept_len;
        ok(connects(&c, &s, 0, 0) == 1, "cipher %u", cipher);
    }
}

static void protocols(void)
{
    struct ist_tls_config c, s;
    struct pair p;

    begin(64);
    c = client(), s = server();
    c.protocols = "x,h2";
    s.protocols = "h2";
    p = pair_new(&c, &s);
    pump(&p);
    ok(info_of(p.client).resumed && strcmp(info_of(p.client).protocol, "h2") == 0, "the application protocol is agreed on anew");
    pair_free(&p);
    c.protocols = "y";
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_BAD_HANDSHAKE), "a client that names others, of which we have none, is refused");
    pair_free(&p);
    kept_len = 0;
    c = client();
    c.protocols = "y";
    connects(&c, &s, 1, 0);
    c.session = kept;
    c.session_len = kept_len;
    ok(kept_len && connects(&c, &s, 0, 0) == 0, "without a protocol in common there is a full handshake each time");
}

static void differs(void)
{
    struct ist_tls_config c, s;
    struct ist_tls_sessions *elsewhere;
    struct pair p;

    begin(64);
    c = client(), s = server();
    c.server_name = "two.test";
    ok(connects(&c, &s, 0, 0) == 0, "a session for another name is not offered");
    c = client();
    c.flags = IST_TLS_NO_VERIFY_NAME;
    ok(connects(&c, &s, 0, 0) == 0, "nor by a client that verifies otherwise");
    c = client();
    c.verify_depth = 3;
    ok(connects(&c, &s, 0, 0) == 0, "nor with another depth");
    c = client();
    c.trust = other_trust;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.client, IST_TLS_NOT_TRUSTED), "nor with other anchors: the server is judged, and refused");
    pair_free(&p);
    c = client();
    c.identities = &me;
    c.n_identities = 1;
    ok(connects(&c, &s, 0, 0) == 0, "nor with another certificate of ours");
    c = client();
    c.realtime_ns += UINT64_C(86401) * 1000000000;
    ok(connects(&c, &s, 0, 0) == 0, "nor after a day");
    c = client();
    c.realtime_ns = session()->made_ns - 1;
    ok(connects(&c, &s, 0, 0) == 0, "nor before it was made");
    c = client();
    c.flags = IST_TLS_NO_VERIFY_TIME;
    c.realtime_ns = 0;
    ok(connects(&c, &s, 0, 0) == 0, "nor without a clock");

    c = client();
    ok(connects(&c, &s, 0, 0) == 1, "it would be still");
    s.realtime_ns += UINT64_C(301) * 1000000000;
    ok(connects(&c, &s, 0, 0) == 0, "the server forgets after its lifetime");
    s = server();
    s.ciphers = IST_TLS_AES_128_GCM;
    ok(connects(&c, &s, 0, 0) == 0, "a server with other ciphers does not resume it");
    s = server();
    s.identities = &two;
    s.n_identities = 1;
    c = client();
    c.flags = IST_TLS_NO_VERIFY_NAME;
    ok(connects(&c, &s, 0, 0) == 0, "one with other certificates neither");
    s = server();
    s.trust = trust;
    s.flags = IST_TLS_VERIFY_PEER_IF_SHOWN;
    c = client();
    ok(connects(&c, &s, 0, 0) == 0, "one that verifies clients neither");
    if (ist_tls_sessions_new(&elsewhere, 4, 300, "b", 1))
        abort();
    s = server();
    s.sessions = elsewhere;
    ok(connects(&c, &s, 0, 0) == 0, "another cache neither");
    ist_tls_sessions_free(elsewhere);
    s.sessions = NULL;
    ok(connects(&c, &s, 0, 0) == 0, "and one without a cache neither");
}

/* A client that lies: it offers the session for a name that it was not made for. */
static void lies(void)
{
    struct ist_tls_config c, s;
    uint8_t binding[32];
    struct pair p;

    begin(64);
    kept_len = 0;
    c = client(), s = server();
    c.server_name = "two.test";
    connects(&c, &s, 1, 0);
    memcpy(binding, session()->binding, 32);       /* what a session for the other name is bound to */
    begin(64);
    memcpy(session()->binding, binding, 32);
    c = client(), s = server();
    c.server_name = "two.test";
    ok(connects(&c, &s, 0, 0) == 0, "offered for another name, it is answered with a full handshake");
    ok(connects(&c, &s, 0, 1) == 0, "one byte at a time as well");
    begin(64);
    session()->master[0] ^= 1;
    c = client(), s = server();
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.client, IST_TLS_BAD_MAC) || failed_for(p.server, IST_TLS_BAD_MAC), "the id without the secret is of no use");
    pair_free(&p);
}

static void damaged(void)
{
    struct ist_tls_config c, s;
    uint8_t good[65536];
    uint32_t len;
    int all = 1;

    begin(64);
    len = kept_len;
    memcpy(good, kept, len);
    s = server();
    s.sessions = NULL;
    for (uint32_t i = 0; i < len && all; i += i < 400 ? 1 : 97) {
        memcpy(kept, good, len);
        kept[i] ^= 0x80;
        c = client();
        all = connects(&c, &s, 0, 0) == 0;
    }
    for (uint32_t i = 1; i < len && all; i += i < 400 ? 1 : 97) {
        memcpy(kept, good, len);
        kept_len = i;
        c = client();
        all = connects(&c, &s, 0, 0) == 0;
    }
    ok(all, "a damaged or cut session is passed over, or not resumed");
    kept_len = 0;
}

static void with_client_certificate(void)
{
    struct ist_tls_config c, s;
    struct pair p;
    uint32_t len;

    kept_len = 0;
    c = client(), s = server();
    c.identities = &me;
    c.n_identities = 1;
    s.trust = trust;
    s.flags = IST_TLS_VERIFY_PEER;
    ok(connects(&c, &s, 1, 0) == 0, "mutual TLS");
    c.session = kept;
    c.session_len = kept_len;
    p = pair_new(&c, &s);
    pump(&p);
    ok(info_of(p.server).resumed && info_of(p.server).n_peer_certificates == 1 && ist_tls_engine_peer_certificate(p.server, 0, &len) != NULL,
       "is resumed, and the server still knows whom it speaks to");
    pair_free(&p);
    s.flags = IST_TLS_VERIFY_PEER_IF_SHOWN;
    kept_len = 0;
    c = client();
    c.identities = &stranger;
    c.n_identities = 1;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_NOT_TRUSTED), "a client whose certificate is refused");
    kept_len = (uint32_t)ist_tls_engine_session(p.client, kept, sizeof kept);
    pair_free(&p);
    c.session = kept;
    c.session_len = kept_len <= sizeof kept ? kept_len : 0;
    p = pair_new(&c, &s);
    pump(&p);
    ok(failed_for(p.server, IST_TLS_NOT_TRUSTED), "is refused again, whatever it kept");
    pair_free(&p);
}

static void limits(void)
{
    struct ist_tls_config c, s;
    struct ist_tls_sessions *x;
    struct ist_tls_engine *e;
    struct pair p;
    uint8_t first[8192];
    uint32_t first_len;

    begin(4);
    memcpy(first, kept, kept_len);
    first_len = kept_len;
    kept_len = 0;
    for (int i = 0; i < 4; i++) {
        c = client(), s = server();
        connects(&c, &s, 0, 0);
    }
    memcpy(kept, first, first_len);
    kept_len = first_len;
    c = client();
    ok(connects(&c, &s, 1, 0) == 0, "the oldest session makes room for the fifth");
    c = client();
    ok(connects(&c, &s, 0, 0) == 1, "the newest is there");
    c = client(), s = server();
    p = pair_new(&c, &s);
    pump(&p);
    put_data(p.client, "x", 1);
    {
        uint32_t n, room;
        uint8_t *out = (uint8_t *)(uintptr_t)ist_tls_engine_record_out_buf(p.client, &n), *in = ist_tls_engine_record_in_buf(p.server, &room);
        out[n - 1] ^= 1;
        memcpy(in, out, 5);
        ist_tls_engine_record_in_ack(p.server, 5);
        in = ist_tls_engine_record_in_buf(p.server, &room);
        memcpy(in, out + 5, n - 5);
        ist_tls_engine_record_in_ack(p.server, n - 5);
    }
    ok(failed_for(p.server, IST_TLS_BAD_MAC), "a connection that ends with an alert");
    pair_free(&p);
    ok(connects(&c, &s, 0, 0) == 0, "takes its session with it");
    begin(64);
    ist__tls_drop();
    c = client(), s = server();
    ok(connects(&c, &s, 0, 0) == 0, "a restored instance has forgotten all");

    ok(ist_tls_sessions_new(&x, 0, 1, NULL, 0) == IST_EINVAL && ist_tls_sessions_new(&x, IST_TLS_SESSIONS_MAX + 1, 1, NULL, 0) == IST_EINVAL &&
       ist_tls_sessions_new(&x, 1, 0, NULL, 0) == IST_EINVAL && ist_tls_sessions_new(&x, 1, 86401, NULL, 0) == IST_EINVAL, "caches outside their ranges are refused");
    c.sessions = sessions;
    ok(ist_tls_engine_new(&e, &c, NULL) == IST_EINVAL, "a client has no cache");
    s.session = kept;
    s.session_len = kept_len;
    ok(ist_tls_engine_new(&e, &s, NULL) == IST_EINVAL, "a server offers no session");
    c = client(), s = server();
    p = pair_new(&c, &s);
    ok(ist_tls_engine_session(p.client, first, sizeof first) == IST_ESTATE && ist_tls_engine_session(p.server, first, sizeof first) == IST_ENOTSUP,
       "before the handshake there is no session to keep");
    pump(&p);
    ok(ist_tls_engine_session(p.client, first, 10) > 200, "too small a buffer is told what is needed");
    pair_free(&p);
}

/* What a connection holds when nothing has moved for a while, and that it goes on from there. */
static void idle(void)
{
    enum { N = 20 };
    struct pair p[N];
    struct ist_tls_config c, s;
    size_t before = mallinfo2().uordblks, each;
    int all = 1;
    uint32_t n;

    kept_len = 0;
    c = client(), s = server_config(served);
    for (int i = 0; i < N; i++) {
        p[i] = pair_new(&c, &s);
        pump(&p[i]);
        all &= echoes(&p[i], "before");
    }
    for (int i = 0; i < 2 * N; i++) {
        ist_tls_engine_record_in_buf(p[i % N].client, &n);
        ist_tls_engine_record_in_buf(p[i % N].server, &n);
    }
    each = (mallinfo2().uordblks - before) / (2 * N);
    for (int i = 0; i < N; i++)
        all &= echoes(&p[i], "after");
    ok(all, "connections go on after they were idle");
    for (int i = 0; i < N; i++) {
        ist_tls_engine_record_in_buf(p[i].client, &n);
        ist_tls_engine_record_in_buf(p[i].client, &n);
        ist_tls_engine_close(p[i].client);
        pump(&p[i]);
        ist_tls_engine_close(p[i].server);
        pump(&p[i]);
        all &= (ist_tls_engine_state(p[i].client) & (IST_TLS_CLOSED | IST_TLS_FAILED)) == IST_TLS_CLOSED;
        pair_free(&p[i]);
    }
    ok(all, "and close from there");
    printf("# %zu bytes each\n", each);
    ok(each == 0 || each < 20000, "an idle connection holds less than 20,000 bytes");    /* 0: the sanitizer's malloc does not count */
}

int main(void)
{
    pki_make("root ca ec; root other ec; leaf ec ec ca DNS:host.test; leaf two ec ca DNS:two.test; leaf me ec ca DNS:me.test; leaf stranger ec other DNS:me.test");
    trust = trust_of("ca.pem");
    other_trust = trust_of("other.pem");
    served[0] = ec = identity_of("ec.pem", "ec.key");
    served[1] = two = identity_of("two.pem", "two.key");
    me = identity_of("me.pem", "me.key");
    stranger = identity_of("stranger.pem", "stranger.key");
    resumes();
    protocols();
    differs();
    lies();
    damaged();
    with_client_certificate();
    limits();
    idle();
    ist_tls_sessions_free(sessions);
    return tap_done();
}
