/*
 * engine.h - the engine's memory (private to engine.c and engine_new.c)
 */
#ifndef IST_TLS_ENGINE_H
#define IST_TLS_ENGINE_H

#include "tls/parts.h"

/* keylog.c: tells a new secret. @told: in, out; 0 at first. */
void ist__tls_keylog(const br_ssl_engine_context *eng, uint32_t *told);

#define RECORD_ALERT        21         /* RFC 5246 6.2.1 */
#define RECORD_DATA         23
#define PROTOCOLS_MAX       16u
#define PROTOCOLS_BYTES_MAX 1024u

enum notify {
    NOTIFY_NONE,
    NOTIFY_WANTED,             /* no more data; a record is still in the way */
    NOTIFY_QUEUED,             /* its record is what goes out now */
    NOTIFY_SENT
};

/* session.c: its bytes are the form in which a client keeps it; the peer's certificates follow end to end */
struct ist__session {
    uint32_t magic;
    uint16_t suite, id_len;
    uint64_t made_ns, until_ns;                    /* UTC */
    uint8_t id[32], master[48];
    uint8_t binding[32];                           /* to what the handshake was judged by */
    uint32_t n, start[IST_TLS_CHAIN_MAX + 1];      /* certificates, and where each begins */
};

/* sessions.c: what BearSSL asks for sessions */
struct ist__recall {
    const br_ssl_session_cache_class *vtable;
    struct ist_tls_engine *engine;
};

/* intake.c: where in the peer's bytes we are */
#define NO_HELLO_END UINT32_MAX
struct intake {
    uint32_t header, left;                         /* bytes of a record's header seen; of its contents to come */
    uint32_t idle;                                 /* records in a row that moved nothing on */
    uint32_t stage, skip, value, got, message_left;/* in the ClientHello */
    uint32_t n_extensions;
    uint16_t extensions[64];
    uint32_t hello_end;                            /* of the last chunk: bytes before the last one of the ClientHello; NO_HELLO_END */
    uint8_t type, hello_over;
};

struct ist_tls_engine {
    union {
        br_ssl_client_context client;
        br_ssl_server_context server;
    } side;
    struct ist_tls_engine *next, *prev;            /* all that live */
    br_ssl_engine_context *eng;                    /* the first field of either */
    struct ist_tls_config config;                  /* its pointers lead into this engine, or are NULL */
    struct ist__verify verify;
    struct ist__serve serve;
    struct ist__present present;
    struct intake intake;
    struct ist__session *session;                  /* client: offered; server: found. Stays when it was resumed */
    struct ist__recall recall;
    int resumed;
    br_ec_impl ec;
    const struct ist_tls_identity **identities;    /* our copy of the list */
    char host[IST_NAME_MAX + 1];
    char protocol_text[PROTOCOLS_BYTES_MAX + 1];
    const char *protocols[PROTOCOLS_MAX];
    uint32_t keylog_told;                          /* mark of the secret that keylog.c has told; 0: none */
    int sni;                                       /* client: the name is sent */
    int done, over;                                /* handshake done; nothing more from BearSSL */
    int32_t reason, foreign;
    enum notify notify;
    uint32_t notify_left;                          /* bytes of that record not yet taken */
    uint32_t gather_at, gather_end;                /* small records of the handshake that go out together */
    uint8_t *rest_at, *tail_at;                    /* what goes out after the end: the rest of a record, then an alert */
    uint32_t rest_len, tail_len;
    uint8_t tail[64];
    uint8_t gather[1024];
    uint8_t *ibuf, *obuf;                          /* NULL while the connection is idle: buffers.c */
    uint8_t header[5];                             /* where the next record begins then */
    int moved;                                     /* since room was last asked for */
    struct ist_tls_counters counters;
    uint32_t out_header, out_left;                 /* of the record that goes out: bytes of its header gone, of its contents to go */
};

/* counters.c: of this connection, and of all */
#define COUNT(e, field, n) ((e)->counters.field += (n), ist__tls_total.field += (n))
extern struct ist_tls_counters ist__tls_total;
void ist__count_out(struct ist_tls_engine *e, const uint8_t *bytes, uint32_t len);

/* buffers.c; 0: no memory */
int ist__buffer_in(struct ist_tls_engine *e);
int ist__buffer_out(struct ist_tls_engine *e);
void ist__buffers_free(struct ist_tls_engine *e);
void ist__buffers_rest(struct ist_tls_engine *e);        /* gives them back if they are empty */

/* session.c */
void ist__session_bind(const struct ist_tls_engine *e, const uint8_t *context, const char *name, uint8_t binding[32]);
void ist__session_free(struct ist__session *s);
struct ist__session *ist__session_copy(const struct ist__session *s);
int ist__session_alive(const struct ist__session *s, uint64_t now_ns);
struct ist__session *ist__session_of(const struct ist_tls_engine *e, const uint8_t *context, uint32_t lifetime_s, uint32_t chain_max);
void ist__session_apply(const struct ist__session *s, br_ssl_session_parameters *p);
int ist__session_offer(struct ist_tls_engine *e, const void *bytes, uint32_t len);
int ist__session_chain(const struct ist__session *s, struct ist__verify *v);

/* sessions.c; only for servers that have a cache, but for the last */
void ist__recall_init(struct ist_tls_engine *e);
void ist__sessions_confirm(struct ist_tls_engine *e);
int ist__sessions_resumed(const struct ist_tls_engine *e);
void ist__sessions_keep(struct ist_tls_engine *e);
void ist__sessions_forget(struct ist_tls_engine *e);
void ist__sessions_drop(void);

/* Looks at bytes of the peer before BearSSL does; a reason to fail, or 0. */
int32_t ist__intake(struct ist_tls_engine *e, const uint8_t *bytes, uint32_t len);

#endif
