/*
 * end.c - what one end of a conversation does, and what it must see
 *
 * Rules that are checked here: a level that ist_ready() tells is true; what is read is what was sent, in order, once; the end of a
 * stream comes after all that was sent; an end that has not moved for PATIENCE has been hung. Each end ends well, or learns an error.
 */
#include "end.h"

#include "identity.h"
#include "oracle.h"

#define PATIENCE      (150 * 60 * S)   /* TCP gives up after a quarter of an hour; the clock of a world stands still for an hour */
#define CONNECT_MOST  (200 * S)        /* seven SYNs, about a minute; and after them two minutes at most */
#define CROSSED_MOST  (180 * S)        /* more, where a SYN came but no answer to ours */
#define READS_AT_ONCE 64u

static uint32_t n_open;
static uint64_t n_failed;

static uint8_t buf[1 << 17];

static struct end *other(struct end *e)
{
    return &e->flow->ends[e == &e->flow->ends[0]];
}

uint32_t end_side(const struct end *e)
{
    return e == &e->flow->ends[1];
}

#define end_broken(e, format, ...) \
    broken("connection %u, %s on stack %u: " format, (e)->flow->number, end_side(e) ? "server" : "client", (e)->stack->index, ##__VA_ARGS__)

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

/* ---- beginnings */

void end_open(struct end *e, struct flow *f, struct stack *stack, ist_handle h)
{
    *e = (struct end){ .flow = f, .stack = stack, .h = h, .tcp = h, .opened_at = world.now, .moved_at = world.now };
    e->key = rng_of(world.seed, 1000 + 2 * (uint64_t)f->number + end_side(e)).state;
    e->chance = rng_of(world.seed, 1u << 30 | (2 * f->number + end_side(e)));
    n_open++;
}

bool end_secure(struct end *e)
{
    ist_handle h;

    if (!e->flow->plan.tls)
        return true;
    report->n_tls++;
    h = identity_open(e->stack, e->h, end_side(e));
    if (h < 0) {
        end_failed(e, h);
        return false;
    }
    e->h = h;
    return true;
}

/* ---- the end of an end */

static void end_close(struct end *e)
{
    if (e->h > 0 && e->stack->ist_close(e->h) != 0)
        end_broken(e, "its handle is not live any more");
    e->h = 0;
    e->done = true;
    moved(e);
    n_open--;
}

static bool excused(struct end *e, int32_t error)
{
    if (e->flow->plan.begin < mercy.errors_until)
        return true;
    if (mercy.neighbours && !e->connected && error == IST_EHOSTUNREACH)
        return true;
    if (mercy.half_open && !end_side(e) && !e->got && error == IST_ECONNRESET)
        return true;
    if (mercy.slow && !e->connected && error == IST_ETIMEDOUT)
        return true;
    return mercy.unreachable && !e->connected && error == IST_ENETUNREACH;
}

void end_failed(struct end *e, int32_t error)
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

void end_options(struct end *e)
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
    uint64_t expected = p->bytes[!end_side(e)];

    if (e->sent < p->bytes[end_side(e)])
        return false;
    return p->ending == END_EAGER || (p->ending == END_ANSWER && (!end_side(e) || e->eof)) || (p->ending == END_POLITE && (e->got >= expected || e->eof));
}

static bool end_send(struct end *e)
{
    const struct plan *p = &e->flow->plan;
    uint64_t left = p->bytes[end_side(e)] - e->sent;
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
    if (p->reset_at[end_side(e)] && e->sent >= p->reset_at[end_side(e)]) {
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
    if (p->stall_at[end_side(e)] && !e->stalled && e->got >= p->stall_at[end_side(e)]) {
        e->stalled = true;
        pause_for(e, p->stall_for);
    }
    pause_maybe(e);
    return true;
}

/* ---- one end moves on */

static bool end_connected(struct end *e)
{
    int32_t levels = e->stack->ist_ready(e->h);

    if (e->connected)
        return true;
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
                   (unsigned long long)e->flow->plan.bytes[end_side(e)], (unsigned long long)e->got,
                   (unsigned long long)e->flow->plan.bytes[!end_side(e)], e->shut ? ", shut down" : "", e->eof ? ", at the end" : "");
    e->error = IST_ETIMEDOUT;          /* the link has made the ends disagree about what was acknowledged: the program gives up */
    end_close(e);
}

bool end_run(struct end *e)
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

uint32_t ends_open(void)
{
    return n_open;
}

uint64_t ends_failed(void)
{
    return n_failed;
}
