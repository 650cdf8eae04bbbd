/*
 * flow.c - one conversation: what each end does, and what it must see
 *
 * Rules that are checked here: a level that ist_ready() tells is true; what is read is what was sent, in order, once; the end of a
 * stream comes after all that was sent; an end that has not moved for PATIENCE has been hung. Each end ends well, or learns an error.
 */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "oracle.h"

#define PATIENCE      (150 * 60 * S)   /* TCP gives up after a quarter of an hour; the clock of a world stands still for an hour */
#define CONNECT_MOST  (200 * S)        /* seven SYNs, about a minute; and after them two minutes at most */
#define CROSSED_MOST  (180 * S)        /* more, where a SYN came but no answer to ours */
#define CROSSED_PORT  20000u           /* and the number of the conversation: below those that stacks choose */
#define READS_AT_ONCE 64u

struct end {
    struct flow *flow;
    struct stack *stack;
    ist_handle h, tcp;                 /* with TLS: what it stands on */
    uint64_t key;                      /* of what it sends */
    uint64_t sent, got;                /* bytes that send took, that recv gave */
    uint64_t pause_until, moved_at, opened_at;
    uint16_t port;                     /* of the client */
    bool connected, shut, eof, stalled, done;
    int32_t error;
    struct rng chance;
};

struct flow {
    struct plan plan;
    uint32_t number;
    bool active, wrong;                /* wrong: the link made it read what was never sent */
    struct end ends[2];
};

struct mercy mercy;
static struct flow *flows;
static uint32_t n_flows, flows_cap, n_left;
static uint32_t *active, n_active;
static uint32_t by_port[STACKS_MAX][STACKS_MAX][2][65536];      /* 1 + flow, by client, server, IPv6 or not, and port */
static ist_handle listeners[STACKS_MAX];
static uint64_t n_failed;

static uint8_t buf[1 << 17];

static struct end *other(struct end *e)
{
    return &e->flow->ends[e == &e->flow->ends[0]];
}

static uint32_t side(const struct end *e)
{
    return e == &e->flow->ends[1];
}

#define end_broken(e, format, ...) \
    broken("connection %u, %s on stack %u: " format, (e)->flow->number, side(e) ? "server" : "client", (e)->stack->index, ##__VA_ARGS__)

static void moved(struct end *e)
{
    e->moved_at = world.now;
}

static void pause_for(struct end *e, uint64_t ns)
{
    e->pause_until = world.now + ns;
    event_at(e->pause_until, NULL, NULL);
}

static void pause_maybe(struct end *e)
{
    if (rng_chance(&e->chance, e->flow->plan.pause_ppm))
        pause_for(e, rng_skewed(&e->chance, e->flow->plan.pause_most));
}

/* ---- the end of an end */

static void end_close(struct end *e)
{
    if (e->h > 0 && e->stack->ist_close(e->h) != 0)
        end_broken(e, "its handle is not live any more");
    e->h = 0;
    e->done = true;
    moved(e);
    if (!other(e)->stack || other(e)->done)
        n_left--;
}

static bool excused(struct end *e, int32_t error)
{
    if (e->flow->plan.begin < mercy.errors_until)
        return true;
    if (mercy.neighbours && !e->connected && error == IST_EHOSTUNREACH)
        return true;
    if (mercy.half_open && !side(e) && !e->got && error == IST_ECONNRESET)
        return true;
    if (mercy.slow && !e->connected && error == IST_ETIMEDOUT)
        return true;
    return mercy.unreachable && !e->connected && error == IST_ENETUNREACH;
}

static void end_failed(struct end *e, int32_t error)
{
    struct ist_tls_detail why = { .text = NULL };

    if (e->flow->plan.tls)
        e->stack->ist_tls_detail(e->h, &why);
    if (error == IST_EAGAIN || error == 0 || error == IST_EBADF)
        end_broken(e, "failed with %d, which is no failure", error);
    e->error = error;
    n_failed++;
    report->n_errors++;
    if (!excused(e, error))
        end_broken(e, "failed with error %d%s%s after %llu bytes sent and %llu read, on a link that lets everything through in the end",
                   error, why.text ? ", " : "", why.text ? why.text : "", (unsigned long long)e->sent, (unsigned long long)e->got);
    end_close(e);
}

/* ---- sending */

static void options_set(struct end *e)
{
    const struct plan *p = &e->flow->plan;

    if (p->keepalive_idle) {
        e->stack->ist_option_set(e->h, IST_OPTION_KEEPALIVE, 1);
        e->stack->ist_option_set(e->h, IST_OPTION_KEEPALIVE_IDLE_S, p->keepalive_idle);
        e->stack->ist_option_set(e->h, IST_OPTION_KEEPALIVE_INTERVAL_S, p->keepalive_interval);
        e->stack->ist_option_set(e->h, IST_OPTION_KEEPALIVE_COUNT, p->keepalive_count);
    }
    e->stack->ist_option_set(e->h, IST_OPTION_NO_DELAY, p->no_delay);
    if (p->send_buffer)
        e->stack->ist_option_set(e->h, IST_OPTION_SEND_BUFFER, p->send_buffer);
}

static bool may_shut(const struct end *e)
{
    const struct plan *p = &e->flow->plan;
    uint64_t expected = p->bytes[!side(e)];

    if (e->sent < p->bytes[side(e)])
        return false;
    return p->ending == END_EAGER || (p->ending == END_ANSWER && (!side(e) || e->eof)) || (p->ending == END_POLITE && (e->got >= expected || e->eof));
}

static bool end_send(struct end *e)
{
    const struct plan *p = &e->flow->plan;
    uint64_t left = p->bytes[side(e)] - e->sent;
    uint32_t n;
    int32_t r;

    if (e->shut || e->pause_until > world.now)
        return false;
    if (left == 0) {
        if (!may_shut(e))
            return false;
        r = e->stack->ist_stream_shutdown(e->h, IST_SHUT_WRITE);
        if (r != 0 && !(r == IST_ENOTCONN || e->flow->wrong))
            end_broken(e, "shutdown gave %d", r);
        e->shut = true;
        moved(e);
        return true;
    }
    r = e->stack->ist_ready(e->h);
    if (!(r & (int32_t)IST_WRITABLE))
        return false;
    n = (uint32_t)rng_between(&e->chance, 1, p->write_most < left ? p->write_most : left);
    pattern_fill(e->key, e->sent, buf, n);
    r = e->stack->ist_stream_send(e->h, buf, n);
    if (r == IST_ENOMEM && mercy.no_memory && !e->flow->plan.tls) {
        pause_for(e, 10 * MS);
        return false;
    }
    if (r < 0) {
        if (r == IST_EAGAIN && !mercy.no_memory)
            end_broken(e, "it was writable, and send gave IST_EAGAIN");
        if (r != IST_EAGAIN)
            end_failed(e, r);
        return r != IST_EAGAIN;
    }
    if (r == 0 || (uint32_t)r > n)
        end_broken(e, "send took %d bytes of %u", r, n);
    e->sent += (uint32_t)r;
    report->n_bytes += (uint32_t)r;
    moved(e);
    pause_maybe(e);
    if (p->reset_at[side(e)] && e->sent >= p->reset_at[side(e)]) {
        e->stack->ist_option_set(e->h, IST_OPTION_LINGER_S, 0);
        e->error = IST_ECONNABORTED;
        end_close(e);
    }
    return true;
}

/* ---- receiving */

static void bytes_judge(struct end *e, uint32_t n)
{
    struct end *o = other(e);
    uint32_t good = pattern_differs(o->key, e->got, buf, n);

    if (good == n && o->stack && e->got + n <= o->sent)
        return;
    if (mercy.wrong_bytes && !e->flow->plan.tls) {
        e->flow->wrong = true;
        return;
    }
    if (good < n)
        end_broken(e, "byte %llu is wrong: what was read is not what was sent", (unsigned long long)(e->got + good));
    end_broken(e, "%llu bytes were read, %llu were sent", (unsigned long long)(e->got + n), (unsigned long long)o->sent);
}

static void eof_judge(struct end *e)
{
    struct end *o = other(e);

    /* TLS answers a close_notify by itself, and ends well also when its program aborts. */
    if ((o->stack && (o->shut || (e->flow->plan.tls && (e->shut || o->done))) && o->sent == e->got) || (mercy.wrong_bytes && !e->flow->plan.tls))
        return;
    end_broken(e, "the end of the stream came after %llu bytes; the peer has sent %llu and %s", (unsigned long long)e->got,
               (unsigned long long)o->sent, o->shut ? "then shut down" : "has not shut down");
}

static bool end_recv(struct end *e)
{
    const struct plan *p = &e->flow->plan;
    uint32_t cap = (uint32_t)rng_between(&e->chance, 1, p->read_most);
    int32_t r;

    if (e->eof || e->pause_until > world.now || !(e->stack->ist_ready(e->h) & (int32_t)IST_READABLE))
        return false;
    r = e->stack->ist_stream_recv(e->h, buf, cap);
    if (r == IST_EAGAIN)
        end_broken(e, "it was readable, and recv gave IST_EAGAIN");
    moved(e);
    if (r < 0) {
        end_failed(e, r);
        return true;
    }
    if ((uint32_t)r > cap)
        end_broken(e, "recv gave %d bytes into %u", r, cap);
    if (r == 0) {
        eof_judge(e);
        e->eof = true;
        return true;
    }
    bytes_judge(e, (uint32_t)r);
    e->got += (uint32_t)r;
    if (p->stall_at[side(e)] && !e->stalled && e->got >= p->stall_at[side(e)]) {
        e->stalled = true;
        pause_for(e, p->stall_for);
    }
    pause_maybe(e);
    return true;
}

/* ---- one end moves on */

/* Whose the connection is that a listener will see. An attempt that waits for an address has no port yet. */
static void port_learn(struct end *e)
{
    struct ist_address local;

    if (side(e) || e->port || e->stack->ist_socket_local(e->tcp, &local) != 0 || !local.port)
        return;
    e->port = local.port;
    by_port[e->stack->index][e->flow->plan.server][e->flow->plan.family == IST_IPV6][e->port] = e->flow->number + 1;
}

static bool end_connected(struct end *e)
{
    int32_t levels = e->stack->ist_ready(e->h);

    if (e->connected)
        return true;
    port_learn(e);
    if (levels < 0)
        end_broken(e, "its handle is not live any more");
    if (levels & (int32_t)IST_FAILED)
        end_failed(e, e->stack->ist_failure(e->h));
    else if (levels & (int32_t)(IST_WRITABLE | IST_READABLE)) {
        e->connected = true;
        moved(e);
    } else if (world.now > e->opened_at + CONNECT_MOST + mercy.slack + (e->flow->plan.crossed ? CROSSED_MOST : 0) && !e->flow->plan.tls) {
        end_broken(e, "it has been connecting for %llu s", (unsigned long long)((world.now - e->opened_at) / S));
    }
    return e->connected;
}

static void patience_check(struct end *e)
{
    if (world.now < e->moved_at + PATIENCE || e->pause_until > world.now || e->flow->plan.idle_until > world.now)
        return;
    if (!mercy.wrong_bytes)
        end_broken(e, "it hangs: nothing has happened for %llu s; %llu of %llu bytes sent, %llu of %llu read%s%s",
                   (unsigned long long)((world.now - e->moved_at) / S), (unsigned long long)e->sent,
                   (unsigned long long)e->flow->plan.bytes[side(e)], (unsigned long long)e->got,
                   (unsigned long long)e->flow->plan.bytes[!side(e)], e->shut ? ", shut down" : "", e->eof ? ", at the end" : "");
    e->error = IST_ETIMEDOUT;          /* the link has made the ends disagree about what was acknowledged: the program gives up */
    end_close(e);
}

static bool end_run(struct end *e)
{
    bool any = false;

    if (!e->stack || e->done || e->h <= 0)
        return false;
    patience_check(e);
    if (e->done || !end_connected(e) || e->flow->plan.idle_until > world.now)
        return e->done;
    for (uint32_t i = 0; i < READS_AT_ONCE && !e->done && end_recv(e); i++)
        any = true;
    if (!e->done)
        any |= end_send(e);
    if (!e->done && e->shut && e->eof) {
        end_close(e);
        any = true;
    }
    return any;
}

/* ---- beginnings */

static void end_open(struct end *e, struct flow *f, struct stack *stack, ist_handle h)
{
    *e = (struct end){ .flow = f, .stack = stack, .h = h, .tcp = h, .opened_at = world.now, .moved_at = world.now };
    e->key = rng_of(world.seed, 1000 + 2 * (uint64_t)f->number + side(e)).state;
    e->chance = rng_of(world.seed, 1u << 30 | (2 * f->number + side(e)));
}

/* TLS over the connection; whether the end goes on. */
static bool tls_begin(struct end *e)
{
    ist_handle h;

    if (!e->flow->plan.tls)
        return true;
    report->n_tls++;
    h = identity_open(e->stack, e->h, side(e));
    if (h < 0) {
        end_failed(e, h);
        return false;
    }
    e->h = h;
    return true;
}

/* A connection to the other end, from a port of its own, while the other does the same. */
static void end_cross(struct flow *f, uint32_t i)
{
    struct end *e = &f->ends[i];
    struct stack *s = &world.stacks[i ? f->plan.server : f->plan.client], *o = &world.stacks[i ? f->plan.client : f->plan.server];
    struct ist_address here = { .family = (uint8_t)f->plan.family, .port = (uint16_t)(CROSSED_PORT + f->number) };
    struct ist_address there = stack_address(o, f->plan.family, here.port);
    ist_handle h = s->ist_tcp_open(f->plan.family);
    int32_t r = h;

    end_open(e, f, s, h);
    if (h >= 0) {
        r = s->ist_socket_bind(h, &here);
        options_set(e);
    }
    if (r >= 0)
        r = s->ist_socket_connect(h, &there);
    if (r < 0)
        end_failed(e, r);
}

static void flow_cross(struct flow *f)
{
    report->n_connections++;
    f->ends[1].stack = &world.stacks[f->plan.server];
    end_cross(f, 0);
    end_cross(f, 1);
    f->active = true;
    active[n_active++] = f->number;
}

static void flow_begin(void *arg)
{
    struct flow *f = &flows[(size_t)arg];
    struct end *e = &f->ends[0];
    struct stack *s = &world.stacks[f->plan.client];
    struct ist_address to = stack_address(&world.stacks[f->plan.server], f->plan.family, FLOW_PORT);
    ist_handle h;
    int32_t r;

    if (f->plan.crossed) {
        flow_cross(f);
        return;
    }
    h = s->ist_tcp_open(f->plan.family);
    end_open(e, f, s, h);
    memset(&f->ends[1], 0, sizeof f->ends[1]);
    f->ends[1].flow = f;
    f->ends[1].key = rng_of(world.seed, 1000 + 2 * (uint64_t)f->number + 1).state;
    report->n_connections++;
    if (h < 0) {
        end_failed(e, h);
        return;
    }
    options_set(e);
    r = s->ist_socket_connect(h, &to);
    if (r != 0) {
        end_failed(e, r);
        return;
    }
    f->active = true;
    active[n_active++] = f->number;
    port_learn(e);
    if (tls_begin(e) && f->plan.idle_until)
        event_at(f->plan.idle_until, NULL, NULL);
}

void flow_add(const struct plan *plan)
{
    if (n_flows == flows_cap) {        /* before the first event: ends point into it */
        flows_cap = flows_cap ? 2 * flows_cap : 64;
        flows = realloc(flows, flows_cap * sizeof *flows);
        active = realloc(active, flows_cap * sizeof *active);
        if (!flows || !active)
            abort();
    }
    memset(&flows[n_flows], 0, sizeof *flows);
    flows[n_flows].plan = *plan;
    flows[n_flows].number = n_flows;
    n_left++;
    event_at(plan->begin, flow_begin, (void *)(size_t)n_flows);
    n_flows++;
}

void flows_stall(uint64_t ns)
{
    for (uint32_t i = 0; i < n_flows; i++)
        for (int j = 0; j < 2; j++) {
            struct plan *p = &flows[i].plan;
            p->stall_for = ns;
            p->stall_at[j] = rng_half(&world.chance) ? 0 : 1 + rng_skewed(&world.chance, p->bytes[!j]);
        }
}

void flows_reset(void)
{
    for (uint32_t i = 0; i < n_flows; i++)
        if (rng_half(&world.chance)) {
            uint32_t j = (uint32_t)rng_below(&world.chance, 2);
            flows[i].plan.reset_at[j] = 1 + rng_skewed(&world.chance, flows[i].plan.bytes[j]);
        }
}

static void accept_all(struct stack *s)
{
    ist_handle listener = listeners[s->index], h;
    struct ist_address peer;

    while (s->up && listener > 0 && (s->ist_ready(listener) & (int32_t)IST_READABLE)) {
        uint32_t from, n;
        h = s->ist_socket_accept(listener, &peer);
        if (h == IST_EAGAIN || (h == IST_ENOMEM && mercy.no_memory))
            return;
        if (h < 0)
            broken("stack %u: accept gave %d", s->index, h);
        from = (peer.ip[peer.family == IST_IPV4 ? 3 : 15] - 1u) % STACKS_MAX;
        n = by_port[from][s->index][peer.family == IST_IPV6 && peer.ip[10] != 0xff][peer.port];
        if (!n || flows[n - 1].ends[1].stack) {
            if (!mercy.wrong_bytes && !mercy.errors_until)
                broken("stack %u: accept gave a connection of port %u of stack %u, and nobody connects from there", s->index, peer.port, from);
            s->ist_close(h);
            continue;
        }
        n--;
        if (flows[n].ends[0].done)
            n_left++;
        end_open(&flows[n].ends[1], &flows[n], s, h);
        options_set(&flows[n].ends[1]);
        tls_begin(&flows[n].ends[1]);
    }
}

static ist_handle listener_open(struct stack *s, const struct ist_address *at, uint32_t backlog)
{
    ist_handle h = s->ist_tcp_open(IST_IPV6);
    int32_t r;

    if (h < 0)
        return h;
    r = s->ist_socket_bind(h, at);
    if (r == 0)
        r = s->ist_socket_listen(h, backlog);
    if (r == 0)
        return h;
    s->ist_close(h);
    return r;
}

void flows_begin(uint32_t backlog)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        struct stack *s = &world.stacks[i];
        struct ist_address any = { .family = IST_IPV6, .port = FLOW_PORT };
        ist_handle h = listener_open(s, &any, backlog);
        for (uint32_t tries = 0; h == IST_ENOMEM && mercy.no_memory && tries < 100; tries++)
            h = listener_open(s, &any, backlog);
        if (h < 0)
            broken("stack %u: no listener: %d", i, h);
        listeners[i] = h;
    }
}

void flows_end(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        world.stacks[i].ist_close(listeners[i]);
        listeners[i] = 0;
    }
}

static void flow_wake(void *arg)
{
    active[n_active++] = (uint32_t)(size_t)arg;
}

bool flows_run(void)
{
    bool any = false;

    for (uint32_t i = 0; i < world.n_stacks; i++)
        accept_all(&world.stacks[i]);
    for (uint32_t i = 0; i < n_active; i++) {
        struct flow *f = &flows[active[i]];
        any |= end_run(&f->ends[0]);
        any |= end_run(&f->ends[1]);
        if (f->plan.idle_until > world.now && f->ends[0].connected && f->ends[1].connected) {
            event_at(f->plan.idle_until, flow_wake, (void *)(size_t)f->number);     /* not looked at until then */
            active[i--] = active[--n_active];
        } else if (f->ends[0].done && f->ends[1].done) {
            active[i--] = active[--n_active];
        }
    }
    return any;
}

bool flows_done(void)
{
    return n_left == 0;
}

uint64_t flows_failed(void)
{
    return n_failed;
}
