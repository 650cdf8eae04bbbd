/*
 * client.c - tls-client: stdin to a server over TLS, its answers to stdout
 */
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

static const char usage[] =
    "usage: tls-client [options] HOST PORT\n"
    "stdin goes to the server over TLS 1.2, its answers to stdout; close_notify is sent at the end of stdin.\n"
    "  --ca FILE         trust anchors, PEM; default: the system's bundle\n"
    "  --name NAME       the server's name or address, to verify and (a name) to send; default: HOST\n"
    "  --cert FILE --key FILE    certificate chain and key, PEM, if the server asks\n"
    "  --alpn LIST       h2,http/1.1    --require-alpn  fail when none is in common\n"
    "  --ciphers LIST    CHACHA20-POLY1305:AES128-GCM-SHA256:AES256-GCM-SHA384\n"
    "  --curves LIST     X25519:P-256:P-384\n"
    "  --version 1.2     the only one\n"
    "  --depth N         certificates between the server's and the anchor, 1..15; default 6\n"
    "  --time SECONDS    judge certificates as of then (since 1970); default: now\n"
    "  --insecure, --no-verify-name, --no-verify-time\n"
    "  --wait            at the end of stdin, go on until the server closes\n"
    "  --quiet           do not say on stderr what was agreed on\n"
    "exit status: 0 both sides closed, 1 TLS failed, 2 wrong usage or files, 3 the network failed\n";

static int tcp_connect(const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
    int r = getaddrinfo(host, port, &hints, &list), fd = -1;

    if (r) {
        fprintf(stderr, "tls-client: %s: %s\n", host, gai_strerror(r));
        return -1;
    }
    for (a = list; a; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        if (!a->ai_next)
            fprintf(stderr, "tls-client: %s:%s: %s\n", host, port, strerror(errno));
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd;
}

int main(int argc, char **argv)
{
    struct tool tool = { .program = "tls-client", .usage = usage };
    int i = tool_options(&tool, argc, argv), fd;

    signal(SIGPIPE, SIG_IGN);
    if (argc - i != 2) {
        fputs(usage, stderr);
        return BAD_USAGE;
    }
    if (!tool.config.server_name)
        tool.config.server_name = argv[i];
    fd = tcp_connect(argv[i], argv[i + 1]);
    return fd < 0 ? FAILED_NETWORK : tool_connection(&tool, fd);
}
