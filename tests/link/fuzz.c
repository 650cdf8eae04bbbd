/*
 * fuzz.c - a hostile guest for the host in C: random structures and batches, and no byte touched that must not be
 *
 * The memory is allocated alone, so that a sanitizer sees every access beyond it; a copy tells what changed inside.
 * The seed is the first argument, the rounds the second.
 */
#include "../../adapters/host/c/host.h"

#include <isthmus/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY 16384u

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below ? (uint32_t)((state >> 33) % below) : (uint32_t)(state >> 32);
}

/* An address or a length: mostly sensible, often at an edge, sometimes wild. */
static uint32_t odd(uint32_t sensible)
{
    static const uint32_t edges[] = { 0, 1, 4, 7, 8, MEMORY, MEMORY - 1, MEMORY - 8, MEMORY + 1, 0x7fffffff, 0x80000000,
                                      0xfffffff8, 0xffffffff };
    switch (draw(16)) {
    case 0: return edges[draw(sizeof edges / sizeof edges[0])];
    case 1: return draw(0);
    default: return draw(sensible);
    }
}

static void write_batch(uint8_t *memory, uint32_t at, uint32_t len)
{
    while (at + 4 < MEMORY && len > 4) {
        uint32_t left = len - 4, frame = draw(12) ? 1 + draw(left < 300 ? left : 300) : draw(0);

        if (draw(3) == 0)
            frame = left;
        for (int i = 0; i < 4; i++)
            memory[at + (uint32_t)i] = (uint8_t)(frame >> (24 - 8 * i));
        if (frame > left)
            return;
        at += 4 + frame;
        len -= 4 + frame;
    }
}

static void write_structure(uint8_t *memory, uint32_t x)
{
    struct ist_link s = { .magic = IST_LINK_MAGIC, .version = 1, .size = 160 };

    if (x > MEMORY - sizeof s)
        return;
    s.size = (uint16_t)(draw(4) ? 160 : odd(200));
    s.link = draw(8) ? draw(3) : odd(70);
    s.want = odd(8);
    s.tx = odd(MEMORY);
    s.tx_len = odd(1500);
    s.rx = draw(4) ? odd(MEMORY) : s.tx; /* overlapping */
    s.rx_cap = draw(3) ? odd(3000) : 0;
    s.text = odd(MEMORY);
    s.text_cap = odd(400);
    s.note = odd(MEMORY);
    s.note_len = draw(4) ? 0 : odd(100);
    s.deadline = draw(4) ? 0 : 1 + draw(2);
    if (s.tx < MEMORY && s.tx_len <= MEMORY - s.tx)
        write_batch(memory, s.tx, s.tx_len);
    memcpy(memory + x, &s, sizeof s);
    if (draw(20) == 0)
        memory[x + (24 + draw(48)) % 56] ^= (uint8_t)(1u << draw(8)); /* anything but the deadline: no round is to wait */
}

/* Whether byte i may have changed in a call with the structure as it was before. */
static int allowed(const struct ist_link *was, uint32_t x, int32_t result, uint32_t i)
{
    if (result == IST_LINK_LAYOUT)
        return 0;
    if (i >= x + 56 && i < x + (was->size < 160u ? was->size : 160u))
        return 1;
    if (was->rx_cap && result > IST_LINK_NO_LINK && i >= was->rx && i - was->rx < was->rx_cap)
        return 1;
    return (was->want & IST_LINK_GRANT) && i >= was->text && i - was->text < was->text_cap;
}

static int round_of(struct isthmus_host *host, struct isthmus_port *outside[2], uint8_t *memory, uint8_t *before)
{
    uint32_t x = draw(8) ? draw(MEMORY / 8) * 8 : odd(MEMORY), frame[80] = { 0 };
    uint8_t taken[4096];
    struct ist_link was = { 0 };
    int32_t result;

    for (uint32_t i = 0; i < 64; i++)
        memory[draw(MEMORY)] = (uint8_t)draw(256);
    for (uint32_t n = draw(3); n; n--) { /* frames from outside, some of them over frame_max */
        uint32_t len = 1 + draw(300);

        frame[0] = __builtin_bswap32(len);
        outside[n & 1]->vtable->take(outside[n & 1], (uint8_t *)frame, 4 + len);
    }
    if (draw(2))
        outside[draw(2)]->vtable->give(outside[draw(2)], taken, sizeof taken);
    write_structure(memory, x);
    memcpy(before, memory, MEMORY);
    if (x <= MEMORY - sizeof was)
        memcpy(&was, memory + x, sizeof was);
    else
        memcpy(&was, memory + (x < MEMORY ? x : MEMORY), x < MEMORY ? MEMORY - x : 0);
    result = isthmus_host_exchange(host, memory, MEMORY, x);
    if (result > 0 || result < IST_LINK_SMALL)
        return 0;
    for (uint32_t i = 0; i < MEMORY; i++)
        if (memory[i] != before[i] && !allowed(&was, x, result, i)) {
            printf("# byte %u changed: x %u result %d\n", i, x, result);
            return 0;
        }
    return 1;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 40000, good = 0;
    uint8_t *memory = calloc(1, MEMORY), *before = malloc(MEMORY);
    struct isthmus_port *inside[2], *outside[2];
    struct isthmus_host host;

    if (!memory || !before || isthmus_host_init(&host) < 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        if (isthmus_port_pair(&inside[i], &outside[i], IST_LINK_KIND_IP, 280, 2000) < 0)
            return 1;
        inside[i]->mtu = inside[i]->frame_max = 200 + 60 * (uint32_t)i;
        isthmus_port_set_grant(inside[i], i ? "" : "address=10.0.0.1/24\nhostname=fuzz\n");
        isthmus_host_add(&host, inside[i]);
    }
    state = seed;
    while (good < rounds && round_of(&host, outside, memory, before))
        good++;
    printf("%s 1 - C: %u hostile calls touch nothing but what they may (seed %llu)\n1..1\n", good == rounds ? "ok" : "not ok",
           rounds, (unsigned long long)seed);
    for (int i = 0; i < 2; i++) {
        isthmus_port_release(inside[i]);
        isthmus_port_release(outside[i]);
    }
    isthmus_host_release(&host);
    free(memory);
    free(before);
    return good != rounds;
}
