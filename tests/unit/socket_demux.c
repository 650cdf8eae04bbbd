/*
 * One among thousands: every segment finds its own connection, whatever the others do. The peer is played by hand.
 */
#include "peer.h"

#define N     3000u
#define PORT  8000
#define FIRST 10000u        /* the peer's ports */
#define ISN(i) (7000u + (i) * 1000003u)

static ist_handle listener, conn[N];
static uint32_t ours[N];    /* our next number on each */

static uint32_t blocks(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_tcp;
}

static void say(uint32_t i, uint8_t flags, uint32_t seq, const void *data, uint32_t len)
{
    peer_send((uint16_t)(FIRST + i), PORT, flags, seq, ours[i], data, len);
}

/* The handshake of the peer's port FIRST + i, up to accept. */
static int open_one(uint32_t i, uint32_t isn)
{
    struct packet p;
    struct ist_address from;

    ours[i] = 0;
    say(i, SYN, isn, NULL, 0);
    if (!peer_next_tcp(&p) || p.flags != (SYN | ACK) || p.ack != isn + 1 || p.to != FIRST + i)
        return 0;
    ours[i] = p.seq + 1;
    say(i, ACK, isn + 1, NULL, 0);
    settle();
    conn[i] = ist_socket_accept(listener, &from);
    return conn[i] > 0 && from.port == FIRST + i;
}

static void many(void)
{
    uint32_t opened = 0, right = 0;

    listener = listener_on(v4("0.0.0.0", PORT), 16);
    for (uint32_t i = 0; i < N; i++)
        opened += (uint32_t)open_one(i, ISN(i));
    ok(opened == N && blocks() == N + 1, "%u connections of one peer to one port are open", N);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t k = i * 7919 % N;
        say(k, ACK | PSH, ISN(k) + 1, &k, 4);
        if (i % 500 == 0)
            peer_forget();
    }
    peer_forget();
    for (uint32_t i = 0, got; i < N; i++)
        right += ist_stream_recv(conn[i], &got, 4) == 4 && got == i;
    ok(right == N, "data in any order reaches the connection that it is for (%u)", right);
}

static void sent_again(void)
{
    struct packet p;
    uint32_t n = 0, others = 0;

    pass(1000);
    peer_forget();
    ok(ist_stream_send(conn[1234], "lost", 4) == 4 && peer_next_tcp(&p) && p.to == FIRST + 1234 && p.data_len == 4, "one of them sends");
    for (int i = 0; i < 8; i++) {
        pass(500);
        while (peer_next_tcp(&p)) {
            n += p.to == FIRST + 1234 && p.seq == ours[1234] && p.data_len == 4;
            others += p.to != FIRST + 1234;
        }
    }
    ok(n >= 2 && n <= 5 && others == 0, "what nobody acknowledges is sent again, and nothing else is (%u, %u)", n, others);
    ours[1234] += 4;
    say(1234, ACK, ISN(1234) + 5, NULL, 0);
    pass(8000);
    ok(!peer_next_tcp(&p), "until it is acknowledged");
}

static void reset(void)
{
    struct packet p;
    uint32_t failed = 0;

    say(77, RST, ISN(77) + 5, NULL, 0);
    say(78, RST, ISN(78) + 5 + 0x10000000, NULL, 0);
    settle();
    for (uint32_t i = 0; i < N; i++)
        failed += (levels(conn[i]) & IST_FAILED) != 0;
    ok(failed == 1 && ist_failure(conn[77]) == IST_ECONNRESET && blocks() == N, "a reset ends the one that it is for, and no other");
    peer_forget();
    say(77, ACK, ISN(77) + 5, "x", 1);
    ok(peer_next_tcp(&p) && p.flags & RST && p.to == FIRST + 77 && p.seq == ours[77], "a segment for one that is gone is answered with a reset");
    peer_send((uint16_t)(FIRST + 76), PORT + 1, ACK, 1, 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags & RST, "so is one from a port that is known to a port that is not");
    ist_close(conn[77]);
    peer_forget();
    ok(open_one(77, ISN(77) + 10) && blocks() == N + 1, "the port that was reset may come again");
}

static void time_wait(void)
{
    struct packet p;

    ist_close(conn[500]);
    ok(peer_next_tcp(&p) && p.flags & FIN && p.to == FIRST + 500, "one is closed: FIN");
    ours[500]++;
    say(500, FIN | ACK, ISN(500) + 5, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.ack == ISN(500) + 6 && blocks() == N + 1, "the peer's FIN is acknowledged; TIME-WAIT");
    say(500, FIN | ACK, ISN(500) + 5, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.ack == ISN(500) + 6, "a FIN that comes again is acknowledged again");
    say(500, RST, ISN(500) + 6, NULL, 0);
    settle();
    ok(blocks() == N + 1, "a reset does not end TIME-WAIT (RFC 1337)");
    say(500, SYN, ISN(500) - 100000, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.ack == ISN(500) + 6, "an old SYN opens nothing");
    ok(open_one(500, ISN(500) + 50000) && blocks() == N + 1, "a new one does, in its place");
}

static void ports(void)
{
    struct ist_address taken = v4("10.0.0.1", PORT), to = v4("10.0.0.2", (uint16_t)(FIRST + 3)), local;
    ist_handle h = ist_tcp_open(IST_IPV4);

    ok(ist_socket_bind(h, &taken) == IST_EADDRINUSE, "the port of the listener and its connections is in use");
    ist_close(h);
    ist_close(listener);
    h = ist_tcp_open(IST_IPV4);
    ok(ist_socket_bind(h, &taken) == IST_EADDRINUSE, "also when the listener has gone");
    ist_option_set(h, IST_OPTION_REUSE_ADDRESS, 1);
    ok(ist_socket_bind(h, &taken) == IST_EADDRINUSE, "and to REUSEADDR, as the connections do not have it");
    ok(ist_socket_connect(h, &to) == 0 && ist_socket_local(h, &local) == 0 && local.port != PORT, "a port of our own choice is another");
    ist_close(h);
}

/* Closed by the peer first: nothing stays in TIME-WAIT. */
static void all_closed(void)
{
    for (uint32_t i = 0; i < N; i++) {
        if (i % 100 == 0)
            peer_forget();
        ist_option_set(conn[i], IST_OPTION_LINGER_S, 0);
        ist_close(conn[i]);
    }
    peer_forget();
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    for (uint32_t i = 0; i < N; i++)    /* the handle table grows to its size */
        if ((conn[i] = ist_tcp_open(IST_IPV4)) < 0) abort();
    for (uint32_t i = 0; i < N; i++)
        ist_close(conn[i]);
    memory = memory_now();
    many();
    sent_again();
    reset();
    time_wait();
    ports();
    all_closed();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
