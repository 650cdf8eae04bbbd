/*
 * connection.c - one TLS connection over a socket of the system
 *
 * Theory of Operation: the engine does no I/O, so this is a loop of three: carry records between engine and socket, carry data between
 * engine and its use (stdin and stdout, an echo, a page), and sleep in poll() for what stopped either. It ends when both sides have said
 * close_notify, or with the first failure; an alert of ours is sent before.
 */
#include <errno.h>
#include <fcntl.h>
#include <isthmus/certificate.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

#define FAREWELL_MS 2000      /* how long a peer may take to read our alert */

struct connection {
    const struct tool *tool;
    struct ist_tls_engine *engine;
    int fd, stdin_ended, told, status;
    uint32_t n_seen;          /* HTTP: how much of an empty line has been read */
};

static void complain(struct connection *c, int status, const char *name, const char *text)
{
    fprintf(stderr, "%s: %s: %s\n", c->tool->program, name, text);
    c->status = status;
}

static void complain_tls(struct connection *c)
{
    static const struct { int32_t value; const char *name; } reasons[] = {
#define X(reason, number, text) { number, #reason },
        IST_TLS_REASONS(X)
#undef X
    };
    struct ist_tls_detail why;
    char text[256];

    ist_tls_engine_detail(c->engine, &why);
    snprintf(text, sizeof text, why.alert >= 0 ? "%s (alert %d)" : "%s", why.text, (int)why.alert);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].value == why.reason)
            complain(c, FAILED_TLS, reasons[i].name + strlen("IST_TLS_"), text);
}

static void tell_agreed(struct connection *c)
{
    struct ist_tls_info info;
    struct ist_certificate peer;
    const uint8_t *der;
    char subject[512];
    uint32_t len;

    c->told = 1;
    if (c->tool->quiet)
        return;
    ist_tls_engine_info(c->engine, &info);
    fprintf(stderr, "%s %s %s\n", info.version_name, info.cipher_name, info.curve_name);
    if (info.protocol)
        fprintf(stderr, "alpn %s\n", info.protocol);
    if (c->tool->is_server && info.server_name)
        fprintf(stderr, "name %s\n", info.server_name);
    der = ist_tls_engine_peer_certificate(c->engine, 0, &len);
    if (der && ist_certificate_read(der, len, &peer) == 0 &&
        ist_certificate_name_text(peer.subject, peer.subject_len, subject, sizeof subject) >= 0)
        fprintf(stderr, "peer %s\n", subject);
}

/* ---- records; each says whether anything moved */

static int is_wait(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static int send_records(struct connection *c)
{
    const uint8_t *buf;
    uint32_t len;
    ssize_t n;

    if ((buf = ist_tls_engine_record_out_buf(c->engine, &len)) == NULL)
        return 0;
    n = send(c->fd, buf, len, MSG_NOSIGNAL);
    if (n > 0)
        ist_tls_engine_record_out_ack(c->engine, (uint32_t)n);
    else if (!is_wait())
        complain(c, FAILED_NETWORK, "send", strerror(errno));
    return n > 0;
}

static int recv_records(struct connection *c)
{
    uint8_t *buf;
    uint32_t len;
    ssize_t n;

    if ((buf = ist_tls_engine_record_in_buf(c->engine, &len)) == NULL)
        return 0;
    n = recv(c->fd, buf, len, 0);
    if (n > 0)
        ist_tls_engine_record_in_ack(c->engine, (uint32_t)n);
    else if (n == 0)
        ist_tls_engine_record_end(c->engine);
    else if (!is_wait())
        complain(c, FAILED_NETWORK, "recv", strerror(errno));
    return n >= 0;
}

/* ---- data */

static int put(struct connection *c, const void *data, uint32_t len)
{
    uint32_t room;
    uint8_t *buf = ist_tls_engine_data_out_buf(c->engine, &room);

    if (!buf || room == 0)
        return 0;
    len = len < room ? len : room;
    memcpy(buf, data, len);
    ist_tls_engine_data_out_ack(c->engine, len);
    ist_tls_engine_flush(c->engine);
    return (int)len;
}

/* Reads to the empty line that ends a request, answers, and closes. */
static int answer(struct connection *c, const uint8_t *data, uint32_t len)
{
    static const char page[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n";

    for (uint32_t i = 0; i < len && c->n_seen < 2; i++)
        c->n_seen = data[i] == '\n' ? c->n_seen + 1 : data[i] == '\r' ? c->n_seen : 0;
    if (c->n_seen < 2)
        return (int)len;
    if (!put(c, page, sizeof page - 1))
        return 0;
    ist_tls_engine_close(c->engine);
    return (int)len;
}

static int use_data(struct connection *c)
{
    uint32_t len;
    const uint8_t *buf = ist_tls_engine_data_in_buf(c->engine, &len);
    int used;

    if (!buf || len == 0)
        return 0;
    switch (c->tool->mode) {
    case ECHO: used = put(c, buf, len); break;
    case HTTP: used = c->n_seen < 2 ? answer(c, buf, len) : (int)len; break;
    default: used = (int)fwrite(buf, 1, len, stdout); fflush(stdout); break;
    }
    if (c->tool->mode == RELAY && used < (int)len)
        complain(c, FAILED_NETWORK, "stdout", strerror(errno));
    ist_tls_engine_data_in_ack(c->engine, (uint32_t)used);
    return used != 0;
}

static void read_stdin(struct connection *c)
{
    uint32_t room;
    uint8_t *buf = ist_tls_engine_data_out_buf(c->engine, &room);
    ssize_t n = buf ? read(STDIN_FILENO, buf, room) : 0;

    if (!buf)
        return;
    if (n > 0) {
        ist_tls_engine_data_out_ack(c->engine, (uint32_t)n);
        ist_tls_engine_flush(c->engine);
    } else {
        c->stdin_ended = 1;
        if (!c->tool->wait)
            ist_tls_engine_close(c->engine);
    }
}

/* ---- the loop */

static void doze(struct connection *c, uint32_t state)
{
    int relay = c->tool->mode == RELAY && !c->stdin_ended && (state & IST_TLS_DATA_OUT);
    uint32_t len;
    struct pollfd p[2] = { { .fd = c->fd }, { .fd = relay ? STDIN_FILENO : -1, .events = POLLIN } };

    p[0].events = (short)((ist_tls_engine_record_in_buf(c->engine, &len) ? POLLIN : 0) | (state & IST_TLS_RECORD_OUT ? POLLOUT : 0));
    if (poll(p, 2, -1) > 0 && p[1].revents)
        read_stdin(c);
}

static void run(struct connection *c)
{
    for (;;) {
        int moved = send_records(c) | use_data(c);
        uint32_t state;

        if (c->status == DONE)
            moved |= recv_records(c);
        state = ist_tls_engine_state(c->engine);
        if (state & IST_TLS_HANDSHAKE_DONE && !c->told)
            tell_agreed(c);
        if (c->status != DONE || state & IST_TLS_FAILED)
            return;
        if (state & IST_TLS_PEER_CLOSED && !(state & IST_TLS_DATA_IN))
            ist_tls_engine_close(c->engine);
        if (state & IST_TLS_CLOSED && !(state & IST_TLS_RECORD_OUT))
            return;
        if (!moved)
            doze(c, state);
    }
}

/* Our last records go out, and the peer may read them before the socket goes: unread bytes would make close() a reset. */
static void farewell(struct connection *c)
{
    struct pollfd p = { .fd = c->fd, .events = POLLIN };
    int failed = c->status;
    char drop[4096];

    while (failed == DONE && c->status == DONE && send_records(c))
        ;
    shutdown(c->fd, SHUT_WR);
    while (failed != FAILED_NETWORK && poll(&p, 1, FAREWELL_MS) > 0 && recv(c->fd, drop, sizeof drop, 0) > 0)
        ;
}

int tool_connection(const struct tool *tool, int fd)
{
    struct connection c = { .tool = tool, .fd = fd };
    struct ist_tls_config config = tool->config;
    struct ist_tls_detail why = { 0 };
    int32_t r;

    config.realtime_ns = (uint64_t)(tool->time_s < 0 ? (int64_t)time(NULL) : tool->time_s) * 1000000000u;
    r = ist_tls_engine_new(&c.engine, &config, &why);
    if (r) {
        fprintf(stderr, "%s: %s\n", tool->program, why.text ? why.text : ist_error_text(r));
        close(fd);
        return BAD_USAGE;
    }
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    run(&c);
    if (ist_tls_engine_state(c.engine) & IST_TLS_FAILED) {
        while (c.status == DONE && send_records(&c))
            ;
        complain_tls(&c);
    }
    farewell(&c);
    close(fd);
    ist_tls_engine_free(c.engine);
    return c.status;
}
