/*
 * tls-speed FOLDER [SECONDS] - two TLS engines joined by memory: handshakes a second and MiB/s, for each kind of key and cipher, and what idle ones hold
 *
 * FOLDER holds ca.pem, and NAME.pem and NAME.key for ec, ec384 and rsa. One line each: name, value, unit. Runs natively and as wasm.
 * A second is one of the processor, so that what else the machine does counts little; as wasm the host sees to that (tls.mjs).
 */
#ifndef __wasm__
#include <malloc.h>
#endif
#include <time.h>
#include <unistd.h>
#include "../lib/engines.h"

static struct ist_tls_trust *trust;
static double seconds = 1;

#ifdef CLOCK_PROCESS_CPUTIME_ID
#define CLOCK CLOCK_PROCESS_CPUTIME_ID
#else
#define CLOCK CLOCK_MONOTONIC
#endif

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int32_t random_bytes(void *buf, uint32_t len)
{
    return getentropy(buf, len) ? IST_ENOENTROPY : 0;
}

static void pair_start(struct ist_tls_engine *e[2], const struct ist_tls_identity *identity, uint32_t cipher, uint32_t curve)
{
    struct ist_tls_config c = { .size = sizeof c, .role = IST_TLS_CLIENT, .server_name = "host.test", .trust = trust, .ciphers = cipher,
                                .random_fn = random_bytes, .realtime_ns = (uint64_t)time(NULL) * 1000000000u };
    struct ist_tls_config s = c;

    s.role = IST_TLS_SERVER;
    s.identities = &identity;
    s.n_identities = 1;
    c.curves = curve;
    if (ist_tls_engine_new(&e[0], &c, NULL) || ist_tls_engine_new(&e[1], &s, NULL))
        exit(1);
    while (carry(e[0], e[1]) + carry(e[1], e[0]))
        ;
    if (!(ist_tls_engine_state(e[0]) & IST_TLS_DATA_OUT)) {
        struct ist_tls_detail d;
        ist_tls_engine_detail(e[0], &d);
        fprintf(stderr, "handshake: %s\n", d.text);
        exit(1);
    }
}

static void pair_end(struct ist_tls_engine *e[2])
{
    ist_tls_engine_free(e[0]);
    ist_tls_engine_free(e[1]);
}

/* The same again goes before, unmeasured: an engine compiles well only what it has seen running. */
#define BEFORE_AND_MEASURED(measured) for (int measured = 0; measured < 2; measured++)

static void handshakes(const char *name, const struct ist_tls_identity *identity, uint32_t curve)
{
    struct ist_tls_engine *e[2];

    BEFORE_AND_MEASURED(measured) {
        double start = now(), end = start;
        int n = 0;

        do {
            pair_start(e, identity, 0, curve);
            pair_end(e);
            if (++n % 16 == 0)       /* asking for the time costs Node 3 % of a handshake */
                end = now();
        } while (n % 16 || end - start < seconds);
        if (measured)
            printf("tls_handshake_%s %.1f handshakes/s\n", name, n / (end - start));
    }
}

static void bulk(const char *name, const struct ist_tls_identity *identity, uint32_t cipher)
{
    struct ist_tls_engine *e[2];
    uint32_t n;

    pair_start(e, identity, cipher, 0);
    BEFORE_AND_MEASURED(measured) {
        double start = now(), end, total = 0;

        do {
            for (int i = 0; i < 64; i++) {
                if (!ist_tls_engine_data_out_buf(e[0], &n))
                    exit(1);
                ist_tls_engine_data_out_ack(e[0], n);
                carry(e[0], e[1]);
                if (!ist_tls_engine_data_in_buf(e[1], &n))
                    exit(1);
                ist_tls_engine_data_in_ack(e[1], n);
                total += n;
            }
            end = now();
        } while (end - start < seconds);
        if (measured)
            printf("tls_bulk_%s %.1f MiB/s\n", name, total / (end - start) / (1 << 20));
    }
    pair_end(e);
}

static double memory_now(void)
{
#ifdef __wasm__
    return (double)__builtin_wasm_memory_size(0) * 65536;
#else
    struct mallinfo2 m = mallinfo2();

    return (double)m.uordblks + (double)m.hblkhd;
#endif
}

/* Both ends of connections that have spoken, and have nothing to say now. Before all others: freed memory would be used again. */
static void idle(const struct ist_tls_identity *identity)
{
    enum { N = 500 };
    static struct ist_tls_engine *e[N][2];
    double before = memory_now();
    uint32_t n;

    for (int i = 0; i < N; i++) {
        pair_start(e[i], identity, 0, 0);
        if (!ist_tls_engine_data_out_buf(e[i][0], &n))
            exit(1);
        ist_tls_engine_data_out_ack(e[i][0], 100);
        ist_tls_engine_flush(e[i][0]);
        carry(e[i][0], e[i][1]);
        if (!ist_tls_engine_data_in_buf(e[i][1], &n))
            exit(1);
        ist_tls_engine_data_in_ack(e[i][1], n);
        for (int k = 0; k < 4; k++)
            ist_tls_engine_record_in_buf(e[i][k & 1], &n);      /* as a stream does that waits */
    }
    printf("tls_idle %.0f bytes\n", (memory_now() - before) / (2 * N));
    for (int i = 0; i < N; i++)
        pair_end(e[i]);
}

int main(int argc, char **argv)
{
    static const char *const names[] = { "ec", "ec384", "rsa" };
    struct ist_tls_identity *id[3];
    uint32_t len, key_len;
    char *pem, *key;

    if (argc < 2)
        return 2;
    if (argc > 2)
        seconds = atof(argv[2]);
    pem = load(argv[1], "ca", "pem", &len);
    if (ist_tls_trust_new(&trust, pem, len, NULL, NULL))
        return 1;
    for (int i = 0; i < 3; i++) {
        pem = load(argv[1], names[i], "pem", &len);
        key = load(argv[1], names[i], "key", &key_len);
        if (ist_tls_identity_new(&id[i], pem, len, key, key_len, NULL))
            return 1;
    }
    idle(id[0]);
    handshakes("x25519_ecdsa_p256", id[0], 0);
    handshakes("p256_ecdsa_p256", id[0], IST_TLS_P256);
    handshakes("x25519_rsa2048", id[2], 0);
    handshakes("p384_ecdsa_p384", id[1], IST_TLS_P256 | IST_TLS_P384);
    bulk("chacha20_poly1305", id[0], IST_TLS_CHACHA20_POLY1305);
    bulk("aes_128_gcm", id[0], IST_TLS_AES_128_GCM);
    bulk("aes_256_gcm", id[0], IST_TLS_AES_256_GCM);
    return 0;
}
