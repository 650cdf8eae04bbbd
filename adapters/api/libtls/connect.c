/*
 * connect.c - connections made by name
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "libtls.h"

#define TRIES_MAX  16      /* addresses; the rest are not tried */
#define ATTEMPT_MS 250

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

/* An attempt that goes on in the background: its descriptor, or -1 with errno. */
static int attempt(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), flags = fd < 0 ? -1 : fcntl(fd, F_GETFL), error;

    if (fd >= 0 && flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
        (connect(fd, a->ai_addr, a->ai_addrlen) == 0 || errno == EINPROGRESS))
        return fd;
    error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

/* RFC 8305 4: the families take turns, each in its order. How many there are. */
static int take_turns(const struct addrinfo *list, const struct addrinfo *tries[TRIES_MAX])
{
    const struct addrinfo *same = list, *other = list;
    int n = 0;

    while (n < TRIES_MAX && (same || other)) {
        while (same && same->ai_family != list->ai_family)
            same = same->ai_next;
        while (other && other->ai_family == list->ai_family)
            other = other->ai_next;
        if (same) {
            tries[n++] = same;
            same = same->ai_next;
        }
        if (other && n < TRIES_MAX) {
            tries[n++] = other;
            other = other->ai_next;
        }
    }
    return n;
}

/* The place of an attempt that stands, or -1; those that have failed are taken out. */
static int look(struct pollfd *open, int *n_open, int *error)
{
    for (int i = *n_open - 1; i >= 0; i--) {
        socklen_t len = sizeof(int);
        int e = 0;

        if (!open[i].revents)
            continue;
        if (getsockopt(open[i].fd, SOL_SOCKET, SO_ERROR, &e, &len))
            e = errno;
        if (e == 0 && !(open[i].revents & POLLNVAL))
            return i;
        *error = e;
        close(open[i].fd);
        open[i] = open[--*n_open];
    }
    return -1;
}

/* The first that stands of attempts 250 ms apart, or sooner when one has failed (RFC 8305 5); -1 and the last error. */
static int race(const struct addrinfo *list, int *error)
{
    const struct addrinfo *tries[TRIES_MAX];
    struct pollfd open[TRIES_MAX];
    int n = take_turns(list, tries), at = 0, n_open = 0, won = -1, fd = -1, flags;

    while (won < 0 && (at < n || n_open)) {
        if (at < n) {
            open[n_open] = (struct pollfd){ .fd = attempt(tries[at++]), .events = POLLOUT };
            if (open[n_open].fd < 0) {
                *error = errno;
                continue;
            }
            n_open++;
        }
        if (poll(open, (nfds_t)n_open, at < n ? ATTEMPT_MS : -1) >= 0) {
            won = look(open, &n_open, error);
        } else if (errno != EINTR) {
            *error = errno;
            break;
        }
    }
    for (int i = 0; i < n_open; i++)
        if (i == won)
            fd = open[i].fd;
        else
            close(open[i].fd);
    if (fd >= 0 && (flags = fcntl(fd, F_GETFL)) >= 0)
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    return fd;
}

/* The address that answers first. */
static int connect_any(struct tls *ctx, const char *host, const char *port)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
    int r = getaddrinfo(host, port, &hints, &list), fd, error = 0;

    if (r)
        return error_set(&ctx->error, host, ": ", gai_strerror(r));
    fd = race(list, &error);
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
