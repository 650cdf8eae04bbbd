/* The Internet checksum against a plain one: every length, every alignment, large sizes, and words that carry. */
#include "core.h"

#include <stdlib.h>

unsigned short ist__checksum(const void *data, int len);

/* In the byte order of memory, as lwIP wants it. */
static uint16_t reference(const uint8_t *p, size_t n)
{
    uint32_t s = sum16(p, n, 0);

    return (uint16_t)(s >> 8 | s << 8);
}

/* 0 and 65,535 are the same sum. */
static int same(uint16_t a, uint16_t b)
{
    return a % 65535 == b % 65535 && (a == 0) == (b == 0);
}

static int all_lengths(const uint8_t *bytes, int max)
{
    for (int at = 0; at < 16; at++)
        for (int n = 0; n <= max; n++)
            if (!same(ist__checksum(bytes + at, n), reference(bytes + at, (size_t)n))) {
                printf("# offset %d length %d\n", at, n);
                return 0;
            }
    return 1;
}

int main(void)
{
    static uint8_t bytes[300000];
    static const int large[] = { 4096, 8191, 65507, 65535, 65536, 131072, 262143, 299984 };
    int good = 1;

    memset(bytes, 0xff, sizeof bytes);
    ok(all_lengths(bytes, 2100), "all ones: lengths 0 to 2,100 at 16 alignments");
    memset(bytes, 0, sizeof bytes);
    ok(all_lengths(bytes, 200), "all zeros sum to zero");
    srand(1);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)rand();
    ok(all_lengths(bytes, 2100), "random bytes: lengths 0 to 2,100 at 16 alignments");
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        for (int at = 0; at < 8; at++)
            good &= same(ist__checksum(bytes + at, large[i]), reference(bytes + at, (size_t)large[i]));
    ok(good, "random bytes: up to 299,984");
    memset(bytes, 0xff, sizeof bytes);
    ok(same(ist__checksum(bytes, 299984), reference(bytes, 299984)), "all ones: 299,984 bytes do not overflow a lane");
    bytes[77] ^= 1;
    ok(!same(ist__checksum(bytes, 2000), 0xffff), "one bit changes the sum");
    return tap_done();
}
