/*
 * link_host.c - a hostile host: whatever an exchange says, the guest neither crashes nor hangs nor keeps memory
 *
 * Input: for each exchange a byte of what is wrong in it (below), then that; behind the end the host is honest.
 */
#include "fuzz.h"

#include <isthmus/link.h>
#include <isthmus/socket.h>
#include <isthmus/stack.h>
#include <lwip/stats.h>

#define MS UINT64_C(1000000)
#define GRANT "address=10.0.0.1/24\ngateway=10.0.0.2\naddress=fd00::1/64\nhostname=fuzz\n"

enum wrong { FRAMES = 1, RX_LEN = 2, TAKEN = 4, RESULT = 8, CLOCK = 16, FLAGS = 32, TEXT = 64, WRITTEN = 128 };

static struct input in;
static uint64_t clock_ns;
static uint32_t n_calls;
static int answered;                     /* the guest has sent an ICMP message, in the last input */

static void honest(struct ist_link *x, uint8_t *memory)
{
    x->tx_taken = x->tx_len;
    x->flags = IST_LINK_UP;
    if (x->deadline != UINT64_MAX && x->deadline > clock_ns)
        clock_ns = x->deadline;
    x->monotonic = clock_ns;
    x->realtime = UINT64_C(1800000000) * 1000 * MS;
    x->instance[0] = 1;
    if (x->want & IST_LINK_ENTROPY)
        memset(x->entropy, 7, sizeof x->entropy);
    if (x->want & IST_LINK_GRANT) {
        x->kind = IST_LINK_KIND_IP;
        x->mtu = x->frame_max = 1500;
        x->n_links = 2;
        x->text_len = sizeof GRANT - 1;
        memcpy(memory + x->text, GRANT, x->text_len < x->text_cap ? x->text_len : x->text_cap);
    }
}

/* Bytes of the input to where the guest gave room; their number. */
static uint32_t fill(uint8_t *to, uint32_t room, uint32_t n)
{
    const uint8_t *from = take(&in, n < room ? n : room, &n);

    memcpy(to, from, n);
    return n;
}

static void lie(struct ist_link *x, uint8_t *memory, uint32_t wrong, int32_t *result)
{
    uint32_t n;

    if (wrong & FRAMES)
        x->rx_len = fill(memory + x->rx, x->rx_cap, take16(&in));
    if (wrong & RX_LEN)
        x->rx_len = take32(&in);
    if (wrong & TAKEN)
        x->tx_taken = take32(&in);
    if (wrong & RESULT)
        *result = (int8_t)take8(&in);
    if (wrong & CLOCK)
        x->monotonic = (uint64_t)take32(&in) << take8(&in) % 31;    /* to 146 years; behind 580 there is no time left to wait for */
    if (wrong & FLAGS) {
        x->flags = take8(&in);
        x->ready = (uint64_t)take8(&in) << take8(&in) % 64;
        x->instance[0] = (uint8_t)take8(&in);
    }
    if (wrong & TEXT && x->want & IST_LINK_GRANT) {
        x->kind = take8(&in);
        x->mtu = take32(&in);
        x->frame_max = take32(&in);
        x->n_links = take32(&in);
        n = take16(&in);
        x->text_len = fill(memory + x->text, x->text_cap, n);
        if (take8(&in) & 1)
            x->text_len = n;
    }
    if (wrong & WRITTEN)
        for (n = take8(&in) % 8; n; n--) {
            uint32_t at = (uint32_t)((uint8_t *)&x->tx_taken - (uint8_t *)x);
            at += take8(&in) % (sizeof *x - at);
            ((uint8_t *)x)[at] = (uint8_t)take8(&in);
        }
}

static int32_t exchange(void *host, uint8_t *memory, uint64_t memory_len, uint32_t at)
{
    struct ist_link *x = (struct ist_link *)(void *)(memory + at);
    int32_t result = x->link < 2 ? 0 : IST_LINK_NO_LINK;

    (void)host;
    must(x->magic == IST_LINK_MAGIC && x->size == sizeof *x);
    must((uint64_t)x->tx + x->tx_len <= memory_len && (uint64_t)x->rx + x->rx_cap <= memory_len);
    must((uint64_t)x->text + x->text_cap <= memory_len && (uint64_t)x->note + x->note_len <= memory_len);
    must(++n_calls < 200000);
    for (uint32_t k = 0; k + 32 <= x->tx_len; k += 4 + ((uint32_t)memory[x->tx + k + 2] << 8 | memory[x->tx + k + 3]))
        answered |= memory[x->tx + k + 4] == 0x45 && memory[x->tx + k + 13] == 1;
    honest(x, memory);
    if (in.left)
        lie(x, memory, take8(&in), &result);
    return result;
}

/* A program that listens, sends and waits; it has to come to its end. */
static void program(void)
{
    struct ist_address to = { .family = IST_IPV4, .port = 80, .ip = { 10, 0, 0, 2 } }, any = { .family = IST_IPV6, .port = 7 };
    ist_handle client = ist_tcp_open(IST_IPV4), listener = ist_tcp_open(IST_IPV6), datagrams = ist_udp_open(IST_IPV4), accepted;
    uint8_t bytes[600] = { 0 };

    ist_socket_connect(client, &to);
    ist_socket_bind(listener, &any);
    ist_socket_listen(listener, 4);
    for (int i = 0; i < 40; i++) {
        struct ist_interest set[] = { { .handle = client, .want = IST_READABLE | IST_WRITABLE }, { .handle = listener, .want = IST_READABLE } };
        ist_datagram_send(datagrams, bytes, sizeof bytes, &to);
        if (ist_wait(set, 2, ist_monotonic() + 200 * MS) == IST_EDEADLK) {
            clock_ns += 200 * MS;
            ist_pump();
        }
        ist_stream_send(client, bytes, sizeof bytes);
        ist_stream_recv(client, bytes, sizeof bytes);
        ist_random(bytes, 8);
        accepted = ist_socket_accept(listener, NULL);
        if (accepted > 0)
            ist_close(accepted);
    }
    ist_close(client);
    ist_close(listener);
    ist_close(datagrams);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    in = (struct input){ data, len };
    clock_ns = 1000 * MS;
    n_calls = 0;
    answered = 0;
    ist_link_host(exchange, NULL);
    if (ist_start(NULL) == 0) {
        program();
        ist_stop();
    }
    must(lwip_stats.mem.used == 0);
    return 0;
}

const uint32_t fuzz_rounds = 200;
static struct seed s;

static void emit(seed_fn seed, const char *name, int answer, const char *hex)
{
    s.len = 0;
    add_hex(&s, hex);
    LLVMFuzzerTestOneInput(s.at, s.len);
    must(answered == answer);
    seed(name, s.at, s.len);
}

#define START "00 00 00 00 00 00 "      /* honest until both links are up */

void fuzz_seeds(seed_fn seed)
{
    emit(seed, "an honest host", 0, "");
    emit(seed, "an echo request", 1, START "01 0020 0000001c 4500001c00010000 400166de 0a000002 0a000001 0800f7ff 00000000");
    emit(seed, "rx len past rx cap", 0, START "02 ffffffff");
    emit(seed, "a broken batch", 0, START "01 0008 00000fff 01020304");
    emit(seed, "tx taken in the middle", 0, START "04 00000007 04 00000007");
    emit(seed, "each result", 0, START "08 ff 08 fe 08 fd 08 fc 08 80 08 7f");
    emit(seed, "a clock that jumps", 0, START "10 00000005 00 10 ffffffff 1e 10 00000001 1e 10 80000000 10");
    emit(seed, "flags and another instance", 0, START "20 ff ff 00 02 20 00 01 3f 03 20 21 ff 08 04");
    emit(seed, "another grant", 0, "40 02 000005dc 000005ea 00000001 0016 616464726573733d31302e302e302e312f32340a6d61633d 00");
    emit(seed, "a grant of impossible sizes", 0, "40 01 ffffffff ffffffff ffffffff ffff 00 01");
    emit(seed, "bytes over the host's fields", 0, START "80 07 20 ff 21 ff 40 80 60 01 08 ff 00 ff 04 04");
}
