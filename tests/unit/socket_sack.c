/*
 * Recovery by SACK, segment by segment: a peer of the test's own tells what has arrived, and what is sent in answer is compared
 *
 * Segments have 1,000 bytes and are numbered from the first of a flight of 16 on, so that a list like "0 4 16" says all: two holes,
 * then the first new segment.
 */
#include "peer.h"

#define MSS    1000u
#define FLIGHT 16u
#define ALL    200u

static uint8_t data[ALL * MSS];
static struct packet syn;
static ist_handle tcp;
static uint32_t base, window;    /* where segment 0 begins; what the peer announces */

typedef const uint32_t blocks[][2];

/* Segments below @ack have arrived, and those of @n blocks, each from one up to another. */
static void tell(uint32_t ack, uint32_t n, blocks block)
{
    uint8_t option[40] = { 1, 1, 5, (uint8_t)(2 + 8 * n) };

    for (uint32_t i = 0; i < n; i++) {
        put32(option + 4 + 8 * i, base + block[i][0] * MSS);
        put32(option + 8 + 8 * i, base + block[i][1] * MSS);
    }
    peer_send_with(syn.from, ACK, 1001, base + ack * MSS, window, option, n ? 4 + 8 * n : 0);
}

/* Which segments have come since. */
static const char *sent(void)
{
    static char list[2000];
    struct packet p;
    uint32_t at = 0;

    list[0] = 0;
    while (peer_next_tcp(&p) && at < sizeof list - 12) {
        if (p.data_len == MSS && (p.seq - base) % MSS == 0)
            at += (uint32_t)snprintf(list + at, sizeof list - at, "%s%d", at ? " " : "", (int32_t)(p.seq - base) / (int32_t)MSS);
        else
            at += (uint32_t)snprintf(list + at, sizeof list - at, " ?");
    }
    return list;
}

#define expect(list, ...) do { \
        const char *is = sent(); \
        ok(strcmp(is, list) == 0, __VA_ARGS__); \
        if (strcmp(is, list)) printf("# sent: %s\n", is); \
    } while (0)

/* A connection with @n segments to send, of which 16 are in flight and the 12 before them acknowledged; the peer's window is @w. */
static void begin(uint32_t w, uint32_t n)
{
    static const uint8_t hello[] = { 2, 4, MSS >> 8, MSS & 255, 1, 1, 4, 2 };
    struct packet p;

    window = w;
    tcp = peer_accept_with(&syn, window, hello, sizeof hello);
    base = syn.seq + 1;
    ist_option_set(tcp, IST_OPTION_SEND_BUFFER, 2 * sizeof data);
    if (ist_stream_send(tcp, data, n * MSS) != (int32_t)(n * MSS)) abort();
    for (int i = 0; i < 12 && peer_next_tcp(&p); i++) {    /* 4, and 8: slow start */
        base += p.data_len;
        tell(0, 0, NULL);
    }
    if (strcmp(sent(), "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15")) abort();
}

static void end(void)
{
    ist_option_set(tcp, IST_OPTION_LINGER_S, 0);
    ist_close(tcp);
    peer_forget();
}

static void holes(void)
{
    begin(65535, ALL);
    tell(0, 1, (blocks){ { 1, 2 } });
    expect("16", "a segment has arrived behind a gap: a new one may go (RFC 6675 5 (3.3))");
    tell(0, 1, (blocks){ { 1, 2 } });
    expect("", "the same told twice is nothing");
    tell(0, 2, (blocks){ { 3, 4 }, { 1, 2 } });
    expect("17", "another one");
    tell(0, 3, (blocks){ { 5, 6 }, { 3, 4 }, { 1, 2 } });
    expect("0", "three behind it: the first is lost, and sent again");
    tell(0, 3, (blocks){ { 7, 14 }, { 5, 6 }, { 3, 4 } });
    expect("2 4 6", "so are all other holes below the third highest, as soon as half a window is free, without waiting for the first");
    tell(0, 3, (blocks){ { 15, 16 }, { 7, 14 }, { 5, 6 } });
    expect("18", "nothing is lost besides, and so new data follows");
    tell(0, 2, (blocks){ { 15, 17 }, { 7, 14 } });
    expect("19", "one in, one out");
    tell(14, 1, (blocks){ { 15, 17 } });
    expect("14 20 21 22 23", "an ACK of a part tells of a hole that has fewer than three behind it (RFC 6582 3.2)");
    tell(20, 0, NULL);
    expect("24 25 26 27", "an ACK of all ends the recovery with half the window: 8 segments");
    end();

    begin(65535, ALL);
    peer_send_with(syn.from, ACK, 1001, base, window, NULL, 0), peer_send_with(syn.from, ACK, 1001, base, window, NULL, 0);
    expect("", "two duplicate ACKs from which a box on the way has taken the blocks");
    peer_send_with(syn.from, ACK, 1001, base, window, NULL, 0);
    expect("0", "the third has the first segment sent again all the same");
    tell(5, 0, NULL);
    expect("5", "an ACK of a part the next");
    end();
}

static void with_data(void)
{
    uint8_t t[20 + 12 + 4] = { 0 };

    begin(65535, ALL);
    put16(t, 80), put16(t + 2, syn.from), put32(t + 4, 1001), put32(t + 8, base);
    t[12] = 8 << 4, t[13] = ACK;
    put16(t + 14, window);
    t[20] = 1, t[21] = 1, t[22] = 5, t[23] = 10;
    put32(t + 24, base + MSS), put32(t + 28, base + 9 * MSS);
    memcpy(t + 32, "data", 4);
    put16(t + 16, sum_end(sum_add(0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + sizeof t, t, sizeof t)));
    peer_send_raw(6, t, sizeof t);
    expect("0", "blocks that come with data count too, and one is enough: RFC 6675 5 (2)");
    end();
}

static void lost_again(void)
{
    begin(65535, ALL);
    tell(0, 1, (blocks){ { 1, 12 } });
    expect("0 16 17 18", "a loss is mended");
    tell(0, 1, (blocks){ { 1, 16 } });
    expect("19 20 21 22", "all that was in flight has arrived, but for it");
    tell(0, 1, (blocks){ { 1, 18 } });
    expect("23 24", "and two that were sent after it");
    tell(0, 1, (blocks){ { 1, 19 } });
    expect("0", "three: it was lost again, is sent again, and the window halved again (RFC 5681 4.3)");
    tell(0, 1, (blocks){ { 1, 22 } });
    expect("", "4 segments are in flight");
    tell(22, 0, NULL);
    expect("22 25", "what was sent before that and has not come now is lost");
    end();
}

static void last_ones(void)
{
    begin(FLIGHT * MSS, ALL);    /* nothing new may go */
    tell(0, 1, (blocks){ { 1, 4 } });
    expect("0", "the peer's window is full: three behind the first");
    tell(0, 2, (blocks){ { 5, 12 }, { 1, 4 } });
    expect("4", "holes are sent again");
    tell(0, 3, (blocks){ { 13, 14 }, { 5, 12 }, { 1, 4 } });
    expect("", "one behind the next is too few");
    tell(12, 1, (blocks){ { 13, 14 } });
    expect("12 16 17 18 19 20", "until the ACK of a part; now the window has opened");
    end();
}

static void nothing_new(void)
{
    begin(65535, 12 + FLIGHT);
    tell(0, 1, (blocks){ { 1, 4 } });
    expect("0", "with nothing new to send: the first loss");
    tell(0, 2, (blocks){ { 5, 6 }, { 1, 4 } });
    expect("", "too much is in flight");
    tell(0, 3, (blocks){ { 15, 16 }, { 5, 10 }, { 1, 4 } });
    expect("4 10", "then all that is lost, and as much as the window allows of what may be: RFC 6675 4, NextSeg (3)");
    tell(0, 3, (blocks){ { 15, 16 }, { 5, 14 }, { 1, 4 } });
    expect("14", "the last hole, and nothing twice");
    end();
}

static void timeout(void)
{
    begin(65535, ALL);
    tell(0, 2, (blocks){ { 1, 4 }, { 6, 8 } });
    peer_forget();
    pass(300);
    expect("0", "a timeout: the first segment alone");
    tell(0, 1, (blocks){ { 1, 4 } });
    expect("", "duplicate ACKs do not begin a recovery now: RFC 6675 5.1");
    tell(4, 2, (blocks){ { 9, 11 }, { 6, 8 } });
    expect("4 5", "what was told before is forgotten (RFC 2018 8)");
    tell(5, 2, (blocks){ { 9, 11 }, { 6, 8 } });
    expect("8 11", "what is told after it is passed over");
    end();
}

static void reneging(void)
{
    begin(65535, ALL);
    tell(0, 1, (blocks){ { 1, 12 } });
    peer_forget();
    tell(1, 0, NULL);
    expect("1", "an ACK that ends where a SACKed segment begins: the peer has dropped it, and gets it again (RFC 2018 8)");
    tell(2, 0, NULL);
    expect("2", "and the next");
    end();

    begin(65535, ALL);
    tell(0, 1, (blocks){ { 1, 16 } });
    peer_forget();
    for (uint32_t i = 0; i < 16; i++) {
        pass(i ? 0 : 1500);
        peer_forget();
        tell(i + 1, 0, NULL);
    }
    ok(levels(tcp) & IST_WRITABLE && !(levels(tcp) & IST_FAILED), "one that drops all it has told of gets all by timeouts");
    end();
}

static void refused(void)
{
    static const struct { const char *name; uint32_t left, right; } bad[] = {
        { "empty", 5000, 5000 }, { "that ends before it begins", 6000, 5000 }, { "below what is acknowledged (RFC 2883)", -2000u, -1000u },
        { "that begins at the gap itself", 0, 3000 }, { "that begins below and ends above", -1000u, 4000 },
        { "that ends behind all that was sent", 1000, 16001 }, { "far ahead", 1 << 30, (1 << 30) + 1000 },
        { "half the numbers away", 1u << 31, (1u << 31) + 1000 }, { "of a part of a segment", 1001, 1999 },
        { "of two halves", 1500, 2500 },
    };

    begin(65535, ALL);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t option[12] = { 1, 1, 5, 10 };
        put32(option + 4, base + bad[i].left), put32(option + 8, base + bad[i].right);
        for (uint32_t k = 0; k < 4; k++)
            peer_send_with(syn.from, ACK, 1001, base, window, option, 12);
        expect("", "a block %s says nothing", bad[i].name);
    }
    for (uint32_t length = 0; length < 256; length++) {
        uint8_t option[40] = { 1, 1, 5, (uint8_t)length };
        if (length == 10)
            continue;
        put32(option + 4, base + 2 * MSS), put32(option + 8, base + 3 * MSS);
        peer_send_with(syn.from, ACK, 1001, base, window, option, 12);
    }
    expect("", "nor does one whose length is none");
    tell(0, 2, (blocks){ { 1, 3 }, { 2, 4 } });
    expect("0", "two that overlap count once each segment");
    end();
}

/* A peer that keeps what comes, in whole segments, loses some of it and of its own ACKs, and lies besides. */
static uint64_t state = 88172645463325252u;

static uint32_t draw(uint32_t n)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)(state >> 33) % n;
}

static uint32_t lies;

static void answer(const uint8_t *have, uint32_t n)
{
    uint32_t block[4][2], k = 0, ack = 0, at;

    while (ack < n && have[ack])
        ack++;
    at = ack;
    while (k < 3 && at < n) {    /* any three of the blocks */
        while (at < n && !have[at])
            at++;
        block[k][0] = at;
        while (at < n && have[at])
            at++;
        block[k][1] = at;
        k += block[k][1] > block[k][0] && draw(2);
    }
    if (draw(100) < lies) {
        block[k][0] = draw(4) ? ack + draw(40) : draw(UINT32_MAX);
        block[k][1] = draw(4) ? block[k][0] + draw(30) : draw(UINT32_MAX);
        k++;
    }
    tell(ack, k, block);
}

static void any_losses(void)
{
    for (uint32_t round = 0; round < 100; round++) {
        uint8_t have[ALL] = { 0 };
        uint32_t loss = 1 + draw(40), wrong = 0, steps = 0, got = 0, all;
        struct packet p;

        lies = round % 3 == 2 ? 50 : 0;
        begin(65535, ALL);
        all = ALL - (base - syn.seq - 1) / MSS;
        answer(have, all);    /* begin() has read what was sent first: lost */
        for (; got < all && steps < 100000; steps++) {
            while (peer_next_tcp(&p)) {
                uint32_t i = (p.seq - base) / MSS;
                if (!p.data_len || draw(100) < loss)
                    continue;
                if (i >= all || p.data_len != MSS) {
                    wrong++;
                    continue;
                }
                have[i] = 1;
                if (draw(100) >= loss / 2)
                    answer(have, all);
            }
            if (lies && draw(50) == 0)    /* and forgets what it has told of */
                for (uint32_t i = 0, gap = 0; i < all; i++) {
                    gap |= !have[i];
                    have[i] = (uint8_t)(have[i] && !gap);
                }
            for (got = 0; got < all && have[got]; got++)
                ;
            settle();
            pass(draw(30));
        }
        if (got < all || wrong || levels(tcp) & IST_FAILED) {
            ok(0, "round %u: %u of %u segments have arrived, %u wrong, after %u steps", round, got, all, wrong, steps);
            return;
        }
        end();
    }
    ok(1, "100 transfers over paths that lose up to 40 %%, a third of them to peers that lie: all of it arrives");
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    memory = peer_baseline();
    holes();
    with_data();
    lost_again();
    last_ones();
    nothing_new();
    timeout();
    reneging();
    refused();
    any_losses();
    pass(300000);
    peer_forget();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
