/*
 * pair.c - one side of two stacks on a link in memory, driven step by step: as wasm by pair.mjs, natively by pair-native.c
 *
 * Sides are told apart by the address that their host grants. All calls return at once; what is open stands in a table, in the order
 * in which the client connected.
 */
#include <isthmus/stack.h>
#include <string.h>

#define OPEN_MAX 10016u
#define PORT     80u

#ifdef __wasm__
#define CALL(name) __attribute__((export_name(#name)))
#else
#define CALL(name) __attribute__((visibility("default")))
#endif

CALL(bench_open) int32_t bench_open(uint32_t serve);
CALL(bench_turn) void bench_turn(void);
CALL(bench_connect) int32_t bench_connect(void);
CALL(bench_accept) int32_t bench_accept(void);
CALL(bench_connected) int32_t bench_connected(uint32_t i);
CALL(bench_send) uint32_t bench_send(uint32_t i, uint32_t len);
CALL(bench_recv) uint32_t bench_recv(uint32_t i);
CALL(bench_close) int32_t bench_close(uint32_t i);
CALL(bench_memory) uint32_t bench_memory(void);

static ist_handle listener, table[OPEN_MAX];
static uint32_t n_table;
static uint8_t buf[262144];

int32_t bench_open(uint32_t serve)
{
    struct ist_address any = { .family = IST_IPV4, .port = PORT };
    int32_t r = ist_start(NULL);

    if (r == 0 && serve) {
        listener = ist_tcp_open(IST_IPV4);
        r = ist_socket_bind(listener, &any);
        if (r == 0)
            r = ist_socket_listen(listener, 128);
    }
    return r;
}

void bench_turn(void)
{
    ist_wait(NULL, 0, IST_NO_WAIT);
}

/* Begins a connection; its index. */
int32_t bench_connect(void)
{
    struct ist_address to = { .family = IST_IPV4, .port = PORT, .ip = { 10, 0, 0, 1 } };
    ist_handle h = n_table < OPEN_MAX ? ist_tcp_open(IST_IPV4) : IST_EMFILE;
    int32_t r = h > 0 ? ist_socket_connect(h, &to) : h;

    if (r < 0)
        return r;
    ist_option_set(h, IST_OPTION_NO_DELAY, 1);
    table[n_table] = h;
    return (int32_t)n_table++;
}

int32_t bench_accept(void)
{
    ist_handle h = n_table < OPEN_MAX ? ist_socket_accept(listener, NULL) : IST_EMFILE;

    if (h < 0)
        return h;
    ist_option_set(h, IST_OPTION_NO_DELAY, 1);
    table[n_table] = h;
    return (int32_t)n_table++;
}

int32_t bench_connected(uint32_t i)
{
    return (ist_ready(table[i]) & (int32_t)IST_WRITABLE) != 0;
}

/* As much of @len as goes. */
uint32_t bench_send(uint32_t i, uint32_t len)
{
    uint32_t sent = 0;

    while (sent < len) {
        int32_t n = ist_stream_send(table[i], buf, len - sent < sizeof buf ? len - sent : sizeof buf);
        if (n <= 0)
            break;
        sent += (uint32_t)n;
    }
    return sent;
}

uint32_t bench_recv(uint32_t i)
{
    uint32_t got = 0;
    int32_t n;

    while ((n = ist_stream_recv(table[i], buf, sizeof buf)) > 0)
        got += (uint32_t)n;
    return got;
}

/* The last of the table only. */
int32_t bench_close(uint32_t i)
{
    if (i + 1 != n_table)
        return IST_EINVAL;
    n_table--;
    return ist_close(table[i]);
}

uint32_t bench_memory(void)
{
    struct ist_statistics s = { .size = sizeof s };

    return ist_statistics_get(&s) == 0 ? (uint32_t)s.memory_used : 0;
}
