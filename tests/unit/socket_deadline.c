/*
 * TCP's deadlines, to the millisecond, against a peer that is played by hand; and what an instance with nothing due does: nothing.
 */
#include "peer.h"

static char buf[65536];
static uint64_t began;

static uint32_t blocks(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_tcp;
}

static void mark(void)
{
    began = clock_ns;
}

/* Milliseconds since mark(). */
static unsigned since(void)
{
    return (unsigned)((clock_ns - began) / MS);
}

/* Waits for a segment; when it came, in ms since mark(), or -1. */
static int next_at(struct packet *p, unsigned within)
{
    for (;;) {
        settle();
        while (peer_next(p))
            if (p->protocol == 6)
                return (int)since();
        if (since() >= within)
            return -1;
        if (wait_set(NULL, 0, clock_ns + MS) < 0) abort();
    }
}

/* The times of the next segments are @times, up to a 0; further ones may follow. The last stands in *p. */
static int come_at(const int *times, struct packet *p)
{
    for (int i = 0; times[i]; i++) {
        int at = next_at(p, 1000000);
        if (at != times[i]) {
            printf("# segment %d came at %d ms, not at %d\n", i, at, times[i]);
            return 0;
        }
    }
    return 1;
}

/* A connection whose SYN is answered after @rtt ms. */
static ist_handle connect_slowly(struct packet *syn, unsigned rtt)
{
    struct ist_address to = v4("10.0.0.2", 80);
    ist_handle h = ist_tcp_open(IST_IPV4);

    if (ist_socket_connect(h, &to) || !peer_next_tcp(syn)) abort();
    pass(rtt);
    peer_forget();
    peer_send(80, syn->from, SYN | ACK, 1000, syn->seq + 1, NULL, 0);
    if (wait_for(h, IST_WRITABLE, 100) != IST_WRITABLE) abort();
    peer_forget();
    return h;
}

static void drop(ist_handle h)
{
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

static void syn(void)
{
    static const int again[] = { 1000, 3000, 7000, 15000, 31000, 63000, 0 };
    struct ist_address to = v4("10.0.0.2", 80);
    struct packet p;
    ist_handle h = ist_tcp_open(IST_IPV4);

    if (ist_socket_connect(h, &to) || !peer_next_tcp(&p)) abort();
    mark();
    ok(come_at(again, &p) && p.flags == SYN, "a SYN is repeated after 1, 2, 4, 8, 16 and 32 s more (RFC 6298 2.1, 5.5)");
    ok(next_at(&p, 126999) < 0 && !(levels(h) & IST_FAILED), "the last is waited for 64 s");
    wait_for(h, 0, 10);
    ok(since() == 127000 && ist_failure(h) == IST_ETIMEDOUT, "and that is the end: ETIMEDOUT after %u ms", since());
    ist_close(h);
}

static void data(void)
{
    static const int least[] = { 200, 600, 1400, 3000, 6200, 0 }, measured[] = { 1200, 3600, 0 };
    static const int karn[] = { 200, 600, 0 }, lost_syn[] = { 3000, 9000, 0 };
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);

    ist_stream_send(h, "a", 1);
    peer_forget();
    mark();
    ok(come_at(least, &p) && p.data_len == 1, "after a round trip of 10 ms data is sent again after 200 ms, then twice that, and so on");
    peer_send(80, first.from, ACK, 1001, first.seq + 2, NULL, 0);
    peer_forget();
    ist_stream_send(h, "b", 1);
    peer_forget();
    mark();
    ok(come_at(karn, &p), "what was sent twice is not measured, and an ACK of new data ends the backing off (Karn)");
    drop(h);

    h = connect_slowly(&first, 400);
    ist_stream_send(h, "a", 1);
    peer_forget();
    mark();
    ok(come_at(measured, &p), "after one of 400 ms data waits for SRTT + 4 RTTVAR = 400 + 4 * 200 ms (RFC 6298 2.2)");
    drop(h);

    h = connect_slowly(&first, 1500);
    ist_stream_send(h, "a", 1);
    peer_forget();
    mark();
    ok(come_at(lost_syn, &p), "a SYN that was sent twice says nothing: 3 s (RFC 6298 5.7)");
    drop(h);

    h = connect_slowly(&first, 10);
    pass(5000);
    ist_stream_send(h, "a", 1);
    peer_forget();
    mark();
    ok(come_at(least, &p), "a pause of 5 s before the first byte is no round trip");
    drop(h);
}

static void delayed_ack(void)
{
    static const int late[] = { 40, 0 };
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);

    pass(1000);
    mark();
    peer_send(80, first.from, ACK, 1001, first.seq + 1, buf, 1000);
    ok(come_at(late, &p) && p.flags == ACK && p.ack == 2001, "the ACK of one segment waits 40 ms");
    mark();
    peer_send(80, first.from, ACK, 2001, first.seq + 1, buf, 1000);
    peer_send(80, first.from, ACK, 3001, first.seq + 1, buf, 1000);
    ok(next_at(&p, 5) == 0 && p.ack == 4001 && next_at(&p, 100) < 0, "that of two is sent at once, and only once");
    ist_stream_send(h, "x", 1);
    peer_forget();
    ist_stream_send(h, "y", 1);
    ok(!peer_next_tcp(&p), "Nagle's algorithm holds back a small segment");
    peer_send(80, first.from, ACK, 4001, first.seq + 1, buf, 1000);
    peer_send(80, first.from, ACK, 5001, first.seq + 1, buf, 1000);
    ok(peer_next_tcp(&p) && p.ack == 6001 && p.data_len == 0, "but not the ACK of what comes meanwhile");
    ist_option_set(h, IST_OPTION_NO_DELAY, 1);
    ok(peer_next_tcp(&p) && p.data_len == 1 && p.data[0] == 'y', "switched off, it sends at once what it held back");
    drop(h);
}

static void closed_window(void)
{
    static const int probes[] = { 200, 600, 1400, 3000, 6200, 12600, 25400, 51000, 102200, 162200, 222200, 0 };
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);
    uint8_t t[20] = { 0 };

    put16(t, 80), put16(t + 2, first.from), put32(t + 4, 1001), put32(t + 8, first.seq + 1);
    t[12] = 0x50, t[13] = ACK;    /* window 0 */
    put16(t + 16, sum_end(sum_add(0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + 20, t, 20)));
    peer_send_raw(6, t, 20);
    settle();
    ist_stream_send(h, "probed", 6);
    peer_forget();
    mark();
    ok(come_at(probes, &p) && p.data_len == 1, "a closed window is probed after 200 ms, then twice that, up to once a minute");
    peer_send(80, first.from, ACK, 1001, first.seq + 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.data_len == 6, "when it opens all is sent");
    drop(h);
}

static void ends(void)
{
    struct packet first, p;
    uint32_t none = blocks();
    ist_handle h = connect_slowly(&first, 10), l;

    ist_stream_shutdown(h, IST_SHUT_WRITE);
    peer_forget();
    peer_send(80, first.from, ACK, 1001, first.seq + 2, NULL, 0);
    pass(300000);
    ok(blocks() == none + 1, "half closed, and the program still holds it: FIN-WAIT-2 has no end");
    ist_close(h);
    pass(19000);
    ok(blocks() == none + 1, "closed, it waits for the peer's FIN");
    pass(1000);
    ok(blocks() == none, "for 20 s");

    h = connect_slowly(&first, 10);
    ist_close(h);
    peer_forget();
    peer_send(80, first.from, FIN | ACK, 1001, first.seq + 2, NULL, 0);
    settle();
    pass(59000);
    ok(blocks() == none + 1 && !(peer_forget(), 0), "TIME-WAIT");
    pass(1000);
    ok(blocks() == none, "ends after a minute");

    l = listener_on(v4("0.0.0.0", 8000), 5);
    mark();
    peer_send(2000, 8000, SYN, 7000, 0, NULL, 0);
    ok(next_at(&p, 1) == 0 && p.flags == (SYN | ACK) && next_at(&p, 2000) == 1000, "a SYN-ACK is repeated after a second");
    pass(178900);
    ok(blocks() == none + 2, "half-open");
    pass(200);
    ok(blocks() == none + 1, "for three minutes");
    ist_close(l);
    peer_forget();
}

static void keepalive(void)
{
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);

    ist_option_set(h, IST_OPTION_KEEPALIVE_IDLE_S, 10);
    ist_option_set(h, IST_OPTION_KEEPALIVE_INTERVAL_S, 2);
    ist_option_set(h, IST_OPTION_KEEPALIVE_COUNT, 2);
    pass(20000);
    mark();
    ist_option_set(h, IST_OPTION_KEEPALIVE, 1);
    ok(next_at(&p, 100) >= 0 && p.flags == ACK && p.seq == first.seq, "keepalive that is switched on after a silence probes at once");
    mark();
    peer_send(80, first.from, ACK, 1001, first.seq + 1, NULL, 0);
    ok(next_at(&p, 20000) == 10000 && next_at(&p, 20000) == 12000, "an answer is good for 10 s; then a probe, and another after 2 s");
    wait_for(h, 0, 10000);
    ok(since() == 14000 && ist_failure(h) == IST_ETIMEDOUT, "no answer to two: ETIMEDOUT after 4 s");
    ok(peer_next_tcp(&p) && p.flags & RST, "and a reset");
    ist_close(h);
}

/*
 * The simulator found that after a host had slept all probes went out at once, and an idle connection was given up before its peer could
 * answer.
 */
static void keepalive_after_sleep(void)
{
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);

    ist_option_set(h, IST_OPTION_KEEPALIVE_IDLE_S, 10);
    ist_option_set(h, IST_OPTION_KEEPALIVE_INTERVAL_S, 2);
    ist_option_set(h, IST_OPTION_KEEPALIVE_COUNT, 2);
    ist_option_set(h, IST_OPTION_KEEPALIVE, 1);
    pass(1000);
    clock_ns += 3600 * 1000 * MS;
    mark();
    ok(next_at(&p, 1000) >= 0 && p.flags == ACK && next_at(&p, 1500) < 0, "after an hour of sleep there is one probe, and the next waits for 2 s");
    peer_send(80, first.from, ACK, 1001, first.seq + 1, NULL, 0);
    mark();
    ok(next_at(&p, 20000) == 10000 && !(levels(h) & IST_FAILED), "an answer in that time is in time");
    clock_ns += 3600 * 1000 * MS;
    mark();
    wait_for(h, 0, 20000);
    ok(since() >= 2000 && ist_failure(h) == IST_ETIMEDOUT, "without one it has ended %u ms after the second sleep", since());
    ist_close(h);
    peer_forget();
}

/* The simulator found that who only reads had no keepalive: after the peer had gone, reading never ended. */
static void keepalive_half_closed(void)
{
    struct packet first, p;
    ist_handle h = connect_slowly(&first, 10);

    ist_option_set(h, IST_OPTION_KEEPALIVE_IDLE_S, 10);
    ist_option_set(h, IST_OPTION_KEEPALIVE_INTERVAL_S, 2);
    ist_option_set(h, IST_OPTION_KEEPALIVE_COUNT, 2);
    ist_option_set(h, IST_OPTION_KEEPALIVE, 1);
    ist_stream_shutdown(h, IST_SHUT_WRITE);
    peer_forget();
    peer_send(80, first.from, ACK, 1001, first.seq + 2, NULL, 0);
    mark();
    ok(next_at(&p, 20000) == 10000 && p.flags == ACK && next_at(&p, 20000) == 12000, "FIN-WAIT-2 is kept alive: probes after 10 s and 2 s");
    wait_for(h, 0, 10000);
    ok(since() == 14000 && ist_failure(h) == IST_ETIMEDOUT, "and reading ends with ETIMEDOUT when they are not answered");
    ist_close(h);
    peer_forget();
}

static unsigned n_sleeps;

static void counted_sleep(void *user, uint64_t deadline)
{
    n_sleeps++;
    clock_sleep(user, deadline);
}

static unsigned sleeps_in_an_hour(void)
{
    n_sleeps = 0;
    pass(3600000);
    return n_sleeps;
}

static void idle(void)
{
    enum { N = 1000 };
    static ist_handle h[N];
    static uint16_t from[N];
    unsigned without, with;
    struct packet first, p;

    host.sleep = counted_sleep;
    without = sleeps_in_an_hour();
    for (int i = 0; i < N; i++) {
        h[i] = connect_slowly(&first, 1);
        from[i] = first.from;
    }
    pass(1000);
    peer_forget();
    with = sleeps_in_an_hour();
    ok(with == without, "1,000 idle connections wake nobody: %u times in an hour, without them %u", with, without);
    ok(!peer_next_tcp(&p), "and send nothing");
    ist_option_set(h[500], IST_OPTION_KEEPALIVE_IDLE_S, 1800);
    ist_option_set(h[500], IST_OPTION_KEEPALIVE, 1);
    mark();
    ok(next_at(&p, 1000) >= 0 && p.to == 80 && p.from == from[500], "one of them has a keepalive that is due");
    for (int i = 0; i < N; i++)
        drop(h[i]);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    idle();    /* the handle table grows to its size */
    memory = memory_now();
    syn();
    data();
    delayed_ack();
    closed_window();
    ends();
    keepalive();
    keepalive_after_sleep();
    keepalive_half_closed();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
