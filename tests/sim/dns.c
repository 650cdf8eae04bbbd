/*
 * dns.c - worlds of names: the resolver of one stack against a server on another
 *
 * What a name leads to stands in the name: its first letter says how the server answers, the number which addresses. A query ends in
 * time; with the addresses of its name, or with an error that the link or the name excuses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harm.h"
#include "scenario.h"

#define QUERY_MOST (13 * S)          /* resolve.h: at most 12 s; and the turn after it */
#define N_NAMES    24u

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_AAAA = 28 };

struct query {
    ist_handle h;
    char name[32];
    uint32_t family;
    uint64_t begun;
};

struct stream {                      /* of the server */
    ist_handle h;
    uint32_t got, len, sent;
    uint8_t in[600], out[4096];
};

static struct stack *asker, *server;
static ist_handle udp, listener;
static struct stream streams[16];
static struct query queries[64];
static uint32_t n_left, n_open;
static uint64_t next_query;

/* ---- the server */

static uint32_t put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
    return 2;
}

static void address_of(uint32_t number, uint32_t i, uint32_t type, uint8_t ip[16])
{
    memset(ip, 0, 16);
    if (type == TYPE_A)
        memcpy(ip, (uint8_t[]){ 192, 0, (uint8_t)(2 + number), (uint8_t)i }, 4);
    else
        memcpy(ip, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, (uint8_t)number, [15] = (uint8_t)i }, 16);
}

static uint32_t n_addresses(char kind, uint32_t number)
{
    return kind == 't' ? 40 + number % 20 : 1 + number % 3;
}

/* The answer to @q; 0: silence. */
static uint32_t answer(const uint8_t *q, uint32_t len, bool stream, uint8_t *out)
{
    uint32_t end = 12, at, type, number, n;
    char kind;

    while (end < len && q[end])
        end += q[end] + 1u;
    end += 5;
    if (len < 17 || end > len || q[12] < 2 || q[12] > 8)
        return 0;
    kind = (char)q[13];
    number = (uint32_t)strtoul((const char *)q + 14, NULL, 10);      /* the next label's length ends it */
    type = (uint32_t)q[end - 4] << 8 | q[end - 3];
    n = type == TYPE_A || type == TYPE_AAAA ? n_addresses(kind, number) : 0;
    if (kind == 's' || (kind == 'o' && type == TYPE_AAAA && world.step % 2))
        return 0;
    memcpy(out, q, end);
    memset(out + 2, 0, 10);
    out[2] = 0x81;
    out[3] = 0x80;
    out[5] = 1;
    at = end;
    if (kind == 'f' || kind == 'n') {
        out[3] |= kind == 'f' ? 2 : 3;
        return at;
    }
    if (kind == 't' && !stream) {
        out[2] |= 2;
        return at;
    }
    put16(out + 6, n);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t size = type == TYPE_A ? 4 : 16;
        at += put16(out + at, 0xc00c);
        at += put16(out + at, type);
        at += put16(out + at, 1);
        at += put16(out + at, 0);
        at += put16(out + at, number % 4 * 5);       /* TTL: some are kept, some not */
        at += put16(out + at, size);
        address_of(number, i, type, out + at);
        at += size;
    }
    return at;
}

static bool serve_udp(void)
{
    struct ist_datagram from;
    uint8_t q[600], out[4096];
    bool any = false;
    int32_t n;

    while ((n = server->ist_datagram_recv(udp, q, sizeof q, 0, &from)) >= 0) {
        uint32_t len = answer(q, (uint32_t)n, false, out);
        any = true;
        if (len)
            server->ist_datagram_send(udp, out, len, &from.from);
    }
    return any;
}

static bool serve_stream(struct stream *s)
{
    uint32_t want = s->got < 2 ? 2 : 2 + ((uint32_t)s->in[0] << 8 | s->in[1]);
    int32_t n;

    if (s->len) {
        n = server->ist_stream_send(s->h, s->out + s->sent, s->len - s->sent);
        s->sent += n > 0 ? (uint32_t)n : 0;
        if (n > 0 && s->sent == s->len)
            s->len = s->got = s->sent = 0;
        if (n >= 0 || n == IST_EAGAIN)
            return n > 0;
    } else {
        n = want <= sizeof s->in ? server->ist_stream_recv(s->h, s->in + s->got, want - s->got) : IST_EPROTO;
        s->got += n > 0 ? (uint32_t)n : 0;
        if (n > 0 && s->got >= 2 && s->got == 2 + ((uint32_t)s->in[0] << 8 | s->in[1])) {
            s->len = answer(s->in + 2, s->got - 2, true, s->out + 2);
            if (s->len)
                s->len += put16(s->out, s->len);
            s->got = 0;
        }
        if (n > 0 || n == IST_EAGAIN)
            return n > 0;
    }
    server->ist_close(s->h);
    s->h = 0;
    return true;
}

static bool serve(void)
{
    bool any = serve_udp();

    for (uint32_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        struct stream *s = &streams[i];
        if (s->h <= 0) {
            memset(s, 0, sizeof *s);
            s->h = server->ist_socket_accept(listener, NULL);
            if (s->h <= 0)
                break;
            server->ist_option_set(s->h, IST_OPTION_KEEPALIVE, 1);
            server->ist_option_set(s->h, IST_OPTION_KEEPALIVE_IDLE_S, 60);
        }
        any |= serve_stream(s);
    }
    return any;
}

/* ---- the program that asks */

static void query_open(struct query *q)
{
    static const char kinds[] = "aaaaaattonfs";
    struct rng *r = &world.chance;

    q->family = (uint32_t[]){ 0, IST_IPV4, IST_IPV6 }[rng_below(r, 3)];
    snprintf(q->name, sizeof q->name, "%c%u.sim.test", kinds[rng_below(r, sizeof kinds - 1)], (uint32_t)rng_below(r, N_NAMES));
    q->h = asker->ist_resolve_open(q->name, q->family);
    q->begun = world.now;
    if (q->h == IST_ENOMEM && mercy.no_memory) {
        q->h = 0;
        return;
    }
    if (q->h < 0)
        broken("asking for %s gave %d", q->name, q->h);
    report->n_queries++;
    n_left--;
    n_open++;
}

/* Each address is one that the name has, and none is missing of a family that has any. */
static void addresses_judge(const struct query *q, const struct ist_address *a, int32_t n)
{
    uint32_t number = (uint32_t)strtoul(q->name + 1, NULL, 10), most = n_addresses(q->name[0], number), seen[2] = { 0, 0 };

    for (int32_t i = 0; i < n; i++) {
        bool v4 = a[i].family == IST_IPV4;
        uint8_t ip[16];
        uint32_t which = v4 ? a[i].ip[3] : a[i].ip[15];
        address_of(number, which, v4 ? TYPE_A : TYPE_AAAA, ip);
        if (which >= most || memcmp(ip, a[i].ip, v4 ? 4 : 16) != 0 || (q->family && a[i].family != q->family))
            broken("%s: address %d of %d is none of its own", q->name, i, n);
        seen[v4]++;
    }
    if ((seen[0] && seen[0] != most) || (seen[1] && seen[1] != most) || (q->family && !seen[q->family == IST_IPV4]))
        broken("%s: %u and %u addresses, and not %u", q->name, seen[1], seen[0], most);
}

static void result_judge(const struct query *q, int32_t n, const struct ist_address *a)
{
    char kind = q->name[0];

    if (mercy.wrong_bytes)
        return;
    if (n > 0) {
        if (kind == 'n' || kind == 'f' || kind == 's')
            broken("%s: %d addresses, and it has none", q->name, n);
        addresses_judge(q, a, n);
        return;
    }
    if (n == IST_ENAMESERVER && (kind == 'f' || kind == 's' || harm_loses()))
        return;
    if (n == IST_ENOMEM && mercy.no_memory)
        return;
    if (n == IST_ENAMESERVER && kind == 'o')
        return;
    if (n != IST_ENONAME || kind != 'n')
        broken("%s: the query ended with %d after %llu ms", q->name, n, (unsigned long long)((world.now - q->begun) / MS));
}

static bool query_run(struct query *q)
{
    struct ist_address a[128];
    int32_t n;

    if (!(asker->ist_ready(q->h) & (int32_t)IST_READABLE)) {
        if (world.now > q->begun + QUERY_MOST + mercy.slack)
            broken("%s: no answer after %llu s", q->name, (unsigned long long)((world.now - q->begun) / S));
        return false;
    }
    n = asker->ist_resolve_result(q->h, a, 128);
    if (n == IST_EAGAIN || n > 128)
        broken("%s: it was readable, and the result is %d", q->name, n);
    result_judge(q, n, a);
    asker->ist_close(q->h);
    q->h = 0;
    n_open--;
    return true;
}

static bool ask(void)
{
    bool any = false;

    for (uint32_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct query *q = &queries[i];
        if (q->h > 0) {
            any |= query_run(q);
        } else if (n_left && next_query <= world.now) {
            query_open(q);
            next_query = world.now + rng_skewed(&world.chance, 3 * S);
            event_at(next_query, NULL, NULL);
            any = true;
        }
    }
    return any;
}

static bool run(void)
{
    bool any = serve();

    return ask() || any;
}

static bool asked_all(void)
{
    return !n_left && !n_open;
}

static bool servers_try(void)
{
    struct ist_address any = { .family = IST_IPV6, .port = 53 };

    udp = server->ist_udp_open(IST_IPV6);
    listener = server->ist_tcp_open(IST_IPV6);
    if (udp > 0 && listener > 0 && !server->ist_socket_bind(udp, &any) && !server->ist_socket_bind(listener, &any) &&
        !server->ist_socket_listen(listener, 64))
        return true;
    server->ist_close(udp);
    server->ist_close(listener);
    return false;
}

static void servers_open(void)
{
    for (int tries = mercy.no_memory ? 100 : 1; tries; tries--)
        if (servers_try())
            return;
    broken("no name server");
}

void dns_world(void)
{
    network_begin(2);
    asker = &world.stacks[0];
    server = &world.stacks[1];
    memory_baseline(512);
    servers_open();
    n_left = 1 + (uint32_t)rng_skewed(&world.chance, 200);
    if (harm->after)
        harm->after();
    world.programs = run;
    if (!world_run(asked_all, world.now + 24 * 3600 * S))
        broken("the queries do not come to an end");
    world.programs = NULL;
    for (uint32_t i = 0; i < sizeof streams / sizeof streams[0]; i++)
        if (streams[i].h > 0)
            server->ist_close(streams[i].h);
    server->ist_close(udp);
    server->ist_close(listener);
    memory_settles();
    memory_ends();
}
