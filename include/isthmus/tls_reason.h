/*
 * tls_reason.h - why TLS failed: the reason behind IST_ETLS
 */
#ifndef ISTHMUS_TLS_REASON_H
#define ISTHMUS_TLS_REASON_H

#include <isthmus/error.h>

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

#endif
