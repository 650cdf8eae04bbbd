/*
 * server.c - tls-server: takes TLS connections; one over stdin and stdout, or many that are echoed or answered
 */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

static const char usage[] =
    "usage: tls-server [options] --cert FILE --key FILE PORT\n"
    "Takes a TLS 1.2 connection on 127.0.0.1; what comes goes to stdout, stdin goes to the client. PORT 0: any; it is told on\n"
    "stderr: `listening PORT`. With --echo or --http it takes connections without end, side by side.\n"
    "  --cert FILE --key FILE    certificate chain and key, PEM; again for further names (SNI), at most 16\n"
    "  --client-ca FILE  the client must show a certificate of these authorities    --optional  it may\n"
    "  --alpn LIST       h2,http/1.1    --require-alpn  fail when none is in common\n"
    "  --ciphers LIST    CHACHA20-POLY1305:AES128-GCM-SHA256:AES256-GCM-SHA384    --client-order  the client's order decides\n"
    "  --curves LIST     X25519:P-256:P-384\n"
    "  --version 1.2     the only one\n"
    "  --depth N, --time SECONDS, --no-verify-time    of the client's certificate\n"
    "  --echo            give back what comes        --http  answer a request with a page\n"
    "  --count N         end after N connections; 0: no end; default 1, with --echo and --http 0\n"
    "  --quiet           do not say on stderr what was agreed on\n"
    "exit status: of the first connection that failed: 0 both sides closed, 1 TLS failed, 2 wrong usage or files, 3 the network failed\n";

/* The loopback is enough for a tool of tests. */
static int listen_on(const char *port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    char *end;
    unsigned long n = strtoul(port, &end, 10);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (*end || end == port || n > 65535) {
        fprintf(stderr, "tls-server: %s: no port\n", port);
        exit(BAD_USAGE);
    }
    at.sin_port = htons((uint16_t)n);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 128) || getsockname(fd, (struct sockaddr *)&at, &len)) {
        fprintf(stderr, "tls-server: %s: %s\n", port, strerror(errno));
        exit(FAILED_NETWORK);
    }
    fprintf(stderr, "listening %u\n", ntohs(at.sin_port));
    return fd;
}

/* Takes note of children that have ended. */
static void reap(int *status, int flags)
{
    int s;

    while (waitpid(-1, &s, flags) > 0)
        if (*status == DONE)
            *status = WIFEXITED(s) ? WEXITSTATUS(s) : FAILED_TLS;
}

/* The settings are tried before the first client comes. */
static void check(const struct tool *tool)
{
    struct ist_tls_engine *engine;
    struct ist_tls_detail why = { 0 };

    if (ist_tls_engine_new(&engine, &tool->config, &why))
        tool_refuse(tool, "settings", why.text ? why.text : "refused");
    ist_tls_engine_free(engine);
}

int main(int argc, char **argv)
{
    struct tool tool = { .program = "tls-server", .usage = usage, .is_server = 1, .count = -1 };
    int i = tool_options(&tool, argc, argv), listener, status = DONE;

    signal(SIGPIPE, SIG_IGN);
    if (argc - i != 1) {
        fputs(usage, stderr);
        return BAD_USAGE;
    }
    if (tool.count < 0)
        tool.count = tool.mode == RELAY;
    check(&tool);
    listener = listen_on(argv[i]);
    for (long n = 0; tool.count == 0 || n < tool.count; n++) {
        int fd = accept(listener, NULL, NULL);
        pid_t child = 0;

        reap(&status, WNOHANG);
        if (fd < 0)
            continue;
        if (tool.mode == RELAY) {
            int r = tool_connection(&tool, fd);
            status = status ? status : r;
        } else if ((child = fork()) == 0) {
            close(listener);
            exit(tool_connection(&tool, fd));
        } else {
            close(fd);
            status = child < 0 && !status ? FAILED_NETWORK : status;
        }
    }
    close(listener);
    reap(&status, 0);
    return status;
}
