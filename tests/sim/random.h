/*
 * random.h - chance that a seed decides: streams that do not disturb each other
 */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t rng_next(struct rng *r)
{
    uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* The stream @which of a seed. */
static inline struct rng rng_of(uint64_t seed, uint64_t which)
{
    struct rng r = { seed * UINT64_C(0xd1342543de82ef95) + which };

    r.state = rng_next(&r);
    return r;
}

/* 0..@n - 1; 0 when @n is 0 */
static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
    return n ? rng_next(r) % n : 0;
}

static inline uint64_t rng_between(struct rng *r, uint64_t least, uint64_t most)
{
    return least + rng_below(r, most - least + 1);
}

/* Mostly small, sometimes up to @most: sizes and times of programs are like that. */
static inline uint64_t rng_skewed(struct rng *r, uint64_t most)
{
    return rng_below(r, 1 + rng_below(r, 1 + rng_below(r, most + 1)));
}

/* True @ppm times in a million. */
static inline int rng_chance(struct rng *r, uint32_t ppm)
{
    return ppm && rng_below(r, 1000000) < ppm;
}

static inline int rng_half(struct rng *r)
{
    return (int)(rng_next(r) >> 63);
}

#endif
