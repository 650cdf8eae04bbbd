/*
 * dns_server.h - the stack with name servers that stand in the same instance and do as the name that is asked for tells them
 *
 * Server 0 is 127.0.0.1, server 1 is ::1; a third, 10.9.0.53, is outside and silent. The first label of a name says what server 0
 * does; server 1 always answers well, but for names that begin with "all-", which both treat alike. An address that server i gave ends
 * in i + 1. Time is virtual: it jumps to the deadline of each wait. One program includes this once.
 */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "dns_message.h"
#include "tap.h"

#include <../adapters/host/c/host.h>
#include <isthmus/link.h>
#include <isthmus/resolve.h>
#include <isthmus/stack.h>

#define S UINT64_C(1000000000)

/* --- the host: a clock of ours, and a link that swallows everything --- */

static struct isthmus_host host;
static struct isthmus_port port;
static uint64_t now = S;
static uint32_t n_outside;      /* frames that left the instance */
static int no_entropy;

static inline uint64_t clock_read(void *user) { (void)user; return now; }
static inline void clock_sleep(void *user, uint64_t deadline) { (void)user; now = deadline; }

static inline int entropy(void *user, uint8_t into[32])
{
    static uint8_t counter;

    (void)user;
    if (no_entropy) return 0;
    for (int i = 0; i < 32; i++) into[i] = (uint8_t)(i * 7 + counter);
    counter++;
    return 1;
}

static inline uint32_t swallow(struct isthmus_port *p, const uint8_t *batch, uint32_t len)
{
    (void)p;
    for (uint32_t at = 0; at < len; n_outside++)
        at += 4 + ((uint32_t)batch[at] << 24 | (uint32_t)batch[at + 1] << 16 | (uint32_t)batch[at + 2] << 8 | batch[at + 3]);
    return len;
}

static inline uint32_t nothing(struct isthmus_port *p, uint8_t *into, uint32_t cap) { (void)p, (void)into, (void)cap; return 0; }
static inline void keep(struct isthmus_port *p) { (void)p; }

/* --- the servers --- */

enum { N_SERVERS = 2 };
struct server {
    ist_handle udp, listener, stream;
    uint32_t n_udp, n_tcp, n_queries;      /* asked so far */
    uint16_t ids[64], ports[64];
    uint8_t in[600];                       /* what came by TCP */
    uint32_t n_in, n_out, out_len, left;   /* an answer leaves in pieces; left: bytes before the server hangs up */
    uint8_t out[65537 + 2];
    uint32_t n_edns;                       /* queries with an OPT record as it must be */
};
static struct server servers[N_SERVERS];

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

/* Answers with one address of this server. */
static inline void answer_well(uint16_t id, const char *text, uint16_t type, int server)
{
    header(id, 0, 1, 0), echo_question(text, type);
    if (type == 1) record(NULL, 1, (uint8_t[]){ 192, 0, 2, (uint8_t)(server + 1) }, 4);
    else record(NULL, 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = (uint8_t)(server + 1) }, 16);
}

static inline int is(const char *text, const char *label)
{
    return strncmp(text, label, strlen(label)) == 0;
}

static uint32_t soa_minimum;

/* Builds the answer in b; 0: stay silent. */
static inline int answer(int server, int tcp, uint16_t id, const char *text, uint16_t type, int edns)
{
    const char *what = is(text, "all-") ? text + 4 : server == 0 ? text : "ok";

    answer_well(id, text, type, server);
    if (is(what, "silent")) return 0;
    if (is(what, "wrongid")) b.msg[1] ^= 1;
    if (is(what, "wrongname") || (tcp && strstr(what, "-wrongname"))) b.msg[14] ^= 1;
    if (is(what, "wrongtype")) b.msg[12 + strlen(text) + 3] = 15;
    if (is(what, "broken")) b.len -= 3;
    if (is(what, "garbage")) memset(b.msg + 2, 0xc1, b.len - 2);
    if (is(what, "oversize")) while (b.len < 4000) u8(0);
    if (is(what, "servfail")) header(id, 2, 0, 0), echo_question(text, type);
    if (is(what, "refused")) header(id, 5, 0, 0), echo_question(text, type);
    if (is(what, "lame")) header(id, 0, 0, 0), echo_question(text, type), b.msg[3] = 0;
    if (is(what, "nx")) header(id, 3, 0, 0), echo_question(text, type);
    if (is(what, "old") && edns) {              /* from before EDNS: FORMERR, as a header alone, or NOTIMP */
        header(id, is(what, "old-notimp") ? 4 : 1, 0, 0), echo_question(text, type);
        if (is(what, "old-header")) b.len = 12, b.msg[5] = 0;
    }
    if (is(what, "notauth")) header(id, 9, 0, 0), echo_question(text, type);
    if (is(what, "badvers") && edns) {          /* RCODE 16: 1 in the upper bits, 0 in the header */
        header(id, 0, 0, 0), echo_question(text, type), b.msg[11] = 1;
        bytes((uint8_t[]){ 0, 0, 41, 4, 0xd0, 1, 0, 0, 0, 0, 0 }, 11);
    }
    if (is(what, "deaf") && edns) return 0;
    if (is(what, "formerr")) header(id, 1, 0, 0), echo_question(text, type);
    if (is(what, "kept-nx")) header(id, 3, 0, 1), echo_question(text, type), soa(soa_minimum);
    if (is(what, "kept-nodata")) header(id, 0, 0, 1), echo_question(text, type), soa(soa_minimum);
    if (is(what, "kept-alias")) {               /* the least TTL of the chain counts */
        uint32_t given = ttl;
        header(id, 0, 2, 0), echo_question(text, type);
        ttl = 5, alias(NULL, "one.test"), ttl = given;
        if (type == 1) record("one.test", 1, (uint8_t[]){ 192, 0, 2, 78 }, 4);
        else record("one.test", 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 78 }, 16);
    }
    if (is(what, "near")) {                     /* the instance itself */
        if ((is(what, "near-no6") && type == 28) || (is(what, "near-no4") && type == 1)) return 0;
        header(id, 0, 1, 0), echo_question(text, type);
        if (type == 1) record(NULL, 1, (uint8_t[]){ 10, 9, 0, 1 }, 4);
        else record(NULL, 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, 0, 9, [15] = 1 }, 16);
    }
    if (type == 12) {
        header(id, 0, 1, 0), echo_question(text, type);
        if (is(text, "1.2.0.192.in-addr.")) pointer("mail.example.test");
        else if (is(text, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.")) pointer("six.example.test");
        else if (is(text, "2.2.0.192.in-addr.")) record(NULL, 12, "\5a b\0c\4test", 12);
        else if (is(text, "3.2.0.192.in-addr.")) {          /* RFC 2317 */
            header(id, 0, 2, 0), echo_question(text, type), alias(NULL, "3.sub.2.0.192.in-addr.arpa");
            uint8_t wire[IST__NAME_WIRE];
            record("3.sub.2.0.192.in-addr.arpa", 12, wire, (uint32_t)ist__name_parse("sub.example.test", wire));
        }
        else if (is(text, "4.2.0.192.in-addr.")) header(id, 2, 0, 0), echo_question(text, type);
        else header(id, 3, 0, 0), echo_question(text, type);
    }
    if (is(what, "nodata") || (is(what, "only4") && type == 28) || (is(what, "only6") && type == 1))
        header(id, 0, 0, 1), echo_question(text, type), record("test", 6, "", 0);
    if (is(what, "no6") && type == 28) return 0;
    if (is(what, "fail6") && type == 28) header(id, 2, 0, 0), echo_question(text, type);
    if (is(what, "forty")) {
        header(id, 0, 40, 0), echo_question(text, type);
        for (uint32_t i = 0; i < 40; i++) {
            if (type == 1) record(NULL, 1, (uint8_t[]){ 198, 51, 100, (uint8_t)i }, 4);
            else record(NULL, 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = (uint8_t)i }, 16);
        }
    }
    if (is(what, "chain")) {
        header(id, 0, 3, 0), echo_question(text, type), alias(NULL, "one.test"), alias("one.test", "Two.test");
        if (type == 1) record("two.test", 1, (uint8_t[]){ 192, 0, 2, 77 }, 4);
        else record("two.test", 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 77 }, 16);
    }
    if (is(what, "loop")) header(id, 0, 2, 0), echo_question(text, type), alias(NULL, "one.test"), alias("one.test", text);
    if (is(what, "half")) header(id, 0, 1, 0), echo_question(text, type), alias(NULL, "ok.test");
    if (is(what, "away")) {           /* away-N leads to away-N+1, without end */
        char next[32];
        snprintf(next, sizeof next, "%.*saway-%d.test", (int)(what - text), text, atoi(what + 5) + 1);
        header(id, 0, 1, 0), echo_question(text, type), alias(NULL, next);
    }
    if (is(what, "trunc") && !tcp) header(id, 0x200, 0, 0), echo_question(text, type);
    if (is(what, "big") && !tcp) header(id, 0x200, 0, 0), echo_question(text, type);
    if (is(what, "big") && tcp) {
        header(id, 0, 2000, 0), echo_question(text, type);
        for (uint32_t i = 0; i < 2000; i++) {
            if (type == 1) record(NULL, 1, (uint8_t[]){ 198, 18, (uint8_t)(i >> 8), (uint8_t)i }, 4);
            else record(NULL, 28, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i }, 16);
        }
    }
    return 1;
}

/* Reads a query and builds the answer. */
static inline int serve(int server, int tcp, const uint8_t *q, uint32_t len)
{
    static const uint8_t opt[11] = { 0, 0, 41, 1232 >> 8, 1232 & 255 };
    struct server *s = &servers[server];
    char text[IST_NAME_MAX];
    uint32_t end = 12;

    if (len < 17 || ist__name_format(q + 12, text) < 0) return 0;
    while (q[end]) end += q[end] + 1u;
    end += 5;
    s->ids[s->n_queries++ % 64] = get16(q);
    if (get16(q + 10)) s->n_edns += len == end + 11 && get16(q + 10) == 1 && !memcmp(q + end, opt, 11);
    return answer(server, tcp, get16(q), text, get16(q + end - 4), get16(q + 10) != 0);
}

static inline void turn_udp(int server)
{
    struct server *s = &servers[server];
    struct ist_datagram info;
    uint8_t q[600];
    int32_t n;

    while ((n = ist_datagram_recv(s->udp, q, sizeof q, 0, &info)) > 0) {
        s->ports[s->n_udp++ % 64] = info.from.port;
        if (serve(server, 0, q, (uint32_t)n)) ist_datagram_send(s->udp, b.msg, b.len, &info.from);
    }
}

static inline void hang_up(struct server *s)
{
    ist_close(s->stream);
    s->stream = 0;
}

static inline void turn_tcp(int server)
{
    struct server *s = &servers[server];
    int32_t n;

    if (!s->stream) {
        s->stream = ist_socket_accept(s->listener, NULL);
        if (s->stream < 0) s->stream = 0;
        if (!s->stream) return;
        s->n_tcp++;
        s->n_in = s->n_out = s->out_len = 0;
        ist_option_set(s->stream, IST_OPTION_NO_DELAY, 1);
    }
    if (s->out_len == 0) {
        if ((n = ist_stream_recv(s->stream, s->in + s->n_in, (uint32_t)sizeof s->in - s->n_in)) > 0) s->n_in += (uint32_t)n;
        if (n == 0 || (n < 0 && n != IST_EAGAIN)) { hang_up(s); return; }
        if (s->n_in < 2 || s->n_in < 2u + get16(s->in)) return;
        if (!serve(server, 1, s->in + 2, get16(s->in))) return;
        s->out[0] = (uint8_t)(b.len >> 8);
        s->out[1] = (uint8_t)b.len;
        memcpy(s->out + 2, b.msg, b.len);
        s->out_len = b.len + 2;
        s->left = UINT32_MAX;
        char text[IST_NAME_MAX];
        ist__name_format(s->in + 14, text);
        if (strstr(text, "-cut")) s->left = s->out_len - 5;      /* in the middle of the answer */
        if (strstr(text, "-zero")) s->out[0] = s->out[1] = 0;
    }
    if (s->left == 0) { hang_up(s); return; }
    if (s->n_out < s->out_len) {
        uint32_t piece = s->n_out < 3 ? 1 : s->out_len - s->n_out;      /* length and first byte one by one */
        if (piece > s->left) piece = s->left;
        if ((n = ist_stream_send(s->stream, s->out + s->n_out, piece)) > 0) s->n_out += (uint32_t)n, s->left -= (uint32_t)n;
        else if (n != IST_EAGAIN) hang_up(s);
    }
    else if ((n = ist_stream_recv(s->stream, s->in, 1)) >= 0 || n != IST_EAGAIN) hang_up(s);
}

static struct ist_config config = { .size = sizeof config };
static uint32_t kind = IST_LINK_KIND_IP;

static inline void start(const char *grant)
{
    static const struct isthmus_port_class vtable = { swallow, nothing, NULL, NULL, keep };

    isthmus_host_init(&host);
    host.monotonic = clock_read;
    host.sleep = clock_sleep;
    host.entropy = entropy;
    isthmus_port_init(&port, &vtable, kind, 1500, grant);
    isthmus_host_add(&host, &port);
    ist_link_host(isthmus_host_exchange, &host);
    if (ist_start(&config) < 0) { printf("Bail out! the stack does not start\n"); exit(1); }
    memset(servers, 0, sizeof servers);
    for (int i = 0; i < N_SERVERS; i++) {
        struct server *s = &servers[i];
        struct ist_address a;
        ist_address_parse(i ? "::1" : "127.0.0.1", &a);
        a.port = 53;
        s->udp = ist_udp_open(a.family);
        s->listener = ist_tcp_open(a.family);
        if (ist_socket_bind(s->udp, &a) < 0 || ist_socket_bind(s->listener, &a) < 0 || ist_socket_listen(s->listener, 8) < 0) {
            printf("Bail out! the test's own servers do not start\n");
            exit(1);
        }
    }
    n_outside = 0;
}

static inline void stop(void)
{
    ist_stop();
    isthmus_port_release(&port);
    isthmus_host_release(&host);
}

/* --- queries --- */

static struct ist_address found[8192];
static char canonical[IST_NAME_MAX];
static uint64_t took;      /* ns */

/* Serves until the query is decided, at most a minute. */
static inline int32_t finish(ist_handle query)
{
    uint64_t began = now;
    int32_t n;

    while ((n = ist_resolve_result(query, found, 8192)) == IST_EAGAIN && now < began + 60 * S) {
        struct ist_interest set[1 + 3 * N_SERVERS] = { { query, IST_READABLE, 0 } };
        uint32_t n_set = 1;
        for (int i = 0; i < N_SERVERS; i++) {
            set[n_set++] = (struct ist_interest){ servers[i].udp, IST_READABLE, 0 };
            if (servers[i].stream) set[n_set++] = (struct ist_interest){ servers[i].stream, IST_READABLE, 0 };
            else set[n_set++] = (struct ist_interest){ servers[i].listener, IST_READABLE, 0 };
            if (servers[i].out_len > servers[i].n_out) set[n_set - 1].want |= IST_WRITABLE;
        }
        if (ist_wait(set, n_set, began + 60 * S) < 0) break;
        for (int i = 0; i < N_SERVERS; i++) turn_udp(i), turn_tcp(i);
    }
    took = now - began;
    return n;
}

static inline int32_t resolve(const char *text, uint32_t family)
{
    ist_handle query = ist_resolve_open(text, family);
    int32_t n;

    took = 0;
    if (query < 0) return query;
    for (int i = 0; i < N_SERVERS; i++) servers[i].n_udp = servers[i].n_tcp = servers[i].n_queries = servers[i].n_edns = 0;
    n = finish(query);
    canonical[0] = 0;
    ist_resolve_canonical(query, canonical, sizeof canonical);
    ist_close(query);
    return n;
}

/* The only address, as text. */
static inline int gives(const char *text, uint32_t family, const char *address)
{
    char got[IST_ADDRESS_MAX] = "";
    int32_t n = resolve(text, family);

    if (n == 1) ist_address_format(&found[0], got, sizeof got);
    if (n == 1 && !strcmp(got, address)) return 1;
    printf("# %s: %d %s after %.3f s\n", text, n, got, (double)took / 1e9);
    return 0;
}

#endif
