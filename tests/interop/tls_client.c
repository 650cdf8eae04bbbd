/*
 * tls_client [options] HOST PORT - what stdin holds goes to the server over TLS, what the server sends goes to stdout
 *
 * --connect leaves the connection to tls_connect(), with --name to tls_connect_servername(); its descriptor blocks. HOST may then be
 * host:port, and PORT is left out. Otherwise the descriptor does not block, and every TLS_WANT_ comes up.
 * --session FILE keeps the session there, and resumes it.
 * Says on stderr what was agreed on, and in the end "closed" or the error. A program of POSIX and libtls and
 * nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tls.h>
#include <unistd.h>

static struct tls_config *config;
static struct tls *tls;
static const char *name;

static int die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why ? why : "no reason given");
    exit(1);
}

static void option(const char *o, const char *value)
{
    int r = 0;

    if (strcmp(o, "--ca") == 0)
        r = tls_config_set_ca_file(config, value);
    else if (strcmp(o, "--cert") == 0)
        r = tls_config_set_cert_file(config, value);
    else if (strcmp(o, "--key") == 0)
        r = tls_config_set_key_file(config, value);
    else if (strcmp(o, "--alpn") == 0)
        r = tls_config_set_alpn(config, value);
    else if (strcmp(o, "--ciphers") == 0)
        r = tls_config_set_ciphers(config, value);
    else if (strcmp(o, "--curves") == 0)
        r = tls_config_set_ecdhecurves(config, value);
    else if (strcmp(o, "--signer") == 0)
        r = tls_config_set_signer(config, value);
    else if (strcmp(o, "--session") == 0)
        r = tls_config_set_session_fd(config, open(value, O_RDWR | O_CREAT, 0600));
    else if (strcmp(o, "--name") == 0)
        name = value;
    else
        die(o, "no such option");
    if (r)
        die(o, tls_config_error(config));
}

static int tcp_connect(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
    int fd, r = getaddrinfo(host, port, &hints, &list);

    if (r)
        die(host, gai_strerror(r));
    fd = socket(list->ai_family, list->ai_socktype, list->ai_protocol);
    if (fd < 0 || connect(fd, list->ai_addr, list->ai_addrlen))
        die(host, strerror(errno));
    freeaddrinfo(list);
    return fd;
}

/* Waits for what a TLS_WANT_ asks for; other results pass. */
static int waited(int fd, ssize_t r)
{
    struct pollfd p = { .fd = fd, .events = r == TLS_WANT_POLLIN ? POLLIN : POLLOUT };

    if (r != TLS_WANT_POLLIN && r != TLS_WANT_POLLOUT)
        return 0;
    poll(&p, 1, -1);
    return 1;
}

static void say_agreed(void)
{
    fprintf(stderr, "%s %s %d%s\n", tls_conn_version(tls), tls_conn_cipher(tls), tls_conn_cipher_strength(tls),
            tls_conn_session_resumed(tls) ? " resumed" : "");
    fprintf(stderr, "alpn %s\n", tls_conn_alpn_selected(tls) ? tls_conn_alpn_selected(tls) : "none");
    fprintf(stderr, "subject %s\nissuer %s\nhash %s\n", tls_peer_cert_subject(tls), tls_peer_cert_issuer(tls), tls_peer_cert_hash(tls));
    fprintf(stderr, "dates %lld %lld\n", (long long)tls_peer_cert_notbefore(tls), (long long)tls_peer_cert_notafter(tls));
}

static void relay(int fd)
{
    static char up[65536], down[65536];
    size_t at = 0, have = 0;
    int input = 1, want_out = 0;

    for (;;) {
        struct pollfd p[2] = { { .fd = fd, .events = (short)(POLLIN | (want_out ? POLLOUT : 0)) },
                               { .fd = input && have == 0 ? 0 : -1, .events = POLLIN } };
        ssize_t n;

        while ((n = tls_read(tls, down, sizeof down)) > 0)
            if (fwrite(down, 1, (size_t)n, stdout) != (size_t)n)
                die("stdout", strerror(errno));
        if (n == 0)
            return;
        if (n == -1)
            die("read", tls_error(tls));
        want_out = n == TLS_WANT_POLLOUT;
        while (at < have && (n = tls_write(tls, up + at, have - at)) > 0)
            at += (size_t)n;
        if (at < have && n == -1)
            die("write", tls_error(tls));
        if (at == have)
            at = have = 0;
        want_out |= have != 0;
        p[0].events = (short)(POLLIN | (want_out ? POLLOUT : 0));
        p[1].fd = input && have == 0 ? 0 : -1;
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            die("poll", strerror(errno));
        if (p[1].fd == 0 && p[1].revents) {
            n = read(0, up, sizeof up);
            if (n > 0)
                have = (size_t)n;
            else
                input = 0;
        }
    }
}

/* All of stdin, then all of the answer. */
static void ask(void)
{
    static char buf[65536];
    size_t len = fread(buf, 1, sizeof buf, stdin), at = 0;
    ssize_t n;

    while (at < len) {
        n = tls_write(tls, buf + at, len - at);
        if (n < 0)
            die("write", tls_error(tls));
        at += (size_t)n;
    }
    while ((n = tls_read(tls, buf, sizeof buf)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    if (n < 0)
        die("read", tls_error(tls));
}

static int by_name(const char *host, const char *port)
{
    if (name ? tls_connect_servername(tls, host, port, name) : tls_connect(tls, host, port))
        return die("connect", tls_error(tls));
    if (tls_handshake(tls))
        return die("handshake", tls_error(tls));
    say_agreed();
    ask();
    fflush(stdout);
    if (tls_close(tls))
        return die("close", tls_error(tls));
    fprintf(stderr, "closed\n");
    tls_free(tls);
    return 0;
}

int main(int argc, char **argv)
{
    int fd, i, r, connects = 0;

    signal(SIGPIPE, SIG_IGN);
    config = tls_config_new();
    tls = tls_client();
    if (!config || !tls)
        return die("tls", "out of memory");
    for (i = 1; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--insecure") == 0) {
            tls_config_insecure_noverifycert(config);
            tls_config_insecure_noverifyname(config);
        } else if (strcmp(argv[i], "--connect") == 0) {
            connects = 1;
        } else if (i + 1 < argc) {
            option(argv[i], argv[i + 1]);
            i++;
        }
    }
    if (argc - i != 2 && !(connects && argc - i == 1))
        return die("usage", "tls_client [options] HOST PORT");
    if (tls_configure(tls, config))
        return die("configure", tls_error(tls));
    tls_config_free(config);
    if (connects)
        return by_name(argv[i], argv[i + 1]);      /* NULL past the last */
    fd = tcp_connect(argv[i], argv[i + 1]);
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
        return die("fcntl", strerror(errno));
    if (tls_connect_socket(tls, fd, name ? name : argv[i]))
        return die("connect", tls_error(tls));
    while (waited(fd, r = tls_handshake(tls)))
        ;
    if (r)
        return die("handshake", tls_error(tls));
    say_agreed();
    relay(fd);
    while (waited(fd, r = tls_close(tls)))
        ;
    fflush(stdout);
    fprintf(stderr, "%s\n", r ? tls_error(tls) : "closed");
    tls_free(tls);
    close(fd);
    return r != 0;
}
