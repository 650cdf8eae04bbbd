/*
 * TLS streams as handles: over pipes, over TCP, and over each other.
 */
#include "socket.h"
#include "tls_help.h"

static struct ist_tls_trust *trust;
static const struct ist_tls_identity *identity;
static struct ist_tls_config client_side, server_side;
static ist_handle a, b;              /* client and server */
static uint8_t sent[2000000], got[2000000];

static void join(ist_handle lower_a, ist_handle lower_b)
{
    a = ist_tls_open(lower_a, &client_side, NULL);
    b = ist_tls_open(lower_b, &server_side, NULL);
    if (a < 0 || b < 0) abort();
}

static void join_by_pipe(uint32_t cap)
{
    ist_handle ends[2];

    if (ist_pipe_open(ends, cap)) abort();
    join(ends[0], ends[1]);
}

static void both_close(void)
{
    ist_close(a);
    ist_close(b);
    pass(100);
}

/* Waits for one and then the other, as a program with two streams may. */
static int both_writable(void)
{
    for (int i = 0; i < 2; i++) {
        struct ist_interest set[] = { { .handle = a, .want = i == 0 ? IST_WRITABLE : 0 }, { .handle = b, .want = i == 1 ? IST_WRITABLE : 0 } };
        if (ist_wait(set, 2, clock_ns + 10000 * MS) < 1 || (set[0].ready | set[1].ready) & IST_FAILED)
            return 0;
    }
    return 1;
}

static uint32_t handles_now(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_handles;
}

static int32_t reason_of(ist_handle h)
{
    struct ist_tls_detail d;

    return ist_tls_detail(h, &d) ? -1 : d.reason;
}

static void talk(const char *what)
{
    char buf[64];

    ok(both_writable(), "%s: both ends become WRITABLE", what);
    ok(ist_stream_send(a, "a question", 10) == 10 && wait_for(b, IST_READABLE, 1000) & IST_READABLE, "%s: data makes the other end READABLE", what);
    ok(ist_stream_pending(b) == 10 && ist_stream_peek(b, buf, 64, 2) == 8 && memcmp(buf, "question", 8) == 0, "%s: pending and peek", what);
    ok(ist_stream_recv(b, buf, 4) == 4 && ist_stream_recv(b, buf + 4, 60) == 6 && memcmp(buf, "a question", 10) == 0, "%s: recv in two parts", what);
    ok(ist_stream_recv(b, buf, 64) == IST_EAGAIN && ist_stream_peek(b, buf, 64, 0) == IST_EAGAIN && ist_stream_pending(b) == 0,
       "%s: then EAGAIN", what);
    ok(ist_stream_send(b, "an answer", 9) == 9 && wait_for(a, IST_READABLE, 1000) && ist_stream_recv(a, buf, 64) == 9, "%s: and back", what);
}

static void bulk(const char *what)
{
    uint32_t n_sent = 0, n_back = 0, n_echo = 0, at = 0;
    static uint8_t echo[70000];
    uint32_t have = 0;

    random_bytes(sent, sizeof sent);
    for (int i = 0; i < 200000 && n_back < sizeof sent; i++) {
        struct ist_interest set[] = { { .handle = a, .want = IST_READABLE | (n_sent < sizeof sent ? IST_WRITABLE : 0) },
                                      { .handle = b, .want = have ? IST_WRITABLE : IST_READABLE } };
        int32_t r;
        if (ist_wait(set, 2, clock_ns + 5000 * MS) < 1)
            break;
        r = ist_stream_send(a, sent + n_sent, (uint32_t)sizeof sent - n_sent < 50000 ? (uint32_t)sizeof sent - n_sent : 50000);
        n_sent += r > 0 ? (uint32_t)r : 0;
        if (!have) {
            r = ist_stream_recv(b, echo, sizeof echo);
            have = r > 0 ? (uint32_t)r : 0;
            at = 0;
            n_echo += have;
        }
        if (have) {
            r = ist_stream_send(b, echo + at, have);
            at += r > 0 ? (uint32_t)r : 0;
            have -= r > 0 ? (uint32_t)r : 0;
        }
        r = ist_stream_recv(a, got + n_back, (uint32_t)sizeof got - n_back);
        n_back += r > 0 ? (uint32_t)r : 0;
    }
    ok(n_back == sizeof sent && memcmp(sent, got, sizeof sent) == 0, "%s: 2 MB there and back, every byte once and in order (%u %u %u)", what, n_sent,
       n_echo, n_back);
}

static void transports(void)
{
    ist_handle x, y, l;
    struct ist_address at;

    join_by_pipe(0);
    talk("over a pipe");
    bulk("over a pipe");
    both_close();
    join_by_pipe(1000);
    bulk("over a pipe of 1,000 bytes");
    both_close();

    connection(&x, &y);
    join(x, y);
    talk("over TCP");
    ok(ist_socket_peer(a, &at) == 0 && at.port != 0, "over TCP: the peer's address is that of the connection");
    ok(ist_option_set(a, IST_OPTION_NO_DELAY, 1) == 0, "over TCP: an option reaches the connection");
    bulk("over TCP");
    both_close();

    l = listener_on(v4("127.0.0.1", 0), 1);
    at = local_of(l);
    x = ist_tcp_open(IST_IPV4);
    if (ist_socket_connect(x, &at)) abort();
    a = ist_tls_open(x, &client_side, NULL);
    ok(a > 0 && !(ist_ready(a) & (int32_t)IST_FAILED), "opened over TCP that is still connecting: it waits");
    if (!wait_for(l, IST_READABLE, 5000)) abort();
    y = ist_socket_accept(l, NULL);
    b = ist_tls_open(y, &server_side, NULL);
    ok(both_writable(), "and then the handshake runs");
    both_close();
    ist_close(l);

    join_by_pipe(0);
    if (!both_writable()) abort();
    join(a, b);
    talk("TLS over TLS");
    bulk("TLS over TLS");
    both_close();
}

static void ends(void)
{
    ist_handle p[2];
    char buf[64];

    join_by_pipe(0);
    both_writable();
    ok(ist_stream_send(a, "bye", 3) == 3 && ist_stream_shutdown(a, IST_SHUT_WRITE) == 0 && ist_stream_shutdown(a, IST_SHUT_WRITE) == 0,
       "shutdown of writing, twice");
    ok(ist_stream_send(a, "x", 1) == IST_EPIPE, "after it send is EPIPE");
    ok(ist_stream_send(b, "still", 5) == 5 && wait_for(a, IST_READABLE, 1000) && ist_stream_recv(a, buf, 64) == 5, "the other direction goes on");
    ok(ist_stream_recv(b, buf, 64) == 3 && ist_stream_recv(b, buf, 64) == 0 && ist_stream_recv(b, buf, 64) == 0, "the peer reads to the end, and then 0");
    ok(ist_ready(b) & (int32_t)IST_PEER_CLOSED && ist_failure(b) == 0, "its level is PEER_CLOSED, and nothing failed");
    ok(wait_for(a, IST_READABLE, 1000) && ist_stream_recv(a, buf, 64) == 0 && ist_ready(a) & (int32_t)IST_HANGUP, "and then the first end hangs up");
    both_close();

    if (ist_pipe_open(p, 0)) abort();
    join(p[0], p[1]);
    both_writable();
    ist_stream_send(b, "half", 4);
    ist_close(p[1]);
    ok(wait_for(a, IST_READABLE, 1000) & IST_READABLE && ist_stream_recv(a, buf, 64) == 4, "the stream below ends without close_notify: what came is read");
    ok(ist_stream_recv(a, buf, 64) == IST_ETLS && reason_of(a) == IST_TLS_TRUNCATED, "then ETLS, TRUNCATED");
    ok(ist_ready(a) & (int32_t)IST_FAILED && ist_failure(a) == IST_ETLS && ist_failure(a) == 0, "FAILED, and the failure is told once");
    both_close();

    join_by_pipe(2000);
    both_writable();
    memset(sent, 'x', 16384);
    ok(ist_stream_send(a, sent, 16384) > 0, "more is taken than the pipe holds");
    ist_close(a);
    uint32_t n = 0;
    int32_t r = 1;
    for (int i = 0; i < 1000 && r != 0; i++) {
        if (!wait_for(b, IST_READABLE, 100)) continue;
        while ((r = ist_stream_recv(b, got, sizeof got)) > 0)
            n += (uint32_t)r;
    }
    ok(n == 16384 && r == 0, "closed at once: all of it arrives still, and a clean end (%u, %d)", n, r);
    ist_close(b);

    join_by_pipe(2000);
    both_writable();
    ist_stream_send(a, sent, 16384);
    ist_close(a);
    pass(70000);
    ok(handles_now() == 2, "a peer that never reads: the closed stream is given up after a minute");
    ist_close(b);
    ok(handles_now() == 0, "no handle is left");
}

static void failures(void)
{
    ist_handle p[2], udp = ist_udp_open(IST_IPV4);
    struct ist_tls_detail d;
    struct ist_tls_config wrong = client_side;
    struct ist_tls_engine *engine;
    uint32_t len;
    char buf[8];

    wrong.server_name = "wrong.test";
    if (ist_pipe_open(p, 0)) abort();
    a = ist_tls_open(p[0], &wrong, NULL);
    b = ist_tls_open(p[1], &server_side, NULL);
    for (int i = 0; i < 10; i++) {
        ist_ready(a);
        ist_ready(b);
    }
    ok(ist_ready(a) & (int32_t)IST_FAILED && reason_of(a) == IST_TLS_NAME_MISMATCH && ist_failure(a) == IST_ETLS, "a wrong name fails the client: NAME_MISMATCH");
    ok(ist_stream_send(a, "x", 1) == IST_ETLS && ist_stream_recv(a, buf, 8) == IST_ETLS, "send and recv say ETLS");
    ok(ist_tls_detail(b, &d) == 0 && d.reason == IST_TLS_PEER_ALERT && d.alert == 42 && ist_failure(b) == IST_ETLS, "and the server got the alert");
    both_close();

    ok(ist_tls_open(0, &client_side, &d) == IST_EBADF, "a dead handle is refused");
    ok(ist_tls_open(udp, &client_side, &d) == IST_EBADF, "a UDP handle too");
    if (ist_pipe_open(p, 0)) abort();
    wrong.server_name = NULL;
    ok(ist_tls_open(p[0], &wrong, &d) == IST_EINVAL && d.reason == IST_TLS_BAD_NAME && ist_stream_send(p[0], "x", 1) == 1,
       "a configuration without a name is refused, and the stream below stays ours");
    ok(ist_tls_detail(p[0], &d) == IST_EBADF && !ist_tls_engine_of(p[0]), "a pipe is no TLS stream");
    ist_close(p[0]);
    ist_close(p[1]);
    ist_close(udp);

    client_side.random_fn = random_bytes;       /* an engine that no handle has, as libtls uses them */
    client_side.realtime_ns = now_ns();
    if (ist_tls_engine_new(&engine, &client_side, NULL)) abort();
    client_side.random_fn = NULL;
    client_side.realtime_ns = 0;
    join_by_pipe(0);
    both_writable();
    if (isthmus_host_renew(&host)) abort();
    pass(10);
    ok(failed_for(engine, IST_TLS_FORGOTTEN) && !ist_tls_engine_record_out_buf(engine, &len), "a restored instance has dropped the keys of every engine");
    ist_tls_engine_free(engine);
    ok(ist_failure(a) == IST_ECONNABORTED && reason_of(a) == IST_TLS_FORGOTTEN && ist_stream_send(a, "x", 1) == IST_ECONNABORTED,
       "and its streams: ECONNABORTED, FORGOTTEN");
    both_close();
}

int main(void)
{
    pki_make("root ca ec; leaf leaf ec ca DNS:host.test");
    trust = trust_of("ca.pem");
    identity = identity_of("leaf.pem", "leaf.key");
    client_side = client_config(trust, "host.test");
    server_side = server_config(&identity);
    client_side.random_fn = server_side.random_fn = NULL;
    client_side.realtime_ns = server_side.realtime_ns = 0;
    instance_start(GRANT, NULL);
    transports();
    ends();
    failures();
    join_by_pipe(2000);              /* left as they are: ist_stop() closes them, one with records unsent */
    both_writable();
    ist_stream_send(a, sent, 16384);
    ist_close(a);
    instance_stop();
    ist_tls_trust_free(trust);
    ist_tls_identity_free((void *)(uintptr_t)identity);
    return tap_done();
}
