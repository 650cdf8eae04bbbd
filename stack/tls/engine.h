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

/* intake.c: where in the peer's bytes we are */
struct intake {
    uint32_t header, left;                         /* bytes of a record's header seen; of its contents to come */
    uint32_t idle;                                 /* records in a row that moved nothing on */
    uint32_t stage, skip, value, got, message_left;/* in the ClientHello */
    uint32_t n_extensions;
    uint16_t extensions[64];
    uint8_t type;
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
    struct intake intake;
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
    uint8_t ibuf[BR_SSL_BUFSIZE_INPUT];
    uint8_t obuf[BR_SSL_BUFSIZE_OUTPUT];
};

/* Looks at bytes of the peer before BearSSL does; a reason to fail, or 0. */
int32_t ist__intake(struct ist_tls_engine *e, const uint8_t *bytes, uint32_t len);

#endif
