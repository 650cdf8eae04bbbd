/*
 * query.c - tries over the servers (see query.h)
 */
#include "cache.h"
#include "query.h"

#include <isthmus/stack.h>
#include <lwip/opt.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define TRY_NS        (2000 * MS)    /* doubled each round */
#define TRY_TCP_NS    (4000 * MS)
#define CONFIGURE_NS  (50 * MS)      /* look again whether the instance has been configured */
#define LATE_NS       (1000 * MS)    /* a server may still be announced after the first address */
#define UNREACHABLE_NS (500 * MS)
#define UNREACHABLE_MAX 3u
#define FULL_NS       (20 * MS)      /* the link took no more */
#define UDP_MAX       1500u
#define EDNS_SIZE     1232u          /* fits the least IPv6 MTU: answers are not fragmented */
#define DNS_PORT      53u

#define SERVER_FAILED 1              /* this server is of no use now: the next at once */
#define SERVER_REFUSED 2             /* the same, and it never will be */

static uint16_t random_id(void)
{
    uint16_t id;

    /* without entropy from the host lwIP's generator is still the best there is */
    if (ist_random(&id, sizeof id) < 0) id = (uint16_t)LWIP_RAND();
    return id;
}

static uint32_t server_count(void)
{
    struct ist_address server;
    uint32_t n = 0;

    while (n < IST__SERVERS_MAX && ist_name_server(n, &server) == 0) n++;
    return n;
}

static void close_try(struct ist__query *q)
{
    if (q->socket > 0) ist_close(q->socket);
    free(q->buf);
    q->socket = 0;
    q->buf = NULL;
    q->sent = q->got = 0;
}

static void pause_until(struct ist__query *q, uint64_t wake)
{
    close_try(q);
    q->phase = IST__QUERY_PAUSE;
    q->wake = wake;
}

void ist__query_finish(struct ist__query *q, int32_t outcome)
{
    close_try(q);
    q->outcome = outcome;
}

void ist__query_end(struct ist__query *q)
{
    close_try(q);
    free(q->addresses);
    q->addresses = NULL;
    q->n_addresses = 0;
}

void ist__query_start(struct ist__query *q, const uint8_t name[IST__NAME_WIRE], uint16_t type, uint64_t now, uint64_t deadline)
{
    memset(q, 0, sizeof *q);
    q->question.type = type;
    memcpy(q->question.name, name, IST__NAME_WIRE);
    q->outcome = IST_EAGAIN;
    q->phase = IST__QUERY_PAUSE;
    q->started = q->wake = now;
    q->deadline = deadline;
    q->ttl = UINT32_MAX;
    memcpy(q->asked, name, IST__NAME_WIRE);
    q->outcome = ist__cache_get(q->asked, type, now, q->question.name, &q->addresses, &q->n_addresses);
}

/* Decided by an answer. */
static void finish_kept(struct ist__query *q, int32_t outcome, uint64_t now)
{
    ist__cache_put(q->asked, q->question.type, now, q->ttl, outcome, q->question.name, q->addresses, q->n_addresses);
    ist__query_finish(q, outcome);
}

/* Opens the socket of a try towards its server. 0 or an error. */
static int32_t open_try(struct ist__query *q, uint32_t n_servers, int tcp)
{
    struct ist_address server;

    if (n_servers == 0 || ist_name_server(q->turn % n_servers, &server) < 0) return IST_ENAMESERVER;
    server.port = DNS_PORT;
    q->socket = tcp ? ist_tcp_open(server.family) : ist_udp_open(server.family);
    if (q->socket < 0) return q->socket;
    /* a connected UDP socket takes datagrams of that server only, and hears that nobody listens there */
    return ist_socket_connect(q->socket, &server);
}

/* 0: sent; IST_EAGAIN: the link is full; else this server cannot be asked. */
static int32_t start_udp(struct ist__query *q, uint32_t n_servers)
{
    uint8_t buf[IST__QUERY_MAX];
    int32_t e = open_try(q, n_servers, 0);

    if (e < 0) return e;
    q->question.id = random_id();
    q->question.udp_size = q->turn >= n_servers || q->plain >> q->turn & 1 ? 0 : EDNS_SIZE;
    e = ist_datagram_send(q->socket, buf, ist__query_write(&q->question, buf), NULL);
    return e < 0 ? e : 0;
}

static void server_failed(struct ist__query *q, uint64_t now, int32_t why)
{
    int no_way = why == IST_ENETUNREACH || why == IST_EHOSTUNREACH || why == IST_EADDRNOTAVAIL;

    q->turn++;
    q->refused = (uint8_t)(why == IST_ENAMEREFUSED && (q->n_failed == 0 || q->refused));
    q->unreachable = (uint8_t)(no_way && (q->n_failed == 0 || q->unreachable));
    if (++q->n_failed < server_count()) {
        pause_until(q, now);
    } else if (q->unreachable && q->n_unreachable++ < UNREACHABLE_MAX) {
        /* addresses and routes may be a moment away */
        q->n_failed = 0;
        pause_until(q, now + UNREACHABLE_NS);
    } else {
        ist__query_finish(q, q->refused ? IST_ENAMEREFUSED : IST_ENAMESERVER);
    }
}

/* May a name server, or the address to ask it from, still be announced? */
static int still_configuring(const struct ist__query *q, uint64_t now, uint32_t n_servers)
{
    char value[2];

    if (!ist_configured()) return 1;
    return n_servers == 0 && ist_grant_value("address", 0, value, sizeof value) < 0 && now < q->started + LATE_NS;
}

static void next_try(struct ist__query *q, uint64_t now)
{
    uint32_t n_servers = server_count(), round;
    int32_t e;

    close_try(q);
    if (still_configuring(q, now, n_servers)) {
        pause_until(q, now + CONFIGURE_NS);
        return;
    }
    if (n_servers == 0) {
        ist__query_finish(q, IST_ENAMESERVER);
        return;
    }
    round = q->turn / n_servers;
    e = start_udp(q, n_servers);
    if (e == 0) {
        q->phase = IST__QUERY_UDP;
        q->wake = now + (TRY_NS << (round < 3 ? round : 3));
    } else if (e == IST_EAGAIN) {
        pause_until(q, now + FULL_NS);
    } else if (e == IST_ENOMEM || e == IST_EMFILE) {
        ist__query_finish(q, IST_ENOMEM);
    } else {
        server_failed(q, now, e);
    }
}

static int32_t start_tcp(struct ist__query *q, uint64_t now)
{
    close_try(q);
    if (open_try(q, server_count(), 1) < 0) return SERVER_FAILED;
    q->question.id = random_id();
    q->question.udp_size = 0;
    q->phase = IST__QUERY_TCP;
    q->wake = now + TRY_TCP_NS;
    return 0;
}

static void keep_addresses(struct ist__query *q, const uint8_t *msg, uint32_t len, struct ist__answer *answer, uint64_t now)
{
    uint32_t n = answer->n_addresses;

    q->addresses = malloc(n * sizeof *q->addresses);
    if (!q->addresses) {
        ist__query_finish(q, IST_ENOMEM);
        return;
    }
    (void)ist__answer_read(msg, len, &q->question, answer, q->addresses, n);
    q->n_addresses = n;
    memcpy(q->question.name, answer->name, IST__NAME_WIRE);
    finish_kept(q, 0, now);
}

/* As glibc divides them: overloaded, lame or unwilling is for now, what cannot be read or granted for good. */
static int32_t failure_of(uint32_t rcode)
{
    return rcode == IST__RCODE_OK || rcode == IST__RCODE_SERVFAIL || rcode == IST__RCODE_NOTIMP || rcode == IST__RCODE_REFUSED ?
        SERVER_FAILED : SERVER_REFUSED;
}

/* 0: it moved on; SERVER_FAILED, SERVER_REFUSED; IST_EPROTO: that was no answer. */
static int32_t take_answer(struct ist__query *q, const uint8_t *msg, uint32_t len, uint64_t now)
{
    struct ist__answer answer;

    if (ist__answer_read(msg, len, &q->question, &answer, NULL, 0) < 0) return IST_EPROTO;
    if (answer.truncated) return q->phase == IST__QUERY_UDP ? start_tcp(q, now) : SERVER_FAILED;
    if (answer.ttl < q->ttl) q->ttl = answer.ttl;
    if (q->question.udp_size && (answer.rcode == IST__RCODE_FORMERR || answer.rcode == IST__RCODE_NOTIMP || answer.rcode == IST__RCODE_BADVERS)) {
        q->plain |= (uint8_t)(1u << q->turn);
        pause_until(q, now);
    } else if (answer.rcode == IST__RCODE_NXDOMAIN) {
        finish_kept(q, IST_ENONAME, now);
    } else if (answer.rcode != IST__RCODE_OK || answer.lame) {
        return failure_of(answer.rcode);
    } else if (answer.n_addresses) {
        keep_addresses(q, msg, len, &answer, now);
    } else if (answer.found) {
        memcpy(q->question.name, answer.target, IST__NAME_WIRE);
        finish_kept(q, 0, now);
    } else if (answer.n_aliases && !answer.final) {
        /* the server did not follow the alias: ask for its end */
        q->n_aliases += answer.n_aliases;
        if (q->n_aliases > IST__CHAIN_MAX) return SERVER_FAILED;
        memcpy(q->question.name, answer.name, IST__NAME_WIRE);
        pause_until(q, now);
    } else {
        finish_kept(q, IST_ENODATA, now);
    }
    return 0;
}

static int32_t step_udp(struct ist__query *q, uint64_t now)
{
    uint8_t msg[UDP_MAX];

    for (;;) {
        int32_t n = ist_datagram_recv(q->socket, msg, sizeof msg, 0, NULL);
        if (n == IST_EAGAIN) return n;
        if (n < 0) return SERVER_FAILED;
        if ((uint32_t)n > sizeof msg) continue;
        int32_t e = take_answer(q, msg, (uint32_t)n, now);
        if (e != IST_EPROTO) return e;
    }
}

static int32_t send_tcp(struct ist__query *q)
{
    uint8_t buf[2 + IST__QUERY_MAX];
    uint32_t len = ist__query_write(&q->question, buf + 2);

    buf[0] = (uint8_t)(len >> 8);
    buf[1] = (uint8_t)len;
    while (q->sent < len + 2) {
        int32_t n = ist_stream_send(q->socket, buf + q->sent, len + 2 - q->sent);
        if (n < 0) return n;
        q->sent += (uint32_t)n;
    }
    return 0;
}

/* The length (RFC 1035 4.2.2), then the message; both may come in pieces. */
static int32_t step_tcp(struct ist__query *q, uint64_t now)
{
    uint32_t len = 0;
    int32_t n, level = ist_ready(q->socket);

    if (level < 0 || ((uint32_t)level & IST_FAILED)) return SERVER_FAILED;
    if (q->sent == 0 && !((uint32_t)level & IST_WRITABLE)) return IST_EAGAIN;
    if ((n = send_tcp(q)) < 0) return n == IST_EAGAIN ? n : SERVER_FAILED;
    for (;;) {
        if (q->got < 2) {
            n = ist_stream_recv(q->socket, q->head + q->got, 2 - q->got);
        } else {
            len = (uint32_t)(q->head[0] << 8 | q->head[1]);
            if (q->got == len + 2) break;
            if (!q->buf && !(q->buf = malloc(len))) return IST_ENOMEM;
            n = ist_stream_recv(q->socket, q->buf + (q->got - 2), len + 2 - q->got);
        }
        if (n == IST_EAGAIN) return n;
        if (n <= 0) return SERVER_FAILED;
        q->got += (uint32_t)n;
    }
    /* the address is proven here: nonsense comes from the server itself */
    n = len ? take_answer(q, q->buf, len, now) : IST_EPROTO;
    return n == IST_EPROTO ? SERVER_FAILED : n;
}

void ist__query_step(struct ist__query *q, uint64_t now)
{
    while (q->outcome == IST_EAGAIN) {
        int32_t e = IST_EAGAIN;

        if (q->phase == IST__QUERY_UDP) e = step_udp(q, now);
        else if (q->phase == IST__QUERY_TCP) e = step_tcp(q, now);
        if (q->outcome != IST_EAGAIN) return;
        if (now >= q->deadline) {
            ist__query_finish(q, IST_ENAMESERVER);
        } else if (e == SERVER_FAILED || e == SERVER_REFUSED) {
            server_failed(q, now, e == SERVER_REFUSED ? IST_ENAMEREFUSED : 0);
        } else if (e == IST_ENOMEM) {
            ist__query_finish(q, IST_ENOMEM);
        } else if (e == IST_EAGAIN) {
            if (now < q->wake) return;
            if (q->phase == IST__QUERY_PAUSE) {
                next_try(q, now);
            } else {                       /* silence: the next server */
                q->turn++;
                q->n_failed = 0;
                pause_until(q, now);
            }
        }
    }
}
