/*
 * link_guest.c - a hostile guest before the host in C: whatever it writes, the host touches no byte that it may not
 *
 * Input: for each exchange the structure's address, how many bytes of it differ from a sound one, and the bytes; then bytes of its
 * memory; then frames from outside. The memory is an allocation of its own, so that a sanitizer sees what is beyond.
 */
#include "../../adapters/host/c/host.h"
#include "fuzz.h"

#include <isthmus/link.h>

#define MEMORY 8192u

static uint64_t now_ns;

static uint64_t clock_read(void *user)
{
    (void)user;
    return now_ns;
}

static void clock_sleep(void *user, uint64_t deadline)
{
    (void)user;
    now_ns = deadline > now_ns ? deadline : now_ns;
}

static int entropy(void *user, uint8_t into[32])
{
    (void)user;
    memset(into, 7, 32);
    return 1;
}

/* A sound structure, then what the input changes in it and around it. */
static uint32_t prepare(struct input *in, uint8_t *memory)
{
    struct ist_link sound = { .magic = IST_LINK_MAGIC, .version = 1, .size = sizeof sound, .want = 3, .tx = 1024, .tx_len = 24, .rx = 2048,
                              .rx_cap = 2000, .text = 4096, .text_cap = 200, .note = 4400, .note_len = 10, .deadline = now_ns + 1000 };
    uint32_t x = take16(in);

    if (x & 0x8000)
        x = (x & 0x7fff) << (take8(in) % 18);
    if (x + (uint64_t)sizeof sound > MEMORY)
        return x;
    memset(memory + 1024, 0, 24);
    memory[1024 + 3] = 20;
    memcpy(memory + x, &sound, sizeof sound);
    for (uint32_t n = take8(in) % 32; n; n--) {
        uint32_t at = take8(in) % 56;
        memory[x + at] = (uint8_t)take8(in);
    }
    for (uint32_t n = take8(in) % 32; n; n--) {
        uint32_t at = take16(in) % MEMORY;
        memory[at] = (uint8_t)take8(in);
    }
    return x;
}

/* Whether byte @i may have changed in a call with the structure as it was. */
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

static void call(struct isthmus_host *host, struct input *in, uint8_t *memory, struct isthmus_port *outside)
{
    uint32_t x = prepare(in, memory), kind = take8(in), frame[80] = { 0 };
    struct ist_link was = { 0 };
    uint8_t before[MEMORY], taken[4096];
    int32_t result;

    if (kind & 1) {
        uint32_t len = 1 + take8(in);
        frame[0] = __builtin_bswap32(len);
        outside->vtable->take(outside, (uint8_t *)frame, 4 + len);
    }
    if (kind & 2)
        outside->vtable->give(outside, taken, sizeof taken);
    if (kind & 4)
        isthmus_host_renew(host);
    memcpy(before, memory, MEMORY);
    if (x < MEMORY)
        memcpy(&was, memory + x, MEMORY - x < sizeof was ? MEMORY - x : sizeof was);
    result = isthmus_host_exchange(host, memory, MEMORY, x);
    must(result <= 0 && result >= IST_LINK_SMALL);
    for (uint32_t i = 0; i < MEMORY; i++)
        must(memory[i] == before[i] || allowed(&was, x, result, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct input in = { data, len };
    struct isthmus_port *inside[2], *outside[2];
    struct isthmus_host host;
    uint8_t *memory = calloc(1, MEMORY);

    if (!memory || isthmus_host_init(&host) < 0)
        abort();
    now_ns = 1000;
    host.monotonic = clock_read;
    host.sleep = clock_sleep;
    host.entropy = entropy;
    for (int i = 0; i < 2; i++) {
        if (isthmus_port_pair(&inside[i], &outside[i], IST_LINK_KIND_IP, 280, 2000) < 0)
            abort();
        inside[i]->mtu = inside[i]->frame_max = 200 + 60 * (uint32_t)i;
        isthmus_port_set_grant(inside[i], i ? "" : "address=10.0.0.1/24\nhostname=fuzz\n");
        isthmus_host_add(&host, inside[i]);
    }
    for (int i = 0; in.left && i < 64; i++)
        call(&host, &in, memory, outside[i & 1]);
    for (int i = 0; i < 2; i++) {
        isthmus_port_release(inside[i]);
        isthmus_port_release(outside[i]);
    }
    isthmus_host_release(&host);
    free(memory);
    return 0;
}

const uint32_t fuzz_rounds = 300;
static struct seed s;

static void emit(seed_fn seed, const char *name, const char *hex)
{
    s.len = 0;
    add_hex(&s, hex);
    seed(name, s.at, s.len);
}

void fuzz_seeds(seed_fn seed)
{
    emit(seed, "sound calls with frames", "0000 00 00 07 40 0000 00 00 03 ff 0000 00 00 02 0000 00 00 01 10");
    emit(seed, "another magic, version, size", "0000 01 00 00 00 00 0008 01 04 02 00 00 0010 01 06 10 00 00");
    emit(seed, "addresses beyond the memory", "0000 04 1b ff 1f ff 23 ff 27 ff 00 00 0000 02 18 ff 19 1f 00 00");
    emit(seed, "lengths that overflow", "0000 04 1c ff 1d ff 1e ff 1f ff 00 00 0000 08 24 ff 25 ff 26 ff 27 ff 2c ff 2d ff 2e ff 2f ff 00 00");
    emit(seed, "a structure at the end, and beyond", "1f60 00 00 00 1f68 00 ffff 12 00 9fff 11 00 0004 00 00 00");
    emit(seed, "no such link", "0000 01 08 02 00 00 0000 01 0b ff 00 00");
    emit(seed, "rx over the structure", "0000 04 20 10 21 00 00 00 00 00 01 20 0000 02 18 00 19 00 00 00");
    emit(seed, "a broken batch", "0000 00 02 0403 ff 0400 80 00 0000 00 01 0403 00 00 0000 00 01 0403 15 00");
    emit(seed, "too little room", "0000 02 24 10 25 00 00 01 20 0000 02 24 00 25 00 00 01 20");
    emit(seed, "a note and a text that overlap", "0000 02 28 30 29 11 00 00 0000 03 30 00 31 10 34 ff 00 00");
}
