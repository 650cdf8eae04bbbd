/*
 * tls_server [options] PORT - accepts one TLS connection after the other, and gives back what it reads, or serves a file over HTTP
 *
 * Options: --cert FILE --key FILE (the first), --add CERT KEY (further ones, by SNI), --signer NAME, --add-signer CERT NAME (instead of a key), --ca FILE, --verify, --optional, --alpn LIST,
 * --ciphers LIST, --curves LIST, --protocols LIST, --sessions SECONDS (resumption), --file FILE (HTTP/1.0), --count N (connections;
 * default: no end).
 * A program of POSIX and libtls and nothing else; its descriptors block.
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tls.h>
#include <unistd.h>

static struct tls_config *config;
static uint8_t *file;
static size_t file_len;
static long count = -1;

static int die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why ? why : "no reason given");
    exit(1);
}

/* One option with its values; how many there were. */
static int option(char **a, int n)
{
    uint32_t protocols;
    int r = 0, used = 2;

    if (strcmp(*a, "--verify") == 0 || strcmp(*a, "--optional") == 0) {
        if (a[0][2] == 'v')
            tls_config_verify_client(config);
        else
            tls_config_verify_client_optional(config);
        return 1;
    }
    if (n < 2)
        die(*a, "a value is missing");
    if (strcmp(*a, "--cert") == 0)
        r = tls_config_set_cert_file(config, a[1]);
    else if (strcmp(*a, "--key") == 0)
        r = tls_config_set_key_file(config, a[1]);
    else if (strcmp(*a, "--signer") == 0)
        r = tls_config_set_signer(config, a[1]);
    else if (strcmp(*a, "--add-signer") == 0 && n > 2)
        r = tls_config_add_signer_file(config, a[1], a[2]), used = 3;
    else if (strcmp(*a, "--add") == 0 && n > 2)
        r = tls_config_add_keypair_file(config, a[1], a[2]), used = 3;
    else if (strcmp(*a, "--ca") == 0)
        r = tls_config_set_ca_file(config, a[1]);
    else if (strcmp(*a, "--alpn") == 0)
        r = tls_config_set_alpn(config, a[1]);
    else if (strcmp(*a, "--ciphers") == 0)
        r = tls_config_set_ciphers(config, a[1]);
    else if (strcmp(*a, "--curves") == 0)
        r = tls_config_set_ecdhecurves(config, a[1]);
    else if (strcmp(*a, "--protocols") == 0)
        r = tls_config_parse_protocols(&protocols, a[1]) || tls_config_set_protocols(config, protocols);
    else if (strcmp(*a, "--sessions") == 0)
        r = tls_config_set_session_lifetime(config, atoi(a[1]));
    else if (strcmp(*a, "--file") == 0)
        r = (file = tls_load_file(a[1], &file_len, NULL)) == NULL;
    else if (strcmp(*a, "--count") == 0)
        count = atol(a[1]);
    else
        die(*a, "no such option");
    if (r)
        die(*a, tls_config_error(config));
    return used;
}

static int write_all(struct tls *c, const void *buf, size_t len)
{
    const char *at = buf;

    while (len) {
        ssize_t n = tls_write(c, at, len);
        if (n == TLS_WANT_POLLIN || n == TLS_WANT_POLLOUT)
            continue;
        if (n < 0)
            return -1;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

static int echo(struct tls *c)
{
    static char buf[65536];
    ssize_t n;

    while ((n = tls_read(c, buf, sizeof buf)) > 0)
        if (write_all(c, buf, (size_t)n))
            return -1;
    return (int)n;
}

/* Reads until the empty line and answers with the file. */
static int serve(struct tls *c)
{
    char request[8192], head[128];
    size_t len = 0;
    ssize_t n;

    do {
        n = tls_read(c, request + len, sizeof request - 1 - len);
        if (n <= 0)
            return -1;
        len += (size_t)n;
        request[len] = '\0';
    } while (!strstr(request, "\r\n\r\n") && len < sizeof request - 1);
    snprintf(head, sizeof head, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", file_len);
    return write_all(c, head, strlen(head)) || write_all(c, file, file_len) ? -1 : 0;
}

static void connection(struct tls *server, int fd)
{
    struct tls *c;
    int r;

    if (tls_accept_socket(server, &c, fd)) {
        fprintf(stderr, "accept: %s\n", tls_error(server));
        return;
    }
    r = tls_handshake(c);
    if (r == 0)
        fprintf(stderr, "%s %s sni %s alpn %s client %s%s\n", tls_conn_version(c), tls_conn_cipher(c),
                tls_conn_servername(c) ? tls_conn_servername(c) : "none", tls_conn_alpn_selected(c) ? tls_conn_alpn_selected(c) : "none",
                tls_peer_cert_provided(c) ? tls_peer_cert_subject(c) : "none", tls_conn_session_resumed(c) ? " resumed" : "");
    r = r ? r : file ? serve(c) : echo(c);
    if (r)
        fprintf(stderr, "failed: %s\n", tls_error(c));
    else if (tls_close(c))
        fprintf(stderr, "close: %s\n", tls_error(c));
    else
        fprintf(stderr, "closed\n");
    tls_free(c);
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 here = { .sin6_family = AF_INET6 };
    struct tls *server = tls_server();
    int i = 1, listener, on = 1;

    signal(SIGPIPE, SIG_IGN);
    config = tls_config_new();
    if (!config || !server)
        return die("tls", "out of memory");
    while (i < argc && argv[i][0] == '-')
        i += option(argv + i, argc - i);
    if (argc - i != 1)
        return die("usage", "tls_server [options] PORT");
    if (tls_configure(server, config))
        return die("configure", tls_error(server));
    tls_config_free(config);
    here.sin6_port = htons((uint16_t)atoi(argv[i]));
    listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(listener, (struct sockaddr *)&here, sizeof here) || listen(listener, 16))
        return die("listen", strerror(errno));
    fprintf(stderr, "listening\n");
    for (; count != 0; count -= count > 0) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0)
            return die("accept", strerror(errno));
        connection(server, fd);
        shutdown(fd, SHUT_WR);
        close(fd);
    }
    close(listener);
    tls_unload_file(file, file_len);
    tls_free(server);
    return 0;
}
