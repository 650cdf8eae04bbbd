/*
 * What the counters of connections and of the instance say.
 */
#include "tls_help.h"

static struct ist_tls_trust *trust;
static const struct ist_tls_identity *host;
static struct ist_tls_sessions *sessions;
static _Alignas(8) uint8_t kept[65536];

struct counted {
    struct pair p;
    uint64_t up, down;             /* bytes carried, client to server and back */
};

static struct ist_tls_counters counters_of(const struct ist_tls_engine *e)
{
    struct ist_tls_counters c;

    ist_tls_counters(e, &c);
    return c;
}

static void count(struct counted *t)
{
    uint32_t up, down;

    do {
        up = carry(t->p.client, t->p.server, t->p.step);
        down = carry(t->p.server, t->p.client, t->p.step);
        t->up += up;
        t->down += down;
    } while (up + down);
}

static int bytes_agree(const struct counted *t)
{
    struct ist_tls_counters c = counters_of(t->p.client), s = counters_of(t->p.server);

    return c.bytes_out == t->up && s.bytes_in == t->up && s.bytes_out == t->down && c.bytes_in == t->down && c.records_out == s.records_in &&
           s.records_out == c.records_in && c.alerts_out == s.alerts_in && s.alerts_out == c.alerts_in;
}

static struct counted begin(const char *name, const void *session, uint32_t session_len, uint32_t step)
{
    struct ist_tls_config c = client_config(trust, name), s = server_config(&host);

    c.session = session;
    c.session_len = session_len;
    s.sessions = sessions;
    struct counted t = { pair_new(&c, &s), 0, 0 };
    t.p.step = step;
    return t;
}

/* A connection whose life is whole; its handshake is a full one, or takes up @kept. */
static void whole(uint32_t session_len, uint32_t step)
{
    struct ist_tls_counters before = counters_of(NULL), c, s, after;
    struct counted t = begin("host.test", session_len ? kept : NULL, session_len, step);
    uint64_t resumed = session_len != 0, n;
    char buf[16];

    c = counters_of(t.p.client);
    ok(c.handshakes == 0 && c.bytes_out == 0 && c.records_out == 0, "steps of %u: nothing at first", step);
    count(&t);
    c = counters_of(t.p.client);
    s = counters_of(t.p.server);
    ok(c.handshakes == 1 && s.handshakes == 1 && c.resumed == resumed && s.resumed == resumed, "one handshake on each side, %s",
       resumed ? "resumed" : "in full");
    /* Client: hello; then key exchange, cipher spec, finished. Resumed, the last two. The server puts its hello and what follows into one record. */
    ok(bytes_agree(&t) && c.records_out == (resumed ? 3 : 4) && c.alerts_out == 0 && s.alerts_out == 0, "its bytes and records, without an alert");
    n = c.records_out;
    put_data(t.p.client, "hello", 5);
    count(&t);
    get_data(t.p.server, buf, sizeof buf);
    c = counters_of(t.p.client);
    s = counters_of(t.p.server);
    ok(c.data_out == 5 && s.data_in == 5 && c.data_in == 0 && s.data_out == 0 && c.records_out > n && bytes_agree(&t), "five bytes of data");
    ist_tls_engine_close(t.p.client);
    ist_tls_engine_close(t.p.server);
    count(&t);
    c = counters_of(t.p.client);
    s = counters_of(t.p.server);
    ok(c.alerts_out == 1 && s.alerts_out == 1 && c.failed == 0 && s.failed == 0 && bytes_agree(&t), "one alert each way: close_notify");
    pair_free(&t.p);
    after = counters_of(NULL);
    ok(after.handshakes - before.handshakes == 2 && after.resumed - before.resumed == 2 * resumed && after.failed == before.failed &&
       after.bytes_out - before.bytes_out == t.up + t.down && after.bytes_in - before.bytes_in == t.up + t.down &&
       after.records_out - before.records_out == c.records_out + s.records_out && after.data_in - before.data_in == 5,
       "the instance has both together, also when they are gone");
}

static void fails(void)
{
    struct ist_tls_counters before = counters_of(NULL), c, s;
    struct counted t = begin("wrong.test", NULL, 0, 0);

    count(&t);
    c = counters_of(t.p.client);
    s = counters_of(t.p.server);
    ok(c.failed == 1 && s.failed == 1 && c.handshakes == 0 && s.handshakes == 0, "a handshake that fails counts as failed, on both sides");
    ok(c.alerts_out == 1 && s.alerts_in == 1 && bytes_agree(&t), "and its alert");
    ist_tls_engine_close(t.p.client);
    ok(counters_of(t.p.client).failed == 1 && counters_of(NULL).failed - before.failed == 2, "once");
    pair_free(&t.p);
}

static void ends_early(void)
{
    struct counted t = begin("host.test", NULL, 0, 0);

    count(&t);
    ist_tls_engine_record_end(t.p.client);
    ok(counters_of(t.p.client).handshakes == 1 && counters_of(t.p.client).failed == 1, "a connection cut off after its handshake is done and failed");
    pair_free(&t.p);
}

int main(void)
{
    struct counted t;
    int32_t len;

    pki_make("root ca ec; leaf host ec ca DNS:host.test\n");
    trust = trust_of("ca.pem");
    host = identity_of("host.pem", "host.key");
    if (ist_tls_sessions_new(&sessions, 16, 300, "a", 1))
        abort();
    t = begin("host.test", NULL, 0, 0);
    count(&t);
    len = ist_tls_engine_session(t.p.client, kept, sizeof kept);
    pair_free(&t.p);
    ok(len > 0, "the server gives a session");
    for (uint32_t step = 0; step < 14; step += step ? 12 : 1) {
        whole(0, step);
        whole((uint32_t)len, step);
    }
    fails();
    ends_early();
    ist_tls_sessions_free(sessions);
    ist_tls_trust_free(trust);
    ist_tls_identity_free((void *)(uintptr_t)host);
    return tap_done();
}
