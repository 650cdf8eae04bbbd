/*
 * tls.c - wasi:tls/types 0.2.0-draft: TLS of the client over a connection's two streams
 *
 * The socket of a TLS connection stands on that of the connection below and holds it; its handle owns the one below. The streams of
 * both are alike, so TLS may run over TLS. What goes wrong before the streams are there is told by `get`, later by the streams.
 */
#include <stdlib.h>
#include <string.h>
#include <isthmus/tls.h>
#include "../component.h"

#define TLS "wasi:tls/types@0.2.0-draft"
#define METHOD(name) EXPORT(TLS, name)

struct handshake {
    struct socket *socket;       /* NULL: the streams are not those of one connection */
    char *name;
};
struct future {
    struct socket *socket;       /* NULL: failed from the start, or given out */
    const char *failure;
    bool given;
};
RESOURCE(TLS, "client-handshake", handshake, handshake_new)
RESOURCE(TLS, "client-connection", socket, connection_new)
RESOURCE(TLS, "future-client-streams", future, future_new)

/* What is handed over to us is a handle, of which we ask what it stands for, and which is ours to drop. */
IMPORT("_ex_" STREAMS, "input-stream_rep") struct stream *input_of(int32_t handle);
IMPORT("_ex_" STREAMS, "input-stream_drop") void input_drop(int32_t handle);
IMPORT("_ex_" STREAMS, "output-stream_rep") struct stream *output_of(int32_t handle);
IMPORT("_ex_" STREAMS, "output-stream_drop") void output_drop(int32_t handle);
IMPORT("_ex_" TLS, "client-handshake_rep") struct handshake *handshake_of(int32_t handle);
IMPORT("_ex_" TLS, "client-handshake_drop") void handshake_drop(int32_t handle);

/* The authorities of the grant, as they were when they were first wanted; NULL: there are none. */
static const struct ist_tls_trust *authorities(void)
{
    static struct ist_tls_trust *trust;

    if (!trust && network_start() == 0)
        ist_tls_trust_by_host(&trust, NULL, NULL);
    return trust;
}

METHOD("is-available") int32_t is_available(void)
{
    return authorities() != NULL;
}

/* ---------------------------------------------------------------- client-handshake */

/* A name with a NUL in it is none: the engine refuses the empty one that is left. */
static char *name_copy(const char *name, uint32_t len)
{
    char *copy = take(len + 1);

    memcpy(copy, name, len);
    copy[len] = 0;
    if (strlen(copy) < len)
        copy[0] = 0;
    return copy;
}

METHOD("[constructor]client-handshake") int32_t handshake_make(char *name, uint32_t len, int32_t input, int32_t output)
{
    struct handshake *self = take(sizeof *self);
    struct socket *s = input_of(input)->socket;

    *self = (struct handshake){ .name = name_copy(name, len) };
    give(name, len);
    if (s && s == output_of(output)->socket)
        self->socket = socket_hold(s);
    input_drop(input);
    output_drop(output);
    return handshake_new(self);
}

METHOD("client-handshake_dtor") void handshake_dtor(struct handshake *self)
{
    if (self->socket)
        socket_release(self->socket);
    free(self->name);
    free(self);
}

static const char *why(ist_handle handle)
{
    struct ist_tls_detail detail;

    return ist_tls_detail(handle, &detail) == 0 ? detail.text : ist_error_text(IST_ETLS);
}

/* Starts TLS over the connection; NULL: @failure says why not. */
static struct socket *tls_over(struct socket *below, const char *name, const char **failure)
{
    struct ist_tls_config config = { .size = sizeof config, .role = IST_TLS_CLIENT, .server_name = name, .trust = authorities() };
    struct ist_tls_detail detail;
    struct socket *s;
    ist_handle handle = ist_tls_open(below->handle, &config, &detail);

    if (handle < 0) {
        *failure = detail.reason ? detail.text : ist_error_text(handle);
        return NULL;
    }
    s = take(sizeof *s);
    *s = (struct socket){
        .handle = handle, .users = 1, .refs = 1, .family = below->family, .state = SOCKET_CONNECTED, .below = socket_hold(below), .why = why,
    };
    return s;
}

METHOD("[static]client-handshake.finish") int32_t handshake_finish(int32_t handle)
{
    const struct handshake *h = handshake_of(handle);
    struct future *f = take(sizeof *f);

    *f = (struct future){ 0 };
    if (!h->socket)
        f->failure = "TLS needs the two streams of one connection";
    else if (h->socket->rest_len)
        f->failure = "what was written before TLS has not left yet: flush it first";
    else
        f->socket = tls_over(h->socket, h->name, &f->failure);
    handshake_drop(handle);
    turn();
    return future_new(f);
}

/* ---------------------------------------------------------------- future-client-streams */

static void future_let_go(struct future *f)
{
    if (f->socket)
        socket_release(f->socket);
    f->socket = NULL;
}

METHOD("future-client-streams_dtor") void future_dtor(struct future *self)
{
    future_let_go(self);
    free(self);
}

METHOD("[method]future-client-streams.subscribe") int32_t future_subscribe(struct future *self)
{
    if (!self->socket)
        return pollable_make((struct pollable){ .kind = POLLABLE_READY });
    return pollable_make((struct pollable){ .kind = POLLABLE_SOCKET, .socket = self->socket, .want = IST_WRITABLE });
}

/* Whether the handshake has ended; @failure: without success. What fails behind it is for the streams to tell. */
static bool is_decided(struct future *f)
{
    int32_t levels, failure;

    if (!f->socket)
        return true;
    turn();
    levels = ist_ready(f->socket->handle);
    if (ist_tls_engine_state(ist_tls_engine_of(f->socket->handle)) & IST_TLS_HANDSHAKE_DONE)
        return true;
    if (!(levels & (int32_t)(IST_FAILED | IST_HANGUP | IST_PEER_CLOSED)))
        return false;
    failure = ist_failure(f->socket->handle);
    if (failure == 0)
        f->failure = "the peer ended the connection during the handshake";
    else
        f->failure = failure == IST_ETLS ? why(f->socket->handle) : ist_error_text(failure);
    return true;
}

/* option<result<result<tuple<client-connection, input-stream, output-stream>, io-error>>> */
METHOD("[method]future-client-streams.get") void *future_get(struct future *self)
{
    bool decided = self->given || is_decided(self);

    out8(0, decided);
    out8(4, self->given);
    out8(8, self->failure != NULL);
    if (!decided || self->given)
        return out;
    if (self->failure) {
        out32(12, (uint32_t)error_make(0, self->failure));
    } else {
        out32(12, (uint32_t)connection_new(socket_hold(self->socket)));
        out32(16, (uint32_t)input_make((struct stream){ .socket = self->socket }));
        out32(20, (uint32_t)output_make((struct stream){ .socket = self->socket }));
    }
    future_let_go(self);
    self->given = true;
    return out;
}

/* ---------------------------------------------------------------- client-connection */

METHOD("client-connection_dtor") void connection_dtor(struct socket *self)
{
    socket_release(self);
}

METHOD("[method]client-connection.close-output") void connection_close_output(struct socket *self)
{
    self->shut_after_rest = true;
    if (!self->rest_len)
        ist_stream_shutdown(self->handle, IST_SHUT_WRITE);
    turn();
}
