/*
 * tls.h - TLS 1.2, client and server, over any byte stream
 *
 * Two layers. The engine does no I/O: one state word, and a pair of calls (buf, ack) for each of the four places where bytes
 * go: records in and out, data in and out. The stream is a handle made of another stream handle (TCP, a pipe) and an engine,
 * so that a reader sees no difference between TLS and TCP.
 *
 * What is spoken: TLS 1.2; key exchange ECDHE with x25519, P-256 or P-384; ChaCha20-Poly1305, then AES-GCM; certificates with RSA
 * (2048 to 4096 bits), P-256 or P-384 keys. Nothing else can be switched on. Sessions are resumed by their ids. Renegotiation does not exist.
 * The state word and the calls fit TLS 1.3 as well.
 */
#ifndef ISTHMUS_TLS_H
#define ISTHMUS_TLS_H

#include <isthmus/handle.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why TLS failed: name, value, sentence. The values are part of the ABI and are never reused. */
#define IST_TLS_REASONS(X) \
    X(IST_TLS_NOT_TRUSTED,      1, "the certificate is not trusted: no chain leads from it to a trust anchor") \
    X(IST_TLS_NAME_MISMATCH,    2, "the name does not match: the certificate is for another host") \
    X(IST_TLS_EXPIRED,          3, "a certificate of the chain has expired") \
    X(IST_TLS_NOT_YET_VALID,    4, "a certificate of the chain is not yet valid") \
    X(IST_TLS_CLOCK_UNKNOWN,    5, "the host tells no time, so no certificate can be judged by its dates") \
    X(IST_TLS_BAD_CERTIFICATE,  6, "a certificate of the chain is malformed") \
    X(IST_TLS_UNSUPPORTED_CERTIFICATE, 7, "a certificate needs an algorithm or a critical extension that is not supported") \
    X(IST_TLS_BAD_SIGNATURE,    8, "a signature is wrong") \
    X(IST_TLS_NOT_CA,           9, "a certificate of the chain was issued by one that is no authority, or too deep below it") \
    X(IST_TLS_KEY_USAGE,       10, "a certificate is used for what it does not permit") \
    X(IST_TLS_WEAK_KEY,        11, "a key of the chain is too small") \
    X(IST_TLS_CHAIN_TOO_LARGE, 12, "the chain has more certificates, or larger ones, than are accepted") \
    X(IST_TLS_NO_PEER_CERTIFICATE, 13, "the peer sent no certificate") \
    X(IST_TLS_CONSTRAINED,     14, "an authority of the chain may not issue a certificate for such names") \
    X(IST_TLS_BAD_RECORD,      20, "the peer sent what is no TLS record") \
    X(IST_TLS_BAD_MAC,         21, "a record was altered on its way") \
    X(IST_TLS_BAD_HANDSHAKE,   22, "the peer broke the handshake protocol") \
    X(IST_TLS_VERSION,         23, "the peer does not speak TLS 1.2") \
    X(IST_TLS_NOTHING_IN_COMMON, 24, "no cipher suite, curve or signature algorithm in common with the peer") \
    X(IST_TLS_NO_PROTOCOL,     25, "no application protocol (ALPN) in common with the peer") \
    X(IST_TLS_TRUNCATED,       26, "the connection ended without close_notify: data may be missing") \
    X(IST_TLS_PEER_ALERT,      27, "the peer ended the connection with an alert") \
    X(IST_TLS_TRANSPORT,       28, "the connection below failed") \
    X(IST_TLS_IDLE,            29, "the peer sent too many empty records or warnings in a row") \
    X(IST_TLS_DOWNGRADE,       30, "the server says that somebody in between asked it for an earlier version") \
    X(IST_TLS_PEM_GARBAGE,     40, "not PEM, or a damaged PEM block") \
    X(IST_TLS_KEY_ENCRYPTED,   41, "the private key is encrypted; only plain keys can be read") \
    X(IST_TLS_KEY_UNSUPPORTED, 42, "the key is not RSA of 2048 to 4096 bits, P-256 or P-384") \
    X(IST_TLS_KEY_MISMATCH,    43, "the private key does not belong to the certificate") \
    X(IST_TLS_KEY_MALFORMED,   44, "the private key is malformed") \
    X(IST_TLS_NO_KEY,          45, "there is no private key in the PEM text") \
    X(IST_TLS_NO_CERTIFICATE,  46, "there is no certificate in the PEM text") \
    X(IST_TLS_NO_ANCHOR,       47, "no certificate of the bundle can serve as a trust anchor") \
    X(IST_TLS_BAD_NAME,        48, "the server name is empty, longer than 255 bytes, or no host can have it") \
    X(IST_TLS_BAD_PROTOCOL,    49, "the list of application protocols is malformed: 1 to 16 names of 1 to 255 bytes, 1,024 in all") \
    X(IST_TLS_NO_ENTROPY,      50, "there is no entropy, and TLS does not start without") \
    X(IST_TLS_NO_MEMORY,       51, "the memory is used up") \
    X(IST_TLS_NO_TRUST,        52, "certificates are to be verified, and no trust anchors are set") \
    X(IST_TLS_NO_IDENTITY,     53, "a server needs a certificate and its key") \
    X(IST_TLS_BAD_CONFIG,      54, "the configuration holds a value outside its range") \
    X(IST_TLS_FORGOTTEN,       55, "the instance was restored or forked, and its keys were dropped") \
    X(IST_TLS_INTERNAL,        56, "a limit inside the TLS engine was hit") \
    X(IST_TLS_SIGNER_UNKNOWN,  57, "the host grants no signer of this name") \
    X(IST_TLS_SIGNER_REFUSED,  58, "the signer refuses to sign") \
    X(IST_TLS_SIGNER_FAILED,   59, "the signer did not answer in time, or with what is no signature")

enum ist_tls_reason {
#define X(name, value, text) name = (value),
    IST_TLS_REASONS(X)
#undef X
    IST_TLS_OK = 0
};

struct ist_tls_detail {
    int32_t reason;            /* enum ist_tls_reason */
    int32_t foreign;           /* the number of the library below, 0 if none; for logs only */
    int32_t alert;             /* the alert the peer sent (IST_TLS_PEER_ALERT), or -1 */
    const char *text;          /* a sentence; static */
};

/* ---------------------------------------------------------------- trust: anchors, read once, used by many connections */

struct ist_tls_trust;

struct ist_tls_trust_report {
    uint32_t n_anchors;        /* usable */
    uint32_t n_skipped;        /* certificates that cannot be anchors: malformed, or a key of an unknown kind */
};

/**
 * ist_tls_trust_new() - read a bundle of trust anchors
 * @out:      out
 * @pem:      in; char[@len]; what stands between the PEM blocks is ignored, blocks other than certificates too
 * @len:      bytes; at most 16 MiB
 * @report:   out; may be NULL
 * @detail:   out; may be NULL
 *
 * Returns: IST_OK
 * Errors:  IST_ETLS     PEM_GARBAGE, NO_ANCHOR: none is left
 *          IST_ENOMEM
 * Waits:   never
 * Owner:   @pem stays the caller's; @out is the caller's until ist_tls_trust_free(), and must outlive every engine and stream
 *          that uses it
 * Source:  RFC 7468
 */
int32_t ist_tls_trust_new(struct ist_tls_trust **out, const char *pem, uint32_t len, struct ist_tls_trust_report *report,
                          struct ist_tls_detail *detail);

/**
 * ist_tls_trust_by_host() - the trust anchors that the host grants: lines `authority=BASE64` of the grant
 * @out:      out
 * @report:   out; may be NULL
 * @detail:   out; may be NULL
 *
 * As they are now: what the grant says later is another call's. A line that is no certificate counts as skipped.
 *
 * Returns: IST_OK
 * Errors:  IST_ETLS     NO_ANCHOR: the host grants none; PEM_GARBAGE: none that can be read
 *          IST_ESTATE   the stack is not started
 *          IST_ENOMEM
 * Waits:   never
 * Owner:   as ist_tls_trust_new()
 * Source:  docs/link.md, the grant
 */
int32_t ist_tls_trust_by_host(struct ist_tls_trust **out, struct ist_tls_trust_report *report, struct ist_tls_detail *detail);

/**
 * ist_tls_trust_free() - give the anchors back
 * @trust:    NULL is allowed
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   @trust is gone
 * Source:  none
 */
void ist_tls_trust_free(struct ist_tls_trust *trust);

/* ---------------------------------------------------------------- identity: a certificate chain and its private key */

struct ist_tls_identity;

/**
 * ist_tls_identity_new() - read a certificate chain and the private key of its first certificate
 * @out:      out
 * @chain:    in; char[@chain_len], PEM: the end certificate, then its issuers in order; at most 16
 * @chain_len: bytes
 * @key:      in; char[@key_len], PEM: PKCS#8, or the older RSA and EC forms; not encrypted
 * @key_len:  bytes
 * @detail:   out; may be NULL
 *
 * Returns: IST_OK
 * Errors:  IST_ETLS     PEM_GARBAGE, NO_CERTIFICATE, BAD_CERTIFICATE, CHAIN_TOO_LARGE, NO_KEY, KEY_ENCRYPTED, KEY_UNSUPPORTED,
 *                       KEY_MALFORMED, KEY_MISMATCH
 *          IST_ENOMEM
 * Waits:   never
 * Owner:   the texts stay the caller's; @out is the caller's until ist_tls_identity_free(), and must outlive every engine and
 *          stream that uses it
 * Source:  RFC 7468, RFC 5958, RFC 8017 A.1.2, RFC 5915
 */
int32_t ist_tls_identity_new(struct ist_tls_identity **out, const char *chain, uint32_t chain_len, const char *key,
                             uint32_t key_len, struct ist_tls_detail *detail);

#define IST_TLS_SIGNER_NAME_MAX 63u

/**
 * ist_tls_sign_fn - a signature by a key that is elsewhere
 * @ctx:      as given with it
 * @name:     of the key
 * @scheme:   0x0401, 0x0501, 0x0601: RSA PKCS#1 v1.5 with SHA-256, -384, -512; 0x0403, 0x0503, 0x0603: ECDSA with them
 * @hash:     in; uint8_t[@hash_len], what to sign: 32, 48 or 64 bytes
 * @signature: out; uint8_t[@cap], RSA as long as the modulus, ECDSA as DER
 *
 * Returns: bytes of the signature
 * Errors:  IST_ENONAME there is no such key; IST_EACCES it may not sign this; all others: SIGNER_FAILED
 * Waits:   as long as it likes: the connection waits, and with it the instance
 * Owner:   the caller's
 * Source:  RFC 8446 4.2.3, RFC 5246 7.4.1.4.1
 */
typedef int32_t (*ist_tls_sign_fn)(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature,
                                   uint32_t cap);

/**
 * ist_tls_identity_new_signer() - a certificate chain whose private key is elsewhere
 * @out:      out
 * @chain:    in; char[@chain_len], PEM, as for ist_tls_identity_new()
 * @chain_len: bytes
 * @sign_fn:  ist_tls_sign_by_host(), or a function of the caller's
 * @ctx:      handed to it
 * @name:     handed to it, 1..IST_TLS_SIGNER_NAME_MAX bytes; copied
 * @detail:   out; may be NULL
 *
 * Asks for one signature, to see whether the key belongs to the certificate.
 *
 * Returns: IST_OK
 * Errors:  IST_ETLS     SIGNER_UNKNOWN, SIGNER_REFUSED, SIGNER_FAILED, KEY_MISMATCH, KEY_UNSUPPORTED, and those of the chain
 *          IST_ENOMEM
 * Waits:   for the signer
 * Owner:   as ist_tls_identity_new(); @ctx must live as long as @out
 * Source:  none
 */
int32_t ist_tls_identity_new_signer(struct ist_tls_identity **out, const char *chain, uint32_t chain_len, ist_tls_sign_fn sign_fn, void *ctx,
                                    const char *name, struct ist_tls_detail *detail);

/**
 * ist_tls_sign_by_host() - the signer that the host grants: `service=signer NAME` of a link of kind SERVICE
 * @ctx:      not used
 * @name, @scheme, @hash, @hash_len, @signature, @cap: as ist_tls_sign_fn
 *
 * The key never enters the instance. The stack must be started.
 *
 * Returns: bytes of the signature
 * Errors:  as ist_tls_sign_fn; IST_ETIMEDOUT after 10 s; IST_EDEADLK on a host that cannot wait and did not answer in the same call
 * Waits:   up to 10 s; nothing else of the instance moves meanwhile
 * Owner:   caller keeps all
 * Source:  docs/link.md, services
 */
int32_t ist_tls_sign_by_host(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature,
                             uint32_t cap);

/**
 * ist_tls_identity_free() - give chain and key back; the key is overwritten
 * @identity: NULL is allowed
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   @identity is gone
 * Source:  none
 */
void ist_tls_identity_free(struct ist_tls_identity *identity);

/* ---------------------------------------------------------------- sessions: a server's cache, used by many connections */

struct ist_tls_sessions;

#define IST_TLS_SESSIONS_MAX          65536u
#define IST_TLS_SESSION_LIFETIME_MAX  86400u      /* seconds */

/**
 * ist_tls_sessions_new() - a cache of sessions, for a server that resumes them
 * @out:      out
 * @n_max:    sessions that are kept, the oldest make room; 1..IST_TLS_SESSIONS_MAX. One takes about 320 bytes, and with a client's
 *            certificates up to 16 KiB more; with longer ones it is not kept
 * @lifetime_s: 1..IST_TLS_SESSION_LIFETIME_MAX
 * @context:  in; uint8_t[@context_len]; sessions of one context are not resumed in another
 * @context_len: bytes; 0 is allowed
 *
 * A session is resumed by a connection to the same name with the same cipher, verification, anchors and certificates of ours, within
 * its lifetime and that of the client's certificates, once the clock is known; else a full handshake follows. One whose connection ended
 * with an alert is forgotten, and all are when the instance is restored or forked. Ids are 32 random bytes.
 *
 * Returns: IST_OK
 * Errors:  IST_EINVAL   @n_max or @lifetime_s is outside its range
 *          IST_ENOMEM
 * Waits:   never
 * Owner:   @context stays the caller's; @out is the caller's until ist_tls_sessions_free(), and must outlive every engine and stream that
 *          uses it
 * Source:  RFC 5246 7.3, RFC 6066 3
 */
int32_t ist_tls_sessions_new(struct ist_tls_sessions **out, uint32_t n_max, uint32_t lifetime_s, const void *context, uint32_t context_len);

/**
 * ist_tls_sessions_free() - give the cache back; the secrets are overwritten
 * @sessions: NULL is allowed
 *
 * Returns: none
 * Errors:  none
 * Waits:   never
 * Owner:   @sessions is gone
 * Source:  none
 */
void ist_tls_sessions_free(struct ist_tls_sessions *sessions);

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
 * Source:  this header
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

/* ---------------------------------------------------------------- the stream */

/**
 * ist_tls_open() - a TLS stream over another stream
 * @stream:   a stream handle: TCP, connected or about to be, or one end of a pipe
 * @config:   in; random_fn is not used, entropy comes from ist_random(); realtime_ns 0 is what ist_realtime() says
 * @detail:   out; may be NULL
 *
 * The handshake runs while the handle is waited for or used. The handle is IST_WRITABLE once it is done, and IST_FAILED when it
 * failed. Shutting down IST_SHUT_WRITE sends close_notify. A stream that ends without close_notify of the peer fails: IST_ETLS,
 * TRUNCATED; with it, recv gives 0. The peer's close_notify ends both directions: what is sent after it is IST_EPIPE.
 * ist_stream_peek() sees what the current record holds, no further.
 *
 * Returns: the handle of the TLS stream
 * Errors:  IST_EBADF    @stream is no live stream
 *          and those of ist_tls_engine_new()
 * Waits:   never
 * Owner:   on success @stream belongs to the new handle, which closes it; on failure it stays the caller's. ist_close() sends what
 *          was accepted and close_notify in the background, for at most 60 s. @config may go after the call; trust and
 *          identities must stay
 * Source:  RFC 5246
 */
ist_handle ist_tls_open(ist_handle stream, const struct ist_tls_config *config, struct ist_tls_detail *detail);

/**
 * ist_tls_detail() - why a TLS stream failed
 * @tls:      handle
 * @out:      out; reason IST_TLS_OK while it has not
 *
 * Returns: IST_OK
 * Errors:  IST_EBADF    not a live TLS stream
 * Waits:   never
 * Owner:   the caller keeps @out; the text is static
 * Source:  this header
 */
int32_t ist_tls_detail(ist_handle tls, struct ist_tls_detail *out);

/**
 * ist_tls_engine_of() - the engine of a TLS stream, to ask it for info and certificates
 * @tls:      handle
 *
 * Returns: the engine; do not move bytes through it. NULL: not a live TLS stream
 * Errors:  none
 * Waits:   never
 * Owner:   the stream's; gone with the handle
 * Source:  none
 */
const struct ist_tls_engine *ist_tls_engine_of(ist_handle tls);

#ifdef __cplusplus
}
#endif

#endif
