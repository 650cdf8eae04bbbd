/*
 * A flood of SYNs that nobody acknowledges: memory stays bounded, connections go on, who is honest gets in. And what may not be guessed:
 * numbers and ports of 10,000 connections.
 */
#include <stdlib.h>
#include "peer.h"

#define PORT    8000
#define BACKLOG 64
#define FLOOD   10000u
#define N       10000u

static char buf[65536];

static uint32_t blocks(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_tcp;
}

/* @n SYNs, each from another port; how many are answered. @now_and_then is called between them. */
static uint32_t flood(uint32_t n, void (*now_and_then)(void))
{
    struct packet p;
    uint32_t answered = 0;

    for (uint32_t i = 0; i < n; i++) {
        peer_send((uint16_t)(1024 + i % 60000), PORT, SYN, i * 7919, 0, NULL, 0);
        if (i % 100 == 99) {
            settle();
            while (peer_next(&p))
                answered += p.protocol == 6 && p.flags == (SYN | ACK);
            if (now_and_then)
                now_and_then();
        }
    }
    return answered;
}

static ist_handle flow, listener;
static struct packet flow_syn;
static uint32_t flow_n, flow_got;

/* The connection that was there before sends a byte and gets it acknowledged. */
static void flow_on(void)
{
    struct packet p;

    ist_stream_send(flow, "x", 1);
    settle();
    while (peer_next(&p))
        flow_got += p.protocol == 6 && p.from == flow_syn.from && p.data_len == 1;
    flow_n++;
    peer_send(80, flow_syn.from, ACK, 1001, flow_syn.seq + 1 + flow_n, NULL, 0);
}

/* A handshake with @port, in which the ACK comes @late ms after the SYN-ACK, with @n bytes. 1: accepted. */
static int honest(uint16_t from, uint32_t late, uint32_t n)
{
    struct packet p;
    ist_handle h;
    int right;

    peer_forget();
    peer_send(from, PORT, SYN, 5000, 0, NULL, 0);
    do
        if (!peer_next_tcp(&p))
            return 0;
    while (p.to != from || p.flags != (SYN | ACK));
    pass(late);
    peer_forget();
    peer_send(from, PORT, ACK, 5001, p.seq + 1, "hello", n);
    settle();
    h = ist_socket_accept(listener, NULL);
    if (h < 0)
        return 0;
    right = ist_stream_recv(h, buf, 64) == (n ? (int32_t)n : IST_EAGAIN) && ist_stream_send(h, "welcome", 7) == 7;
    peer_forget();
    peer_send(from, PORT, ACK, 5001 + n, p.seq + 8, NULL, 0);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
    return right;
}

static void floods(void)
{
    struct packet p;
    uint32_t none = blocks(), answered;
    uint64_t before, held;

    listener = listener_on(v4("0.0.0.0", PORT), BACKLOG);
    flow = peer_accept(&flow_syn);
    before = memory_now();
    answered = flood(FLOOD, flow_on);
    held = memory_now() - before;
    ok(answered == BACKLOG && blocks() == none + 2 + BACKLOG, "of 10,000 SYNs at once as many are answered as the backlog holds (%u)", answered);
    pass(1500);
    answered = flood(FLOOD, flow_on);
    ok(answered >= FLOOD && answered <= FLOOD + 2 * BACKLOG && blocks() == none + 2 + BACKLOG, "when nobody acknowledges, the rest is answered as well (%u)", answered);
    ok(memory_now() - before <= held + 100000, "and nothing is kept of it: %u bytes for the backlog", (unsigned)held);
    ok(flow_got == flow_n && flow_n == 2 * FLOOD / 100, "a connection that was there moves on (%u of %u)", flow_got, flow_n);
    ok(honest(900, 0, 0) && honest(901, 500, 5), "who answers gets in, also with data in the first ACK");
    ok(honest(902, 100000, 5), "after 100 s as well");
    peer_send(903, PORT, ACK, 5001, 123456, "guess", 5);
    ok(peer_next_tcp(&p) && p.flags & RST, "who guesses is reset");
    peer_send(904, PORT, SYN, 5000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK), "a SYN-ACK");
    peer_send(905, PORT, ACK, 5001, p.seq + 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags & RST && ist_socket_accept(listener, NULL) == IST_EAGAIN, "is good for no other port");
    pass(190000);
    peer_forget();
    ok(blocks() == none + 2, "after three minutes the half-open ones have gone");
    ok(honest(906, 0, 5), "and all is as before");
    ist_option_set(flow, IST_OPTION_LINGER_S, 0);
    ist_close(flow), ist_close(listener);
    peer_forget();
}

static uint32_t isn[N];
static uint16_t port[N];

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Of differences between neighbours: how often the commonest of 256 classes by their upper 8 bits occurs. */
static uint32_t commonest(const uint32_t *v)
{
    uint32_t count[256] = { 0 }, most = 0;

    for (uint32_t i = 1; i < N; i++)
        if (++count[(v[i] - v[i - 1]) >> 24] > most)
            most = count[(v[i] - v[i - 1]) >> 24];
    return most;
}

static void unpredictable(void)
{
    struct ist_address to = v4("10.0.0.2", 80);
    uint32_t runs = 0, up = 0, repeated = 0, bits[32] = { 0 }, lean = 0;
    uint16_t low = 65535, high = 0;

    for (uint32_t i = 0; i < N; i++) {
        struct packet p;
        ist_handle h = ist_tcp_open(IST_IPV4);
        clock_ns += MS;
        settle();
        if (h < 0 || ist_socket_connect(h, &to) || !peer_next_tcp(&p)) abort();
        isn[i] = p.seq, port[i] = p.from;
        ist_close(h);
    }
    for (uint32_t i = 0; i < N; i++) {
        low = port[i] < low ? port[i] : low, high = port[i] > high ? port[i] : high;
        runs += i && (uint16_t)(port[i] - port[i - 1] + 2) <= 4;
        up += i && port[i] > port[i - 1];
        for (int b = 0; b < 32; b++)
            bits[b] += isn[i] >> b & 1;
    }
    for (int b = 0; b < 32; b++)
        lean += bits[b] < N / 2 - 300 || bits[b] > N / 2 + 300;    /* 6 sigma */
    ok(commonest(isn) < 100 && lean == 0, "10,000 initial numbers: their differences are everywhere (%u), no bit leans", commonest(isn));
    qsort(isn, N, sizeof *isn, by_value);
    for (uint32_t i = 1; i < N; i++)
        repeated += isn[i] == isn[i - 1];
    ok(repeated <= 2, "none repeats but by chance (%u)", repeated);
    ok(low < 33500 && high > 60300 && runs < 30 && up > N / 2 - 300 && up < N / 2 + 300,
       "10,000 ports: from %u to %u, neighbours follow each other %u times, upwards %u times", low, high, runs, up);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    ist_close(ist_tcp_open(IST_IPV4));
    peer_forget();
    memory = memory_now();
    floods();
    unpredictable();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
