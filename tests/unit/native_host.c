/*
 * native_host.c - the host of libisthmus.so under the sanitizers: queues that fill and wrap, what is refused, and nothing left at the end
 */
#include "tap.h"

#include <isthmus/link.h>
#include <isthmus/native.h>
#include <isthmus/stack.h>
#include <string.h>

static uint64_t now_ns = 1000000000u;

static uint64_t clock_read(void *user)
{
    (void)user;
    return now_ns;
}

static int32_t entropy(void *user, uint8_t into[32])
{
    static uint8_t n;

    (void)user;
    memset(into, ++n, 32);
    return 1;
}

static int32_t link_of(uint32_t kind, uint32_t mtu, uint32_t cap)
{
    struct ist_native_link link = { .size = sizeof link, .kind = kind, .mtu = mtu, .queue_cap = cap, .grant = "address=10.0.0.1/24\n" };

    return ist_native_link(&link);
}

/* A ping of 10.0.0.2 to 10.0.0.1, or to nobody; @n bytes of data. */
static uint32_t ping(uint8_t *p, uint32_t n, uint8_t seq)
{
    static const uint8_t head[28] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1, 8 };
    uint32_t len = 28 + n, sum = 0;

    memcpy(p, head, sizeof head);
    memset(p + 28, 0, n);
    p[2] = (uint8_t)(len >> 8), p[3] = (uint8_t)len, p[27] = seq;
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)(p[i] << 8 | p[i + 1]);
    sum = ~(sum + (sum >> 16));
    p[10] = (uint8_t)(sum >> 8), p[11] = (uint8_t)sum;
    sum = ~(0x0800u + seq);
    p[22] = (uint8_t)(sum >> 8), p[23] = (uint8_t)sum;
    return len;
}

static void check_refusals(const struct ist_native_host *host)
{
    struct ist_native_host none = { .size = sizeof none };
    struct ist_native_link link = { 0 };
    uint8_t frame[8] = { 0 };

    ok(ist_native_open(NULL) == IST_EINVAL && ist_native_open(&none) == IST_EINVAL, "no host, and no clock: EINVAL");
    ok(link_of(0, 0, 0) == IST_ESTATE && ist_native_renew() == IST_ESTATE, "a link before the host: ESTATE");
    ok(ist_native_open(host) == 0 && ist_native_open(host) == IST_ESTATE, "one host, once");
    ok(ist_native_link(NULL) == IST_EINVAL && ist_native_link(&link) == IST_EINVAL, "a link without a size: EINVAL");
    ok(link_of(9, 0, 0) == IST_EINVAL && link_of(0, 65536, 0) == IST_EINVAL && link_of(0, 1500, 1503) == IST_EINVAL,
       "an unknown kind, an MTU over 65,535, a queue too small for a frame: EINVAL");
    ok(ist_native_push(0, frame, 8) == IST_EINVAL && ist_native_pull(0, frame, 8) == IST_EINVAL && ist_native_up(0, 1) == IST_EINVAL &&
       ist_native_grant(0, "") == IST_EINVAL, "a link that is not there: EINVAL");
    ok(ist_start(NULL) == IST_ENOLINK, "a stack without a link: ENOLINK");
    for (uint32_t i = 0; i < IST_LINK_MAX; i++)
        if (link_of(0, 0, 4096) != (int32_t)i)
            ok(0, "64 links");
    ok(link_of(0, 0, 4096) == IST_EMFILE, "64 links, and no more: EMFILE");
    ist_native_close();
    ok(ist_native_pending() == 0 && ist_native_deadline() == 0, "after the end nothing is pending");
    ist_native_close();
}

/* Frames of changing length through queues of three frames: they wrap again and again. */
static void check_queues(const struct ist_native_host *host)
{
    uint8_t p[1500], q[1500];
    uint32_t right = 0, n = 0;

    ist_native_open(host);
    ok(link_of(0, 1500, 4512) == 0 && ist_start(NULL) == 0, "a stack on a link of three frames");
    ist_pump();
    while (ist_native_pull(0, q, sizeof q) > 0)
        ;
    for (uint32_t round = 0; round < 500; round++) {
        uint32_t len = 0, pushed = 0;

        while (ist_native_push(0, p, ping(p, (round * 37 + pushed) % 1400, (uint8_t)pushed)) == 0)
            pushed++;
        ist_pump();
        for (uint32_t i = 0; i < pushed; i++) {
            int32_t r = ist_native_pull(0, q, sizeof q);
            len = ping(p, (round * 37 + i) % 1400, (uint8_t)i);
            right += r == (int32_t)len && q[20] == 0 && q[27] == (uint8_t)i;
            if (r == IST_EAGAIN)
                ist_pump();
        }
        n += pushed;
    }
    ok(n > 1500 && right == n, "every ping that was taken is answered, in order, whatever its length");
    ok(ist_native_up(0, 0) == 0 && ist_native_grant(0, "address=10.0.0.9/24\n") == 0 && ist_native_renew() == 0 && ist_native_pending(),
       "a plug pulled, another grant and another instance are news");
    ist_pump();
    ist_pump();
    ok(!ist_native_pending(), "that are taken note of");
    ist_native_push(0, p, ping(p, 10, 1));
    ist_stop();
    ist_native_close();
}

int main(void)
{
    struct ist_native_host host = { .size = sizeof host, .monotonic = clock_read, .entropy = entropy };

    check_refusals(&host);
    check_queues(&host);
    return tap_done();
}
