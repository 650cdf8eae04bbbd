/*
 * path FIRST.so SECOND.so MBIT RTT_MS LOST_PER_MILLION QUEUE_BYTES SEED SECONDS - one TCP connection over a simulated path
 *
 * The two files are copies of libisthmus.so. SECOND sends to FIRST as fast as it may, for SECONDS of virtual time. Each way has a
 * link of MBIT, a queue before it that drops what it does not hold (0: it holds all), half of RTT_MS on the way, and loses packets
 * at random. Printed: the bytes that were read, in Mbit/s.
 */
#include <dlfcn.h>
#include <isthmus/native.h>
#include <isthmus/stack.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MTU  1500u
#define PORT 80u

struct flying { struct flying *next; uint64_t at; uint32_t len; uint8_t bytes[MTU]; };
struct way { struct flying *first, *last; uint64_t free_at; };
struct side {
    struct way in;
    uint64_t drawn;
    ist_handle tcp;
    int32_t (*native_open)(const struct ist_native_host *);
    int32_t (*native_link)(const struct ist_native_link *);
    int32_t (*push)(uint32_t, const void *, uint32_t);
    int32_t (*pull)(uint32_t, void *, uint32_t);
    int32_t (*pending)(void);
    uint64_t (*deadline)(void);
    void (*pump)(void);
    int32_t (*start)(const struct ist_config *);
    ist_handle (*open)(uint32_t);
    int32_t (*bind)(ist_handle, const struct ist_address *);
    int32_t (*listen)(ist_handle, uint32_t);
    ist_handle (*accept)(ist_handle, struct ist_address *);
    int32_t (*connect)(ist_handle, const struct ist_address *);
    int32_t (*send)(ist_handle, const void *, uint32_t);
    int32_t (*recv)(ist_handle, void *, uint32_t);
};

static struct side sides[2], *server = &sides[0], *client = &sides[1];
static uint64_t now = UINT64_C(1000000000000), ns_a_byte_by_1024, delay, lost_per_million, queue_cap, seed;
static uint64_t got;
static ist_handle listener;
static uint8_t buf[262144];

static void die(const char *what)
{
    fprintf(stderr, "path: %s\n", what);
    exit(1);
}

static uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t read_clock(void *user)
{
    (void)user;
    return now;
}

static int32_t entropy(void *user, uint8_t into[32])
{
    struct side *s = user;
    uint64_t x;

    for (int i = 0; i < 4; i++) {
        x = random_next(&s->drawn);
        memcpy(into + 8 * i, &x, 8);
    }
    return 1;
}

/* What @s has sent goes on its way. */
static void carry_from(struct side *s, struct way *to)
{
    struct flying *f;
    int32_t n;

    while ((n = s->pull(0, buf, sizeof buf)) > 0) {
        uint64_t waits = to->free_at > now ? to->free_at - now : 0;
        if ((queue_cap && waits * 1024 / ns_a_byte_by_1024 + (uint32_t)n > queue_cap) || random_next(&seed) % 1000000 < lost_per_million)
            continue;
        f = malloc(sizeof *f);
        if (!f || (uint32_t)n > MTU)
            die("no memory");
        to->free_at = now + waits + (uint64_t)n * ns_a_byte_by_1024 / 1024;
        f->next = NULL;
        f->at = to->free_at + delay;
        f->len = (uint32_t)n;
        memcpy(f->bytes, buf, f->len);
        if (to->first)
            to->last->next = f;
        else
            to->first = f;
        to->last = f;
    }
}

static void carry_to(struct side *s)
{
    struct flying *f;

    while ((f = s->in.first) && f->at <= now && s->push(0, f->bytes, f->len) == 0) {
        s->in.first = f->next;
        free(f);
    }
}

static void work(void)
{
    int32_t n;

    if (server->tcp <= 0)
        server->tcp = server->accept(listener, NULL);
    while (server->tcp > 0 && (n = server->recv(server->tcp, buf, sizeof buf)) > 0)
        got += (uint32_t)n;
    while (client->send(client->tcp, buf, sizeof buf) > 0)
        ;
}

/* All that happens now; then the clock goes to what happens next. */
static void step(uint64_t until)
{
    uint64_t next = until;

    for (int i = 0; i < 2; i++) {
        carry_to(&sides[i]);
        sides[i].pump();
    }
    work();
    for (int i = 0; i < 2; i++)
        carry_from(&sides[i], &sides[1 - i].in);
    for (int i = 0; i < 2; i++) {
        if (sides[i].pending())
            return;
        if (sides[i].deadline() < next)
            next = sides[i].deadline();
        if (sides[i].in.first && sides[i].in.first->at < next)
            next = sides[i].in.first->at;
    }
    now = next > now ? next : now + 1;
}

static void *symbol(void *library, const char *name)
{
    void *p = dlsym(library, name);

    if (!p)
        die(name);
    return p;
}

static void side_load(struct side *s, const char *file)
{
    struct ist_native_host host = { .size = sizeof host, .user = s, .monotonic = read_clock, .entropy = entropy };
    struct ist_native_link link = { .size = sizeof link, .mtu = MTU, .queue_cap = 1u << 24,
                                    .grant = s == client ? "address=10.0.0.2/24\n" : "address=10.0.0.1/24\n" };
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        die(dlerror());
    s->drawn = seed * 2 + (s == client);
    *(void **)&s->native_open = symbol(library, "ist_native_open");
    *(void **)&s->native_link = symbol(library, "ist_native_link");
    *(void **)&s->push = symbol(library, "ist_native_push");
    *(void **)&s->pull = symbol(library, "ist_native_pull");
    *(void **)&s->pending = symbol(library, "ist_native_pending");
    *(void **)&s->deadline = symbol(library, "ist_native_deadline");
    *(void **)&s->pump = symbol(library, "ist_pump");
    *(void **)&s->start = symbol(library, "ist_start");
    *(void **)&s->open = symbol(library, "ist_tcp_open");
    *(void **)&s->bind = symbol(library, "ist_socket_bind");
    *(void **)&s->listen = symbol(library, "ist_socket_listen");
    *(void **)&s->accept = symbol(library, "ist_socket_accept");
    *(void **)&s->connect = symbol(library, "ist_socket_connect");
    *(void **)&s->send = symbol(library, "ist_stream_send");
    *(void **)&s->recv = symbol(library, "ist_stream_recv");
    if (s->native_open(&host) || s->native_link(&link) || s->start(NULL))
        die("start");
}

int main(int argc, char **argv)
{
    struct ist_address at = { .family = IST_IPV4, .port = PORT }, to = { .family = IST_IPV4, .port = PORT, .ip = { 10, 0, 0, 1 } };
    uint64_t number[6], began = now, end;

    if (argc != 9)
        die("usage: path FIRST.so SECOND.so MBIT RTT_MS LOST_PER_MILLION QUEUE_BYTES SEED SECONDS");
    for (int i = 0; i < 6; i++)
        number[i] = strtoull(argv[3 + i], NULL, 10);
    if (!number[0] || strcmp(argv[1], argv[2]) == 0)
        die("a rate of 0, or one file twice");
    ns_a_byte_by_1024 = 8000 * 1024 / number[0];
    delay = number[1] * 500000;
    lost_per_million = number[2];
    queue_cap = number[3];
    seed = number[4];
    end = began + number[5] * UINT64_C(1000000000);
    for (int i = 0; i < 2; i++)
        side_load(&sides[i], argv[1 + i]);
    listener = server->open(IST_IPV4);
    client->tcp = client->open(IST_IPV4);
    if (server->bind(listener, &at) || server->listen(listener, 1) || client->connect(client->tcp, &to))
        die("connect");
    while (now < end)
        step(end);
    printf("%.3f\n", (double)got * 8000 / (double)(end - began));
    return 0;
}
