/*
 * tls_engine.h - TLS 1.2 without I/O: the configuration of a connection, and the engine
 *
 * One state word, and a pair of calls (buf, ack) for each of the four places where bytes go: records in and out, data in and out.
 * The state word and the calls fit TLS 1.3 as well.
 */
#ifndef ISTHMUS_TLS_ENGINE_H
#define ISTHMUS_TLS_ENGINE_H

#include <isthmus/tls_credentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- configuration of a connection */

#define IST_TLS_CLIENT 0u
#define IST_TLS_SERVER 1u

/* flags */
#define IST_TLS_NO_VERIFY_CERTIFICATE  1u   /* believe any chain; the name is still checked */
#define IST_TLS_NO_VERIFY_NAME         2u
#define IST_TLS_NO_VERIFY_TIME         4u   /* judge no certificate by its dates; no clock is needed */
#define IST_TLS_VERIFY_PEER            8u   /* server: the client must show a certificate */
#define IST_TLS_VERIFY_PEER_IF_SHOWN  16u   /* server: it may; if it does, it must be good */
#define IST_TLS_PREFER_CLIENT_ORDER   32u   /* server: the client's order of ciphers decides, not ours */
#define IST_TLS_REQUIRE_PROTOCOL      64u   /* fail when ALPN finds none in common; else go on without */

/* ciphers, in our order; 0 = all */
#define IST_TLS_CHACHA20_POLY1305  1u
#define IST_TLS_AES_128_GCM        2u
#define IST_TLS_AES_256_GCM        4u
/* curves, in our order; 0 = all. A certificate's curve must be among them too. */
#define IST_TLS_X25519             1u
#define IST_TLS_P256               2u
#define IST_TLS_P384               4u

#define IST_TLS_DEPTH_DEFAULT      6u       /* certificates between the end certificate and the anchor */
#define IST_TLS_CHAIN_MAX         16u       /* certificates of a chain */
#define IST_TLS_CERTIFICATE_MAX   65536u    /* bytes of one; 262,144 of a chain */

struct ist_tls_config {            /* zero means the default */
    uint32_t size;                 /* sizeof (struct ist_tls_config) */
    uint32_t role;                 /* IST_TLS_CLIENT, IST_TLS_SERVER */
    uint32_t flags;
    uint32_t ciphers, curves;
    uint32_t verify_depth;         /* 0: IST_TLS_DEPTH_DEFAULT; at most 15 */
    const char *server_name;       /* client: name or address to verify, a name is also sent (SNI); copied */
    const char *protocols;         /* ALPN: "h2,http/1.1"; copied */
    const struct ist_tls_trust *trust;
    const struct ist_tls_identity *const *identities;   /* server: the first whose certificate matches the name asked for and whose */
    uint32_t n_identities;         /* key kind the client accepts, else the first it accepts. Client: the first, if asked for one */
    uint64_t realtime_ns;          /* UTC; 0 = unknown. ist_tls_open(): 0 = what ist_realtime() says */
    struct ist_tls_sessions *sessions;                  /* server: NULL: none is resumed */
    const void *session;           /* client: uint8_t[session_len] of ist_tls_engine_session(), of an earlier connection; NULL: none */
    uint32_t session_len;
    int32_t (*random_fn)(void *buf, uint32_t len);      /* 0 or an error. Engine: required; ist_tls_open(): ist_random() whatever it says */
};

/* ---------------------------------------------------------------- the engine */

struct ist_tls_engine;

/* The state word: what can be done now. */
#define IST_TLS_WANT_RECORD_IN         1u   /* bytes from the peer are needed: record_in */
#define IST_TLS_RECORD_OUT             2u   /* bytes for the peer are there: record_out */
#define IST_TLS_DATA_IN                4u   /* data can be read: data_in */
#define IST_TLS_DATA_OUT               8u   /* data can be written: data_out */
#define IST_TLS_HANDSHAKE_DONE        16u
#define IST_TLS_WAITING_FOR_SIGNATURE 32u   /* a signer outside was asked and has not answered. Never set now: all signing is synchronous */
#define IST_TLS_PEER_CLOSED           64u   /* close_notify came; once DATA_IN is gone too, this is the clean end */
#define IST_TLS_CLOSED               128u   /* both sides have said close_notify, or FAILED; RECORD_OUT may still be set */
#define IST_TLS_FAILED               256u   /* the detail call tells why; RECORD_OUT may still be set: the alert */

/**
 * ist_tls_engine_new() - start one side of a connection
 * @out:      out
 * @config:   in
 * @detail:   out; may be NULL
 *
 * Returns: IST_OK
 * Errors:  IST_EINVAL   BAD_CONFIG, BAD_NAME, BAD_PROTOCOL
 *          IST_ETLS     NO_TRUST, NO_IDENTITY
 *          IST_ENOENTROPY
 *          IST_ENOMEM
 * Waits:   never
 * Owner:   @config stays the caller's and may go; trust, identities and sessions must stay. @out is the caller's until ist_tls_engine_free()
 * Source:  RFC 5246, RFC 8422, RFC 7905, RFC 6066 3, RFC 7301
 */
int32_t ist_tls_engine_new(struct ist_tls_engine **out, const struct ist_tls_config *config, struct ist_tls_detail *detail);

/**
 * ist_tls_engine_free() - give the engine back; its keys are overwritten
 * @engine:   NULL is allowed
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   @engine is gone
 * Source:  none
 */
void ist_tls_engine_free(struct ist_tls_engine *engine);

/**
 * ist_tls_engine_state() - the state word
 * @engine:   in
 *
 * Returns: IST_TLS_WANT_RECORD_IN and the other bits
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  none
 */
uint32_t ist_tls_engine_state(const struct ist_tls_engine *engine);

/**
 * ist_tls_engine_record_in_buf() - where bytes from the peer go
 * @engine:   in
 * @len:      out; room, 0 when none are wanted
 *
 * Returns: uint8_t[*@len], or NULL
 * Errors:  none
 * Waits:   never
 * Owner:   the engine's; valid until the next call on it
 * Source:  RFC 5246 6.2
 */
uint8_t *ist_tls_engine_record_in_buf(struct ist_tls_engine *engine, uint32_t *len);

/**
 * ist_tls_engine_record_in_ack() - say that bytes of the peer were put there
 * @engine:   in
 * @len:      bytes, at most the room
 *
 * Certificates are verified and signatures made in this call.
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 7
 */
void ist_tls_engine_record_in_ack(struct ist_tls_engine *engine, uint32_t len);

/**
 * ist_tls_engine_record_end() - say that the peer's bytes have ended
 * @engine:   in
 *
 * Without close_notify before it this fails the connection: TRUNCATED.
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 7.2.1
 */
void ist_tls_engine_record_end(struct ist_tls_engine *engine);

/**
 * ist_tls_engine_record_out_buf() - bytes for the peer
 * @engine:   in
 * @len:      out; 0 when there are none
 *
 * Returns: const uint8_t[*@len], or NULL
 * Errors:  none
 * Waits:   never
 * Owner:   the engine's; valid until the next call on it
 * Source:  RFC 5246 6.2
 */
const uint8_t *ist_tls_engine_record_out_buf(struct ist_tls_engine *engine, uint32_t *len);

/**
 * ist_tls_engine_record_out_ack() - say that bytes were sent to the peer
 * @engine:   in
 * @len:      bytes, at most what was there
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 7
 */
void ist_tls_engine_record_out_ack(struct ist_tls_engine *engine, uint32_t len);

/**
 * ist_tls_engine_data_in_buf() - data of the peer
 * @engine:   in
 * @len:      out; 0 when there is none; what one record held at most, 16,384
 *
 * Returns: const uint8_t[*@len], or NULL
 * Errors:  none
 * Waits:   never
 * Owner:   the engine's; valid until the next call on it
 * Source:  RFC 5246 10
 */
const uint8_t *ist_tls_engine_data_in_buf(struct ist_tls_engine *engine, uint32_t *len);

/**
 * ist_tls_engine_data_in_ack() - say that data was read
 * @engine:   in
 * @len:      bytes, at most what was there
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 10
 */
void ist_tls_engine_data_in_ack(struct ist_tls_engine *engine, uint32_t len);

/**
 * ist_tls_engine_data_out_buf() - where data for the peer goes
 * @engine:   in
 * @len:      out; room, 0 when none can be taken now
 *
 * Returns: uint8_t[*@len], or NULL
 * Errors:  none
 * Waits:   never
 * Owner:   the engine's; valid until the next call on it
 * Source:  RFC 5246 10
 */
uint8_t *ist_tls_engine_data_out_buf(struct ist_tls_engine *engine, uint32_t *len);

/**
 * ist_tls_engine_data_out_ack() - say that data for the peer was put there
 * @engine:   in
 * @len:      bytes, at most the room
 *
 * A full buffer becomes a record; ist_tls_engine_flush() makes one of less.
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 10
 */
void ist_tls_engine_data_out_ack(struct ist_tls_engine *engine, uint32_t len);

/**
 * ist_tls_engine_flush() - make a record of the data given so far
 * @engine:   in
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 6.2.1
 */
void ist_tls_engine_flush(struct ist_tls_engine *engine);

/**
 * ist_tls_engine_close() - no more data from this side: close_notify goes out after what was given
 * @engine:   in
 *
 * Data of the peer can still be read until its close_notify. During the handshake this ends the connection. Idempotent.
 *
 * Returns: none
 * Errors:  none; look at the state
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  RFC 5246 7.2.1; reading on as RFC 8446 6.1 has it
 */
void ist_tls_engine_close(struct ist_tls_engine *engine);

/**
 * ist_tls_engine_drop() - forget all keys at once; nothing more is sent
 * @engine:   in
 *
 * For an instance that was restored or forked and cannot know whether a twin uses the same keys. The state is FAILED after it.
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps @engine
 * Source:  link.md, restore and fork
 */
void ist_tls_engine_drop(struct ist_tls_engine *engine);

/**
 * ist_tls_engine_detail() - why the connection failed
 * @engine:   in
 * @out:      out; reason IST_TLS_OK while it has not
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps both; the text is static
 * Source:  tls_reason.h
 */
void ist_tls_engine_detail(const struct ist_tls_engine *engine, struct ist_tls_detail *out);

struct ist_tls_info {              /* of a connection whose handshake is done; before, zeros and NULLs */
    uint32_t version;              /* 0x0303 */
    uint32_t cipher;               /* the number of the IANA registry */
    uint32_t cipher_bits;          /* 128, 256 */
    uint32_t curve;                /* the number of the IANA registry of groups; 0 when resumed: there was no key exchange */
    uint32_t n_peer_certificates;  /* what the peer sent, now or in the handshake that made the session */
    uint32_t resumed;              /* 1: an earlier session was taken up */
    const char *version_name;      /* "TLSv1.2" */
    const char *cipher_name;       /* "ECDHE-ECDSA-CHACHA20-POLY1305" */
    const char *curve_name;        /* "X25519"; NULL when resumed */
    const char *protocol;          /* ALPN, or NULL */
    const char *server_name;       /* server: the name the client asked for, or NULL; client: the one it asked for, or NULL */
};

/**
 * ist_tls_engine_info() - what was agreed on
 * @engine:   in
 * @out:      out
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps both; the texts live as long as @engine
 * Source:  IANA TLS parameters
 */
void ist_tls_engine_info(const struct ist_tls_engine *engine, struct ist_tls_info *out);

/**
 * ist_tls_engine_peer_certificate() - a certificate of the peer's chain
 * @engine:   in
 * @i:        0 is the peer's own
 * @len:      out; bytes
 *
 * Whether it is believed is another question: the handshake fails if not, unless verification is switched off.
 *
 * Returns: const uint8_t[*@len], DER; NULL past the last
 * Errors:  none
 * Waits:   never
 * Owner:   the engine's; valid as long as it lives
 * Source:  RFC 5246 7.4.2
 */
const uint8_t *ist_tls_engine_peer_certificate(const struct ist_tls_engine *engine, uint32_t i, uint32_t *len);

/**
 * ist_tls_engine_session() - what a later connection of this client can take up
 * @engine:   in; a client's whose handshake is done
 * @buf:      out; uint8_t[@cap]
 * @cap:      bytes
 *
 * A secret: who has it can read what connections with it said. It holds for the same name, verification, anchors and certificate of ours, for
 * 24 hours at most, and until a certificate of the server expires; where one of these differs it is passed over. Its form is that of this
 * version of the stack, and checked when it is used.
 *
 * Returns: its bytes, more than @cap: nothing was written; 0: the server gave no session, or the clock is unknown
 * Errors:  IST_ESTATE   the handshake is not done, or the connection failed
 *          IST_ENOTSUP  a server's engine
 * Waits:   never
 * Owner:   caller keeps @buf
 * Source:  RFC 5246 7.3
 */
int32_t ist_tls_engine_session(const struct ist_tls_engine *engine, void *buf, uint32_t cap);

struct ist_tls_counters {
    uint64_t handshakes;           /* done; of one connection 0 or 1, as the next two */
    uint64_t resumed;              /* of these: took up an earlier session */
    uint64_t failed;               /* connections that failed, in the handshake or after */
    uint64_t records_in, records_out;
    uint64_t alerts_in, alerts_out;            /* of these records; close_notify is one */
    uint64_t bytes_in, bytes_out;  /* of records, with their headers */
    uint64_t data_in, data_out;    /* bytes that were read and written */
};

/**
 * ist_tls_counters() - what a connection, or all of this instance, has done so far
 * @engine:   in; NULL: all connections since the program began, those that are gone too
 * @out:      out
 *
 * What comes in counts when the engine gets it, what goes out when it has left.
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   the caller keeps both
 * Source:  none
 */
void ist_tls_counters(const struct ist_tls_engine *engine, struct ist_tls_counters *out);

#ifdef __cplusplus
}
#endif

#endif
