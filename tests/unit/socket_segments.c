/*
 * TCP, segment by segment: which are believed, when they are acknowledged, how losses are mended, how long they may be
 */
#include "peer.h"

static char buf[65536];

static int32_t pending_of(ist_handle h)
{
    settle();
    return (int32_t)ist_stream_pending(h);
}

/* How many segments have come since; the last of them. */
static int answers(struct packet *last)
{
    struct packet p;
    int n = 0;

    while (peer_next_tcp(&p))
        *last = p, n++;
    return n;
}

static void end(ist_handle h)
{
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

static void acceptance(void)
{
    struct packet syn, p;
    ist_handle h = peer_accept(&syn);
    uint32_t mine = syn.seq + 1;

    pass(1000), peer_forget();
    peer_send(80, syn.from, PSH, 1001, 0, "evil", 4);
    ok(pending_of(h) == 0 && answers(&p) == 0, "data without an ACK is dropped");
    peer_send(80, syn.from, ACK, 1001, mine + 1, "evil", 4);
    ok(pending_of(h) == 0 && answers(&p) == 1 && p.flags == ACK && p.seq == mine && p.ack == 1001,
       "an ACK of a byte never sent: its data is dropped, and a challenge sent (RFC 5961 5.2)");
    pass(1000), peer_forget();
    peer_send(80, syn.from, ACK, 1001, mine - 65535 - 1, "evil", 4);
    ok(pending_of(h) == 0 && answers(&p) == 1 && p.flags == ACK, "an ACK older than the largest window: the same");
    for (int i = 0; i < 100; i++)
        peer_send(80, syn.from, ACK, 1001, mine + 1000, "evil", 4);
    ok(pending_of(h) == 0 && answers(&p) <= 1, "a flood of them is not answered one by one (RFC 5961 7)");
    pass(1000), peer_forget();
    for (int i = 0; i < 100; i++)
        peer_send(80, syn.from, RST, 1001 + 10, 0, NULL, 0);
    ok(answers(&p) == 1 && p.flags == ACK && p.ack == 1001 && !(levels(h) & IST_FAILED), "nor is one of resets inside the window");
    pass(1000), peer_forget();
    peer_send(80, syn.from, SYN, 1001 + 10, 0, NULL, 0);
    ok(answers(&p) == 1 && p.flags == ACK && !(levels(h) & IST_FAILED), "a SYN inside the window is challenged (RFC 5961 4)");
    peer_send(80, syn.from, ACK, 1001, mine - 65535, "go", 2);
    ok(pending_of(h) == 2, "an ACK as old as the largest window is taken, with its data");
    peer_send(80, syn.from, ACK, 1003, mine, "od", 2);
    ok(pending_of(h) == 4 && ist_stream_recv(h, buf, 64) == 4 && memcmp(buf, "good", 4) == 0, "and so is the right one");
    end(h);
}

static void gap(void)
{
    struct packet syn, p;
    ist_handle h = peer_accept(&syn);
    uint32_t mine = syn.seq + 1;

    peer_send(80, syn.from, ACK, 1001, mine, "ab", 2);
    ok(answers(&p) == 0, "a segment in order is not acknowledged at once");
    pass(500);
    ok(answers(&p) == 1 && p.ack == 1003, "but soon");
    peer_send(80, syn.from, ACK, 1005, mine, "ef", 2);
    ok(answers(&p) == 1 && p.ack == 1003, "one behind a gap is, with where the gap begins");
    peer_send(80, syn.from, ACK, 1009, mine, "ij", 2);
    peer_forget();
    peer_send(80, syn.from, ACK, 1003, mine, "cd", 2);
    ok(answers(&p) == 1 && p.ack == 1007, "and the one that fills the first of two gaps");
    peer_send(80, syn.from, ACK, 1007, mine, "gh", 2);
    ok(answers(&p) == 1 && p.ack == 1011, "and the one that fills the last (RFC 5681 4.2)");
    ok(ist_stream_recv(h, buf, 64) == 10 && memcmp(buf, "abcdefghij", 10) == 0, "all bytes are in order");
    end(h);
}

static void half_open(void)
{
    ist_handle l = listener_on(v4("0.0.0.0", 8000), 5), h;
    struct packet a, b, p;

    peer_send(3000, 8000, SYN, 7000, 0, NULL, 0);
    peer_next_tcp(&a);
    peer_send(3001, 8000, SYN, 7000, 0, NULL, 0);
    peer_next_tcp(&b);
    ok(a.flags == (SYN | ACK) && b.flags == (SYN | ACK), "two half-open connections");
    pass(150000), peer_forget();
    peer_send(3000, 8000, ACK, 7001, a.seq + 1, NULL, 0);
    settle();
    h = ist_socket_accept(l, NULL);
    ok(h > 0, "one whose ACK comes after two and a half minutes is accepted (RFC 1122 4.2.3.5)");
    pass(60000), peer_forget();
    peer_send(3001, 8000, ACK, 7001, b.seq + 1, NULL, 0);
    ok(answers(&p) == 1 && p.flags & RST, "after three and a half it has gone");
    ist_close(l);
    end(h);
}

/* One round: what has come is acknowledged, all of it. The end of it. */
static uint32_t take_all(const struct packet *syn, uint32_t edge)
{
    struct packet p;

    while (peer_next_tcp(&p))
        if (p.data_len && (int32_t)(p.seq + p.data_len - edge) > 0)
            edge = p.seq + p.data_len;
    peer_send(80, syn->from, ACK, 1001, edge, NULL, 0);
    settle();
    return edge;
}

/* A flight of many segments: where each begins. */
static uint32_t flight(const struct packet *syn, ist_handle h, uint32_t *seq, uint32_t cap)
{
    struct packet p;
    uint32_t edge = syn->seq + 1, n = 0;

    ist_stream_send(h, buf, sizeof buf);
    for (int i = 0; i < 3; i++)
        edge = take_all(syn, edge);
    while (peer_next_tcp(&p))
        if (p.data_len && n < cap)
            seq[n++] = p.seq;
    return n;
}

static void recovery(void)
{
    struct packet syn, p;
    uint32_t seq[64], n, end_of;
    uint64_t began;
    ist_handle h = peer_accept(&syn);

    n = flight(&syn, h, seq, 64);
    ok(n >= 10 && n < 64, "a flight of %u segments", n);
    began = clock_ns;
    for (int i = 0; i < 2; i++)
        peer_send(80, syn.from, ACK, 1001, seq[0], NULL, 0);
    ok(answers(&p) == 0, "two duplicate ACKs do nothing");
    peer_send(80, syn.from, ACK, 1001, seq[0], NULL, 0);
    ok(peer_next_tcp(&p) && p.seq == seq[0], "the third has the first segment sent again");
    peer_forget();
    peer_send(80, syn.from, ACK, 1001, seq[4], NULL, 0);
    ok(peer_next_tcp(&p) && p.seq == seq[4], "an ACK of a part: so is the next that was lost (RFC 6582)");
    peer_forget();
    peer_send(80, syn.from, ACK, 1001, seq[7], NULL, 0);
    ok(peer_next_tcp(&p) && p.seq == seq[7], "and the third that was lost");
    end_of = p.seq + p.data_len;
    while (peer_next_tcp(&p))
        end_of = (int32_t)(p.seq + p.data_len - end_of) > 0 ? p.seq + p.data_len : end_of;
    ok(clock_ns == began, "without waiting for a timer");
    if ((int32_t)(seq[n - 1] + 536 - end_of) > 0)
        end_of = seq[n - 1] + 536;
    peer_send(80, syn.from, ACK, 1001, end_of, NULL, 0);
    ok(peer_next_tcp(&p) && p.seq == end_of, "an ACK of everything ends the recovery: new data follows");
    end(h);

    h = peer_accept(&syn);
    n = flight(&syn, h, seq, 64);
    pass(10000);
    ok(answers(&p) > 0 && p.seq == seq[0], "no ACK at all: a timeout sends the first segment again");
    for (int i = 0; i < 6; i++)
        peer_send(80, syn.from, ACK, 1001, seq[0], NULL, 0);
    ok(answers(&p) == 0, "duplicate ACKs that it may have caused itself start no recovery (RFC 6582 4.1)");
    end(h);
}

/* Duplicate ACKs whose window grows, as Linux sends them: with SACK, with what SACK is not, and without. */
static void moving_window(void)
{
    static const struct { const char *name; int permitted, begins; uint32_t resent; } kinds[] = {
        { "that tell of data behind the gap: the third has the first segment sent again (RFC 6675)", 1, 1, 1 },
        { "that tell of data which came twice (RFC 2883): nothing", 1, -1, 0 },
        { "without a SACK: nothing, they may be window updates", 1, 0, 0 },
        { "with a SACK that nobody agreed on: nothing", 0, 1, 0 },
    };

    for (int i = 0; i < 4; i++) {
        uint8_t hello[4] = { 1, 1, 4, 2 }, block[12] = { 1, 1, 5, 10 };
        struct packet syn, p;
        uint32_t seq[64], n = 0, edge;
        ist_handle h = peer_accept_with(&syn, 30000, hello, kinds[i].permitted ? 4 : 0);

        edge = syn.seq + 1;
        ist_stream_send(h, buf, sizeof buf);
        for (int round = 0; round < 3; round++) {
            while (peer_next_tcp(&p))
                edge = p.data_len ? p.seq + p.data_len : edge;
            peer_send_with(syn.from, ACK, 1001, edge, 30000, NULL, 0);
            settle();
        }
        while (peer_next_tcp(&p))
            if (p.data_len && n < 64)
                seq[n++] = p.seq;
        if (n < 5) abort();
        for (uint32_t k = 0; k < 3; k++) {
            put32(block + 4, kinds[i].begins < 0 ? seq[0] - 500 : seq[1]);
            put32(block + 8, kinds[i].begins < 0 ? seq[0] : seq[2 + k]);
            peer_send_with(syn.from, ACK, 1001, seq[0], 31000 + k * 1000, block, kinds[i].begins ? 12 : 0);
        }
        settle();
        for (n = 0; peer_next_tcp(&p); )
            n += p.seq == seq[0];
        ok(n == kinds[i].resent, "duplicate ACKs that move the window, %s", kinds[i].name);
        end(h);
    }
}

/* peer_accept(), by a peer that takes segments of @mss. */
static ist_handle accept_mss(struct packet *syn, uint32_t mss)
{
    uint8_t option[4] = { 2, 4 };

    put16(option + 2, mss);
    return peer_accept_with(syn, 65535, option, 4);
}

static void send_too_big(const struct packet *about, uint32_t mtu)
{
    uint8_t m[8 + 28] = { 3, 4 };

    put16(m + 6, mtu);
    memcpy(m + 8, about->bytes, 28);
    put16(m + 2, sum_end(sum_add(0, m, sizeof m)));
    peer_send_raw(1, m, sizeof m);
    settle();
}

/* Takes all that is sent until nothing comes; the longest packet. */
static uint32_t drain(const struct packet *syn, uint32_t *edge, uint32_t *wrong)
{
    struct packet p;
    uint32_t longest = 0;

    for (int idle = 0; idle < 3; ) {
        idle++;
        while (peer_next_tcp(&p)) {
            longest = p.len > longest ? p.len : longest;
            if (p.seq != *edge || !p.data_len)
                continue;
            for (uint32_t i = 0; i < p.data_len; i++)
                *wrong += p.data[i] != (uint8_t)buf[(p.seq - syn->seq - 1 + i) % sizeof buf];
            *edge += p.data_len;
            idle = 0;
        }
        peer_send(80, syn->from, ACK, 1001, *edge, NULL, 0);
        settle();
        if (idle)
            pass(1500);
    }
    return longest;
}

static void path_mtu(void)
{
    struct packet syn, p, first;
    struct ist_address to = v4("10.0.0.2", 53);
    uint32_t edge, wrong = 0, most;
    ist_handle h, u = ist_udp_open(IST_IPV4);

    for (uint32_t i = 0; i < sizeof buf; i++)
        buf[i] = (char)(i * 7 + i / 256);
    peer_forget();
    ist_datagram_send(u, buf, 100, &to);
    settle();
    ok(peer_next(&p) && p.protocol == 17 && !(p.bytes[6] & 0x40), "a datagram may be fragmented on its way");

    h = accept_mss(&syn, 1460);
    edge = syn.seq + 1;
    ok(syn.bytes[6] == 0x40, "a TCP segment may not: DF");
    ist_stream_send(h, buf, 20000);
    ok(peer_next_tcp(&first) && first.len == 1500 && first.bytes[6] == 0x40 && peer_next_tcp(&p) && p.len == 1500,
       "segments fill the packets of the link");
    peer_forget();
    p = first;
    p.bytes[26] ^= 0x55;
    send_too_big(&p, 1000);
    ok(!peer_next_tcp(&p), "a router that quotes a segment never sent is not believed (RFC 5927)");
    send_too_big(&first, 1000);
    ok(peer_next_tcp(&p) && p.seq == edge && p.len == 1000, "fragmentation needed: what is in flight is sent again, as short as the path wants");
    while (p.len <= 1000 && peer_next_tcp(&p))
        ;
    ok(p.len <= 1000, "all of it");
    send_too_big(&first, 1000);
    ok(!peer_next_tcp(&p), "the same again does nothing");
    ist_stream_send(h, buf + 20000, 3000);
    settle();
    peer_forget();
    most = drain(&syn, &edge, &wrong);
    ok(edge == syn.seq + 1 + 23000 && !wrong && most <= 1000, "all bytes arrive, in order (%u, longest %u)", edge - syn.seq - 1, most);
    send_too_big(&first, 600);
    ist_stream_send(h, buf + 23000, 10000);
    settle();
    ok(peer_next_tcp(&first) && first.len == 1000, "about a segment that has arrived nothing is believed");
    peer_forget();
    send_too_big(&first, 68);
    ok(peer_next_tcp(&p) && p.seq == edge && p.len == 552, "less than 552 bytes is not believed");
    ok(drain(&syn, &edge, &wrong) <= 552 && edge == syn.seq + 1 + 33000 && !wrong, "and again all bytes arrive");
    end(h);

    h = accept_mss(&syn, 1460);
    edge = syn.seq + 1;
    ist_stream_send(h, buf, 20000);
    ist_close(h);
    peer_next_tcp(&first), peer_forget();
    send_too_big(&first, 0);
    ok(peer_next_tcp(&p) && p.len == 1492, "a router that names no MTU means the next plateau below 1,500 (RFC 1191 7.1)");
    peer_forget();
    send_too_big(&first, 700);
    ok(peer_next_tcp(&p) && p.len == 700 && drain(&syn, &edge, &wrong) <= 700 && edge == syn.seq + 1 + 20000 && !wrong,
       "a connection that was closed learns it too: its last bytes arrive");
    peer_send(80, syn.from, RST, 1001, 0, NULL, 0);
    settle();
    ist_close(u);   /* routers are listened to while a socket is open */
}

/* IPv6: the same, by hand. */
static uint32_t next6(uint8_t *out)
{
    static uint8_t batch[1 << 20];
    static uint32_t at, len;

    settle();
    for (;;) {
        uint32_t n;
        const uint8_t *ip;
        if (at == len) {
            at = 0;
            len = far_port->vtable->give(far_port, batch, sizeof batch);
            if (len == 0)
                return 0;
        }
        n = get32(batch + at);
        ip = batch + at + 4;
        at += 4 + n;
        if (ip[0] >> 4 == 6 && ip[6] == 6) {
            memcpy(out, ip, n);
            return n;
        }
    }
}

static void send6(uint8_t next_header, uint8_t *payload, uint32_t len, uint32_t checksum_at)
{
    uint8_t b[4 + 40 + 1500] = { 0 }, *ip = b + 4;

    put32(b, 40 + len);
    ip[0] = 0x60, ip[6] = next_header, ip[7] = 64;
    put16(ip + 4, len);
    ip[8] = 0xfd, ip[23] = 2, ip[24] = 0xfd, ip[39] = 1;
    put16(payload + checksum_at, 0);
    put16(payload + checksum_at, sum_end(sum_add(sum_add(len + next_header, ip + 8, 32), payload, len)));
    memcpy(ip + 40, payload, len);
    if (far_port->vtable->take(far_port, b, 44 + len) != 44 + len) abort();
    settle();
}

static ist_handle accept6(uint8_t *syn, uint32_t mss)
{
    struct ist_address to = v6(0xfd, 2, 80);
    ist_handle h = ist_tcp_open(IST_IPV6);
    uint8_t t[24] = { 0 };

    while (next6(syn))
        ;
    if (ist_socket_connect(h, &to) || !next6(syn)) abort();
    put16(t, 80), put16(t + 2, get16(syn + 40)), put32(t + 4, 1000), put32(t + 8, get32(syn + 44) + 1);
    t[12] = mss ? 0x60 : 0x50, t[13] = SYN | ACK;
    put16(t + 14, 65535);
    t[20] = 2, t[21] = 4;
    put16(t + 22, mss);
    send6(6, t, mss ? 24 : 20, 16);
    if (wait_for(h, IST_WRITABLE, 100) != IST_WRITABLE) abort();
    while (next6(syn + 2048))
        ;
    return h;
}

static void too_big6(const uint8_t *about, uint32_t mtu)
{
    uint8_t m[8 + 60] = { 2, 0 };

    put32(m + 4, mtu);
    memcpy(m + 8, about, 60);
    send6(58, m, sizeof m, 2);
}

static void ipv6(void)
{
    static uint8_t syn[4096], p[2048], first[2048];
    uint32_t n;
    ist_handle h = accept6(syn, 0);

    ist_stream_send(h, buf, 10000);
    ok(next6(p) == 40 + 20 + 1220, "IPv6: a peer that names no MSS gets segments of 1,220 bytes (RFC 9293 3.7.1)");
    end(h);
    h = accept6(syn, 1440);
    ist_stream_send(h, buf, 10000);
    ok(next6(first) == 1500, "one that takes 1,440 gets them");
    while (next6(p))
        ;
    too_big6(first, 1000);
    ok(next6(p) == 0, "packet too big, but no IPv6 link is smaller than 1,280: not believed (RFC 8201 4)");
    too_big6(first, 1300);
    n = next6(p);
    ok(n == 1300 && get32(p + 44) == get32(first + 44), "packet too big: what is in flight is sent again, shorter");
    while (n && n <= 1300)
        n = next6(p);
    ok(n == 0, "all of it");
    end(h);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    memory = peer_baseline();
    acceptance();
    gap();
    recovery();
    moving_window();
    half_open();
    path_mtu();
    ipv6();
    pass(300000);
    peer_forget();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
