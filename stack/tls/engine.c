/*
 * engine.c - one side of a TLS connection, without I/O
 *
 * Theory of Operation: BearSSL's engine does the protocol. Three things are ours. A failure sends the fatal alert that BearSSL often
 * leaves out: its output cipher is used once more, into @tail, after what was still unsent of the last record. close_notify
 * closes our direction only: the alert goes out as a record of its own, without BearSSL knowing, so that data of the peer is
 * still taken; the close_notify with which BearSSL then answers the peer's is thrown away. And the end of the bytes below
 * without close_notify is a failure.
 *
 * A server that keeps sessions has BearSSL stop before the last byte of the ClientHello, to judge what it found: sessions.c.
 */
#include <stdlib.h>
#include <string.h>
#include "tls/engine.h"

static void alert_make(struct ist_tls_engine *e, uint8_t level, uint8_t alert)
{
    br_ssl_engine_context *eng = e->eng;
    size_t start = 5, end = sizeof e->tail - 5, len = 2;

    eng->out.vtable->max_plaintext(&eng->out.vtable, &start, &end);
    e->tail[start] = level;
    e->tail[start + 1] = alert;
    e->tail_at = eng->out.vtable->encrypt(&eng->out.vtable, RECORD_ALERT, BR_TLS12, e->tail + start, &len);
    e->tail_len = (uint32_t)len;
}

/* The engine below is dead, and does not tell any more what it had still to send. */
static void rest_save(struct ist_tls_engine *e)
{
    const br_ssl_engine_context *eng = e->eng;

    if (e->obuf && eng->oxa == eng->oxb && eng->oxc > eng->oxa) {
        e->rest_at = eng->obuf + eng->oxa;
        e->rest_len = (uint32_t)(eng->oxc - eng->oxa);
    }
}

static void fail(struct ist_tls_engine *e, int32_t reason, int32_t foreign, int tell_peer)
{
    if (e->over)
        return;
    e->over = 1;
    COUNT(e, failed, 1);
    e->reason = reason;
    e->foreign = foreign;
    if (e->config.sessions && e->done && reason != IST_TLS_TRUNCATED)
        ist__sessions_forget(e);
    if (e->notify != NOTIFY_SENT)
        rest_save(e);
    if (tell_peer && e->notify == NOTIFY_NONE)
        alert_make(e, 2, ist__tls_alert(reason));
}

/*
 * After the handshake, that a client's certificate was tolerated by BearSSL does not mean that it was good. And a server that says (RFC 8446
 * 4.1.3) that it was talked down to below TLS 1.2, which we never asked for, talks to somebody in between. "DOWNGRD" with a 1 behind
 * it only says that it speaks TLS 1.3 as well.
 */
static void handshake_done(struct ist_tls_engine *e)
{
    int resumed = e->config.sessions ? ist__sessions_resumed(e) : e->session && !e->verify.begun;

    e->done = 1;
    e->resumed = resumed == 1;
    if (resumed < 0)
        fail(e, IST_TLS_BAD_HANDSHAKE, 0, 1);
    else if (e->resumed && !ist__session_chain(e->session, &e->verify))
        fail(e, IST_TLS_NO_MEMORY, 0, 1);
    if (e->config.role == IST_TLS_CLIENT && memcmp(e->eng->server_random + 24, "DOWNGRD", 8) == 0)
        fail(e, IST_TLS_DOWNGRADE, 0, 1);
    if (e->config.role == IST_TLS_SERVER && e->verify.n && e->verify.reason)
        fail(e, e->verify.reason, e->verify.foreign, 1);
    if (e->over)
        return;
    COUNT(e, handshakes, 1);
    COUNT(e, resumed, e->resumed != 0);
    if (e->config.sessions && !e->resumed)
        ist__sessions_keep(e);
}

/* Queues close_notify when BearSSL can take a record; until then it is tried again after every step. */
static void notify_step(struct ist_tls_engine *e)
{
    size_t len;
    uint8_t *buf;

    if (e->notify == NOTIFY_WANTED && !e->eng->shutdown_recv) {
        br_ssl_engine_flush(e->eng, 0);
        buf = br_ssl_engine_sendapp_buf(e->eng, &len);
        if (buf && len >= 2) {
            buf[0] = 1;                                      /* warning */
            buf[1] = 0;                                      /* close_notify */
            e->eng->record_type_out = RECORD_ALERT;
            br_ssl_engine_sendapp_ack(e->eng, 2);
            br_ssl_engine_flush(e->eng, 0);
            e->eng->record_type_out = RECORD_DATA;
            br_ssl_engine_sendrec_buf(e->eng, &len);
            e->notify_left = (uint32_t)len;
            e->notify = NOTIFY_QUEUED;
        }
    }
    while (e->notify == NOTIFY_SENT && br_ssl_engine_sendrec_buf(e->eng, &len))
        br_ssl_engine_sendrec_ack(e->eng, len);
}

/* After every call that moved BearSSL. */
static void settle(struct ist_tls_engine *e)
{
    int err;

    if (e->over)
        return;
    ist__tls_keylog(e->eng, &e->keylog_told);
    if (!e->done && e->eng->application_data)
        handshake_done(e);
    notify_step(e);
    if (e->over || !(br_ssl_engine_current_state(e->eng) & BR_SSL_CLOSED))
        return;
    err = br_ssl_engine_last_error(e->eng);
    if (err == BR_ERR_OK) {
        e->over = 1;                                         /* both have said close_notify */
        return;
    }
    if (e->verify.reason)
        fail(e, e->verify.reason, e->verify.foreign, 1);
    else if (e->serve.reason || e->present.reason)
        fail(e, e->serve.reason ? e->serve.reason : e->present.reason, err, 1);
    else
        fail(e, ist__tls_reason(err), err, err < BR_ERR_RECV_FATAL_ALERT);
}

/* What came before the bytes ended was whole and verified: it can still be read. */
static int readable(const struct ist_tls_engine *e)
{
    return !e->over || e->reason == IST_TLS_TRUNCATED;
}

uint32_t ist_tls_engine_state(const struct ist_tls_engine *e)
{
    uint32_t s = e->done ? IST_TLS_HANDSHAKE_DONE : 0;
    unsigned below;

    if (e->eng->shutdown_recv)
        s |= IST_TLS_PEER_CLOSED;
    if (e->gather_end || e->rest_len || e->tail_len)
        s |= IST_TLS_RECORD_OUT;
    below = br_ssl_engine_current_state(e->eng);
    if (below & BR_SSL_RECVAPP && readable(e))
        s |= IST_TLS_DATA_IN;
    if (e->over)
        return s | IST_TLS_CLOSED | (e->reason ? IST_TLS_FAILED : 0);
    if (below & BR_SSL_SENDREC)
        s |= IST_TLS_RECORD_OUT;
    if (below & BR_SSL_RECVREC)
        s |= IST_TLS_WANT_RECORD_IN;
    if (below & BR_SSL_SENDAPP && e->notify == NOTIFY_NONE)
        s |= IST_TLS_DATA_OUT;
    return s;
}

uint8_t *ist_tls_engine_record_in_buf(struct ist_tls_engine *e, uint32_t *len)
{
    size_t n = 0;
    uint8_t *buf;

    if (!e->moved)
        ist__buffers_rest(e);
    e->moved = 0;
    buf = e->over ? NULL : br_ssl_engine_recvrec_buf(e->eng, &n);

    *len = (uint32_t)n;
    return buf;
}

/* BearSSL reads all but the last byte of the ClientHello; the rest moves to where it reads on. */
static void confirm_session(struct ist_tls_engine *e, const uint8_t **bytes, uint32_t *len)
{
    uint32_t before = e->intake.hello_end;
    size_t room;
    uint8_t *to;

    if (before) {
        br_ssl_engine_recvrec_ack(e->eng, before);
        to = br_ssl_engine_recvrec_buf(e->eng, &room);
        if (!to || room < *len - before)
            return;                                          /* it has failed */
        *len -= before;
        memmove(to, *bytes + before, *len);
        *bytes = to;
    }
    ist__sessions_confirm(e);
}

void ist_tls_engine_record_in_ack(struct ist_tls_engine *e, uint32_t len)
{
    int32_t reason;
    size_t room;
    const uint8_t *bytes = e->over || len == 0 ? NULL : br_ssl_engine_recvrec_buf(e->eng, &room);

    if (!bytes)
        return;
    e->moved = 1;
    if (!ist__buffer_in(e) || !ist__buffer_out(e)) {
        fail(e, IST_TLS_NO_MEMORY, 0, 1);
        return;
    }
    COUNT(e, bytes_in, len);
    bytes = br_ssl_engine_recvrec_buf(e->eng, &room);        /* they may have moved */
    reason = ist__intake(e, bytes, len);
    if (reason) {
        fail(e, reason, 0, 1);
        return;
    }
    if (e->config.sessions && e->intake.hello_end != NO_HELLO_END)
        confirm_session(e, &bytes, &len);
    br_ssl_engine_recvrec_ack(e->eng, len);
    settle(e);
}

void ist_tls_engine_record_end(struct ist_tls_engine *e)
{
    if (!e->eng->shutdown_recv)
        fail(e, IST_TLS_TRUNCATED, 0, 0);
    if (!e->over) {
        e->over = 1;                                         /* the peer is gone: nobody takes our close_notify */
        e->rest_len = e->gather_at = e->gather_end = 0;
    }
}

/* BearSSL makes the next record of a flight only when it is rid of the one before. */
static void gather_records(struct ist_tls_engine *e)
{
    size_t len;
    uint8_t *buf;

    while (!e->over && !e->done && (buf = br_ssl_engine_sendrec_buf(e->eng, &len)) != NULL && len <= sizeof e->gather - e->gather_end) {
        memcpy(e->gather + e->gather_end, buf, len);
        e->gather_end += (uint32_t)len;
        br_ssl_engine_sendrec_ack(e->eng, len);
        settle(e);
    }
}

static const uint8_t *out_buf(const struct ist_tls_engine *e, uint32_t *len)
{
    size_t n = 0;
    uint8_t *buf;

    if (e->gather_end) {
        *len = e->gather_end - e->gather_at;
        return e->gather + e->gather_at;
    }
    if (e->rest_len) {
        *len = e->rest_len;
        return e->rest_at;
    }
    if (e->tail_len) {
        *len = e->tail_len;
        return e->tail_at;
    }
    buf = e->over ? NULL : br_ssl_engine_sendrec_buf(e->eng, &n);
    *len = (uint32_t)n;
    return buf;
}

const uint8_t *ist_tls_engine_record_out_buf(struct ist_tls_engine *e, uint32_t *len)
{
    gather_records(e);
    return out_buf(e, len);
}

void ist_tls_engine_record_out_ack(struct ist_tls_engine *e, uint32_t len)
{
    uint32_t there;
    const uint8_t *bytes = out_buf(e, &there);

    if (bytes)
        ist__count_out(e, bytes, len);
    if (e->gather_end) {
        e->gather_at += len;
        if (e->gather_at == e->gather_end)
            e->gather_at = e->gather_end = 0;
        return;
    }
    if (e->rest_len) {
        e->rest_at += len;
        e->rest_len -= len;
        return;
    }
    if (e->tail_len) {
        e->tail_at += len;
        e->tail_len -= len;
        return;
    }
    if (e->over || len == 0)
        return;
    e->moved = 1;
    if (e->notify == NOTIFY_QUEUED) {
        e->notify_left -= len;
        if (e->notify_left == 0)
            e->notify = NOTIFY_SENT;
    }
    br_ssl_engine_sendrec_ack(e->eng, len);
    settle(e);
}

const uint8_t *ist_tls_engine_data_in_buf(struct ist_tls_engine *e, uint32_t *len)
{
    size_t n = 0;
    uint8_t *buf = readable(e) ? br_ssl_engine_recvapp_buf(e->eng, &n) : NULL;

    *len = (uint32_t)n;
    return buf;
}

void ist_tls_engine_data_in_ack(struct ist_tls_engine *e, uint32_t len)
{
    if (!readable(e) || len == 0)
        return;
    e->moved = 1;
    COUNT(e, data_in, len);
    br_ssl_engine_recvapp_ack(e->eng, len);
    settle(e);
}

uint8_t *ist_tls_engine_data_out_buf(struct ist_tls_engine *e, uint32_t *len)
{
    size_t n = 0;
    uint8_t *buf = NULL;

    if (e->done && !ist__buffer_out(e))
        fail(e, IST_TLS_NO_MEMORY, 0, 1);
    if (!e->over && e->notify == NOTIFY_NONE)
        buf = br_ssl_engine_sendapp_buf(e->eng, &n);

    *len = (uint32_t)n;
    return buf;
}

void ist_tls_engine_data_out_ack(struct ist_tls_engine *e, uint32_t len)
{
    if (e->over || len == 0)
        return;
    e->moved = 1;
    COUNT(e, data_out, len);
    br_ssl_engine_sendapp_ack(e->eng, len);
    settle(e);
}

void ist_tls_engine_flush(struct ist_tls_engine *e)
{
    if (!e->over)
        br_ssl_engine_flush(e->eng, 0);
}

void ist_tls_engine_close(struct ist_tls_engine *e)
{
    if (e->over || e->notify != NOTIFY_NONE)
        return;
    if (!e->done) {
        rest_save(e);
        alert_make(e, 1, 0);
        e->over = 1;
        return;
    }
    if (!ist__buffer_out(e)) {
        fail(e, IST_TLS_NO_MEMORY, 0, 1);
        return;
    }
    e->notify = NOTIFY_WANTED;
    settle(e);
}

void ist_tls_engine_drop(struct ist_tls_engine *e)
{
    fail(e, IST_TLS_FORGOTTEN, 0, 0);
    e->rest_len = e->tail_len = e->gather_at = e->gather_end = 0;
    ist__wipe(&e->eng->rng, sizeof e->eng->rng);
    ist__wipe(e->eng->session.master_secret, sizeof e->eng->session.master_secret);
    ist__wipe(&e->eng->in, sizeof e->eng->in);
    ist__wipe(&e->eng->out, sizeof e->eng->out);
    if (e->ibuf)
        ist__wipe(e->ibuf, BR_SSL_BUFSIZE_INPUT);
    if (e->obuf)
        ist__wipe(e->obuf, BR_SSL_BUFSIZE_OUTPUT);
}

void ist_tls_engine_detail(const struct ist_tls_engine *e, struct ist_tls_detail *out)
{
    ist__tls_detail(out, e->reason, e->foreign);
}

void ist_tls_engine_info(const struct ist_tls_engine *e, struct ist_tls_info *out)
{
    const struct ist__suite *suite;

    memset(out, 0, sizeof *out);
    if (e->config.role == IST_TLS_CLIENT ? !e->sni : !e->done || !e->eng->server_name[0])
        out->server_name = NULL;
    else
        out->server_name = e->eng->server_name;
    if (!e->done)
        return;
    suite = ist__suite_find(e->eng->session.cipher_suite);
    out->version = br_ssl_engine_get_version(e->eng);
    out->version_name = "TLSv1.2";
    out->cipher = e->eng->session.cipher_suite;
    out->cipher_name = suite ? suite->name : NULL;
    out->cipher_bits = suite ? suite->bits : 0;
    out->curve = e->resumed ? 0 : e->eng->ecdhe_curve;
    out->resumed = (uint32_t)e->resumed;
    out->curve_name = ist__curve_name(out->curve);
    out->protocol = br_ssl_engine_get_selected_protocol(e->eng);
    out->n_peer_certificates = e->verify.n;
}

const uint8_t *ist_tls_engine_peer_certificate(const struct ist_tls_engine *e, uint32_t i, uint32_t *len)
{
    *len = 0;
    if (i >= e->verify.n)
        return NULL;
    *len = e->verify.start[i + 1] - e->verify.start[i];
    return e->verify.der + e->verify.start[i];
}
