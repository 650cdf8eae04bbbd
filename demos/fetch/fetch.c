/*
 * fetch.c - a small curl: fetches one page over http or https; plain POSIX sockets and libtls
 *
 * fetch [-v] [-I] [-o FILE] [--ca FILE] [--insecure] [--timeout SECONDS] URL
 *
 * Exit status: 0, 1 the network or TLS failed, 2 usage, 22 the server answered 400 or above.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <netdb.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <tls.h>
#include <unistd.h>

struct url {
    int  tls;
    char host[256], port[6], path[2048];
};

/* The connection and what has been read ahead from it. */
struct connection {
    int         fd;
    struct tls *tls;            /* NULL: plain */
    char        buf[16384];
    size_t      at, end;
};

static int verbose, head_only, insecure, timeout_s = 30;
static const char *ca_file;

static void say(const char *format, ...)
{
    va_list args;

    if (!verbose)
        return;
    va_start(args, format);
    fputs("* ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "fetch: %s: %s\n", what, why ? why : "failed");
    return -1;
}

/* Copies text[0..len) as a string; -1 when it is empty or too long. */
static int copy(char *out, size_t cap, const char *text, size_t len)
{
    if (len == 0 || len >= cap)
        return -1;
    memcpy(out, text, len);
    out[len] = '\0';
    return 0;
}

static int parse_url(const char *text, struct url *url)
{
    size_t n;

    url->tls = !strncmp(text, "https://", 8);
    if (!url->tls && strncmp(text, "http://", 7))
        return -1;
    text += url->tls ? 8 : 7;
    if (*text == '[') {                                     /* IPv6 literal, RFC 3986 3.2.2 */
        n = strcspn(++text, "]");
        if (text[n] != ']' || copy(url->host, sizeof url->host, text, n) < 0)
            return -1;
        text += n + 1;
    } else {
        n = strcspn(text, ":/?#");
        if (copy(url->host, sizeof url->host, text, n) < 0)
            return -1;
        text += n;
    }
    strcpy(url->port, url->tls ? "443" : "80");
    if (*text == ':') {
        n = strspn(++text, "0123456789");
        if (copy(url->port, sizeof url->port, text, n) < 0)
            return -1;
        text += n;
    }
    n = strcspn(text, "#");
    if (n == 0)
        strcpy(url->path, "/");
    else if ((*text != '/' && *text != '?') || strpbrk(text, " \r\n") || n + 2 > sizeof url->path)
        return -1;
    else
        snprintf(url->path, sizeof url->path, "%s%.*s", *text == '?' ? "/" : "", (int)n, text);
    return 0;
}

static int connect_to(const struct url *url)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
    struct timeval patience = { .tv_sec = timeout_s };
    char text[INET6_ADDRSTRLEN];
    int fd = -1, why = getaddrinfo(url->host, url->port, &hints, &list);

    if (why)
        return fail(url->host, gai_strerror(why));
    for (a = list; a; a = a->ai_next) {
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST))
            strcpy(text, "?");
        say("trying %s port %s", text, url->port);
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        say("%s: %s", text, strerror(errno));
        close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    if (fd < 0)
        return fail(url->host, strerror(errno));
    say("connected");
    return fd;
}

static int start_tls(struct connection *c, const struct url *url)
{
    struct tls_config *config = tls_config_new();

    c->tls = tls_client();
    if (!config || !c->tls)
        return fail("libtls", "out of memory");
    if (ca_file && tls_config_set_ca_file(config, ca_file) < 0)
        return fail(ca_file, tls_config_error(config));
    if (tls_config_set_alpn(config, "http/1.1") < 0)
        return fail("ALPN", tls_config_error(config));
    if (insecure) {
        tls_config_insecure_noverifycert(config);
        tls_config_insecure_noverifyname(config);
        tls_config_insecure_noverifytime(config);
    }
    if (tls_configure(c->tls, config) < 0)
        return fail("TLS", tls_error(c->tls));
    tls_config_free(config);
    if (tls_connect_socket(c->tls, c->fd, url->host) < 0 || tls_handshake(c->tls) < 0)
        return fail(url->host, tls_error(c->tls));
    say("%s, %s, ALPN %s", tls_conn_version(c->tls), tls_conn_cipher(c->tls),
        tls_conn_alpn_selected(c->tls) ? tls_conn_alpn_selected(c->tls) : "none");
    if (tls_peer_cert_provided(c->tls))
        say("certificate: %s, issued by %s, %s", tls_peer_cert_subject(c->tls), tls_peer_cert_issuer(c->tls), tls_peer_cert_hash(c->tls));
    return 0;
}

static int send_all(struct connection *c, const char *buf, size_t len)
{
    while (len > 0) {
        ssize_t n = c->tls ? tls_write(c->tls, buf, len) : write(c->fd, buf, len);
        if (n < 0)
            return fail("send", c->tls ? tls_error(c->tls) : strerror(errno));
        buf += n;
        len -= (size_t)n;
    }
    return 0;
}

/* More bytes into the empty buffer: 1, 0 at the end, -1 failed. */
static int fill(struct connection *c)
{
    ssize_t n = c->tls ? tls_read(c->tls, c->buf, sizeof c->buf) : read(c->fd, c->buf, sizeof c->buf);

    if (n < 0)
        return fail("receive", c->tls ? tls_error(c->tls) : strerror(errno));
    c->at = 0;
    c->end = (size_t)n;
    return n > 0;
}

/* One line without its CRLF. */
static int read_line(struct connection *c, char *line, size_t cap)
{
    size_t len = 0;

    for (;;) {
        if (c->at == c->end) {
            int got = fill(c);
            if (got < 0)
                return -1;
            if (got == 0)
                return fail("answer", "the server closed in the middle of the header");
        }
        char ch = c->buf[c->at++];
        if (ch == '\n')
            break;
        if (len + 1 >= cap)
            return fail("answer", "a header line is too long");
        line[len++] = ch;
    }
    if (len && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return 0;
}

/* Copies len bytes to out; LLONG_MAX: up to the end. */
static int copy_body(struct connection *c, FILE *out, long long len)
{
    int to_end = len == LLONG_MAX;

    while (len > 0) {
        if (c->at == c->end) {
            int got = fill(c);
            if (got < 0)
                return -1;
            if (got == 0)
                return to_end ? 0 : fail("answer", "the server closed in the middle of the page");
        }
        size_t n = c->end - c->at;
        if ((long long)n > len)
            n = (size_t)len;
        if (fwrite(c->buf + c->at, 1, n, out) != n)
            return fail("output", strerror(errno));
        c->at += n;
        len -= (long long)n;
    }
    return 0;
}

/* RFC 9112 7.1 */
static int copy_chunks(struct connection *c, FILE *out)
{
    char line[1024], *end;

    for (;;) {
        if (read_line(c, line, sizeof line) < 0)
            return -1;
        errno = 0;
        long long n = strtoll(line, &end, 16);
        if (end == line || n < 0 || errno || n == LLONG_MAX)
            return fail("answer", "a chunk has no length");
        if (n == 0)
            break;
        if (copy_body(c, out, n) < 0 || read_line(c, line, sizeof line) < 0)
            return -1;
    }
    do {                                                    /* trailers */
        if (read_line(c, line, sizeof line) < 0)
            return -1;
    } while (*line);
    return 0;
}

static int exchange_page(struct connection *c, const struct url *url, FILE *out)
{
    char line[8192];
    long long length = LLONG_MAX;
    int status = 0, chunked = 0, v6 = strchr(url->host, ':') != NULL;
    int n = snprintf(line, sizeof line,
                     "%s %s HTTP/1.1\r\nHost: %s%s%s\r\nUser-Agent: isthmus-fetch\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                     head_only ? "HEAD" : "GET", url->path, v6 ? "[" : "", url->host, v6 ? "]" : "");

    if (send_all(c, line, (size_t)n) < 0 || read_line(c, line, sizeof line) < 0)
        return -1;
    if (sscanf(line, "HTTP/1.%*d %3d", &status) != 1)
        return fail("answer", "this is no HTTP");
    for (;;) {
        if (verbose)
            fprintf(stderr, "< %s\n", line);
        if (head_only)
            fprintf(out, "%s\n", line);
        if (read_line(c, line, sizeof line) < 0)
            return -1;
        if (!*line)
            break;
        if (!strncasecmp(line, "content-length:", 15)) {
            char *end;
            length = strtoll(line + 15, &end, 10);
            if (length < 0 || end == line + 15)
                return fail("answer", "bad Content-Length");
        } else if (!strncasecmp(line, "transfer-encoding:", 18) && strstr(line + 18, "chunked"))
            chunked = 1;
    }
    if (!head_only && status != 204 && status != 304 && (chunked ? copy_chunks(c, out) : copy_body(c, out, length)) < 0)
        return -1;
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "ca", required_argument, NULL, 'c' }, { "insecure", no_argument, NULL, 'k' }, { "verbose", no_argument, NULL, 'v' },
        { "output", required_argument, NULL, 'o' }, { "head", no_argument, NULL, 'I' }, { "timeout", required_argument, NULL, 't' }, { 0 }
    };
    static struct connection c;
    struct url url;
    const char *file = NULL;
    FILE *out = stdout;
    int o, status;

    while ((o = getopt_long(argc, argv, "vIko:", options, NULL)) != -1) {
        switch (o) {
        case 'c': ca_file = optarg; break;
        case 'k': insecure = 1; break;
        case 'v': verbose = 1; break;
        case 'I': head_only = 1; break;
        case 'o': file = optarg; break;
        case 't': timeout_s = atoi(optarg); break;
        default: return 2;
        }
    }
    if (argc - optind != 1 || timeout_s < 1) {
        fprintf(stderr, "usage: fetch [-v] [-I] [-o FILE] [--ca FILE] [--insecure] [--timeout SECONDS] URL\n");
        return 2;
    }
    if (parse_url(argv[optind], &url) < 0) {
        fprintf(stderr, "fetch: %s: not a URL of the form http[s]://host[:port][/path]\n", argv[optind]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    c.fd = connect_to(&url);
    if (c.fd < 0 || (url.tls && start_tls(&c, &url) < 0))
        return 1;
    if (file && !(out = fopen(file, "wb"))) {
        fail(file, strerror(errno));
        return 1;
    }
    status = exchange_page(&c, &url, out);
    if (fflush(out) || (file && fclose(out))) {
        fail("output", strerror(errno));
        return 1;
    }
    if (c.tls)
        tls_close(c.tls);
    tls_free(c.tls);
    close(c.fd);
    if (status >= 400)
        fprintf(stderr, "fetch: the server answered %d\n", status);
    return status < 0 ? 1 : status >= 400 ? 22 : 0;
}
