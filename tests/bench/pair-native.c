/*
 * pair-native FIRST.so SECOND.so WHAT ARG... - two stacks natively in one thread on a link in memory: the yardstick of pair.mjs
 *
 * The two files are copies of one library (pair.c and the stack). WHAT and what is printed, a number: bulk MTU MIB (MiB/s),
 * rr OPEN ROUNDS (us a round trip over OPEN connections), connects N (a second). pair.mjs does the same steps.
 */
#include <dlfcn.h>
#include <isthmus/link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define WIRE_CAP (1u << 20)
#define TURNS    100000

struct wire { uint8_t bytes[WIRE_CAP]; uint32_t start, end; };    /* whole frames, one after the other */
struct side {
    struct wire *in, *out;
    uint32_t mtu;
    const char *grant;
    uint8_t instance[16];
    int32_t (*open)(uint32_t);
    void (*turn)(void);
    int32_t (*connect)(void);
    int32_t (*accept)(void);
    int32_t (*connected)(uint32_t);
    uint32_t (*send)(uint32_t, uint32_t);
    uint32_t (*recv)(uint32_t);
    int32_t (*close)(uint32_t);
};

static struct wire wires[2];
static struct side sides[2], *server = &sides[0], *client = &sides[1];

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* What is measured is time of the processor, so that what else the machine does counts little. */
static double spent_ns(void)
{
    return (double)read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

static void die(const char *what)
{
    fprintf(stderr, "pair-native: %s\n", what);
    exit(1);
}

static uint32_t frame(const uint8_t *p)
{
    return 4 + ((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

/* The bytes of whole frames of a batch that fit into @room. */
static uint32_t fitting(const uint8_t *batch, uint32_t len, uint32_t room)
{
    uint32_t at = 0;

    if (len <= room)
        return len;
    while (at < len && at + frame(batch + at) <= room)
        at += frame(batch + at);
    return at;
}

static void take(struct wire *w, const uint8_t *memory, struct ist_link *x)
{
    if (w->end + x->tx_len > WIRE_CAP) {
        memmove(w->bytes, w->bytes + w->start, w->end - w->start);
        w->end -= w->start;
        w->start = 0;
    }
    x->tx_taken = fitting(memory + x->tx, x->tx_len, WIRE_CAP - w->end);
    memcpy(w->bytes + w->end, memory + x->tx, x->tx_taken);
    w->end += x->tx_taken;
}

static void give(struct wire *w, uint8_t *memory, struct ist_link *x)
{
    x->rx_len = fitting(w->bytes + w->start, w->end - w->start, x->rx_cap);
    memcpy(memory + x->rx, w->bytes + w->start, x->rx_len);
    w->start += x->rx_len;
    if (w->start == w->end)
        w->start = w->end = 0;
}

static int32_t exchange(void *host, uint8_t *memory, uint64_t memory_len, uint32_t at)
{
    struct side *s = host;
    struct ist_link *x = (struct ist_link *)(void *)(memory + at);

    (void)memory_len;
    take(s->out, memory, x);
    x->rx_len = 0;
    if (x->rx_cap)
        give(s->in, memory, x);
    x->flags = IST_LINK_UP | (x->rx_cap && s->in->end ? IST_LINK_MORE : 0);
    x->ready = s->in->end != 0 || x->tx_taken < x->tx_len;
    x->monotonic = read_clock(CLOCK_MONOTONIC);
    memcpy(x->instance, s->instance, sizeof x->instance);
    if (x->want & IST_LINK_ENTROPY && getrandom(x->entropy, sizeof x->entropy, 0) != sizeof x->entropy)
        return IST_LINK_LAYOUT;
    if (x->want & IST_LINK_GRANT) {
        x->kind = IST_LINK_KIND_IP;
        x->mtu = x->frame_max = s->mtu;
        x->n_links = 1;
        x->text_len = (uint32_t)strlen(s->grant);
        if (x->text_len <= x->text_cap)
            memcpy(memory + x->text, s->grant, x->text_len);
    }
    return 0;
}

static void *symbol(void *library, const char *name)
{
    void *p = dlsym(library, name);

    if (!p)
        die(name);
    return p;
}

static void side_load(struct side *s, const char *file, uint32_t mtu)
{
    int i = s == client;
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    void (*link_host)(ist_exchange_fn, void *);

    if (!library)
        die(dlerror());
    s->in = &wires[i];
    s->out = &wires[1 - i];
    s->mtu = mtu;
    s->grant = i ? "address=10.0.0.2/24\n" : "address=10.0.0.1/24\n";
    s->instance[0] = (uint8_t)(1 + i);
    *(void **)&link_host = symbol(library, "ist_link_host");
    *(void **)&s->open = symbol(library, "bench_open");
    *(void **)&s->turn = symbol(library, "bench_turn");
    *(void **)&s->connect = symbol(library, "bench_connect");
    *(void **)&s->accept = symbol(library, "bench_accept");
    *(void **)&s->connected = symbol(library, "bench_connected");
    *(void **)&s->send = symbol(library, "bench_send");
    *(void **)&s->recv = symbol(library, "bench_recv");
    *(void **)&s->close = symbol(library, "bench_close");
    link_host(exchange, s);
    if (s->open(!i))
        die("ist_start");
}

static void connect_one(void)
{
    int32_t i = client->connect(), a = -1;

    if (i < 0)
        die("connect");
    for (int n = 0; n < TURNS; n++) {
        client->turn();
        server->turn();
        if (a < 0)
            a = server->accept();
        if (a >= 0 && client->connected((uint32_t)i))
            return;
    }
    die("no connection");
}

/* As much again goes before, unmeasured. */
static double bulk(uint64_t len)
{
    uint64_t sent = 0, got = 0, all = 2 * len;
    double began = 0;

    connect_one();
    while (got < all) {
        if (began == 0 && got >= len) {
            began = spent_ns();
            len = all - got;
        }
        sent += client->send(0, all - sent < 262144 ? (uint32_t)(all - sent) : 262144);
        client->turn();
        server->turn();
        got += server->recv(0);
    }
    return (double)len / 1048576 / ((spent_ns() - began) / 1e9);
}

static double rr(uint32_t open, uint32_t rounds)
{
    double began;

    for (uint32_t i = 0; i < open; i++)
        connect_one();
    began = spent_ns();
    for (uint32_t r = 0, i = 0; r < rounds; r++, i = (i + 7919) % open) {
        uint32_t got = 0, back = 0;
        client->send(i, 64);
        client->turn();
        for (int n = 0; got < 64 && n < TURNS; n++, server->turn())
            got += server->recv(i);
        server->send(i, 64);
        server->turn();
        for (int n = 0; back < 64 && n < TURNS; n++, client->turn())
            back += client->recv(i);
        if (back != 64)
            die("lost");
    }
    return (spent_ns() - began) / 1e3 / rounds;
}

/* As many again go before, unmeasured. */
static double connects(uint32_t n)
{
    double began = 0;

    for (uint32_t i = 0; i < 2 * n; i++) {
        if (i == n)
            began = spent_ns();
        connect_one();
        client->close(0);
        client->turn();
        server->turn();
        server->close(0);
        server->turn();
        client->turn();
    }
    return n / ((spent_ns() - began) / 1e9);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        die("usage: pair-native FIRST.so SECOND.so bulk MTU MIB | rr OPEN ROUNDS | connects N");
    for (int i = 0; i < 2; i++)
        side_load(&sides[i], argv[1 + i], strcmp(argv[3], "bulk") ? 1500 : (uint32_t)atoi(argv[4]));
    if (!strcmp(argv[3], "bulk"))
        printf("%.1f\n", bulk(strtoull(argv[5], NULL, 10) << 20));
    else if (!strcmp(argv[3], "rr"))
        printf("%.3f\n", rr((uint32_t)atoi(argv[4]), (uint32_t)atoi(argv[5])));
    else
        printf("%.1f\n", connects((uint32_t)atoi(argv[4])));
    return 0;
}
