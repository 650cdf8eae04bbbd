/*
 * checksum.c - the Internet checksum (RFC 1071)
 *
 * The sum of 16-bit words mod 65,535 does not care in what order or in what width they are added, as long as each byte keeps its
 * parity. So wide lanes are summed, and folded once at the end; carries are collected in lanes twice as wide as the words.
 */
#include <stdint.h>
#include <string.h>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

unsigned short ist__checksum(const void *data, int len);

static uint32_t fold(uint64_t sum)
{
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)((sum & 0xffff) + (sum >> 16));
}

#if defined(__wasm_simd128__)

/* 64 bytes a round: pairs of 16-bit words are added into 32-bit lanes, which hold 32,768 of them before they could overflow. */
#define ROUNDS_MAX 16384u

static v128_t lanes_widen(v128_t v)
{
    return wasm_i64x2_add(wasm_u64x2_extend_low_u32x4(v), wasm_u64x2_extend_high_u32x4(v));
}

static uint64_t sum_wide(const uint8_t **p, uint32_t *len)
{
    uint64_t sum = 0;

    while (*len >= 64) {
        uint32_t rounds = *len / 64 < ROUNDS_MAX ? *len / 64 : ROUNDS_MAX;
        v128_t a = wasm_i32x4_splat(0), b = a, c = a, d = a;
        *len -= rounds * 64;
        for (; rounds; rounds--, *p += 64) {
            a = wasm_i32x4_add(a, wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(*p)));
            b = wasm_i32x4_add(b, wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(*p + 16)));
            c = wasm_i32x4_add(c, wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(*p + 32)));
            d = wasm_i32x4_add(d, wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(*p + 48)));
        }
        a = wasm_i64x2_add(wasm_i64x2_add(lanes_widen(a), lanes_widen(b)), wasm_i64x2_add(lanes_widen(c), lanes_widen(d)));
        sum += (uint64_t)wasm_i64x2_extract_lane(a, 0) + (uint64_t)wasm_i64x2_extract_lane(a, 1);
    }
    return sum;
}

#else

/* 32 bytes a round into 64-bit sums of 32-bit words; clang makes vectors of it where the processor has them. */
static uint64_t sum_wide(const uint8_t **p, uint32_t *len)
{
    uint64_t lane[8] = { 0 };

    for (; *len >= 32; *p += 32, *len -= 32) {
        uint32_t w[8];
        memcpy(w, *p, 32);
        for (int i = 0; i < 8; i++)
            lane[i] += w[i];
    }
    return lane[0] + lane[1] + lane[2] + lane[3] + lane[4] + lane[5] + lane[6] + lane[7];
}

#endif

/*
 * ist__checksum() - lwIP's LWIP_CHKSUM
 * @data:     in; any alignment
 * @len:      bytes; odd: as if a zero byte followed
 *
 * Returns: the folded sum, not inverted, in the byte order of memory
 */
unsigned short ist__checksum(const void *data, int len)
{
    const uint8_t *p = data;
    uint32_t n = (uint32_t)len;
    uint64_t sum = sum_wide(&p, &n);

    for (; n >= 4; p += 4, n -= 4) {
        uint32_t w;
        memcpy(&w, p, 4);
        sum += w;
    }
    if (n) {
        uint32_t w = 0;
        memcpy(&w, p, n);
        sum += w;
    }
    return (unsigned short)fold(sum);
}
