/*
 * TCP and UDP against a peer and routers that do what they like: refuse, reset, vanish, lie; and a host that goes.
 */
#include "peer.h"

static char buf[65536];

/* Until the handle has failed: its error, and how long it took, in ms. */
static int32_t failure_of(ist_handle h, uint64_t within_ms, uint64_t *took_ms)
{
    uint64_t start = clock_ns;

    while (!(levels(h) & IST_FAILED) && clock_ns < start + within_ms * MS)
        wait_for(h, 0, within_ms - (clock_ns - start) / MS);
    *took_ms = (clock_ns - start) / MS;
    return ist_failure(h);
}

static uint32_t blocks(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_tcp;
}

static ist_handle attempt(struct packet *syn)
{
    struct ist_address to = v4("10.0.0.2", 80);
    ist_handle h = ist_tcp_open(IST_IPV4);

    peer_forget();
    if (ist_socket_connect(h, &to) || !peer_next_tcp(syn)) abort();
    return h;
}

static void attempts(void)
{
    struct packet syn, p;
    uint64_t took;
    uint32_t n = 1;
    ist_handle h = attempt(&syn);

    ok(syn.flags == SYN && syn.to == 80, "connect sends a SYN");
    peer_send(80, syn.from, RST | ACK, 0, syn.seq + 5, NULL, 0);
    settle();
    ok(levels(h) == 0, "a reset that does not acknowledge the SYN is ignored");
    peer_send(80, syn.from, RST | ACK, 0, syn.seq + 1, NULL, 0);
    ok(failure_of(h, 1000, &took) == IST_ECONNREFUSED, "one that does refuses: ECONNREFUSED");
    ist_close(h);

    h = attempt(&syn);
    ok(failure_of(h, 300000, &took) == IST_ETIMEDOUT, "no answer: ETIMEDOUT");
    while (peer_next_tcp(&p))
        n += p.flags == SYN;
    ok(n == 7 && took > 120000 && took < 130000, "after %u SYNs and two minutes (%u s)", n, (unsigned)(took / 1000));
    ist_close(h);

    h = attempt(&syn);
    syn.bytes[27] ^= 0x55;
    peer_send_unreachable(3, 1, &syn);
    settle();
    ok(levels(h) == 0, "a router that quotes a segment never sent is not believed (RFC 5927)");
    syn.bytes[27] ^= 0x55;
    peer_send_unreachable(3, 1, &syn);
    ok(failure_of(h, 1000, &took) == IST_EHOSTUNREACH && took < 500, "host unreachable ends the attempt at once: EHOSTUNREACH");
    ist_close(h);

    h = attempt(&syn);
    peer_send_unreachable(3, 3, &syn);
    ok(failure_of(h, 1000, &took) == IST_ECONNREFUSED, "port unreachable: ECONNREFUSED");
    ist_close(h);

    h = attempt(&syn);
    ist_close(h);
    peer_forget();
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags & RST, "a SYN-ACK for an attempt that was closed is answered with a reset");
}

static void established(void)
{
    struct packet syn, p;
    uint64_t took;
    ist_handle h = peer_accept(&syn);

    ok(ist_stream_send(h, "hello", 5) == 5 && peer_next_tcp(&p) && p.data_len == 5 && memcmp(p.data, "hello", 5) == 0,
       "send reaches the wire");
    peer_send(80, syn.from, ACK, 1001 + 3, p.seq + 5, "lo", 2);
    settle();
    ok(ist_stream_pending(h) == 0, "a segment behind a gap waits");
    peer_send(80, syn.from, ACK, 1001, p.seq + 5, "hel", 3);
    settle();
    ok(ist_stream_recv(h, buf, 64) == 5 && memcmp(buf, "hello", 5) == 0, "when the gap is filled all of it is there, in one go");
    peer_send(80, syn.from, RST, 1006 + 100000, 0, NULL, 0);
    settle();
    ok(!(levels(h) & IST_FAILED), "a reset outside the window is ignored");
    peer_send(80, syn.from, RST, 1006 + 10, 0, NULL, 0);
    peer_forget();
    ok(!(levels(h) & IST_FAILED), "a reset inside the window, but not at its edge, is only challenged (RFC 5961)");
    peer_send(80, syn.from, RST, 1006, 0, NULL, 0);
    ok(failure_of(h, 1000, &took) == IST_ECONNRESET, "a reset at the edge: ECONNRESET");
    ist_close(h);
}

static void vanishing(void)
{
    struct packet syn, p;
    uint64_t took;
    ist_handle h = peer_accept(&syn);
    int32_t r;

    ist_stream_send(h, "anybody?", 8);
    r = failure_of(h, 3600000, &took);
    ok(r == IST_ETIMEDOUT && took > 60000, "data without an answer: ETIMEDOUT (after %u s)", (unsigned)(took / 1000));
    ist_close(h);

    h = peer_accept(&syn);
    ist_stream_send(h, "anybody?", 8);
    peer_next_tcp(&p);
    peer_send_unreachable(3, 1, &p);
    settle();
    ok(!(levels(h) & IST_FAILED), "host unreachable does not end a connection (RFC 1122 4.2.3.9)");
    ok(failure_of(h, 3600000, &took) == IST_EHOSTUNREACH, "but it explains the timeout: EHOSTUNREACH");
    ist_close(h);

    h = peer_accept(&syn);
    ok(ist_option_set(h, IST_OPTION_KEEPALIVE, 1) == 0 && ist_option_set(h, IST_OPTION_KEEPALIVE_IDLE_S, 10) == 0 &&
       ist_option_set(h, IST_OPTION_KEEPALIVE_INTERVAL_S, 2) == 0 && ist_option_set(h, IST_OPTION_KEEPALIVE_COUNT, 3) == 0,
       "keepalive can be set on a connection");
    ok(failure_of(h, 100000, &took) == IST_ETIMEDOUT && took > 12000 && took < 25000, "keepalive finds out (after %u s)", (unsigned)(took / 1000));
    ist_close(h);

    h = peer_accept(&syn);
    ist_stream_send(h, "farewell", 8);
    ist_close(h);
    pass(3600000);
    peer_forget();
    ok(blocks() == 0, "closed, and the peer never answers: the block goes in the end");
}

static void silent_reader(void)
{
    struct packet syn, p;
    uint32_t sent = 0, edge, got = 0;
    int32_t n;
    ist_handle h = peer_accept(&syn);

    ist_option_set(h, IST_OPTION_SEND_BUFFER, 1 << 20);
    while ((n = ist_stream_send(h, buf, sizeof buf)) > 0)
        sent += (uint32_t)n;
    ok(n == IST_EAGAIN && sent <= 1 << 20 && sent > 1000000, "a send buffer of 1 MiB fills up (%u)", sent);
    edge = syn.seq + 1;
    for (int i = 0; i < 2000 && got < sent; i++) {
        while (peer_next_tcp(&p))
            if (p.seq == edge)
                edge += p.data_len, got += p.data_len;
        peer_send(80, syn.from, ACK, 1001, edge, NULL, 0);
    }
    settle();
    ok(got == sent && levels(h) & IST_WRITABLE, "as the peer takes it, all of it arrives, and the handle is writable again");
    ist_close(h);
    peer_next_tcp(&p);
    ok(p.flags & FIN, "close sends a FIN");
    peer_send(80, syn.from, FIN | ACK, 1001, edge + 1, NULL, 0);
    peer_forget();
}

/*
 * The simulator found that with room for one more packet in the queue a handle was WRITABLE, and that a write which needs two, the rest of
 * the last segment and a new one, then gave IST_EAGAIN.
 */
static uint32_t packets_fill(uint32_t singles)
{
    uint32_t n = 0;
    int32_t r = 1;
    struct packet syn;
    ist_handle h = peer_accept(&syn);

    ist_option_set(h, IST_OPTION_SEND_BUFFER, 4 << 20);
    ist_option_set(h, IST_OPTION_NO_DELAY, 1);
    for (; n < singles && r == 1; n++)
        r = ist_stream_send(h, buf, 1);
    for (; r > 0 && levels(h) & IST_WRITABLE; n++)
        r = ist_stream_send(h, buf, n % 2 ? 1460 : 100);      /* two packets, or one */
    if (r <= 0 || ist_stream_send(h, buf, 1) != IST_EAGAIN)
        n = 0;
    peer_send(80, syn.from, RST, 1001, 0, NULL, 0);
    peer_forget();
    ist_close(h);
    return n;
}

static void packets_run_out(void)
{
    uint32_t window = 10 * 1460, n = 1;      /* as many packets go out at once */

    for (uint32_t more = 0; n && more < 6; more++)
        n = packets_fill(window - more);
    ok(n > window, "the queue of packets fills with %u small writes: as long as it is WRITABLE send takes a byte", n);
}

static void single_bytes(void)
{
    enum { TINY = 30000 };
    struct packet syn;
    ist_handle h = peer_accept(&syn);
    uint64_t before = memory_now();
    uint32_t got = 0, wrong = 0;
    int32_t n;

    for (uint32_t i = 0; i < TINY; i++) {
        char c = (char)(i * 11 + i / 256);
        peer_send(80, syn.from, ACK, 1001 + i, syn.seq + 1, &c, 1);
        if (i % 500 == 0)
            peer_forget();
    }
    peer_forget();
    ok(ist_stream_pending(h) == TINY && memory_now() - before < 3 * TINY, "30,000 bytes sent one by one take %u bytes of memory",
       (unsigned)(memory_now() - before));
    ok(ist_stream_peek(h, buf, 1, TINY - 1) == 1 && buf[0] == (char)((TINY - 1) * 11 + (TINY - 1) / 256), "peek finds the last of them");
    while ((n = ist_stream_recv(h, buf, 777)) > 0)
        for (int32_t i = 0; i < n; i++, got++)
            wrong += buf[i] != (char)(got * 11 + got / 256);
    ok(got == TINY && !wrong, "and all are read in order");
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

/* The peer loses one segment in @one_in, takes only what comes in order, and acknowledges what it has. */
static void lossy_path(uint32_t one_in)
{
    struct packet syn, p;
    uint32_t sent = 0, got = 0, start, n_lost = 0, wrong = 0, random = 12345;
    ist_handle h = peer_accept(&syn);
    int32_t n;

    for (uint32_t i = 0; i < sizeof buf; i++)
        buf[i] = (char)(i * 7 + i / 256);
    start = syn.seq + 1;
    for (int idle = 0; got < 3000000 && idle < 6000; ) {
        uint32_t at = sent % sizeof buf;
        n = ist_stream_send(h, buf + at, (uint32_t)sizeof buf - at);
        sent += n > 0 ? (uint32_t)n : 0;
        int any = 0;
        while (peer_next_tcp(&p)) {
            uint32_t offset = p.seq - start;
            random = random * 1664525 + 1013904223;
            if (!p.data_len)
                continue;
            any = 1;
            if (random >> 8 < (UINT32_C(1) << 24) / one_in) {
                n_lost++;
                continue;
            }
            if (offset == got) {
                for (uint32_t i = 0; i < p.data_len; i++)
                    wrong += p.data[i] != (uint8_t)buf[(got + i) % sizeof buf];
                got += p.data_len;
            }
            peer_send(80, syn.from, ACK, 1001, start + got, NULL, 0);
        }
        idle = any ? 0 : idle + 1;
        if (!any)
            pass(100);
    }
    ok(got >= 3000000 && !wrong, "one segment in %u is lost on the way: all bytes arrive, in order (%u lost)", one_in, n_lost);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

static void half_open_flood(void)
{
    ist_handle l = listener_on(v4("0.0.0.0", 8000), 50);
    uint32_t before = blocks();
    struct packet p;
    int answered = 0;

    for (uint16_t i = 0; i < 500; i++)
        peer_send((uint16_t)(2000 + i), 8000, SYN, 7000, 0, NULL, 0);
    while (peer_next_tcp(&p))
        answered += p.flags == (SYN | ACK);
    ok(answered == 50 && blocks() == before + 50, "a flood of SYNs is held at the backlog (%d answered)", answered);
    ok(ist_socket_accept(l, NULL) == IST_EAGAIN, "half-open connections are not accepted");
    peer_send(1999, 8001, SYN, 7000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == (RST | ACK) && p.ack == 7001, "a SYN to a port nobody listens on is refused");
    ist_close(l);
    pass(120000);
    peer_forget();
}

/* The size of segments that a SYN asks for. */
static uint32_t mss_of(const struct packet *syn)
{
    return syn->flags & SYN && get16(syn->bytes + 40) == 0x0204 ? get16(syn->bytes + 42) : 0;
}

static void segment_size(void)
{
    struct ist_address to = v4("10.0.0.2", 80);
    struct ist_tcp_info info;
    struct packet p;
    uint32_t most = 0;
    ist_handle h = ist_tcp_open(IST_IPV4), l = listener_on(v4("0.0.0.0", 8002), 5);

    peer_forget();
    if (ist_option_set(h, IST_OPTION_MSS, 400) || ist_option_set(l, IST_OPTION_MSS, 300) || ist_socket_connect(h, &to)) abort();
    ok(peer_next_tcp(&p) && mss_of(&p) == 400, "IST_OPTION_MSS stands in the SYN");
    peer_send(80, p.from, SYN | ACK, 1000, p.seq + 1, NULL, 0);
    settle();
    peer_forget();
    ist_stream_send(h, buf, 2000);
    while (peer_next_tcp(&p))
        most = p.data_len > most ? p.data_len : most;
    ok(most == 400, "and no segment is larger");
    ok(ist_tcp_info(h, &info) == 0 && info.state == IST_TCP_ESTABLISHED && info.mss == 400 && info.mss_receive == 400 && info.in_flight == 2000 &&
       info.rto_us >= 200000 && info.rto_us <= 5000000, "ist_tcp_info() tells what is under way");
    pass(20000);
    ok(ist_tcp_info(h, &info) == 0 && info.retransmits > 1 && info.recovering == 2, "and that it is sent again and again");
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
    peer_send(4000, 8002, SYN, 7000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && mss_of(&p) == 300, "that of a listener in its SYN-ACK");
    ist_close(l);
    pass(200000);
    peer_forget();
}

static void udp_unreachable(void)
{
    ist_handle c = ist_udp_open(IST_IPV4), u = ist_udp_open(IST_IPV4), e = ist_icmp_open(IST_IPV4);
    struct ist_address to = v4("10.0.0.2", 53);
    uint8_t request[8] = { 8 };
    struct packet p;

    ist_socket_connect(c, &to);
    peer_forget();
    ist_datagram_send(c, "q", 1, NULL);
    settle();
    ok(peer_next(&p) && p.protocol == 17 && p.to == 53, "a datagram reaches the wire");
    p.bytes[21] ^= 1;
    peer_send_unreachable(3, 3, &p);
    settle();
    ok(!(levels(c) & IST_FAILED), "an error about another port is not ours");
    p.bytes[21] ^= 1;
    peer_send_unreachable(3, 3, &p);
    ok(wait_for(c, IST_READABLE, 100) & IST_FAILED && ist_failure(c) == IST_ECONNREFUSED, "port unreachable: ECONNREFUSED");
    peer_send_unreachable(3, 0, &p);
    settle();
    ok(ist_failure(c) == IST_ENETUNREACH, "network unreachable: ENETUNREACH");
    ist_datagram_send(u, "q", 1, &to);
    settle();
    peer_next(&p);
    peer_send_unreachable(3, 3, &p);
    settle();
    ok(ist_failure(u) == 0, "a socket that is not connected is not told");
    to.port = 0;
    ist_datagram_send(e, request, 8, &to);
    settle();
    peer_next(&p);
    peer_send_unreachable(11, 0, &p);
    settle();
    ok(ist_datagram_recv(e, buf, 64, 0, NULL) == IST_EHOSTUNREACH, "an echo request that expired on the way: EHOSTUNREACH");
    for (uint32_t n = 0; n < 36; n++) {   /* cut short, with a right checksum */
        uint8_t m[36] = { 3, 1 };
        memcpy(m + 8, p.bytes, 28);
        if (n >= 4) put16(m + 2, sum_end(sum_add(0, m, n)));
        peer_send_raw(1, m, n);
        settle();
    }
    ok(ist_failure(e) == 0, "errors that are cut short are ignored");
    ist_close(c), ist_close(u), ist_close(e);
}

static void restored(void)
{
    struct packet syn, p;
    ist_handle h = peer_accept(&syn), l = listener_on(v4("0.0.0.0", 8000), 5), u = ist_udp_open(IST_IPV4), c, s;
    int n_tcp = 0;

    connection(&c, &s);
    peer_forget();
    isthmus_host_renew(&host);
    pass(2000);
    while (peer_next_tcp(&p))
        n_tcp++;
    ok(ist_failure(h) == IST_ECONNABORTED && ist_failure(c) == IST_ECONNABORTED && ist_failure(s) == IST_ECONNABORTED,
       "a restored instance has forgotten its connections: ECONNABORTED");
    ok(n_tcp == 0, "and has said nothing about it: the original may still hold them");
    ok(ist_stream_send(h, "x", 1) == IST_EPIPE && ist_stream_recv(h, buf, 1) == 0, "they stay over");
    ok(ist_ready(u) == IST_WRITABLE && levels(l) == 0, "listeners and datagram sockets live on");
    peer_send(3000, 8000, SYN, 7000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK), "the listener still answers");
    ist_close(h), ist_close(l), ist_close(u), ist_close(c), ist_close(s);
    pass(120000);
}

static void link_lost(void)
{
    struct packet syn;
    uint64_t took;
    ist_handle h = peer_accept(&syn), c = ist_tcp_open(IST_IPV4);
    struct ist_address to = v4("10.0.0.2", 80);
    struct ist_interest i = { .handle = h, .want = IST_READABLE };

    isthmus_port_release(far_port);
    far_port = NULL;
    ok(failure_of(h, 300000, &took) < 0 && took < 1000, "the host closes the link: connections over it fail at once");
    ok(ist_socket_connect(c, &to) == IST_ENETUNREACH, "and connect says ENETUNREACH");
    ok(ist_stream_recv(h, buf, 1) == 0, "the end");
    ist_close(h), ist_close(c);
    c = listener_on(v4("127.0.0.1", 0), 1);
    i.handle = c;
    ok(ist_wait(&i, 1, IST_NO_DEADLINE) == IST_ENOLINK, "a wait that nothing could end says ENOLINK");
    ist_close(c);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    memory = peer_baseline();
    attempts();
    established();
    vanishing();
    silent_reader();
    packets_run_out();
    single_bytes();
    lossy_path(1000);
    lossy_path(50);
    lossy_path(5);
    half_open_flood();
    segment_size();
    udp_unreachable();
    pass(300000);
    peer_forget();
    nothing_left(memory);
    restored();
    link_lost();
    ist_stop();
    isthmus_port_release(near_port);
    isthmus_host_release(&host);
    return tap_done();
}
