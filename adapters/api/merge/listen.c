/*
 * listen.c - sockets that listen before the client runs, for preview1 servers, which can only accept
 *
 * compose --listen leaves a list of addresses in the shim. Each gets the number that such servers expect: the first one behind the
 * standard streams, and those that follow it. In a client that opens files the host's folders come before; and the host must
 * not give these numbers to a file: it is made to hold them itself, by opening one of its folders again.
 */
#include "merge.h"

#define LISTEN_MAX 8
#define STDIO 3
#define SCRATCH 16u    /* in the client's memory, before it runs */

struct listen_config { uint8_t address[16]; uint16_t port; uint16_t zero; };

__attribute__((import_module("isthmus_shim"), import_name("listeners"))) uint32_t shim_listeners(struct listen_config out[LISTEN_MAX]);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_prestat_get"))) int32_t host_fd_prestat_get(int32_t fd, uint32_t out);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("path_open")))
int32_t host_path_open(int32_t dir, int32_t lookup, uint32_t path, uint32_t path_len, int32_t oflags, int64_t rights, int64_t inheriting,
    int32_t flags, uint32_t out);

static int first, n_aliases;
static int alias[LISTEN_MAX];   /* the face's number, -1 when closed */

int fd_of(int fd)
{
    int i = fd - first;

    return i >= 0 && i < n_aliases ? alias[i] : fd;
}

void listen_forget(int fd)
{
    if (fd >= first && fd < first + n_aliases)
        alias[fd - first] = -1;
}

static int listener(const struct listen_config *c)
{
    struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = htons(c->port) };
    int fd = socket(AF_INET6, SOCK_STREAM, 0), off = 0, on = 1;

    for (int i = 0; i < 16; i++)
        a.sin6_addr.s6_addr[i] = c->address[i];
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, SOMAXCONN) < 0) {
        ist_note("isthmus: --listen: the socket could not be made\n");
        __builtin_trap();
    }
    return fd;
}

static void start(const struct listen_config *config, int n, int number)
{
    for (int i = 0; i < n; i++)
        alias[i] = listener(&config[i]);
    first = number;
    n_aliases = n;
}

/* Before a client runs that opens no files: the shim calls one of the two. */
__attribute__((export_name("listen_start"))) void listen_start(void)
{
    struct listen_config config[LISTEN_MAX];

    start(config, (int)shim_listeners(config), STDIO);
}

__attribute__((export_name("listen_start_behind_folders"))) void listen_start_behind_folders(void)
{
    struct listen_config config[LISTEN_MAX];
    int n = (int)shim_listeners(config), number = STDIO;
    uint8_t saved[16], dot = '.';

    client_read(saved, SCRATCH, sizeof saved);
    while (host_fd_prestat_get(number, SCRATCH) == 0)
        number++;
    client_write(SCRATCH, &dot, 1);
    for (int i = 0; i < n && number > STDIO; i++)
        host_path_open(STDIO, 0, SCRATCH, 1, 2 /* O_DIRECTORY */, 0, 0, 0, SCRATCH + 8);
    client_write(SCRATCH, saved, sizeof saved);
    start(config, n, number);
}
