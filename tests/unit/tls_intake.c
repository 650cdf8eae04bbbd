/*
 * What the engine refuses in the peer's bytes before BearSSL sees them: floods of nothing, extensions that come twice.
 */
#include "tls_help.h"
#include "tls/engine.h"

static struct ist_tls_trust *ca;
static const struct ist_tls_identity *host;

static struct pair ready(uint32_t ciphers)
{
    struct ist_tls_config c = client_config(ca, "host.test"), s = server_config(&host);
    struct pair p;

    c.ciphers = ciphers;
    p = pair_new(&c, &s);
    pump(&p);
    return p;
}

/* The client sends @n records without content, or warnings. */
static void send_nothing(struct pair *p, int warnings, uint32_t n)
{
    while (n--) {
        br_ssl_engine_context *eng = p->client->eng;
        if (warnings) {
            size_t room;
            uint8_t *buf = br_ssl_engine_sendapp_buf(eng, &room);
            if (!buf)
                return;
            buf[0] = 1;
            buf[1] = 90;                  /* user_canceled: no consequence */
            eng->record_type_out = RECORD_ALERT;
            br_ssl_engine_sendapp_ack(eng, 2);
            br_ssl_engine_flush(eng, 0);
            eng->record_type_out = RECORD_DATA;
        } else {
            br_ssl_engine_flush(eng, 1);
        }
        pump(p);
    }
}

static void floods(const char *cipher, uint32_t ciphers, int warnings)
{
    const char *what = warnings ? "warnings" : "empty records";
    struct pair p = ready(ciphers);

    for (int i = 0; i < 3; i++) {
        send_nothing(&p, warnings, 32);
        ok(echoes(&p, "x"), "%s: 32 %s, then data: goes on (%d)", cipher, what, i + 1);
    }
    send_nothing(&p, warnings, 33);
    ok(failed_for(p.server, IST_TLS_IDLE) && got_alert(p.client, 10), "%s: 33 %s in a row: refused, alert unexpected_message", cipher, what);
    pair_free(&p);
}

static void plain_floods(void)
{
    static const uint8_t empty[] = { 22, 3, 3, 0, 0 }, warning[] = { 21, 3, 3, 0, 2, 1, 90 };

    for (int k = 0; k < 2; k++) {
        struct ist_tls_config s = server_config(&host);
        struct ist_tls_engine *e;
        int i, refused_at = 0;
        if (ist_tls_engine_new(&e, &s, NULL))
            abort();
        for (i = 1; i <= 100 && !refused_at; i++) {
            const uint8_t *record = k ? warning : empty;
            for (uint32_t n = k ? sizeof warning : sizeof empty, room; n; n--, record++) {
                uint8_t *in = ist_tls_engine_record_in_buf(e, &room);
                if (!in)
                    break;
                *in = *record;
                ist_tls_engine_record_in_ack(e, 1);
            }
            if (ist_tls_engine_state(e) & IST_TLS_FAILED)
                refused_at = i;
        }
        ok(refused_at == 33 && failed_for(e, IST_TLS_IDLE), "before the handshake: the 33rd %s ends it", k ? "warning" : "empty record");
        ist_tls_engine_free(e);
    }
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void add16(uint8_t *p, uint32_t n)
{
    n += get16(p);
    p[0] = (uint8_t)(n >> 8);
    p[1] = (uint8_t)n;
}

/* A client's first record; with @type again an extension of that type, empty, at the end. Its length. */
static uint32_t hello(uint8_t *record, int twice, uint32_t type)
{
    struct ist_tls_config c = client_config(ca, "host.test");
    struct ist_tls_engine *e;
    uint32_t len, at;
    const uint8_t *out;

    if (ist_tls_engine_new(&e, &c, NULL) || (out = ist_tls_engine_record_out_buf(e, &len)) == NULL)
        abort();
    memcpy(record, out, len);
    ist_tls_engine_free(e);
    if (!twice)
        return len;
    at = 5 + 4 + 34;
    at += 1u + record[at];
    at += 2 + get16(record + at);
    at += 1u + record[at];
    add16(record + at, 4);
    add16(record + 7, 4);
    add16(record + 3, 4);
    record[len] = (uint8_t)(type >> 8);
    record[len + 1] = (uint8_t)type;
    record[len + 2] = record[len + 3] = 0;
    return len + 4;
}

/* The server's reason when it gets these bytes in pieces. */
static int32_t served(const uint8_t *record, uint32_t len, uint32_t step)
{
    struct ist_tls_config s = server_config(&host);
    struct ist_tls_engine *e;
    int32_t reason;
    uint32_t room, n;
    uint8_t *in;

    if (ist_tls_engine_new(&e, &s, NULL))
        abort();
    for (uint32_t at = 0; at < len && (in = ist_tls_engine_record_in_buf(e, &room)) != NULL; at += n) {
        n = len - at < step ? len - at : step;
        n = n < room ? n : room;
        memcpy(in, record + at, n);
        ist_tls_engine_record_in_ack(e, n);
    }
    reason = detail_of(e).reason;
    if (reason == 0 && !(ist_tls_engine_state(e) & IST_TLS_RECORD_OUT))
        reason = -1;                      /* no answer at all */
    ist_tls_engine_free(e);
    return reason;
}

static void extensions(void)
{
    static const uint32_t steps[] = { 1, 7, 4096 };
    uint8_t record[1024];

    for (int i = 0; i < 3; i++) {
        uint32_t step = steps[i];
        ok(served(record, hello(record, 0, 0), step) == 0, "a ClientHello is answered (pieces of %u)", step);
        ok(served(record, hello(record, 1, 0xfde8), step) == 0, "also with one more extension that nobody knows");
        ok(served(record, hello(record, 1, 0), step) == IST_TLS_BAD_HANDSHAKE, "not with the server's name twice");
        ok(served(record, hello(record, 1, 13), step) == IST_TLS_BAD_HANDSHAKE, "nor with the signature algorithms twice");
    }
}

/* The client's reason for a ServerHello, whose first extension is there once or twice. */
static int32_t answered(int twice)
{
    struct ist_tls_config c = client_config(ca, "host.test"), s = server_config(&host);
    struct pair p = pair_new(&c, &s);
    uint8_t flight[8192];
    uint32_t len, room, end, at, n;
    const uint8_t *out;
    uint8_t *in;
    int32_t reason;

    carry(p.client, p.server, 0);
    out = ist_tls_engine_record_out_buf(p.server, &len);
    if (!out || len > sizeof flight - 256)
        abort();
    memcpy(flight, out, len);
    end = 9 + get16(flight + 7);
    at = 9 + 34;
    at += 1u + flight[at] + 3;
    n = 4 + get16(flight + at + 4);
    if (twice) {
        memmove(flight + end + n, flight + end, len - end);
        memcpy(flight + end, flight + at + 2, n);
        add16(flight + at, n);
        add16(flight + 7, n);
        add16(flight + 3, n);
        len += n;
    }
    for (at = 0; at < len && (in = ist_tls_engine_record_in_buf(p.client, &room)) != NULL; at += n) {
        n = len - at < room ? len - at : room;
        memcpy(in, flight + at, n);
        ist_tls_engine_record_in_ack(p.client, n);
    }
    reason = detail_of(p.client).reason;
    pair_free(&p);
    return reason;
}

int main(void)
{
    pki_make("root ca ec; leaf host ec ca DNS:host.test");
    ca = trust_of("ca.pem");
    host = identity_of("host.pem", "host.key");
    for (int warnings = 0; warnings < 2; warnings++) {
        floods("ChaCha20", IST_TLS_CHACHA20_POLY1305, warnings);
        floods("AES-GCM", IST_TLS_AES_128_GCM, warnings);
    }
    plain_floods();
    extensions();
    ok(answered(0) == 0, "a ServerHello is taken");
    ok(answered(1) == IST_TLS_BAD_HANDSHAKE, "not with an extension twice");
    ist_tls_trust_free(ca);
    ist_tls_identity_free((void *)(uintptr_t)host);
    return tap_done();
}
