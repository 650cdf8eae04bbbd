/* Randomness: the generator, what bad entropy does, initial sequence numbers, and what a new instance changes. */
#include "core.h"

#include "link/link.h"
#include "port/hooks.h"

static void start(uint8_t entropy)
{
    far_entropy = entropy;
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\n");
    if (far_start() != 0) abort();
    turns(2);
}

static void generator(void)
{
    uint8_t a[1000], b[1000], big[70000];
    uint32_t counts[256] = { 0 }, zero_runs = 0;
    int even = 1;

    ok(ist_random(a, 1) == IST_ESTATE, "before the start there is none");
    start(7);
    ok(ist_random(a, sizeof a) == 0 && ist_random(b, sizeof b) == 0 && memcmp(a, b, sizeof a), "two draws differ");
    ist_stop();
    start(7);
    ist_random(b, sizeof b);
    ok(memcmp(a, b, sizeof a) == 0, "the same host gives the same run: it can be replayed");
    ist_stop();
    start(8);
    ist_random(b, sizeof b);
    ok(memcmp(a, b, sizeof a) != 0, "other entropy, other bytes");
    ist_random(big, sizeof big);
    for (size_t i = 0; i < sizeof big; i++)
        counts[big[i]]++;
    for (int i = 0; i < 256; i++)
        even &= counts[i] > 150 && counts[i] < 420;
    for (size_t i = 0; i + 4 <= sizeof big; i++)
        zero_runs += !(big[i] | big[i + 1] | big[i + 2] | big[i + 3]);
    ok(even && zero_runs == 0, "70,000 bytes: every value about as often, no run of zeros");
    ok(ist_random(NULL, 0) == 0, "no bytes at all");
}

static void reseeding(void)
{
    static uint8_t big[1 << 20];
    uint32_t asked = far_entropy_asked;

    turns(3);
    ok(far_entropy_asked == asked, "entropy is not asked for at every exchange");
    ist_random(big, sizeof big);
    turns(3);
    ok(far_entropy_asked == asked + 1, "after 2^20 bytes it is, once");
    pass(601000);
    turns(1);
    ok(far_entropy_asked == asked + 2, "and after ten minutes");
    ist_stop();
}

static void stuck_spoil(struct ist_link *x, int32_t *r)
{
    (void)r;
    memset(x->entropy, 42, sizeof x->entropy);
}

static void bad_entropy(void)
{
    uint8_t a[32] = { 0 }, none[32] = { 0 };
    static uint8_t big[1 << 20];

    start(0);
    ok(ist_random(a, sizeof a) == IST_ENOENTROPY, "all zero: refused");
    ok(memcmp(a, none, sizeof a) == 0, "and nothing is written");
    ok(strstr(far_notes, "no usable entropy") != NULL, "the host is told");
    ok(LWIP_RAND() != LWIP_RAND(), "plain sockets still have numbers");
    ist_stop();

    start(1);
    far_spoil = stuck_spoil;
    ist_random(big, sizeof big);
    turns(2);
    ok(ist_random(a, sizeof a) == 0, "one draw of a stuck source looks good");
    ist_random(big, sizeof big);
    turns(2);
    ok(ist_random(a, sizeof a) == IST_ENOENTROPY, "the same bytes twice: refused");
    far_spoil = NULL;
    ist__entropy_renew();
    turns(2);
    ok(ist_random(a, sizeof a) == 0, "good entropy heals it");
    ist_stop();
}

static uint32_t isn(uint32_t remote, uint16_t local_port, uint16_t remote_port)
{
    ip_addr_t l = IPADDR4_INIT(0x0100000a), r = IPADDR4_INIT(remote);

    return ist__tcp_isn(&l, local_port, &r, remote_port);
}

static void sequence_numbers(void)
{
    uint32_t a, n_close = 0;

    start(3);
    a = isn(1, 1000, 80);
    ok(isn(1, 1000, 80) == a, "one connection at one time has one ISN");
    ok(isn(2, 1000, 80) != a && isn(1, 1001, 80) != a && isn(1, 1000, 81) != a, "address and ports go into it");
    pass(1000);
    ok(isn(1, 1000, 80) - a >= 250000 && isn(1, 1000, 80) - a < 500000, "it grows by one every 4 us");
    for (uint16_t p = 1; p < 10000; p++) {
        uint32_t step = isn(1, p + 1u, 80) - isn(1, p, 80);
        n_close += step < 1000000 || step > UINT32_MAX - 1000000;
    }
    ok(n_close < 30, "10,000 ports: no pattern from one to the next (%u neighbours)", n_close);
    ist_stop();
    start(4);
    ok(isn(1, 1000, 80) - a > 1000000, "another start, another secret");
}

/* A fork: the same memory goes on twice. */
static void new_instance(uint32_t flags, const char *what)
{
    uint8_t before[32], after[32];
    uint32_t a = isn(1, 1000, 80), asked = far_entropy_asked, far_random;

    ist_random(before, 32);
    far_random = LWIP_RAND();
    far[0].flags = IST_LINK_UP | flags;
    far_instance[0]++;
    turns(1);
    ok(far_entropy_asked == asked + 1, "%s: entropy is asked for at once", what);
    ok(ist_random(after, 32) == 0 && memcmp(before, after, 32), "%s: other bytes", what);
    ok(isn(1, 1000, 80) - a > 1000000, "%s: another secret of ISNs", what);
    ok(LWIP_RAND() != far_random, "%s: other ids", what);
}

int main(void)
{
    generator();
    reseeding();
    bad_entropy();
    sequence_numbers();
    new_instance(0, "a twin");
    new_instance(IST_LINK_EXCLUSIVE, "a restore");
    ist_stop();
    return tap_done();
}
