/*
 * libtls.h - the state behind <tls.h> (private)
 *
 * The face owns no TLS state: a context holds an engine (isthmus/tls_engine.h), two callbacks, and strings it has given out. Only POSIX
 * calls are used, so that it builds for the guest and natively alike; what differs is platform_guest.c or platform_native.c.
 */
#ifndef LIBTLS_H
#define LIBTLS_H

#include <isthmus/certificate.h>
#include <isthmus/tls_engine.h>
#include <tls.h>

#define ERROR_CAP     512u
#define KEYPAIRS_MAX  64u
#define SESSIONS_MAX  1024u           /* of a server's configuration */
#define FILE_MAX      (16u << 20)     /* bytes of a file that is read whole */

struct error {
    char text[ERROR_CAP];
    int is_set;
};

struct blob {
    uint8_t *at;                      /* NULL: not set */
    size_t len;
};

struct keypair {
    struct blob cert, key;
    char signer[IST_TLS_SIGNER_NAME_MAX + 1];  /* instead of a key; "": none */
};

/* What tls_configure() made of a configuration: parsed once, shared by its contexts and their connections. */
struct prepared {
    int n_owners;
    struct ist_tls_trust *trust;
    struct ist_tls_sessions *sessions;
    struct ist_tls_identity *identities[KEYPAIRS_MAX];
    uint32_t n;
};

struct tls_config {
    int n_owners;
    struct error error;
    struct blob ca;
    struct keypair keypairs[KEYPAIRS_MAX];     /* 0 is the one of set_cert, set_key, set_keypair */
    uint32_t n_keypairs;
    char *alpn;
    uint32_t ciphers, curves, flags, depth;
    uint32_t verify_client;                    /* 0, IST_TLS_VERIFY_PEER, IST_TLS_VERIFY_PEER_IF_SHOWN */
    int needs_staple;
    int session_fd;                            /* -1: none */
    const struct session_file *session_file;   /* NULL: none; so that who keeps no session links nothing that writes files */
    uint8_t session_id[TLS_MAX_SESSION_ID_LENGTH];
    uint32_t session_id_len, session_lifetime;
    struct prepared *prepared;                 /* NULL: not yet, or a setting has changed since */
};

enum role {
    ROLE_CLIENT,
    ROLE_SERVER,
    ROLE_CONNECTION                            /* what tls_accept_*() makes */
};

struct tls {
    enum role role;
    struct error error;
    struct tls_config *config;
    struct prepared *prepared;
    struct ist_tls_engine *engine;             /* NULL: not connected */
    tls_read_cb read_cb;
    tls_write_cb write_cb;
    void *cb_arg;
    int fd_read, fd_write;                     /* for the callbacks over descriptors */
    int socket;                                /* ours to close; -1: none */
    size_t n_unreported;                       /* bytes of tls_write() that the engine has and the caller was not told of */
    int session_kept;                          /* the session file says what this connection has to say */
    char *peer_hash, *peer_issuer, *peer_subject, *peer_pem;
};

/* error.c: text in up to three parts; returns -1. snprintf() would draw in the whole of stdio. */
int error_set(struct error *e, const char *a, const char *b, const char *c);
void error_clear(struct error *e);
int ctx_error(struct tls *ctx, const char *a, const char *b);
int config_fail(struct tls_config *config, const char *a, const char *b);

/* file.c */
int blob_copy(struct blob *b, const void *from, size_t len);     /* 0, or -1: no memory */
void blob_wipe(struct blob *b);
int blob_load(struct blob *b, const char *file, struct error *e);

/* prepare.c */
struct prepared *prepared_get(struct tls_config *config, enum role role, struct error *e);    /* one more owner, or NULL */
void prepared_release(struct prepared *p);
void config_changed(struct tls_config *config);                  /* what was parsed is out of date */

/* connect.c */
int engine_start(struct tls *ctx, const char *servername);
void use_fds(struct tls *ctx, int fd_read, int fd_write);

/* session.c */
struct session_file {
    void (*read)(struct tls *ctx, struct blob *out);    /* what the file holds; nothing: out stays empty */
    void (*keep)(struct tls *ctx, int failed);          /* once a connection */
};

/* platform_*.c */
int32_t platform_sign(void *ctx, const char *name, uint32_t scheme, const uint8_t *hash, uint32_t hash_len, uint8_t *signature, uint32_t cap);
struct stat;
int platform_is_private(const struct stat *st);                  /* nobody but this user may read the file */
int32_t platform_random(void *buf, uint32_t len);
uint64_t platform_realtime_ns(void);                             /* 0 = unknown */

#endif
