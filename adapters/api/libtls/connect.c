/*
 * connect.c - connections made by name
 */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "libtls.h"

/* "host:port" or "[address]:port" in one string: a copy of the host, and the port in it. NULL: there is no port. */
static char *split(const char *host, char **port)
{
    size_t len = strlen(host);
    char *copy = malloc(len + 1), *colon, *bracket;

    if (!copy)
        return NULL;
    memcpy(copy, host, len + 1);
    bracket = copy[0] == '[' ? strchr(copy, ']') : NULL;
    colon = bracket ? bracket + 1 : strrchr(copy, ':');
    if (!colon || *colon != ':' || !colon[1] || (!bracket && strchr(copy, ':') != colon)) {
        free(copy);
        return NULL;
    }
    *colon = '\0';
    *port = colon + 1;
    if (bracket) {
        *bracket = '\0';
        memmove(copy, copy + 1, (size_t)(bracket - copy));
    }
    return copy;
}

/* The first address that answers. */
static int connect_any(struct tls *ctx, const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list, *a;
    int r = getaddrinfo(host, port, &hints, &list), fd = -1, error = 0;

    if (r)
        return error_set(&ctx->error, host, ": ", gai_strerror(r));
    for (a = list; a; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
            break;
        error = errno;
        if (fd >= 0)
            close(fd);
        fd = -1;
    }
    freeaddrinfo(list);
    return fd >= 0 ? fd : error_set(&ctx->error, host, ": ", strerror(error));
}

int tls_connect_servername(struct tls *ctx, const char *host, const char *port, const char *servername)
{
    char *copy = NULL, *copy_port;
    int fd, r = -1;

    error_clear(&ctx->error);
    if (ctx->role != ROLE_CLIENT)
        return ctx_error(ctx, "not a client context", NULL);
    if (!host)
        return ctx_error(ctx, "no host", NULL);
    if (!port) {
        copy = split(host, &copy_port);
        if (!copy)
            return ctx_error(ctx, "no port: ", host);
        host = copy;
        port = copy_port;
    }
    fd = connect_any(ctx, host, port);
    if (fd >= 0) {
        r = tls_connect_socket(ctx, fd, servername ? servername : host);
        if (r == 0)
            ctx->socket = fd;
        else
            close(fd);
    }
    free(copy);
    return r;
}

int tls_connect(struct tls *ctx, const char *host, const char *port)
{
    return tls_connect_servername(ctx, host, port, NULL);
}
