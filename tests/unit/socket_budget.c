/*
 * What TCP connections may hold: windows that grow with their reader and never take back a promise, send buffers that grow with what the
 * peer acknowledges, and one budget for all, at whose end segments are dropped, not memory taken.
 */
#include "peer.h"

#define SCALE     7u
#define SEGMENT   1460u
#define MANY      10000u
#define FIRST     2000u
#define BUDGET    (UINT32_C(64) << 20)

static char buf[65536];
static uint8_t data[SEGMENT];

/* A SYN with MSS, SACK permitted and window scaling, or an ACK of one. */
static void peer_syn(uint16_t from, uint16_t to, uint8_t flags, uint32_t seq, uint32_t ack, int scaling)
{
    uint8_t t[32] = { 0 }, options[12] = { 2, 4, SEGMENT >> 8, SEGMENT & 0xff, 1, 1, 4, 2, 1, 3, 3, SCALE };
    uint32_t sum = 0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + sizeof t;

    put16(t, from), put16(t + 2, to), put32(t + 4, seq), put32(t + 8, ack);
    t[12] = 0x80, t[13] = flags;
    put16(t + 14, 65535);
    memcpy(t + 20, options, scaling ? 12 : 8);
    put16(t + 16, sum_end(sum_add(sum, t, sizeof t)));
    peer_send_raw(6, t, sizeof t);
}

/* The table of handles grows and stays. */
static void handles_warm(uint32_t n)
{
    static ist_handle h[MANY + 8];

    for (uint32_t i = 0; i < n; i++)
        h[i] = ist_udp_open(IST_IPV4);
    while (n)
        ist_close(h[--n]);
}

static uint32_t window_of(const struct packet *p)
{
    return get16(p->bytes + 34);
}

/* A connection of the peer to the listener, whose handshake takes @rtt ms. */
static ist_handle peer_connect(ist_handle l, uint16_t from, uint32_t rtt, int scaling, struct packet *synack)
{
    peer_forget();
    peer_syn(from, 8000, SYN, 1000, 0, scaling);
    if (!peer_next_tcp(synack) || synack->flags != (SYN | ACK)) abort();
    pass(rtt);
    peer_send(from, 8000, ACK, 1001, synack->seq + 1, NULL, 0);
    settle();
    return ist_socket_accept(l, NULL);
}

/*
 * The peer sends for @rounds of 50 ms: at each, as many segments as the window has room for, @most of them. The reader reads all,
 * or nothing. The window in the end; *took_back counts the acknowledgements that advertise less than before.
 */
static uint32_t stream(ist_handle h, uint16_t from, uint32_t mine, int rounds, uint32_t most, int reads, uint32_t *seq, uint32_t *took_back)
{
    static uint32_t edge, una;
    struct packet p;

    if (*seq == 1001)
        edge = 1001 + 65535, una = 1001;
    for (int r = 0; r < rounds; r++) {
        for (uint32_t n = 0; n < most && (int32_t)(edge - *seq) >= (int32_t)SEGMENT; n++, *seq += SEGMENT) {
            peer_send(from, 8000, ACK, *seq, mine, data, SEGMENT);
            if (n % 64 == 0)
                settle();
        }
        while (peer_next_tcp(&p)) {
            uint32_t right = p.ack + (window_of(&p) << SCALE);
            *took_back += (int32_t)(right + (1u << SCALE) - edge) < 0;
            if ((int32_t)(right - edge) > 0)
                edge = right;
            una = p.ack;
        }
        if (reads)
            while (ist_stream_recv(h, buf, sizeof buf) > 0)
                ;
        pass(50);
    }
    while (peer_next_tcp(&p))
        if ((int32_t)(p.ack + (window_of(&p) << SCALE) - edge) > 0)
            edge = p.ack + (window_of(&p) << SCALE), una = p.ack;
    return edge - una;
}

static void growth(ist_handle l)
{
    struct packet syn;
    ist_handle h = peer_connect(l, 1000, 50, 1, &syn);
    uint32_t seq = 1001, back = 0, w, held;
    int32_t v;

    ok(window_of(&syn) == 65535 && syn.bytes[32] >> 4 >= 7, "a connection starts with a window of 64 KiB, and offers scaling");
    w = stream(h, 1000, syn.seq + 1, 20, 5, 1, &seq, &back);
    ok(w > 40000 && w <= 65536 && !back, "five segments in a round trip do not make it grow (%u)", w);
    w = stream(h, 1000, syn.seq + 1, 12, 5000, 1, &seq, &back);
    ok(w > 3000000 && w <= 4 << 20 && !back, "a sender that fills it, and a reader that keeps up: it grows to 4 MiB (%u)", w);
    ok(ist_option_get(h, IST_OPTION_RECEIVE_BUFFER, &v) == 0 && v == 4 << 20, "and RECEIVE_BUFFER says so");
    w = stream(h, 1000, syn.seq + 1, 3, 5000, 0, &seq, &back);
    held = (uint32_t)ist_stream_pending(h);
    ok(w < SEGMENT && !back && held > 4000000, "the reader stops: 4 MiB arrive, then the window is shut; nothing is taken back (%u)", held);
    w = stream(h, 1000, syn.seq + 1, 3, 0, 1, &seq, &back);
    ok(w > 3000000 && !back, "it reads, and the window is open again (%u)", w);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);

    h = peer_connect(l, 1001, 50, 0, &syn);
    seq = 1001, back = 0;
    stream(h, 1001, syn.seq + 1, 0, 0, 1, &seq, &back);
    for (int i = 0; i < 200; i++, seq += SEGMENT) {
        peer_send(1001, 8000, ACK, seq, syn.seq + 1, data, SEGMENT);
        settle();
        while (ist_stream_recv(h, buf, sizeof buf) > 0)
            ;
    }
    ok(ist_option_get(h, IST_OPTION_RECEIVE_BUFFER, &v) == 0 && v == 65535, "without scaling it stays at 65,535");
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
}

static void fixed(void)
{
    ist_handle l = listener_on(v4("0.0.0.0", 8001), 5), h = ist_tcp_open(IST_IPV4);
    struct ist_address to = v4("10.0.0.2", 80);
    struct packet p;
    uint32_t seq = 1001, mine, right = 0;
    int32_t v;

    ist_option_set(h, IST_OPTION_RECEIVE_BUFFER, 8192);
    peer_forget();
    ist_socket_connect(h, &to);
    ok(peer_next_tcp(&p) && window_of(&p) == 8192, "RECEIVE_BUFFER is the window of the SYN");
    mine = p.seq + 1;
    peer_syn(80, p.from, SYN | ACK, 1000, mine, 1);
    uint16_t port = p.from;
    for (int i = 0; i < 500; i++, seq += SEGMENT) {
        peer_send(80, port, ACK, seq, mine, data, SEGMENT);
        settle();
        while (ist_stream_recv(h, buf, sizeof buf) > 0)
            ;
        while (peer_next_tcp(&p))
            right = p.ack + (window_of(&p) << SCALE);
    }
    ok((int32_t)(right - seq) <= 8192 && ist_option_get(h, IST_OPTION_RECEIVE_BUFFER, &v) == 0 && v == 8192, "and stays that, however much is read");
    ok(ist_option_set(h, IST_OPTION_RECEIVE_BUFFER, 200000) == 0, "it may be made larger later");
    for (int i = 0; i < 20; i++, seq += SEGMENT) {
        peer_send(80, port, ACK, seq, mine, data, SEGMENT);
        settle();
        while (ist_stream_recv(h, buf, sizeof buf) > 0)
            ;
        while (peer_next_tcp(&p))
            right = p.ack + (window_of(&p) << SCALE);
    }
    ok((int32_t)(right - seq) > 140000, "and is (%u)", right - seq);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);

    ist_option_set(l, IST_OPTION_RECEIVE_BUFFER, 5000);
    peer_forget();
    peer_syn(1100, 8001, SYN, 1000, 0, 1);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK) && window_of(&p) == 5000, "a listener's is inherited, from the SYN-ACK on");
    ist_close(l);
    peer_forget();
}

static void send_buffer(void)
{
    struct packet syn, p;
    ist_handle h = peer_accept(&syn);
    uint32_t edge = syn.seq + 1;
    int32_t at_first, later, n;

    for (at_first = 0; (n = ist_stream_send(h, buf, sizeof buf)) > 0; )
        at_first += n;
    ok(n == IST_EAGAIN && at_first >= 65536 && at_first < 80000, "at first the send buffer takes 64 KiB");
    for (int i = 0; i < 40; i++) {
        while (peer_next_tcp(&p))
            if (p.seq == edge)
                edge += p.data_len;
        peer_send(80, syn.from, ACK, 1001, edge, NULL, 0);
        settle();
        while (ist_stream_send(h, buf, sizeof buf) > 0)
            ;
    }
    ist_option_get(h, IST_OPTION_SEND_BUFFER, &later);
    ok(later > 65536 && later <= 4 << 20, "it grows with what the peer takes in a round trip (%d)", later);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

/* 10,000 peers send as much as they may, and nobody reads. */
static void many(ist_handle l, uint64_t baseline)
{
    static ist_handle h[MANY];
    static uint32_t mine[MANY];
    struct packet p;
    ist_handle reader;
    uint64_t most = 0, now;
    uint32_t seq = 1001, got = 0;

    reader = peer_connect(l, 1200, 1, 1, &p);
    uint32_t reader_mine = p.seq + 1;
    for (uint32_t i = 0; i < MANY; i++) {
        h[i] = peer_connect(l, (uint16_t)(FIRST + i), 0, 1, &p);
        if (h[i] < 0) abort();
        mine[i] = p.seq + 1;
    }
    ok(memory_now() < BUDGET / 4, "10,000 connections are open, and hold %u bytes", (unsigned)(memory_now() - baseline));
    for (uint32_t k = 0; k < 12; k++)
        for (uint32_t i = 0; i < MANY; i++) {
            peer_send((uint16_t)(FIRST + i), 8000, ACK, 1001 + k * SEGMENT, mine[i], data, SEGMENT);
            if (i % 64 == 0)
                peer_forget(), now = memory_now(), most = now > most ? now : most;
        }
    ok(most <= BUDGET && most > BUDGET / 4 * 3 - (1 << 20), "each peer sends 17,520 bytes that nobody reads: never more than 64 MiB is held (%u)", (unsigned)most);
    for (int i = 0; i < 200; i++) {
        peer_send(1200, 8000, ACK, seq, reader_mine, data, SEGMENT);
        settle();
        for (int32_t n; (n = ist_stream_recv(reader, buf, sizeof buf)) > 0; )
            got += (uint32_t)n, seq += (uint32_t)n;
    }
    ok(got == 200 * SEGMENT, "one that reads goes on meanwhile");
    ok(ist_stream_send(reader, buf, 4096) == 4096, "and sends");
    peer_send(1200, 8000, ACK, seq, reader_mine + 4096, NULL, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        ist_option_set(h[i], IST_OPTION_LINGER_S, 0);
        ist_close(h[i]);
        if (i % 64 == 0)
            peer_forget();
    }
    peer_forget();
    ist_option_set(reader, IST_OPTION_LINGER_S, 0);
    ist_close(reader);
    peer_forget();
}

/* The smallest budget, and so many peers that one segment of each is too much. */
static void end_of_it(void)
{
    enum { N = 400, LEAST = 256 << 10 };
    struct ist_config config = { .size = sizeof config, .memory_budget = 1 };
    struct ist_address to = v4("10.0.0.2", 80);
    struct packet p;
    ist_handle l, h[N], idle = 0;
    uint64_t before, most = 0;
    uint32_t n = 0, connected = 0;

    instance_start(GRANT, &config);
    handles_warm(N);
    l = listener_on(v4("0.0.0.0", 8000), N);
    peer_forget();
    before = memory_now();
    for (uint16_t i = 0; i < N; i++) {
        peer_syn((uint16_t)(FIRST + i), 8000, SYN, 1000, 0, 1);
        if (!peer_next_tcp(&p))
            break;
        connected++;
        peer_send((uint16_t)(FIRST + i), 8000, ACK, 1001, p.seq + 1, data, SEGMENT);
        peer_forget();
        most = memory_now() > most ? memory_now() : most;
    }
    ok(connected > 50 && connected < N && most < LEAST + 4096, "a budget of 256 KiB: after %u connections with a segment each a SYN is not answered", connected);
    idle = ist_tcp_open(IST_IPV4);
    ok(ist_socket_connect(idle, &to) == IST_ENOMEM, "and connect is ENOMEM");
    while ((h[n] = ist_socket_accept(l, NULL)) > 0)
        n++;
    ok(ist_stream_send(h[0], "x", 1) == IST_ENOMEM && !(levels(h[0]) & IST_WRITABLE), "and so is send, where nothing waits to be acknowledged");
    for (uint32_t i = 0; i < n; i++)
        while (ist_stream_recv(h[i], buf, sizeof buf) > 0)
            ;
    ok(levels(h[0]) & IST_WRITABLE && ist_stream_send(h[0], "x", 1) == 1 && ist_socket_connect(idle, &to) == 0, "when the segments have been read, all of it goes again");
    while (n)
        ist_option_set(h[--n], IST_OPTION_LINGER_S, 0), ist_close(h[n]);
    ist_close(idle), ist_close(l);
    peer_forget();
    nothing_left(before);
    instance_stop();
}

int main(void)
{
    ist_handle l;
    uint64_t memory;
    struct packet syn;

    instance_start(GRANT, NULL);
    ist_close(peer_accept(&syn));
    handles_warm(MANY + 8);
    l = listener_on(v4("0.0.0.0", 8000), 5);
    pass(300000);
    peer_forget();
    memory = memory_now();
    growth(l);
    fixed();
    send_buffer();
    many(l, memory);
    pass(300000);
    peer_forget();
    ok(memory_now() <= memory, "all are closed: the memory is back at its baseline (%lld over)", (long long)(memory_now() - memory));
    ist_close(l);
    instance_stop();
    end_of_it();
    return tap_done();
}
