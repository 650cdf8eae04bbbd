/*
 * tls_calls FOLDER - every call of <tls.h>, two contexts joined by memory; prints TAP
 *
 * FOLDER holds ca.pem, other.pem, and ec, rsa, two, me as NAME.pem and NAME.key, and past, whose days are over. No sockets: it runs anywhere.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tls.h>
#include <unistd.h>

static int n_tests, n_failed;
static const char *folder;

static void ok(int good, const char *name)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++n_tests, name);
    n_failed += !good;
}

/* Nothing but what it says. */
static int says(const char *text, const char *words)
{
    if (text && strstr(text, words))
        return 1;
    printf("# it says: %s\n", text ? text : "nothing");
    return 0;
}

static const char *path(const char *name)
{
    static char paths[8][512];
    static int i;
    char *p = paths[i++ & 7];

    snprintf(p, sizeof paths[0], "%s/%s", folder, name);
    return p;
}

/* One direction: small, so that writing has to wait. */
struct queue {
    unsigned char at[3000];
    size_t n;
    int closed;
};
static struct queue up, down;
struct ends { struct queue *in, *out; };
static struct ends client_ends = { &down, &up }, server_ends = { &up, &down };

static ssize_t queue_read(struct tls *ctx, void *buf, size_t len, void *arg)
{
    struct queue *q = ((struct ends *)arg)->in;

    (void)ctx;
    if (q->n == 0)
        return q->closed ? 0 : TLS_WANT_POLLIN;
    len = len < q->n ? len : q->n;
    memcpy(buf, q->at, len);
    memmove(q->at, q->at + len, q->n - len);
    q->n -= len;
    return (ssize_t)len;
}

static ssize_t queue_write(struct tls *ctx, const void *buf, size_t len, void *arg)
{
    struct queue *q = ((struct ends *)arg)->out;
    size_t room = sizeof q->at - q->n;

    (void)ctx;
    if (q->closed)
        return -1;
    if (room == 0)
        return TLS_WANT_POLLOUT;
    len = len < room ? len : room;
    memcpy(q->at + q->n, buf, len);
    q->n += len;
    return (ssize_t)len;
}

static struct tls *client, *server, *conn;

static void end(void)
{
    tls_free(client);
    tls_free(conn);
    tls_free(server);
    client = conn = server = NULL;
}

/* Connects and accepts; 0 when all of that worked. */
static int begin(struct tls_config *c, struct tls_config *s, const char *name)
{
    memset(&up, 0, sizeof up);
    memset(&down, 0, sizeof down);
    client = tls_client();
    server = tls_server();
    if (tls_configure(client, c) || tls_configure(server, s) || tls_connect_cbs(client, queue_read, queue_write, &client_ends, name) ||
        tls_accept_cbs(server, &conn, queue_read, queue_write, &server_ends))
        return -1;
    return 0;
}

static int wants(ssize_t r)
{
    return r == TLS_WANT_POLLIN || r == TLS_WANT_POLLOUT;
}

static int shake(void)
{
    int a = TLS_WANT_POLLIN, b = TLS_WANT_POLLIN;

    for (int i = 0; i < 100 && (wants(a) || wants(b)); i++) {
        if (wants(a))
            a = tls_handshake(client);
        if (wants(b))
            b = tls_handshake(conn);
    }
    return a || b;
}

static struct tls_config *good_client(void)
{
    struct tls_config *c = tls_config_new();

    if (tls_config_set_ca_file(c, path("ca.pem"))) exit(2);
    return c;
}

static struct tls_config *good_server(void)
{
    struct tls_config *c = tls_config_new();

    if (tls_config_set_keypair_file(c, path("ec.pem"), path("ec.key"))) exit(2);
    return c;
}

static void talking(void)
{
    struct tls_config *c = good_client(), *s = good_server();
    static char sent[100000], got[100000];
    size_t n_sent = 0, n_got = 0, len;
    int saw_want = 0;
    const char *pem;
    size_t file_len;
    uint8_t *file;

    ok(tls_init() == 0 && tls_config_set_alpn(c, "h2,x") == 0 && tls_config_set_alpn(s, "x") == 0, "tls_init, tls_config_set_alpn");
    ok(begin(c, s, "host.test") == 0, "tls_configure, tls_connect_cbs, tls_accept_cbs");
    tls_config_clear_keys(s);
    tls_config_free(c);
    tls_config_free(s);
    ok(tls_conn_version(client) == NULL && tls_peer_cert_provided(client) == 0 && tls_peer_cert_hash(client) == NULL &&
       tls_peer_cert_notbefore(client) == -1 && tls_conn_cipher(client) == NULL, "before the handshake nothing is known");
    ok(shake() == 0, "tls_handshake on both sides, with the configurations freed and the keys cleared");
    ok(tls_handshake(client) == 0, "a second tls_handshake is done at once");
    ok(strcmp(tls_conn_version(client), "TLSv1.2") == 0 && strcmp(tls_conn_version(conn), "TLSv1.2") == 0, "tls_conn_version");
    ok(strcmp(tls_conn_cipher(client), "ECDHE-ECDSA-CHACHA20-POLY1305") == 0 && tls_conn_cipher_strength(client) == 256, "tls_conn_cipher, _strength");
    ok(strcmp(tls_conn_alpn_selected(client), "x") == 0 && strcmp(tls_conn_alpn_selected(conn), "x") == 0, "tls_conn_alpn_selected");
    ok(strcmp(tls_conn_servername(conn), "host.test") == 0 && tls_conn_session_resumed(client) == 0, "tls_conn_servername, _session_resumed");
    ok(tls_peer_cert_provided(client) == 1 && tls_peer_cert_provided(conn) == 0, "tls_peer_cert_provided");
    ok(tls_peer_cert_contains_name(client, "host.test") == 1 && tls_peer_cert_contains_name(client, "b.wild.test") == 1 &&
       tls_peer_cert_contains_name(client, "else.test") == 0 && tls_peer_cert_contains_name(client, "") == 0, "tls_peer_cert_contains_name");
    ok(strcmp(tls_peer_cert_subject(client), "/CN=ec") == 0 && strcmp(tls_peer_cert_issuer(client), "/CN=Test ca") == 0, "tls_peer_cert_subject, _issuer");
    ok(tls_peer_cert_notafter(client) - tls_peer_cert_notbefore(client) == 10 * 86400 && tls_peer_cert_notbefore(client) > 1700000000,
       "tls_peer_cert_notbefore, _notafter");
    ok(strncmp(tls_peer_cert_hash(client), "SHA256:", 7) == 0 && strlen(tls_peer_cert_hash(client)) == 71 &&
       tls_peer_cert_hash(client) == tls_peer_cert_hash(client), "tls_peer_cert_hash");
    pem = (const char *)tls_peer_cert_chain_pem(client, &len);
    file = tls_load_file(path("ec.pem"), &file_len, NULL);
    ok(pem && file && len == file_len && memcmp(pem, file, len) == 0, "tls_peer_cert_chain_pem, tls_load_file");
    tls_unload_file(file, file_len);
    ok(tls_peer_ocsp_url(client) == NULL && tls_peer_ocsp_cert_status(client) == -1 && tls_peer_ocsp_crl_reason(client) == -1 &&
       tls_peer_ocsp_result(client) == NULL && tls_peer_ocsp_response_status(client) == -1 && tls_peer_ocsp_next_update(client) == -1 &&
       tls_peer_ocsp_revocation_time(client) == -1 && tls_peer_ocsp_this_update(client) == -1, "tls_peer_ocsp_*: as without a response");
    ok(tls_ocsp_process_response(client, (const unsigned char *)"x", 1) == -1 && says(tls_error(client), "not supported"), "tls_ocsp_process_response");

    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i * 7 + (i >> 8));
    for (int i = 0; i < 1000 && n_got < sizeof got; i++) {
        ssize_t r = n_sent < sizeof sent ? tls_write(client, sent + n_sent, sizeof sent - n_sent) : 0;
        saw_want |= r == TLS_WANT_POLLOUT;
        n_sent += r > 0 ? (size_t)r : 0;
        r = tls_read(conn, got + n_got, sizeof got - n_got);
        n_got += r > 0 ? (size_t)r : 0;
    }
    ok(n_sent == sizeof sent && n_got == sizeof got && memcmp(sent, got, sizeof got) == 0, "tls_write, tls_read: 100,000 bytes, each once");
    ok(saw_want, "tls_write says TLS_WANT_POLLOUT when there is no room");
    ok(tls_read(client, got, 1) == TLS_WANT_POLLIN, "tls_read says TLS_WANT_POLLIN when there is nothing");
    ok(tls_write(client, "", 0) == 0, "tls_write of nothing");
    ok(tls_close(client) == 0 && tls_read(conn, got, 1) == 0 && tls_read(conn, got, 1) == 0, "tls_close: the other side reads the end");
    ok(tls_write(conn, "x", 1) == -1 && says(tls_error(conn), "closed"), "after it tls_write fails there");
    ok(tls_close(conn) == 0, "and tls_close works");
    tls_reset(client);
    ok(tls_peer_cert_provided(client) == 0 && tls_read(client, got, 1) == -1 && says(tls_error(client), "not connected"), "tls_reset forgets all");
    c = good_client();
    ok(tls_configure(client, c) == 0 && tls_connect_cbs(client, queue_read, queue_write, &client_ends, "host.test") == 0, "and the context can be used again");
    tls_config_free(c);
    end();
}

/* What the contexts say when both sides are as given; NULL when the handshake works. */
static const char *outcome(struct tls_config *c, struct tls_config *s, const char *name)
{
    static char text[2048];
    int r = begin(c, s, name);

    if (r == 0)
        r = shake();
    snprintf(text, sizeof text, "client: %s; connection: %s; server: %s", tls_error(client) ? tls_error(client) : "nothing",
             conn && tls_error(conn) ? tls_error(conn) : "nothing", tls_error(server) ? tls_error(server) : "nothing");
    tls_config_free(c);
    tls_config_free(s);
    end();
    return r ? text : NULL;
}

static void verifying(void)
{
    struct tls_config *c, *s;

    ok(says(outcome(good_client(), good_server(), "else.test"), "name does not match"), "another name is refused");
    c = good_client();
    tls_config_insecure_noverifyname(c);
    ok(!outcome(c, good_server(), "else.test"), "tls_config_insecure_noverifyname");
    ok(says(outcome(good_client(), good_server(), NULL), "server name"), "no name to verify is an error");
    c = tls_config_new();
    tls_config_set_ca_file(c, path("other.pem"));
    ok(says(outcome(c, good_server(), "host.test"), "not trusted"), "another authority is refused");
    c = tls_config_new();
    tls_config_insecure_noverifycert(c);
    ok(!outcome(c, good_server(), "host.test"), "tls_config_insecure_noverifycert needs no anchors");
    c = tls_config_new();
    tls_config_insecure_noverifycert(c);
    ok(says(outcome(c, good_server(), "else.test"), "name does not match"), "and the name is verified still");
    c = tls_config_new();
    tls_config_set_ca_file(c, path("other.pem"));
    tls_config_insecure_noverifycert(c);
    tls_config_insecure_noverifytime(c);
    tls_config_verify(c);
    ok(says(outcome(c, good_server(), "host.test"), "not trusted"), "tls_config_verify switches verification on again");
    c = good_client(), s = tls_config_new();
    tls_config_set_keypair_file(s, path("past.pem"), path("past.key"));
    ok(says(outcome(c, s, "host.test"), "expired"), "an expired certificate is refused");
    c = good_client(), s = tls_config_new();
    tls_config_set_keypair_file(s, path("past.pem"), path("past.key"));
    tls_config_insecure_noverifytime(c);
    ok(!outcome(c, s, "host.test"), "tls_config_insecure_noverifytime");

    s = good_server();
    tls_config_set_ca_file(s, path("ca.pem"));
    tls_config_verify_client(s);
    ok(says(outcome(good_client(), s, "host.test"), "sent no certificate"), "tls_config_verify_client: none is refused");
    s = good_server();
    tls_config_set_ca_file(s, path("ca.pem"));
    tls_config_verify_client_optional(s);
    ok(!outcome(good_client(), s, "host.test"), "tls_config_verify_client_optional: none is accepted");
    c = good_client(), s = good_server();
    tls_config_set_cert_file(c, path("me.pem"));
    tls_config_set_key_file(c, path("me.key"));
    tls_config_set_ca_file(s, path("ca.pem"));
    tls_config_verify_client(s);
    ok(!outcome(c, s, "host.test"), "tls_config_set_cert_file, _key_file: the client's own is accepted");
    s = good_server();
    tls_config_verify_client(s);
    ok(says(outcome(good_client(), s, "host.test"), "cert.pem"), "a server without anchors falls back to /etc/ssl/cert.pem");
    c = tls_config_new();
    ok(strcmp(tls_default_ca_cert_file(), "/etc/ssl/cert.pem") == 0 && says(outcome(c, good_server(), "host.test"), "/etc/ssl/cert.pem"),
       "so does a client; and says so where there is none");
}

static void choosing(void)
{
    struct tls_config *c, *s;
    static const char *const refused_ciphers[] = { "AES128-SHA", "", "DHE-RSA-AES128-GCM-SHA256:RC4" };
    uint32_t p = 0;
    int all = 1;

    c = good_client(), s = good_server();
    tls_config_add_keypair_file(s, path("two.pem"), path("two.key"));
    ok(!outcome(c, s, "two.test"), "tls_config_add_keypair_file: SNI finds it");
    c = good_client(), s = tls_config_new();
    tls_config_add_keypair_file(s, path("two.pem"), path("two.key"));
    ok(!outcome(c, s, "two.test"), "also without a first");
    c = good_client(), s = good_server();
    ok(tls_config_set_ciphers(c, "ECDHE-ECDSA-AES256-GCM-SHA384:NOT-THERE") == 0 && tls_config_set_ciphers(s, "secure") == 0 &&
       tls_config_set_ecdhecurves(c, "P-384,P-256") == 0 && tls_config_set_ecdhecurve(s, "auto") == 0 && begin(c, s, "host.test") == 0 && shake() == 0 &&
       says(tls_conn_cipher(client), "ECDHE-ECDSA-AES256-GCM-SHA384"), "tls_config_set_ciphers, _ecdhecurves, _ecdhecurve");
    end();
    for (int i = 0; i < 3; i++)
        all &= tls_config_set_ciphers(c, refused_ciphers[i]) == -1;
    ok(all && says(tls_config_error(c), "none of these ciphers"), "ciphers that are not there are an error");
    ok(tls_config_set_ecdhecurves(c, "P-521") == -1 && tls_config_set_ecdhecurves(c, "") == -1 && tls_config_set_ecdhecurve(c, "P-256,P-384") == -1,
       "curves that are not there are an error");
    ok(tls_config_set_dheparams(c, "none") == 0 && tls_config_set_dheparams(c, "auto") == -1, "tls_config_set_dheparams: none is all there is");
    ok(tls_config_parse_protocols(&p, "secure") == 0 && p & TLS_PROTOCOL_TLSv1_2 && tls_config_parse_protocols(&p, "TLSv1.2") == 0 &&
       p == TLS_PROTOCOL_TLSv1_2 && tls_config_parse_protocols(&p, "all,!tlsv1.2") == 0 && !(p & TLS_PROTOCOL_TLSv1_2) &&
       tls_config_parse_protocols(&p, "sslv3") == -1, "tls_config_parse_protocols");
    ok(tls_config_set_protocols(c, TLS_PROTOCOLS_DEFAULT) == 0 && tls_config_set_protocols(c, TLS_PROTOCOLS_ALL) == 0 &&
       tls_config_set_protocols(c, TLS_PROTOCOL_TLSv1_3) == -1 && says(tls_config_error(c), "TLS 1.2"), "tls_config_set_protocols: 1.2 must be among them");
    ok(tls_config_set_alpn(c, "") == -1 && tls_config_set_alpn(c, "a,,b") == -1, "malformed ALPN lists are an error");
    ok(tls_config_set_verify_depth(c, 3) == 0 && tls_config_set_verify_depth(c, -1) == -1 && tls_config_set_verify_depth(c, 16) == -1, "tls_config_set_verify_depth");
    tls_config_free(c);
    tls_config_free(s);
    c = good_client(), s = good_server();
    tls_config_set_ciphers(c, "CHACHA20-POLY1305");
    tls_config_prefer_ciphers_server(s);
    tls_config_prefer_ciphers_client(s);
    ok(!outcome(c, s, "host.test"), "tls_config_prefer_ciphers_client, _server");
}

static void refusing(void)
{
    struct tls_config *c = good_client(), *s = tls_config_new();
    struct tls *t = tls_client(), *x;
    unsigned char id[4] = { 1 };
    size_t len;

    ok(tls_config_set_ca_path(c, "/x") == -1 && says(tls_config_error(c), "folder"), "tls_config_set_ca_path");
    ok(tls_config_set_crl_file(c, "x") == -1 && tls_config_set_crl_mem(c, id, 4) == -1 && says(tls_config_error(c), "revocation"), "tls_config_set_crl_*");
    ok(tls_config_set_ocsp_staple_file(c, "x") == -1 && tls_config_set_ocsp_staple_mem(c, id, 4) == -1 && says(tls_config_error(c), "OCSP"),
       "tls_config_set_ocsp_staple_*");
    ok(tls_config_set_keypair_ocsp_file(s, path("ec.pem"), path("ec.key"), "x") == -1 && tls_config_set_keypair_ocsp_file(s, path("ec.pem"), path("ec.key"), NULL) == 0,
       "tls_config_set_keypair_ocsp_file: without a staple only");
    ok(tls_config_add_keypair_ocsp_file(s, path("ec.pem"), path("ec.key"), "x") == -1 &&
       tls_config_add_keypair_ocsp_mem(s, id, 4, id, 4, id, 4) == -1 && tls_config_set_keypair_ocsp_mem(s, id, 4, id, 4, id, 4) == -1, "and the others alike");
    ok(tls_config_set_session_fd(c, 1000) == -1 && says(tls_config_error(c), "session file: ") && tls_config_set_session_fd(c, 0) == -1 &&
       says(tls_config_error(c), "regular") && tls_config_set_session_fd(c, -1) == 0, "tls_config_set_session_fd: a regular file or none");
    ok(tls_config_set_session_id(s, id, 33) == -1 && tls_config_set_session_lifetime(s, -1) == -1 && tls_config_set_session_lifetime(s, 86401) == -1 &&
       tls_config_set_session_lifetime(s, 0) == 0 && tls_config_add_ticket_key(s, 1, id, 4) == -1 && says(tls_config_error(s), "tickets"),
       "tls_config_set_session_id, _lifetime outside their ranges; tls_config_add_ticket_key");
    tls_config_ocsp_require_stapling(c);
    ok(tls_configure(t, c) == -1 && says(tls_error(t), "OCSP"), "tls_config_ocsp_require_stapling makes tls_configure fail");
    tls_config_free(c);
    c = good_client();
    ok(tls_config_set_ca_file(c, "/nothing") == -1 && says(tls_config_error(c), "/nothing: "), "a file that is not there: its name and why");
    ok(tls_config_set_ca_mem(c, (const uint8_t *)"x", 0) == -1 && tls_config_set_cert_mem(c, NULL, 5) == -1, "no text is an error");
    ok(tls_load_file(path("ec.key"), &len, (char[]){ "secret" }) == NULL && tls_load_file("/nothing", &len, NULL) == NULL, "tls_load_file: no passwords, no such file");
    ok(tls_configure(t, c) == 0 && tls_accept_socket(t, &x, 0) == -1 && says(tls_error(t), "server"), "a client context does not accept");
    ok(tls_connect_socket(t, -1, "host.test") == -1 && tls_connect(t, "host.test", NULL) == -1 && says(tls_error(t), "port"), "bad descriptor, no port");
    ok(tls_handshake(t) == -1 && tls_read(t, id, 1) == -1 && tls_write(t, id, 1) == -1 && says(tls_error(t), "not connected"), "not connected: errors");
    ok(tls_connect_cbs(t, queue_read, queue_write, &client_ends, "a b") == -1 && says(tls_error(t), "name"), "a malformed name is an error");
    tls_config_free(s);
    s = tls_config_new();
    tls_config_set_cert_file(s, path("ec.pem"));
    tls_free(t);
    t = tls_server();
    ok(tls_configure(t, s) == -1 && says(tls_error(t), "without its private key"), "a certificate without its key");
    tls_config_set_key_file(s, path("rsa.key"));
    ok(tls_configure(t, s) == -1 && says(tls_error(t), "does not belong"), "a key of another certificate");
    tls_config_set_key_mem(s, (const uint8_t *)"-----BEGIN nonsense", 19);
    ok(tls_configure(t, s) == -1 && tls_error(t), "a key that is none");
    ok(tls_configure(t, NULL) == -1 && says(tls_error(t), "certificate"), "a server without a configuration");
    ok(tls_accept_cbs(t, &x, queue_read, queue_write, &server_ends) == -1 && tls_read(t, id, 1) == -1 && tls_close(t) == -1, "a server context itself carries no data");
    tls_free(t);
    tls_config_free(c);
    tls_config_free(s);
    tls_free(NULL);
    tls_config_free(NULL);
}

/* 1: resumed on both sides; 0: on neither; -1: no connection. */
static int resumption(struct tls_config *c, const char *name, struct tls *by)
{
    int r = -1;

    memset(&up, 0, sizeof up);
    memset(&down, 0, sizeof down);
    client = tls_client();
    if (!tls_configure(client, c) && !tls_connect_cbs(client, queue_read, queue_write, &client_ends, name) &&
        !tls_accept_cbs(by, &conn, queue_read, queue_write, &server_ends) && shake() == 0 &&
        tls_conn_session_resumed(client) == tls_conn_session_resumed(conn))
        r = tls_conn_session_resumed(client);
    tls_free(client);
    tls_free(conn);
    client = conn = NULL;
    return r;
}

static void resuming(void)
{
    struct tls_config *c = good_client(), *s = good_server(), *without = good_client();
    struct tls *by = tls_server();
    FILE *f = fopen(path("session"), "w+");
    long size;

    if (!f || !by) exit(2);
#ifndef __wasm__
    chmod(path("session"), 0600);
#endif
    ok(tls_config_set_session_fd(c, fileno(f)) == 0 && tls_config_set_session_id(s, (const unsigned char *)"a", 1) == 0 &&
       tls_config_set_session_lifetime(s, 60) == 0 && tls_configure(by, s) == 0, "tls_config_set_session_fd, _id, _lifetime");
    ok(resumption(c, "host.test", by) == 0 && resumption(c, "host.test", by) == 1 && resumption(c, "host.test", by) == 1,
       "tls_conn_session_resumed: the second and the third connection are");
    ok(resumption(without, "host.test", by) == 0, "a client without a file resumes nothing");
    ok(resumption(c, "a.wild.test", by) == 0, "nor does one that goes to another name");
    ok(resumption(c, "a.wild.test", by) == 1, "its session takes the place of the other");
    ok(resumption(c, "else.test", by) == -1, "a handshake that fails");
    fseek(f, 0, SEEK_END);
    ok(ftell(f) == 0, "empties the file");
    ok(resumption(c, "host.test", by) == 0 && resumption(c, "host.test", by) == 1, "and then it is as at the beginning");
    fseek(f, 0, SEEK_END);
    size = ftell(f);
    ok(ftruncate(fileno(f), size / 2) == 0 && resumption(c, "host.test", by) == 0, "half a session is none");
    tls_config_set_session_lifetime(s, 0);
    tls_configure(by, s);
    ok(resumption(c, "host.test", by) == 0 && resumption(c, "host.test", by) == 0, "a lifetime of 0 switches resumption off");
    fclose(f);
    remove(path("session"));
    tls_config_free(c);
    tls_config_free(s);
    tls_config_free(without);
    tls_free(by);
}

/* The other side goes without close_notify, or sends garbage. */
static void breaking(void)
{
    struct tls_config *c = good_client(), *s = good_server();
    char buf[16];

    ok(begin(c, s, "host.test") == 0 && shake() == 0, "a connection");
    down.closed = 1;
    ok(tls_read(client, buf, 16) == -1 && says(tls_error(client), "close_notify"), "the end without close_notify is an error, not an end");
    ok(tls_close(client) == -1, "tls_close says it again");
    end();
    ok(begin(c, s, "host.test") == 0, "another");
    memcpy(down.at, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    down.n = 28;
    ok(tls_handshake(client) == -1 && says(tls_error(client), "TLS 1.2"), "an answer in plain HTTP is an error");
    end();
    ok(begin(c, s, "host.test") == 0 && shake() == 0, "another");
    up.closed = 1;
    ok(tls_write(client, "x", 1) == -1 && tls_error(client), "a callback that fails is an error");
    end();
    tls_config_free(c);
    tls_config_free(s);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    folder = argv[1];
    talking();
    verifying();
    choosing();
    refusing();
    resuming();
    breaking();
    printf("1..%d\n", n_tests);
    return n_failed != 0;
}
