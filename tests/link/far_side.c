/*
 * far_side.c - obeys the commands of far.h, for the host in C
 *
 * One timerfd stands for the outside: it fires when the next delayed command is due, and every port's turn() runs what is.
 */
#include "far_side.h"

#include "../../adapters/host/c/queue.h"
#include "far.h"

#include <isthmus/link.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct far_port {
    struct isthmus_port port;
    struct queue in;            /* for the guest */
    uint32_t limit, refused, injected;
    uint32_t frames, bytes, sum;
};

struct command {
    uint32_t link, a, b, ms;
    uint8_t op;
    uint64_t due;               /* ns; 0 = an empty place */
};

static struct {
    struct isthmus_host host;
    struct far_port ports[L_COUNT];
    struct command delayed[16];
    int timer;
    int woken, ended;
    int no_entropy;
    uint64_t back;              /* ns that the clock has stepped back */
    char *grants[L_COUNT];
} far;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t real_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- commands ----------------------------------------------------------------------------------------------------- */

static void inject(struct far_port *p, uint32_t len, uint32_t count)
{
    uint8_t *frame = malloc(4 + len);

    if (!frame)
        die("malloc");
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < 4; k++)
            frame[k] = (uint8_t)(len >> (24 - 8 * k));
        for (uint32_t k = 0; k < len; k++)
            frame[4 + k] = (uint8_t)(31 * p->injected + k);
        p->injected++;
        queue_push(&p->in, frame, 4 + len);
    }
    free(frame);
}

static void change_grant(uint32_t link, uint32_t len, uint32_t mtu)
{
    struct isthmus_port *port = &far.ports[link].port;
    char *text = calloc(1, len + 1);

    if (!text)
        die("calloc");
    if (len) {
        memset(text, 'a', len);
        memcpy(text, "x=", 2);
        text[len - 1] = '\n';
    }
    if (mtu) {
        port->frame_max += mtu - port->mtu;
        port->mtu = mtu;
    }
    isthmus_port_set_grant(port, text);
    free(far.grants[link]);
    far.grants[link] = text;
}

static void look(struct far_port *p)
{
    p->port.readable = p->in.used != 0;
    p->port.writable = p->limit >= p->refused;
}

/* Any port's turn may run a command for another, which may have had its turn already: so the levels change here. */
static void act(const struct command *c)
{
    struct far_port *p = &far.ports[c->link];

    switch (c->op) {
    case FAR_INJECT: inject(p, c->a, c->b); break;
    case FAR_LIMIT: p->limit = c->a; break;
    case FAR_CLOSE: p->port.closed = 1; break;
    case FAR_GRANT: change_grant(c->link, c->a, c->b); break;
    case FAR_UP: p->port.up = c->a != 0; break;
    case FAR_INSTANCE: isthmus_host_renew(&far.host); break;
    case FAR_WAKE: far.woken = 1; break;
    case FAR_CLOCK: far.back += c->a * UINT64_C(1000000); break;
    case FAR_ENTROPY: far.no_entropy = !c->a; break;
    default: die("no such command");
    }
    look(p);
}

static void arm(void)
{
    struct itimerspec when = { 0 };
    uint64_t next = 0;

    for (size_t i = 0; i < sizeof far.delayed / sizeof far.delayed[0]; i++)
        if (far.delayed[i].due && (!next || far.delayed[i].due < next))
            next = far.delayed[i].due;
    when.it_value.tv_sec = (time_t)(next / 1000000000u);
    when.it_value.tv_nsec = (long)(next % 1000000000u);
    if (timerfd_settime(far.timer, TFD_TIMER_ABSTIME, &when, NULL) < 0)
        die("timerfd_settime");
}

static void delay(const struct command *c)
{
    for (size_t i = 0; i < sizeof far.delayed / sizeof far.delayed[0]; i++)
        if (!far.delayed[i].due) {
            far.delayed[i] = *c;
            far.delayed[i].due = real_ns() + c->ms * UINT64_C(1000000);
            arm();
            return;
        }
    die("too many delayed commands");
}

static void run_due(void)
{
    uint64_t now = real_ns(), fired;

    for (size_t i = 0; i < sizeof far.delayed / sizeof far.delayed[0]; i++)
        if (far.delayed[i].due && far.delayed[i].due <= now) {
            act(&far.delayed[i]);
            far.delayed[i].due = 0;
        }
    if (read(far.timer, &fired, sizeof fired) == sizeof fired)
        arm();
}

static void obey(struct far_port *service, const uint8_t *frame)
{
    uint8_t answer[4 + 5 + 4 * FAR_WORDS] = { 0, 0, 0, 5 + 4 * FAR_WORDS };
    uint32_t arguments[4];
    struct command c;

    memcpy(arguments, frame + 9, sizeof arguments);
    c = (struct command){ arguments[0], arguments[1], arguments[2], arguments[3], frame[8], 0 };
    memcpy(answer + 4, frame + 4, 5);
    if (c.op == FAR_COUNT) {
        const struct far_port *p = &far.ports[c.link];
        uint32_t words[FAR_WORDS] = { p->frames, p->bytes, p->sum, (uint32_t)p->port.dropped, (uint32_t)far.host.dropped };

        memcpy(answer + 9, words, sizeof words);
    } else {
        memcpy(answer + 9, arguments, sizeof arguments);
        if (c.op != FAR_ECHO && c.ms)
            delay(&c);
        else if (c.op != FAR_ECHO)
            act(&c);
    }
    queue_push(&service->in, answer, sizeof answer);
}

/* ---- the ports ---------------------------------------------------------------------------------------------------- */

static struct far_port *far_of(struct isthmus_port *port)
{
    return (struct far_port *)port;
}

static void far_turn(struct isthmus_port *port)
{
    run_due();
    look(far_of(port));
}

static uint32_t far_take(struct isthmus_port *port, const uint8_t *batch, uint32_t len)
{
    struct far_port *p = far_of(port);
    uint32_t at = 0;

    while (at < len) {
        uint32_t size = 4 + frame_length(batch + at);

        if (size > p->limit) {
            p->refused = size;
            break;
        }
        if (p->limit != FAR_ANY)
            p->limit -= size;
        p->frames++;
        p->bytes += size;
        for (uint32_t k = 0; k < size; k++)
            p->sum = (p->sum ^ batch[at + k]) * 16777619u;
        if (port->kind == IST_LINK_KIND_SERVICE && size == 4 + 5 + 16)
            obey(p, batch + at);
        at += size;
    }
    far_turn(port);
    return at;
}

static uint32_t far_give(struct isthmus_port *port, uint8_t *into, uint32_t cap)
{
    struct far_port *p = far_of(port);
    uint32_t given = queue_pull(&p->in, into, cap, port->frame_max, &port->dropped);

    far_turn(port);
    return given;
}

static short far_events(struct isthmus_port *port, int *fd)
{
    *fd = far.timer;
    return port == &far.ports[0].port ? POLLIN : 0; /* one for all */
}

static void far_release(struct isthmus_port *port)
{
    queue_release(&far_of(port)->in);
}

static const struct isthmus_port_class far_class = {
    .take = far_take, .give = far_give, .turn = far_turn, .events = far_events, .release = far_release,
};

/* ---- the host ----------------------------------------------------------------------------------------------------- */

static uint64_t stepping_clock(void *user)
{
    (void)user;
    return real_ns() - far.back;
}

static int entropy(void *user, uint8_t into[32])
{
    (void)user;
    for (int i = 0; i < 32; i++)
        into[i] = (uint8_t)rand();
    return !far.no_entropy;
}

static void print_note(void *user, uint32_t link, const uint8_t *text, uint32_t len)
{
    (void)user;
    (void)link;
    fwrite(text, 1, len, stdout);
    fflush(stdout);
    if (len == 6 && memcmp(text, "# end\n", 6) == 0)
        far.ended = 1;
}

static int early(void *user)
{
    int woken = far.woken;

    (void)user;
    far.woken = 0;
    return woken;
}

struct isthmus_host *far_side_init(void)
{
    static const struct { uint32_t kind, mtu; } links[L_COUNT] = {
        [L_SERVICE] = { IST_LINK_KIND_SERVICE, 1024 }, [L_ETHERNET] = { IST_LINK_KIND_ETHERNET, 1500 },
        [L_IP] = { IST_LINK_KIND_IP, 1400 }, [L_UDP] = { IST_LINK_KIND_UDP, 1472 }, [L_BIG] = { IST_LINK_KIND_IP, 65535 },
        [L_HELD] = { IST_LINK_KIND_IP, 65535 }, [L_IDLE] = { IST_LINK_KIND_IP, 1400 },
    };

    if (isthmus_host_init(&far.host) < 0)
        die("isthmus_host_init");
    far.timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (far.timer < 0)
        die("timerfd_create");
    for (int i = 0; i < L_COUNT; i++) {
        struct far_port *p = &far.ports[i];

        isthmus_port_init(&p->port, &far_class, links[i].kind, links[i].mtu, "name=check\n");
        if (queue_init(&p->in, FAR_QUEUE) < 0)
            die("queue_init");
        p->limit = FAR_ANY;
        p->sum = 2166136261u;
        isthmus_host_add(&far.host, &p->port);
    }
    far.host.monotonic = stepping_clock;
    far.host.entropy = entropy;
    far.host.note = print_note;
    far.host.early = early;
    return &far.host;
}

void far_side_release(void)
{
    for (int i = 0; i < L_COUNT; i++) {
        isthmus_port_release(&far.ports[i].port);
        free(far.grants[i]);
    }
    isthmus_host_release(&far.host);
    close(far.timer);
}

void far_side_loop(void (*pump)(void *), void *guest)
{
    while (!far.ended) {
        struct pollfd timer = { .fd = far.timer, .events = POLLIN };
        uint64_t now = stepping_clock(NULL), deadline = far.host.deadline;

        if (isthmus_host_pending(&far.host)) {
            pump(guest);
        } else if (deadline != 0 && now >= deadline) {
            far.host.deadline = 0; /* used up: the guest names the next */
            pump(guest);
        } else {
            uint64_t left = deadline == 0 || deadline == UINT64_MAX ? UINT64_C(3600000000000) : deadline - now;
            struct timespec wait = { .tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u) };

            ppoll(&timer, 1, &wait, NULL);
        }
    }
}
