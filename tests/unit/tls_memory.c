/*
 * Memory runs out while a TLS stream is closed with records unsent: nothing is left of it. A simulated world (any-memory) found
 * that the timer which carries the records on was lost for want of memory, and the stream stayed for ever.
 */
#include "socket.h"
#include "tls_help.h"

void *___interceptor_malloc(size_t size);   /* the sanitizer's own */
void *___interceptor_calloc(size_t n, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);

static int64_t countdown, n_failed;
static int fail_for;

/* Fails the allocation that ends the countdown, and fail_for - 1 more. */
static int fails(void)
{
    if (!countdown || --countdown >= fail_for) return 0;
    n_failed++;
    return 1;
}

void *malloc(size_t size) { return fails() ? NULL : ___interceptor_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : ___interceptor_calloc(n, size); }

static uint32_t handles_now(void)
{
    struct ist_statistics s = { .size = sizeof s };

    ist_statistics_get(&s);
    return s.n_handles;
}

/* Closes a stream whose pipe holds no more, short of memory from the n-th request of close, and then of its timer, on. */
static uint32_t left_after_close(struct ist_tls_config *client, struct ist_tls_config *server, int64_t n, uint64_t later_ms)
{
    static uint8_t data[65536];
    ist_handle ends[2], a, b;
    uint32_t before = handles_now();

    if (ist_pipe_open(ends, 20000)) abort();
    a = ist_tls_open(ends[0], client, NULL);
    b = ist_tls_open(ends[1], server, NULL);
    for (int i = 0; i < 20; i++) {
        ist_ready(a);
        ist_ready(b);
    }
    if (ist_stream_send(a, data, sizeof data) <= 0) abort();
    if (!later_ms) countdown = n + fail_for - 1;
    ist_close(a);
    pass(later_ms);
    if (later_ms) countdown = n + fail_for - 1;
    pass(100);
    countdown = 0;
    ist_close(b);
    pass(70000);
    return handles_now() - before;
}

int main(void)
{
    struct ist_tls_trust *trust;
    const struct ist_tls_identity *identity;
    struct ist_tls_config client, server;

    pki_make("root ca ec; leaf host ec ca DNS:host.test");
    trust = trust_of("ca.pem");
    identity = identity_of("host.pem", "host.key");
    client = client_config(trust, "host.test");
    server = server_config(&identity);
    client.random_fn = server.random_fn = NULL;
    client.realtime_ns = server.realtime_ns = 0;
    instance_start(GRANT, NULL);
    for (fail_for = 1; fail_for <= 50; fail_for += 49)
        for (uint64_t later_ms = 0; later_ms <= 30; later_ms += 30) {
            uint32_t left = 0;
            n_failed = 0;
            for (int64_t n = 1; n <= 8; n++)
                left += left_after_close(&client, &server, n, later_ms);
            ok(left == 0, "closed with records unsent, no memory %d times in a row%s: nothing is left (%d refused)", fail_for,
               later_ms ? " later" : "", (int)n_failed);
        }
    instance_stop();
    ist_tls_trust_free(trust);
    ist_tls_identity_free((struct ist_tls_identity *)(uintptr_t)identity);
    return tap_done();
}
