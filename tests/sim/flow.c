/*
 * flow.c - the conversations of a world: their beginning, who is accepted by whom, and who moves on
 */
#include "end.h"

#include <stdlib.h>
#include <string.h>

#include "oracle.h"

#define CROSSED_PORT  20000u           /* and the number of the conversation: below those that stacks choose */

struct mercy mercy;
static struct flow *flows;
static uint32_t n_flows, flows_cap, n_begun;
static uint32_t *active, n_active;
static uint32_t by_port[STACKS_MAX][STACKS_MAX][2][65536];      /* 1 + flow, by client, server, IPv6 or not, and port */
static ist_handle listeners[STACKS_MAX];

/* Whose the connection is that a listener will see. An attempt that waits for an address has no port yet. */
static void port_learn(struct end *e)
{
    struct ist_address local;

    if (end_side(e) || e->port || e->stack->ist_socket_local(e->tcp, &local) != 0 || !local.port)
        return;
    e->port = local.port;
    by_port[e->stack->index][e->flow->plan.server][e->flow->plan.family == IST_IPV6][e->port] = e->flow->number + 1;
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
        end_options(e);
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

    n_begun++;
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
    end_options(e);
    r = s->ist_socket_connect(h, &to);
    if (r != 0) {
        end_failed(e, r);
        return;
    }
    active[n_active++] = f->number;
    port_learn(e);
    if (end_secure(e) && f->plan.idle_until)
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
        end_open(&flows[n].ends[1], &flows[n], s, h);
        end_options(&flows[n].ends[1]);
        end_secure(&flows[n].ends[1]);
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
        port_learn(&f->ends[0]);
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
    return n_begun == n_flows && !ends_open();
}

uint64_t flows_failed(void)
{
    return ends_failed();
}
