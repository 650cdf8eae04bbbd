/*
 * Simultaneous open and close (RFC 9293 3.5, 3.6): SYNs and FINs that cross on the wire, and who may end an attempt by them.
 */
#include "peer.h"

static char buf[65536];
static struct packet p;

static uint32_t state_of(ist_handle h)
{
    struct ist_tcp_info info = { 0 };

    return ist_tcp_info(h, &info) ? UINT32_MAX : info.state;
}

/* An attempt to reach the peer's port 80, whose SYN is @syn. */
static ist_handle attempt(struct packet *syn)
{
    struct ist_address to = v4("10.0.0.2", 80);
    ist_handle h = ist_tcp_open(IST_IPV4);

    peer_forget();
    if (ist_socket_connect(h, &to) || !peer_next_tcp(syn) || syn->flags != SYN) abort();
    return h;
}

/* Its SYN has met one of the peer's, numbered @seq. */
static ist_handle crossed(struct packet *syn, uint32_t seq)
{
    ist_handle h = attempt(syn);

    peer_send(80, syn->from, SYN, seq, 0, NULL, 0);
    if (!peer_next_tcp(&p) || p.flags != (SYN | ACK) || p.seq != syn->seq || p.ack != seq + 1) abort();
    return h;
}

static int connected(ist_handle h)
{
    return levels(h) == IST_WRITABLE && state_of(h) == IST_TCP_ESTABLISHED;
}

static void discard(ist_handle h)
{
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    peer_forget();
}

/* @seq: the next byte of the peer's, @ack: of ours */
static int talks(ist_handle h, uint16_t port, uint32_t seq, uint32_t ack)
{
    peer_forget();
    peer_send(80, port, ACK, seq, ack, "ping", 4);
    settle();
    if (ist_stream_recv(h, buf, 64) != 4 || memcmp(buf, "ping", 4) || ist_stream_send(h, "pong", 4) != 4)
        return 0;
    while (peer_next_tcp(&p))
        if (p.data_len == 4)
            return p.seq == ack && p.ack == seq + 4 && memcmp(p.data, "pong", 4) == 0;
    return 0;
}

static void opens(void)
{
    struct packet syn;
    ist_handle h = attempt(&syn);

    peer_send(80, syn.from, SYN, 1000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK) && p.seq == syn.seq && p.ack == 1001, "a SYN that meets ours is answered with a SYN-ACK of the same number");
    ok(levels(h) == 0 && state_of(h) == IST_TCP_SYN_RECEIVED, "which is not a connection yet");
    peer_send(80, syn.from, SYN, 1000, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK) && p.seq == syn.seq && p.ack == 1001, "the SYN again: the SYN-ACK again");
    pass(3500);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK) && p.seq == syn.seq && p.ack == 1001, "it is also repeated while nobody answers");
    peer_forget();
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    settle();
    ok(connected(h) && peer_next_tcp(&p) && p.flags == ACK && p.ack == 1001, "the peer's SYN-ACK makes the connection, and is acknowledged");
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.seq == syn.seq + 1 && p.ack == 1001 && connected(h), "the SYN-ACK again: the ACK again");
    ok(talks(h, syn.from, 1001, syn.seq + 1), "bytes go both ways");
    discard(h);

    h = crossed(&syn, 0xffffffff);
    ok(talks(h, syn.from, 0, syn.seq + 1) && state_of(h) == IST_TCP_ESTABLISHED, "an ACK with bytes makes the connection as well, and the bytes are there");
    discard(h);

    h = crossed(&syn, 1000);
    peer_send(80, syn.from, FIN | ACK, 1001, syn.seq + 1, "bye", 3);
    settle();
    ok(ist_stream_recv(h, buf, 64) == 3 && ist_stream_recv(h, buf, 64) == 0 && state_of(h) == IST_TCP_CLOSE_WAIT, "so does one with bytes and a FIN");
    discard(h);

    h = crossed(&syn, 1000);
    for (int i = 0; i < 3000 && !levels(h); i++)
        pass(100);
    ok(ist_failure(h) == IST_ETIMEDOUT, "a peer that falls silent: ETIMEDOUT");
    ist_close(h);
    peer_forget();
}

/* A SYN of the peer's with a window scale of 7 and SACK permitted. */
static void peer_send_options(uint16_t to)
{
    static const uint8_t options[12] = { 2, 4, 1000 >> 8, 1000 & 255, 1, 3, 3, 7, 1, 1, 4, 2 };
    uint8_t t[32] = { 0 };

    put16(t, 80), put16(t + 2, to), put32(t + 4, 1000);
    t[12] = 0x80, t[13] = SYN;
    put16(t + 14, 65535);
    memcpy(t + 20, options, 12);
    put16(t + 16, sum_end(sum_add(0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + 32, t, 32)));
    peer_send_raw(6, t, 32);
}

static void options(void)
{
    struct ist_tcp_info info;
    struct packet syn;
    ist_handle h = crossed(&syn, 1000);

    ok(syn.data - syn.bytes == 20 + 32 && p.data - p.bytes == 20 + 24, "to a SYN without options the SYN-ACK offers its segment size alone");
    peer_send_options(syn.from);
    ok(peer_next_tcp(&p) && p.flags == (SYN | ACK) && p.data - p.bytes == 20 + 32, "to one with a window scale and SACK both");
    peer_send(80, syn.from, ACK, 1001, syn.seq + 1, NULL, 0);
    settle();
    ok(ist_tcp_info(h, &info) == 0 && info.mss == 1000 && talks(h, syn.from, 1001, syn.seq + 1) && get16(p.bytes + 34) < 4096,
       "the segment size of the peer holds, and windows are scaled");
    discard(h);
    h = attempt(&syn);
    peer_send_options(syn.from);
    peer_next_tcp(&p);
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    settle();
    ok(talks(h, syn.from, 1001, syn.seq + 1) && get16(p.bytes + 34) > 32768, "a SYN-ACK that takes the scale back is what counts");
    discard(h);
}

/* Who knows the ports, but not our number, sends the peer's SYN before the peer. */
static void forged(void)
{
    struct packet syn;
    ist_handle h = crossed(&syn, 777000);

    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    settle();
    ok(connected(h) && talks(h, syn.from, 1001, syn.seq + 1), "a SYN-ACK of another number that acknowledges our SYN is the peer's: it counts");
    peer_send(80, syn.from, RST, 777001, 0, NULL, 0);
    settle();
    ok(connected(h), "and what follows the first SYN is nothing any more");
    discard(h);

    h = crossed(&syn, 777000);
    peer_send(80, syn.from, RST, 777002, 0, NULL, 0);
    peer_send(80, syn.from, RST | ACK, 777001 + 100, syn.seq, NULL, 0);
    ok(!peer_next_tcp(&p) && state_of(h) == IST_TCP_SYN_RECEIVED, "resets of other numbers are ignored");
    peer_send(80, syn.from, RST, 777001, 0, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == SYN && p.seq == syn.seq && p.data - p.bytes == 20 + 32 && !levels(h), "a reset right behind the SYN takes it back: ours is asked again");
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 1, NULL, 0);
    settle();
    ok(connected(h) && talks(h, syn.from, 1001, syn.seq + 1), "and who answers it has the connection");
    discard(h);

    h = crossed(&syn, 1000);
    peer_send(80, syn.from, ACK, 1001, syn.seq + 5, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags & RST && p.seq == syn.seq + 5 && !levels(h), "an ACK of what was never sent is answered with a reset");
    peer_send(80, syn.from, SYN | ACK, 1000, syn.seq + 5, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags & RST && p.seq == syn.seq + 5 && !levels(h), "so is such a SYN-ACK");
    peer_send(80, syn.from, RST | ACK, 1001, syn.seq + 1, NULL, 0);
    settle();
    ok(ist_failure(h) == IST_ECONNREFUSED, "a reset that acknowledges our SYN refuses: ECONNREFUSED");
    ist_close(h);
}

static void abandoned(void)
{
    struct ist_address none = { 0 };
    struct packet syn;
    ist_handle h = crossed(&syn, 1000);

    ist_close(h);
    ok(peer_next_tcp(&p) && p.flags & FIN && p.seq == syn.seq + 1 && p.ack == 1001, "closed between the SYNs: a FIN");
    peer_send(80, syn.from, FIN | ACK, 1001, syn.seq + 2, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.ack == 1002, "and the peer's is acknowledged");
    h = crossed(&syn, 1000);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    ok(peer_next_tcp(&p) && p.flags & RST && p.seq == syn.seq + 1, "with LINGER_S 0: a reset");
    h = crossed(&syn, 1000);
    ok(ist_socket_connect(h, &none) == 0 && peer_next_tcp(&p) && p.flags & RST, "and when the attempt is taken back");
    ist_close(h);
    peer_forget();
}

static void closes(void)
{
    struct packet syn;
    ist_handle h = peer_accept(&syn);

    ist_stream_shutdown(h, IST_SHUT_WRITE);
    if (!peer_next_tcp(&p) || !(p.flags & FIN)) abort();
    peer_send(80, syn.from, FIN | ACK, 1001, syn.seq + 1, NULL, 0);
    ok(peer_next_tcp(&p) && p.ack == 1002 && p.seq == syn.seq + 2 && state_of(h) == IST_TCP_CLOSING, "FINs that cross: the peer's is acknowledged, ours is not yet");
    ok(ist_stream_recv(h, buf, 1) == 0, "the program has read the end");
    pass(1500);
    ok(peer_next_tcp(&p) && p.flags & FIN && p.seq == syn.seq + 1 && p.ack == 1002, "ours is sent again, with the same number");
    peer_send(80, syn.from, ACK, 1002, syn.seq + 2, NULL, 0);
    settle();
    ok(state_of(h) == IST_TCP_TIME_WAIT, "until it is acknowledged: TIME-WAIT");
    peer_forget();
    peer_send(80, syn.from, FIN | ACK, 1001, syn.seq + 2, NULL, 0);
    ok(peer_next_tcp(&p) && p.flags == ACK && p.ack == 1002, "which answers the peer's FIN again");
    ist_close(h);
}

static int exchange_between(ist_handle a, ist_handle b)
{
    memset(buf, 0, 64);
    if (ist_stream_send(a, "from a", 6) != 6 || ist_stream_send(b, "b", 1) != 1)
        return 0;
    settle();
    return ist_stream_recv(b, buf, 64) == 6 && memcmp(buf, "from a", 6) == 0 && ist_stream_recv(a, buf, 64) == 1 && buf[0] == 'b';
}

static ist_handle bound_to(struct ist_address at)
{
    ist_handle h = ist_tcp_open(at.family);

    if (h < 0 || ist_socket_bind(h, &at)) abort();
    return h;
}

/* Both sides are ours. */
static void both_sides(struct ist_address x, struct ist_address y, const char *what)
{
    ist_handle a = bound_to(x), b = bound_to(y);

    if (ist_socket_connect(a, &y) || ist_socket_connect(b, &x)) abort();
    ok(wait_for(a, IST_WRITABLE, 5000) == IST_WRITABLE && wait_for(b, IST_WRITABLE, 5000) == IST_WRITABLE && connected(a) && connected(b),
       "two sockets that connect to each other at once are connected (%s)", what);
    ok(exchange_between(a, b), "and talk");
    ist_stream_shutdown(a, IST_SHUT_WRITE);
    ist_stream_shutdown(b, IST_SHUT_WRITE);
    settle();
    ok(ist_stream_recv(a, buf, 1) == 0 && ist_stream_recv(b, buf, 1) == 0 && levels(a) & IST_HANGUP && levels(b) & IST_HANGUP && !ist_failure(a) && !ist_failure(b),
       "closed by both at once: each reads the end");
    ok(state_of(a) == IST_TCP_TIME_WAIT && state_of(b) == IST_TCP_TIME_WAIT, "and both wait");
    ist_close(a), ist_close(b);
}

static void with_itself(void)
{
    struct ist_address x = v4("127.0.0.1", 7300);
    ist_handle h = bound_to(x);

    if (ist_socket_connect(h, &x)) abort();
    ok(wait_for(h, IST_WRITABLE, 5000) == IST_WRITABLE && connected(h), "a socket that connects to its own address is its own peer, as on Linux");
    ist_stream_send(h, "echo", 4);
    settle();
    ok(ist_stream_recv(h, buf, 64) == 4 && memcmp(buf, "echo", 4) == 0, "and reads what it sends");
    ist_stream_shutdown(h, IST_SHUT_WRITE);
    settle();
    ok(ist_stream_recv(h, buf, 64) == 0 && state_of(h) == IST_TCP_TIME_WAIT, "and its own end");
    ist_close(h);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    memory = peer_baseline();
    opens();
    options();
    forged();
    abandoned();
    closes();
    both_sides(v4("127.0.0.1", 7100), v4("127.0.0.1", 7101), "loopback");
    both_sides(v4("10.0.0.1", 7102), v4("10.0.0.1", 7103), "its own address");
    both_sides(v6(0, 1, 7104), v6(0, 1, 7105), "IPv6");
    with_itself();
    pass(300000);
    peer_forget();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
