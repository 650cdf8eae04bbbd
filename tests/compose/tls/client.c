/*
 * client.c - a program of wasi:sockets and wasi:tls by hand over the canonical ABI: client PORT NAME, the server being 10.9.0.1
 *
 * Asks for a page by HTTP/1.0, prints what comes until the peer closes, then "closed"; or prints why not, and fails. Without libc: it must not
 * have another wasi:io beside the one whose streams it hands to TLS.
 */
#include <stddef.h>
#include <stdint.h>

#define IMPORT(interface, name) __attribute__((import_module("cm32p2|" interface), import_name(name)))
#define TCP "wasi:sockets/tcp@0.2"
#define IO "wasi:io/streams@0.2"
#define TLS "wasi:tls/types@0.2.0-draft"

struct text {
    const char *at;
    uint32_t len;
};

IMPORT("wasi:cli/environment@0.2", "get-arguments") void get_arguments(void *result);
IMPORT("wasi:cli/stdout@0.2", "get-stdout") int32_t get_stdout(void);
IMPORT("wasi:sockets/instance-network@0.2", "instance-network") int32_t instance_network(void);
IMPORT("wasi:sockets/tcp-create-socket@0.2", "create-tcp-socket") void create_tcp_socket(int32_t family, void *result);
IMPORT(TCP, "[method]tcp-socket.start-connect")
void start_connect(int32_t self, int32_t network, int32_t ip_version, int32_t port, int32_t a, int32_t b, int32_t c, int32_t d, int32_t, int32_t,
                   int32_t, int32_t, int32_t, int32_t, void *result);
IMPORT(TCP, "[method]tcp-socket.finish-connect") void finish_connect(int32_t self, void *result);
IMPORT(TCP, "[method]tcp-socket.subscribe") int32_t socket_subscribe(int32_t self);
IMPORT("wasi:io/poll@0.2", "[method]pollable.block") void pollable_block(int32_t self);
IMPORT("wasi:io/poll@0.2", "pollable_drop") void pollable_drop(int32_t self);
IMPORT("wasi:io/error@0.2", "[method]error.to-debug-string") void error_text(int32_t self, void *result);
IMPORT(IO, "[method]input-stream.blocking-read") void input_blocking_read(int32_t self, uint64_t len, void *result);
IMPORT(IO, "[method]output-stream.blocking-write-and-flush") void output_write(int32_t self, const void *from, uint32_t len, void *result);
IMPORT(IO, "input-stream_drop") void input_drop(int32_t self);
IMPORT(IO, "output-stream_drop") void output_drop(int32_t self);
IMPORT(TLS, "[constructor]client-handshake") int32_t handshake(const char *name, uint32_t len, int32_t input, int32_t output);
IMPORT(TLS, "[static]client-handshake.finish") int32_t handshake_finish(int32_t self);
IMPORT(TLS, "[method]client-connection.close-output") void close_output(int32_t self);
IMPORT(TLS, "client-connection_drop") void connection_drop(int32_t self);
IMPORT(TLS, "[method]future-client-streams.subscribe") int32_t future_subscribe(int32_t self);
IMPORT(TLS, "[method]future-client-streams.get") void future_get(int32_t self, void *result);
IMPORT(TLS, "future-client-streams_drop") void future_drop(int32_t self);

/* Memory is never given back: the program is short. */
__attribute__((export_name("cm32p2_realloc"))) void *cm32p2_realloc(void *old, uint32_t old_len, uint32_t align, uint32_t len)
{
    static uint8_t heap[1 << 20];
    static uint32_t used;
    uint8_t *p;

    (void)old, (void)old_len;
    used = (used + align - 1) & ~(align - 1);
    if (len > sizeof heap - used)
        __builtin_trap();
    p = heap + used;
    used += len;
    return p;
}

static int32_t out;

static void print(struct text t)
{
    uint32_t result[4];

    for (uint32_t at = 0; at < t.len; at += 4096)
        output_write(out, t.at + at, t.len - at < 4096 ? t.len - at : 4096, result);
}
#define SAY(literal) print((struct text){ literal, sizeof literal - 1 })

static int fail(int32_t error)
{
    struct text t;

    error_text(error, &t);
    SAY("failed: ");
    print(t);
    SAY("\n");
    return 1;
}

static void wait_for(int32_t pollable)
{
    pollable_block(pollable);
    pollable_drop(pollable);
}

/* The streams of a connection go to @streams. */
static int connect_to(int32_t port, uint32_t streams[2])
{
    uint32_t r[3];
    int32_t s;

    create_tcp_socket(0, r);
    s = (int32_t)r[1];
    start_connect(s, instance_network(), 0, port, 10, 9, 0, 1, 0, 0, 0, 0, 0, 0, r);
    wait_for(socket_subscribe(s));
    finish_connect(s, r);
    streams[0] = r[1];
    streams[1] = r[2];
    return *(uint8_t *)r ? SAY("no connection\n"), 1 : 0;
}

static int32_t number(struct text t)
{
    int32_t n = 0;

    for (uint32_t i = 0; i < t.len; i++)
        n = n * 10 + (t.at[i] - '0');
    return n;
}

static int read_all(int32_t input)
{
    uint32_t r[3];      /* result<list<u8>, stream-error> */

    for (;;) {
        input_blocking_read(input, 4096, r);
        if (*(uint8_t *)r)
            break;
        print((struct text){ (const char *)(uintptr_t)r[1], r[2] });
    }
    if (*(uint8_t *)&r[1] == 0)
        return fail((int32_t)r[2]);
    SAY("closed\n");
    return 0;
}

__attribute__((export_name("cm32p2|wasi:cli/run@0.2|run"))) int32_t run(void)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    struct { const struct text *at; uint32_t len; } arguments;
    uint32_t streams[2], got[6], r[3];      /* option<result<result<tuple<..>, error>>> */
    int32_t future;
    int status;

    out = get_stdout();
    get_arguments(&arguments);
    if (arguments.len != 3)
        return SAY("client PORT NAME\n"), 1;
    if (connect_to(number(arguments.at[1]), streams))
        return 1;
    future = handshake_finish(handshake(arguments.at[2].at, arguments.at[2].len, (int32_t)streams[0], (int32_t)streams[1]));
    wait_for(future_subscribe(future));
    future_get(future, got);
    future_drop(future);
    if (*(uint8_t *)&got[2])
        return fail((int32_t)got[3]);
    output_write((int32_t)got[5], request, sizeof request - 1, r);
    status = read_all((int32_t)got[4]);
    close_output((int32_t)got[3]);            /* not before: nginx then closes without close_notify */
    input_drop((int32_t)got[4]);
    output_drop((int32_t)got[5]);
    connection_drop((int32_t)got[3]);
    return status;
}
