/*
 * Volume: 8 MiB both ways at once, every byte checked; 1,000 connections at once; many in a row.
 */
#include "socket.h"

#define TOTAL (8u << 20)
#define N     1000

static uint8_t buf[100000];

struct flow {
    ist_handle from, to;
    uint32_t seed, sent, got;
    int wrong;
};

static uint8_t byte_at(const struct flow *f, uint32_t i)
{
    return (uint8_t)((i ^ i >> 8 ^ i >> 16) * 31 + f->seed);
}

/* As much as goes now, in pieces of odd sizes. Whether anything moved. */
static int flow_step(struct flow *f, uint32_t piece)
{
    int32_t n = 0, r;

    if (f->sent < TOTAL) {
        uint32_t len = TOTAL - f->sent < piece ? TOTAL - f->sent : piece;
        for (uint32_t i = 0; i < len; i++)
            buf[i] = byte_at(f, f->sent + i);
        n = ist_stream_send(f->from, buf, len);
        f->sent += n > 0 ? (uint32_t)n : 0;
        if (f->sent == TOTAL)
            ist_stream_shutdown(f->from, IST_SHUT_WRITE);
    }
    r = ist_stream_recv(f->to, buf, piece * 2 + 1);
    for (int32_t i = 0; i < r; i++)
        f->wrong += buf[i] != byte_at(f, f->got + (uint32_t)i);
    f->got += r > 0 ? (uint32_t)r : 0;
    return n > 0 || r > 0;
}

static void both_ways(uint32_t piece)
{
    ist_handle a, b;
    struct flow f, g;
    int still = 0;

    connection(&a, &b);
    f = (struct flow){ .from = a, .to = b, .seed = 1 };
    g = (struct flow){ .from = b, .to = a, .seed = 2 };
    while ((f.got < TOTAL || g.got < TOTAL) && still < 1000) {
        int moved = flow_step(&f, piece) | flow_step(&g, piece);
        struct ist_interest set[2] = { { .handle = a, .want = IST_READABLE }, { .handle = b, .want = IST_READABLE } };
        ist_wait(set, 2, moved ? IST_NO_WAIT : clock_ns + 100 * MS);
        still = moved ? 0 : still + 1;
    }
    settle();
    ok(f.got == TOTAL && g.got == TOTAL && !f.wrong && !g.wrong, "8 MiB each way at once in pieces of %u, every byte right", piece);
    ok(ist_stream_recv(a, buf, 1) == 0 && ist_stream_recv(b, buf, 1) == 0, "and then the end");
    ist_close(a), ist_close(b);
}

static void thousand(void)
{
    static ist_handle c[N], s[N];
    static struct ist_interest set[2 * N];
    ist_handle l = listener_on(v4("127.0.0.1", 0), N);
    struct ist_address to = local_of(l);
    int n = 0, good = 0;
    int32_t r;

    for (int i = 0; i < N; i++) {
        c[i] = ist_tcp_open(IST_IPV4);
        if (c[i] < 0 || ist_socket_connect(c[i], &to)) abort();
    }
    while (n < N && wait_for(l, IST_READABLE, 10000))
        while (n < N && (s[n] = ist_socket_accept(l, NULL)) > 0)
            n++;
    ok(n == N, "1,000 connections are accepted");
    for (uint32_t i = 0; i < N; i++)
        good += wait_for(c[i], IST_WRITABLE, 100) == IST_WRITABLE && ist_stream_send(c[i], &i, 4) == 4;
    settle();
    for (uint32_t i = 0; i < N; i++) {   /* each server end answers with what it got */
        uint32_t v = 0;
        if (ist_stream_recv(s[i], &v, 4) == 4)
            ist_stream_send(s[i], &v, 4);
    }
    settle();
    for (uint32_t i = 0; i < N; i++) {
        uint32_t v = 0;
        good += ist_stream_recv(c[i], &v, 4) == 4 && v == i;
    }
    ok(good == 2 * N, "each carries its own bytes there and back");
    for (uint32_t i = 0; i < N; i++) {
        set[2 * i] = (struct ist_interest){ .handle = c[i], .want = IST_READABLE };
        set[2 * i + 1] = (struct ist_interest){ .handle = s[i], .want = IST_READABLE };
    }
    r = ist_wait(set, 2 * N, clock_ns + MS);
    ok(r == 0, "a wait for all of them ends at its deadline (%d)", r);
    ist_stream_send(c[777], "x", 1);
    r = ist_wait(set, 2 * N, IST_NO_DEADLINE);
    ok(r == 1, "or when one of them can be read");
    for (int i = 0; i < N; i++)
        ist_close(c[i]), ist_close(s[i]);
    ist_close(l);
    pass(120000);
}

static void again(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 8);
    struct ist_address to = local_of(l), from = v4("127.0.0.1", 5000);
    int n = 0;

    for (int i = 0; i < 100; i++) {
        ist_handle c = ist_tcp_open(IST_IPV4), s;
        ist_option_set(c, IST_OPTION_REUSE_ADDRESS, 1);
        if (ist_socket_bind(c, &from) || ist_socket_connect(c, &to) || !wait_for(l, IST_READABLE, 1000))
            break;
        s = ist_socket_accept(l, NULL);
        ist_close(s);
        settle();
        n += ist_stream_recv(c, buf, 8) == 0;
        ist_close(c);
        pass(1);
    }
    ok(n == 100, "a port comes again while its last connection is in TIME-WAIT at the listener (%d of 100)", n);
    ist_close(l);
}

static void in_a_row(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 8);
    struct ist_address to = local_of(l);
    int n = 0;

    for (int i = 0; i < 3000; i++) {
        ist_handle c = ist_tcp_open(IST_IPV4), s;
        int32_t r = ist_socket_connect(c, &to);
        if (r || !wait_for(l, IST_READABLE, 1000))
            break;
        s = ist_socket_accept(l, NULL);
        ist_stream_send(s, "bye", 3);
        ist_close(s);
        settle();
        n += ist_stream_recv(c, buf, 8) == 3 && ist_stream_recv(c, buf, 8) == 0;
        ist_close(c);
        pass(1);
    }
    ok(n == 3000, "3,000 connections in a row to one port, the older ones still in TIME-WAIT (%d)", n);
    ist_close(l);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    thousand();      /* the handle table grows to its size */
    both_ways(40000);
    memory = memory_now();
    both_ways(999);
    thousand();
    again();
    in_a_row();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
