/*
 * https-server.c - serves the files of a folder over HTTPS: plain POSIX sockets and libtls
 *
 * https-server [--port N] [--root DIR] [--once] CERT KEY
 *
 * One connection after the other, one request each; a silent client is dropped after 10 seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <tls.h>
#include <unistd.h>

static const char *root = ".";

static void die(const char *what, const char *why)
{
    fprintf(stderr, "https-server: %s: %s\n", what, why);
    exit(1);
}

static int listen_on(unsigned port)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port) };
    int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1;

    if (fd < 0)
        die("socket", strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0 || listen(fd, 16) < 0)
        die("listen", strerror(errno));
    return fd;
}

static int write_all(struct tls *tls, const char *buf, size_t len)
{
    while (len > 0) {
        ssize_t n = tls_write(tls, buf, len);
        if (n < 0)
            return -1;
        buf += n;
        len -= (size_t)n;
    }
    return 0;
}

static int respond(struct tls *tls, const char *status, const char *type, long length)
{
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %ld\r\nConnection: close\r\n\r\n", status, type, length);

    return write_all(tls, head, (size_t)n);
}

static int refuse(struct tls *tls, const char *status)
{
    return respond(tls, status, "text/plain", (long)strlen(status) + 1) || write_all(tls, status, strlen(status)) ||
           write_all(tls, "\n", 1);
}

/* Reads up to the empty line; the length, or -1: too long, timed out, or broken off. */
static int read_head(struct tls *tls, char *head, size_t cap)
{
    size_t len = 0;

    while (len < cap - 1) {
        ssize_t n = tls_read(tls, head + len, cap - 1 - len);
        if (n <= 0)
            return -1;
        len += (size_t)n;
        head[len] = '\0';
        if (strstr(head, "\r\n\r\n"))
            return (int)len;
    }
    return -1;
}

static const char *type_of(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot && !strcmp(dot, ".html"))
        return "text/html; charset=utf-8";
    if (dot && !strcmp(dot, ".txt"))
        return "text/plain; charset=utf-8";
    return "application/octet-stream";
}

static int send_file(struct tls *tls, const char *path, int with_body)
{
    char name[512], buf[16384];
    struct stat st;
    ssize_t n;
    int fd, bad;

    if (strstr(path, "..") || snprintf(name, sizeof name, "%s/%s", root, *path ? path : "index.html") >= (int)sizeof name)
        return refuse(tls, "400 Bad Request");
    fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            close(fd);
        return refuse(tls, "404 Not Found");
    }
    bad = respond(tls, "200 OK", type_of(name), (long)st.st_size);
    while (!bad && with_body && (n = read(fd, buf, sizeof buf)) > 0)
        bad = write_all(tls, buf, (size_t)n);
    close(fd);
    return bad;
}

static int serve(struct tls *tls)
{
    char head[8192], method[8], target[400];

    if (tls_handshake(tls) < 0 || read_head(tls, head, sizeof head) < 0)
        return -1;
    if (sscanf(head, "%7s /%399[^ \r\n]", method, target) < 1)
        return refuse(tls, "400 Bad Request");
    if (sscanf(head, "%*s /%399[^ \r\n]", target) < 1)
        target[0] = '\0';
    printf("%.*s (%s, %s)\n", (int)strcspn(head, "\r\n"), head, tls_conn_version(tls), tls_conn_cipher(tls));
    fflush(stdout);
    if (!strcmp(method, "GET") || !strcmp(method, "HEAD"))
        return send_file(tls, target, method[0] == 'G');
    return refuse(tls, "405 Method Not Allowed");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "port", required_argument, NULL, 'p' }, { "root", required_argument, NULL, 'r' }, { "once", no_argument, NULL, '1' }, { 0 }
    };
    struct timeval patience = { .tv_sec = 10 };
    struct tls_config *config;
    struct tls *server;
    unsigned port = 443;
    int o, once = 0, listener;

    while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (o == 'p')
            port = (unsigned)atoi(optarg);
        else if (o == 'r')
            root = optarg;
        else if (o == '1')
            once = 1;
        else
            return 2;
    }
    if (argc - optind != 2 || port < 1 || port > 65535) {
        fprintf(stderr, "usage: https-server [--port N] [--root DIR] [--once] CERT KEY\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    config = tls_config_new();
    server = tls_server();
    if (!config || !server)
        die("libtls", "out of memory");
    if (tls_config_set_keypair_file(config, argv[optind], argv[optind + 1]) < 0)
        die(argv[optind], tls_config_error(config));
    if (tls_configure(server, config) < 0)
        die("configuration", tls_error(server));
    listener = listen_on(port);
    printf("https-server: listening on port %u\n", port);
    fflush(stdout);
    do {
        struct sockaddr_in6 peer;
        socklen_t len = sizeof peer;
        char text[INET6_ADDRSTRLEN];
        struct tls *tls = NULL;
        int fd = accept(listener, (struct sockaddr *)&peer, &len);

        if (fd < 0)
            die("accept", strerror(errno));
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        printf("%s port %u: ", inet_ntop(AF_INET6, &peer.sin6_addr, text, sizeof text), ntohs(peer.sin6_port));
        if (tls_accept_socket(server, &tls, fd) < 0)
            printf("%s\n", tls_error(server));
        else if (serve(tls) < 0)
            printf("%s\n", tls_error(tls) ? tls_error(tls) : "broken off");
        if (tls)
            tls_close(tls);
        tls_free(tls);
        close(fd);
        fflush(stdout);
    } while (!once);
    close(listener);
    tls_free(server);
    tls_config_free(config);
    return 0;
}
