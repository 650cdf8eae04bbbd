/*
 * parts.h - what the files of the TLS layer share (private)
 *
 * der, certificate, host_name, name_text, facts, constraints, mail_name read certificates; pem, trust, identity read what the user gives; verify
 * collects the peer's chain and path judges it; profile picks the algorithms; serve chooses and signs for a server; session binds and keeps what can be resumed, sessions is a server's cache of it; buffers is the memory of records; counters count; engine joins them; tls_stream is the handle.
 */
#ifndef IST_TLS_PARTS_H
#define IST_TLS_PARTS_H

#include <bearssl.h>
#include <isthmus/certificate.h>
#include <isthmus/tls.h>

/* ---- der.c: elements of DER one after the other */
struct ist__der {
    const uint8_t *at, *end;
};

#define IST__DER_BOOLEAN   0x01u
#define IST__DER_INTEGER   0x02u
#define IST__DER_OID       0x06u
#define IST__DER_UTC_TIME  0x17u
#define IST__DER_TIME      0x18u
#define IST__DER_OCTETS    0x04u
#define IST__DER_SEQUENCE  0x30u
#define IST__DER_SET       0x31u

/* The next element: its tag and contents. 0 at the end or when it is malformed; then @in is not moved. */
int ist__der_next(struct ist__der *in, uint32_t *tag, struct ist__der *value);
/* The same, and it must have this tag; else nothing is written. */
int ist__der_take(struct ist__der *in, uint32_t tag, struct ist__der *value);
/* Seconds since 1970 of a UTCTime or GeneralizedTime as RFC 5280 permits them. 0: malformed. */
int ist__der_time(uint32_t tag, const struct ist__der *value, int64_t *s);

/* ---- host_name.c */
/* Whether @host is an address: 4 or 16 bytes to @ip and their number, or 0. */
uint32_t ist__host_address(const char *host, uint8_t ip[16]);
/* Whether a server can have this name: an address, or labels of letters, digits, - and _; at most 255 bytes. */
int ist__host_valid(const char *host);

/* ---- pem.c */
/*
 * Calls @block_fn for each block with its label and contents, and with label NULL for a damaged one. Ends early when that returns
 * other than 0, and returns it. The contents are overwritten after the call.
 */
int32_t ist__pem_each(const char *pem, uint32_t len,
                      int32_t (*block_fn)(void *ctx, const char *label, const uint8_t *der, uint32_t len), void *ctx);
int ist__pem_is_certificate(const char *label);
/* Overwrites memory that held a secret, in a way that is not optimised away. */
void ist__wipe(void *p, size_t len);

/* ---- facts.c: what a certificate says about itself and about what it may issue */
#define IST__AUTHORITY         1u       /* basicConstraints says so */
#define IST__MAY_ISSUE         2u       /* no keyUsage, or one with keyCertSign */
#define IST__SAYS_ISSUES       4u       /* a keyUsage with keyCertSign */
#define IST__FOR_SERVERS       8u       /* no extKeyUsage, or one that permits it */
#define IST__FOR_CLIENTS      16u
#define IST__NAMES_ISSUER_KEY 32u       /* authorityKeyIdentifier */
#define IST__NAMES_CRITICAL   64u       /* subjectAltName is critical */
#define IST__SELF_ISSUED     128u
#define IST__SERIAL_PROPER   256u       /* not 0, at most 20 bytes */
#define IST__VERSION_3       512u

struct ist__rules {                     /* what is kept of an anchor */
    int64_t not_before_s, not_after_s;
    const uint8_t *constraints;         /* the value of nameConstraints; NULL: none */
    uint32_t constraints_len;
    uint32_t bits, path_len;            /* path_len: 255 without a limit */
    int32_t reason;                     /* why the certificate cannot be in any chain, or 0 */
};

struct ist__facts {
    struct ist_certificate c;
    struct ist__rules rules;
};

/* 0: malformed. All pointers point into @der. */
int ist__facts_read(const uint8_t *der, uint32_t len, struct ist__facts *f);

/* ---- constraints.c */
int ist__constraints_valid(const struct ist__rules *r);
/* Whether an authority may have issued, at whatever distance, @c. @budget: comparisons left; at 0 the answer is no. */
int ist__constraints_permit(const struct ist__rules *authority, const struct ist_certificate *c, uint32_t *budget);

int ist__same_text(const uint8_t *a, const uint8_t *b, size_t len);  /* without regard to case, ASCII only */

/* ---- mail_name.c: addresses of mail and constraints on them */
int ist__mail_valid(const struct ist__der *mail);
int ist__mail_base_valid(const struct ist__der *base);
int ist__mail_within(const struct ist__der *mail, const struct ist__der *base);

/* ---- trust.c, identity.c */
struct ist_tls_trust {
    br_x509_trust_anchor *anchors;      /* dn.data begins a block that holds the key's numbers and the constraints too */
    struct ist__rules *rules;           /* one for each */
    uint32_t n, cap;
    uint8_t digest[32];                 /* of names and keys: which anchors these are */
};

struct ist_tls_identity {
    br_x509_certificate chain[IST_TLS_CHAIN_MAX];
    uint32_t n;
    struct ist_certificate leaf;
    br_skey_decoder_context key;        /* the key's numbers lie in it, unless it is behind sign_fn */
    int key_type;                       /* BR_KEYTYPE_RSA, BR_KEYTYPE_EC */
    int curve;                          /* EC */
    uint32_t rsa_len;                   /* bytes of the modulus */
    ist_tls_sign_fn sign_fn;            /* NULL: the key is here */
    void *sign_ctx;
    char sign_name[IST_TLS_SIGNER_NAME_MAX + 1];
};

/* ---- reason.c */
int32_t ist__tls_reason(int foreign);                                /* of a BearSSL number */
uint8_t ist__tls_alert(int32_t reason);                              /* the alert that tells the peer */
void ist__tls_detail(struct ist_tls_detail *out, int32_t reason, int32_t foreign);   /* out may be NULL */

/* ---- verify.c: the peer's chain, as a validator that BearSSL calls */
struct ist__verify {
    const br_x509_class *vtable;
    const struct ist_tls_trust *trust;
    uint32_t flags, depth, is_server;   /* of the configuration; is_server: we are the server, so the chain is a client's */
    const char *host;                   /* NULL: no name is checked */
    uint64_t realtime_ns;
    uint8_t *der;                       /* all certificates, end to end */
    uint32_t start[IST_TLS_CHAIN_MAX + 1], n, cap;
    int32_t reason, foreign;            /* why the chain is refused */
    br_x509_minimal_context minimal;
    br_x509_decoder_context decoder;    /* the key where nothing is verified */
    int by_decoder;
    int begun;                          /* the peer has sent its certificates: a full handshake */
};

void ist__verify_init(struct ist__verify *v);
void ist__verify_release(struct ist__verify *v);
void ist__verify_shrink(struct ist__verify *v);      /* the chain takes no more memory than it needs */

/* ---- path.c: from the first certificate of @v to an anchor. A reason, or 0; @v->minimal then holds the key. */
int32_t ist__path_judge(struct ist__verify *v);

/* ---- profile.c */
struct ist__suite {
    uint16_t number;
    uint8_t cipher;                     /* IST_TLS_CHACHA20_POLY1305 and so on */
    uint16_t bits;
    const char *name;
};
const struct ist__suite *ist__suite_find(uint32_t number);
const char *ist__curve_name(uint32_t number);
extern const br_ec_impl *const ist__ec;                 /* all curves, for checking signatures */
/* Sets versions, suites, algorithms. @ec becomes the implementation cut to the curves allowed, and must live as long as @eng. */
void ist__profile_set(br_ssl_engine_context *eng, br_ec_impl *ec, uint32_t ciphers, uint32_t curves);
void ist__profile_verify(br_x509_minimal_context *x);

/* ---- serve.c: which certificate, and the signature */
struct ist__serve {
    const br_ssl_server_policy_class *vtable;
    const struct ist_tls_identity *const *identities;
    uint32_t n_identities;
    const struct ist_tls_identity *chosen;
    int32_t reason;                     /* why there was no signature, or 0 */
};
/* ---- sign.c: the signature itself; and what a client shows */
unsigned ist__hash_choose(uint32_t bits);       /* of BearSSL's hash ids; 0: none */
/* Signs the @hv_len bytes of @data in place: the length, or 0 and perhaps a @reason. */
size_t ist__sign(const struct ist_tls_identity *id, unsigned hash_id, uint8_t *data, size_t hv_len, size_t cap, int32_t *reason);
int ist__signature_good(const br_x509_pkey *pk, const uint8_t *hv, const uint8_t *signature, size_t len);    /* of SHA-256 */

struct ist__present {
    const br_ssl_client_certificate_class *vtable;
    const struct ist_tls_identity *identity;
    int32_t reason;
};
void ist__present_init(struct ist__present *p, br_ssl_client_context *cc, const struct ist_tls_identity *identity);

void ist__serve_init(struct ist__serve *s, const struct ist_tls_identity *const *identities, uint32_t n);

#endif
