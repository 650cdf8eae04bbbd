/*
 * curl_entropy.c - BearSSL's seeder for a machine whose randomness comes from getentropy(); takes the place of its sysrng.c
 */
#include <unistd.h>
#include <bearssl.h>

static int seed(const br_prng_class **rng)
{
    unsigned char bytes[32];

    if (getentropy(bytes, sizeof bytes))
        return 0;
    (*rng)->update(rng, bytes, sizeof bytes);
    return 1;
}

br_prng_seeder br_prng_seeder_system(const char **name)
{
    if (name)
        *name = "getentropy";
    return seed;
}
