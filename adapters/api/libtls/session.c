/*
 * session.c - resumption: a server's cache, and the file in which a client keeps a session
 *
 * The file holds a secret, so it must be a regular one that only its owner may read. What it holds is offered by the next connection, and
 * passed over where it does not fit. After a handshake that failed it is emptied: no bad session makes every later connection fail.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "libtls.h"

#define SESSION_FILE_MAX (IST_TLS_CERTIFICATE_MAX * 4 + 4096)

static const struct session_file session_file;

int tls_config_set_session_fd(struct tls_config *config, int fd)
{
    struct stat st;

    if (fd != -1) {
        if (fstat(fd, &st))
            return config_fail(config, "session file: ", strerror(errno));
        if (!S_ISREG(st.st_mode))
            return config_fail(config, "the session file is not a regular file", NULL);
        if (!platform_is_private(&st))
            return config_fail(config, "the session file must be the user's own, with mode 0600", NULL);
    }
    config->session_fd = fd;
    config->session_file = fd == -1 ? NULL : &session_file;
    return 0;
}

int tls_config_set_session_id(struct tls_config *config, const unsigned char *id, size_t len)
{
    if (len > sizeof config->session_id)
        return config_fail(config, "a session id has at most 32 bytes", NULL);
    config_changed(config);
    memcpy(config->session_id, id, len);
    config->session_id_len = (uint32_t)len;
    return 0;
}

int tls_config_set_session_lifetime(struct tls_config *config, int lifetime)
{
    if (lifetime < 0 || lifetime > (int)IST_TLS_SESSION_LIFETIME_MAX)
        return config_fail(config, "the lifetime of sessions is 0 to 86,400 seconds; 0: none are kept", NULL);
    config_changed(config);
    config->session_lifetime = (uint32_t)lifetime;
    return 0;
}

static void session_read(struct tls *ctx, struct blob *out)
{
    int fd = ctx->config->session_fd;
    struct stat st;
    ssize_t n;

    if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > (off_t)SESSION_FILE_MAX || lseek(fd, 0, SEEK_SET) != 0)
        return;
    out->at = malloc((size_t)st.st_size);
    if (!out->at)
        return;
    while (out->len < (size_t)st.st_size && (n = read(fd, out->at + out->len, (size_t)st.st_size - out->len)) > 0)
        out->len += (size_t)n;
}

/* What cannot be written whole is not kept. */
static void replace(int fd, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    ssize_t n;

    if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) != 0)
        return;
    while (at < len && (n = write(fd, bytes + at, len - at)) > 0)
        at += (size_t)n;
    if (at < len && ftruncate(fd, 0))
        return;
}

static void session_keep(struct tls *ctx, int failed)
{
    int fd = ctx->config->session_fd;
    struct blob session = { NULL, 0 };
    int32_t need;

    if (ctx->role != ROLE_CLIENT || ctx->session_kept)
        return;
    ctx->session_kept = 1;
    need = failed ? 0 : ist_tls_engine_session(ctx->engine, NULL, 0);
    if (need > 0 && (session.at = malloc((size_t)need)) != NULL) {
        session.len = (size_t)need;
        ist_tls_engine_session(ctx->engine, session.at, (uint32_t)need);
    }
    replace(fd, session.at, session.len);
    blob_wipe(&session);
}

static const struct session_file session_file = { .read = session_read, .keep = session_keep };
