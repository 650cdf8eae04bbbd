/*
 * connect.c - Happy Eyeballs (RFC 8305): a name to one TCP connection
 *
 * Theory of operation. The object holds a query, a list of addresses and one TCP handle for each attempt that is under way. advance()
 * moves it, called by every look at the handle and by one lwIP timer at the next moment to act. When an attempt stands, its TCP
 * object takes the place of this one behind the caller's handle, and this one is freed: whoever called advance() goes on with what it
 * returns. A turn of the pump inside advance() (ist__queued) does not enter it again.
 */
#include "host.h"

#include "core/core.h"
#include "socket/class.h"

#include <isthmus/connect.h>
#include <isthmus/stack.h>
#include <lwip/timeouts.h>
#include <stdlib.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define ATTEMPT_NS  (250 * MS)      /* RFC 8305 5 */
#define RESOLVE_NS  (50 * MS)       /* RFC 8305 3: how long AAAA is waited for when A is there */
#define RECHECK_NS  (250 * MS)      /* how long an answer may lie where nobody looks at the handle */
#define FAMILY_MAX  16u
#define LIST_MAX    (2u * FAMILY_MAX)

struct connect {
    struct ist__object object;
    ist_handle self, query;         /* query 0: both families are known */
    uint16_t port;
    uint8_t  known[2];              /* IPv6, IPv4 */
    uint8_t  last;                  /* family of the last attempt, 0 = none yet */
    uint8_t  busy, failed, reported;
    int32_t  error;
    uint64_t hold;                  /* no first attempt before this, 0 = not set */
    uint64_t next;                  /* no further attempt before this */
    uint64_t timer;                 /* 0 = not set */
    uint32_t n, at;                 /* addresses; the first not tried */
    struct ist_address list[LIST_MAX];
    ist_handle attempts[LIST_MAX];  /* 0: failed, or not begun */
};

static struct ist__object *advance(struct connect *c);

static void on_timer(void *arg)
{
    struct connect *c = arg;

    c->timer = 0;
    advance(c);
}

static void set_timer(struct connect *c, uint64_t at, uint64_t now)
{
    if (at == c->timer) return;
    if (c->timer) sys_untimeout(on_timer, c);
    c->timer = at;
    if (at) sys_timeout(at > now ? (u32_t)((at - now + MS - 1) / MS) : 1, on_timer, c);
}

/* Closes all that is under way. */
static void end(struct connect *c)
{
    set_timer(c, 0, 0);
    if (c->query > 0) ist_close(c->query);
    c->query = 0;
    for (uint32_t i = 0; i < c->at; i++) {
        ist_handle tcp = c->attempts[i];
        c->attempts[i] = 0;
        if (tcp > 0) ist_close(tcp);
    }
}

static void fail(struct connect *c, int32_t error)
{
    end(c);
    c->failed = 1;
    c->error = error;
}

/* What was learned last, but for the want of a way. */
static void note_error(struct connect *c, int32_t error)
{
    int no_way = error == IST_ENETUNREACH || error == IST_EADDRNOTAVAIL;

    if (!no_way || c->error == 0) c->error = error;
}

/* RFC 8305 4: the families take turns, beginning with the other than @last, or with that of the best address. */
static void interleave(struct ist_address *list, uint32_t n, uint8_t last)
{
    struct ist_address from[LIST_MAX];
    uint8_t want = last == 0 ? list[0].family : last == IST_IPV6 ? IST_IPV4 : IST_IPV6;

    memcpy(from, list, n * sizeof *list);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = 0;
        while (k < n && from[k].family != want) k++;
        if (k == n)
            for (k = 0; from[k].family == 0;) k++;
        list[i] = from[k];
        want = from[k].family == IST_IPV6 ? IST_IPV4 : IST_IPV6;
        from[k].family = 0;
    }
}

/* Takes the addresses that have become known. */
static void take_addresses(struct connect *c, uint64_t now)
{
    static const uint8_t families[2] = { IST_IPV6, IST_IPV4 };

    for (int i = 0; i < 2; i++) {
        int32_t n;
        if (c->known[i]) continue;
        n = ist__resolve_family(c->query, families[i], c->list + c->n, FAMILY_MAX);
        if (n == IST_EAGAIN) continue;
        c->known[i] = 1;
        if (n < 0) note_error(c, n);
        if (n <= 0) continue;
        c->n += (uint32_t)n < FAMILY_MAX ? (uint32_t)n : FAMILY_MAX;
        ist__addresses_order(c->list + c->at, c->n - c->at);
        interleave(c->list + c->at, c->n - c->at, c->last);
    }
    if (c->known[1] && !c->known[0] && c->hold == 0) c->hold = now + RESOLVE_NS;
    if (c->known[0]) c->hold = 0;
    if (c->known[0] && c->known[1] && c->query > 0) {
        ist_close(c->query);
        c->query = 0;
    }
}

/* The attempt that stands, or LIST_MAX. Those that have failed are closed, and make way for the next at once. */
static uint32_t look(struct connect *c, uint32_t *n_open)
{
    *n_open = 0;
    for (uint32_t i = 0; i < c->at; i++) {
        ist_handle tcp = c->attempts[i];
        int32_t level = tcp > 0 ? ist_ready(tcp) : 0;
        if (tcp <= 0) continue;
        if (level > 0 && !((uint32_t)level & IST_FAILED)) return i;
        if (level == 0) {
            ++*n_open;
            continue;
        }
        note_error(c, level < 0 ? level : ist_failure(tcp));
        c->attempts[i] = 0;
        ist_close(tcp);
        c->next = 0;
    }
    return LIST_MAX;
}

static int may_begin(const struct connect *c, uint64_t now)
{
    return c->at < c->n && now >= c->next && (c->hold == 0 || now >= c->hold);
}

static void attempt(struct connect *c, uint64_t now)
{
    uint32_t i = c->at++;
    ist_handle tcp;
    int32_t e;

    c->list[i].port = c->port;
    c->last = c->list[i].family;
    tcp = ist_tcp_open(c->list[i].family);
    e = tcp < 0 ? tcp : ist_socket_connect(tcp, &c->list[i]);
    if (e < 0) {
        note_error(c, e);
        if (tcp > 0) ist_close(tcp);
        return;
    }
    c->attempts[i] = tcp;
    c->next = now + ATTEMPT_NS;
}

/* The winner takes this one's place. */
static struct ist__object *win(struct connect *c, uint32_t i)
{
    ist_handle tcp = c->attempts[i];
    struct ist__object *o = ist__handle_get(tcp, NULL);

    c->attempts[i] = 0;
    end(c);
    ist__handle_forget(tcp);
    ist__handle_replace(c->self, o);
    free(c);
    return o;
}

static uint64_t next_moment(const struct connect *c, uint64_t now)
{
    uint64_t at = 0;

    if (c->at < c->n) at = c->next > c->hold ? c->next : c->hold;
    if (c->query > 0 && (at == 0 || at > now + RECHECK_NS)) at = now + RECHECK_NS;
    return at;
}

/* This object, or the one that has taken its place. */
static struct ist__object *advance(struct connect *c)
{
    uint64_t now = ist_monotonic();
    uint32_t n_open = 0, won = LIST_MAX;

    if (c->failed || c->busy) return &c->object;
    c->busy = 1;
    if (c->query > 0) take_addresses(c, now);
    while ((won = look(c, &n_open)) == LIST_MAX && may_begin(c, now)) attempt(c, now);
    if (won != LIST_MAX) return win(c, won);
    if (c->query == 0 && c->at == c->n && n_open == 0) fail(c, c->error);
    else set_timer(c, next_moment(c, now), now);
    c->busy = 0;
    return &c->object;
}

static struct connect *connect_of(struct ist__object *o)
{
    return (struct connect *)o;
}

/* 1 when another object has taken the place of this one: *o is that one, and this one is no more. */
static int moved(struct ist__object **o)
{
    struct ist__object *before = *o;

    *o = advance(connect_of(before));
    return *o != before;
}

static int32_t failure(struct ist__object *o)
{
    struct connect *c = connect_of(o);

    if (moved(&o)) return o->class->failure(o);
    if (!c->failed || c->reported) return 0;
    c->reported = 1;
    return c->error;
}

static uint32_t ready(struct ist__object *o)
{
    struct connect *c = connect_of(o);

    if (moved(&o)) return o->class->ready(o);
    if (!c->failed) return 0;
    return IST_READABLE | IST_WRITABLE | IST_HANGUP | (c->reported ? 0 : IST_FAILED);
}

/* Before there is a connection: the error once, then @after. */
static int32_t not_yet(struct ist__object *o, int32_t after)
{
    int32_t e = failure(o);

    return !connect_of(o)->failed ? IST_EAGAIN : e ? e : after;
}

static int32_t send_(struct ist__object *o, const void *buf, uint32_t len)
{
    return moved(&o) ? o->class->send(o, buf, len) : not_yet(o, IST_EPIPE);
}

static int32_t recv_(struct ist__object *o, void *buf, uint32_t cap)
{
    return moved(&o) ? o->class->recv(o, buf, cap) : not_yet(o, 0);
}

static int32_t peek(struct ist__object *o, void *buf, uint32_t cap, uint32_t offset)
{
    struct connect *c = connect_of(o);

    if (moved(&o)) return o->class->peek(o, buf, cap, offset);
    return !c->failed ? IST_EAGAIN : c->reported ? 0 : c->error;
}

static int32_t pending(struct ist__object *o)
{
    return moved(&o) ? o->class->pending(o) : IST_ENOTCONN;
}

static int32_t shutdown_(struct ist__object *o, uint32_t how)
{
    return moved(&o) ? o->class->shutdown(o, how) : IST_ENOTCONN;
}

static int32_t local(struct ist__object *o, struct ist_address *out)
{
    return moved(&o) ? o->class->local(o, out) : IST_ENOTCONN;
}

static int32_t peer(struct ist__object *o, struct ist_address *out)
{
    return moved(&o) ? o->class->peer(o, out) : IST_ENOTCONN;
}

static int32_t option_set(struct ist__object *o, uint32_t option, int32_t value)
{
    return moved(&o) ? o->class->option_set(o, option, value) : IST_ENOTCONN;
}

static int32_t option_get(struct ist__object *o, uint32_t option, int32_t *value)
{
    return moved(&o) ? o->class->option_get(o, option, value) : IST_ENOTCONN;
}

static void close_(struct ist__object *o)
{
    struct connect *c = connect_of(o);

    c->busy = 1;
    end(c);
    free(c);
}

static void drop(struct ist__object *o, int32_t error)
{
    struct connect *c = connect_of(o);

    /* the attempts and the query are dropped by themselves, and closed with it */
    set_timer(c, 0, 0);
    if (!c->failed) c->error = error;
    c->failed = 1;
}

static const struct ist__class connect_class = {
    .ready = ready, .failure = failure, .close = close_, .drop = drop, .send = send_, .recv = recv_, .peek = peek, .pending = pending,
    .shutdown = shutdown_, .local = local, .peer = peer, .option_set = option_set, .option_get = option_get
};

ist_handle ist_connect_open(const char *name, uint16_t port)
{
    struct connect *c;
    ist_handle self, query;

    if (port == 0) return IST_EINVAL;
    query = ist_resolve_open(name, 0);
    if (query < 0) return query;
    c = calloc(1, sizeof *c);
    self = c ? ist__handle_new(&c->object) : IST_ENOMEM;
    if (self < 0) {
        free(c);
        ist_close(query);
        return self;
    }
    c->object.class = &connect_class;
    c->self = self;
    c->query = query;
    c->port = port;
    advance(c);
    ist__queued();
    return self;
}
