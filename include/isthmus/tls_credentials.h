/*
 * tls_credentials.h - what TLS connections share: trust anchors, a certificate with its key, a server's sessions
 *
 * Each is read or made once and used by many connections.
 */
#ifndef ISTHMUS_TLS_CREDENTIALS_H
#define ISTHMUS_TLS_CREDENTIALS_H

#include <isthmus/tls_reason.h>

#ifdef __cplusplus
extern "C" {
#endif

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

#ifdef __cplusplus
}
#endif

#endif
