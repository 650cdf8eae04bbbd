/*
 * entropy.c - random bytes: ChaCha20 with fast key erasure, seeded by the link
 *
 * Theory of Operation: the key makes a pool of 480 bytes and the next key, and is overwritten at once; a byte handed out is wiped.
 * So a later look at the memory tells nothing of what was drawn before. The host's 32 bytes are hashed into the key at the start,
 * after every 2^20 bytes, every ten minutes, and when `instance` changes.
 *
 * A host that gives none (all zero, or the same bytes twice) leaves a generator seeded with what else it said: clock and instance.
 * Plain sockets take that; ist_random() refuses (rule 15 of the link).
 */
#include <bearssl.h>
#include <string.h>

#include "link/link.h"

#define POOL_LEN          480u
#define RESEED_BYTES      (UINT32_C(1) << 20)
#define RESEED_NS         UINT64_C(600000000000)

static struct {
    uint8_t key[32];
    uint8_t pool[POOL_LEN];
    uint32_t left;             /* bytes of pool not yet handed out, at its end */
    uint32_t drawn;            /* since the last seed */
    uint64_t seeded_ns;
    uint8_t last[32];          /* hash of the last entropy: to see it twice */
    uint8_t good, wanted, told;
} drbg;

static void pool_fill(void)
{
    static const uint8_t iv[12];
    uint8_t out[32 + POOL_LEN];

    memset(out, 0, sizeof out);
    br_chacha20_ct_run(drbg.key, iv, 0, out, sizeof out);
    memcpy(drbg.key, out, 32);
    memcpy(drbg.pool, out + 32, POOL_LEN);
    memset(out, 0, sizeof out);
    drbg.left = POOL_LEN;
}

static int is_usable(const uint8_t entropy[32])
{
    br_sha256_context sha;
    uint8_t hash[32], any = 0;
    int same;

    for (int i = 0; i < 32; i++)
        any |= entropy[i];
    br_sha256_init(&sha);
    br_sha256_update(&sha, entropy, 32);
    br_sha256_out(&sha, hash);
    same = memcmp(hash, drbg.last, 32) == 0;
    memcpy(drbg.last, hash, 32);
    return any && !same;
}

void ist__entropy_feed(const uint8_t entropy[32], const struct ist_link *x)
{
    br_sha256_context sha;

    drbg.wanted = 0;
    drbg.good = (uint8_t)is_usable(entropy);
    br_sha256_init(&sha);
    br_sha256_update(&sha, drbg.key, 32);
    br_sha256_update(&sha, entropy, 32);
    br_sha256_update(&sha, x->instance, sizeof x->instance);
    br_sha256_update(&sha, &x->monotonic, sizeof x->monotonic);
    br_sha256_update(&sha, &x->realtime, sizeof x->realtime);
    br_sha256_out(&sha, drbg.key);
    drbg.drawn = 0;
    drbg.seeded_ns = ist_monotonic();
    pool_fill();
    ist__entropy_tell();
}

void ist__entropy_tell(void)
{
    if (ist__started() && !drbg.good && !drbg.told) {
        drbg.told = 1;
        ist__note_core("the host gives no usable entropy: plain sockets run on guessable numbers, TLS is refused");
    }
}

int ist__entropy_wanted(void)
{
    return drbg.wanted || ist__links.monotonic - drbg.seeded_ns > RESEED_NS;
}

void ist__entropy_renew(void)
{
    memset(drbg.pool, 0, POOL_LEN);
    drbg.left = 0;
    drbg.good = 0;
    drbg.wanted = 1;
}

void ist__entropy_stop(void)
{
    memset(&drbg, 0, sizeof drbg);
}

void ist__random_weak(void *buf, uint32_t len)
{
    uint8_t *out = buf;

    drbg.drawn = len < RESEED_BYTES - drbg.drawn ? drbg.drawn + len : RESEED_BYTES;
    if (drbg.drawn == RESEED_BYTES)
        drbg.wanted = 1;
    while (len) {
        uint32_t n;
        uint8_t *from;
        if (!drbg.left)
            pool_fill();
        n = len < drbg.left ? len : drbg.left;
        from = drbg.pool + POOL_LEN - drbg.left;
        memcpy(out, from, n);
        memset(from, 0, n);
        drbg.left -= n;
        out += n;
        len -= n;
    }
}

int32_t ist_random(void *buf, uint32_t len)
{
    if (!ist__started())
        return IST_ESTATE;
    if (!drbg.good)
        return IST_ENOENTROPY;
    ist__random_weak(buf, len);
    return 0;
}

uint32_t ist__lwip_random(void);

uint32_t ist__lwip_random(void)
{
    uint32_t n;

    ist__random_weak(&n, sizeof n);
    return n;
}
