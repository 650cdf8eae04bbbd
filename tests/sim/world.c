/*
 * world.c - copies of the stack, their clocks, and the order of events
 */
#include "world.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "oracle.h"

#define REALTIME   UINT64_C(1900000000000000000)   /* of the beginning: in 2030 */
#define TURNS_MOST 10000u          /* of a moment in which no program does anything: a stack that never rests hangs its host */

struct event {
    uint64_t at, order;
    void (*run)(void *arg);
    void *arg;
};

struct world world;
static struct event *events;      /* a heap, the next on top */
static size_t n_events, events_cap;
static uint64_t n_ordered;

/* ---- events */

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void event_at(uint64_t at, void (*run)(void *arg), void *arg)
{
    struct event e = { at < world.now ? world.now : at, n_ordered++, run, arg };
    size_t i = n_events++;

    if (n_events > events_cap) {
        events_cap = events_cap ? 2 * events_cap : 1024;
        events = realloc(events, events_cap * sizeof *events);
        if (!events)
            abort();
    }
    for (; i && before(&e, &events[(i - 1) / 2]); i = (i - 1) / 2)
        events[i] = events[(i - 1) / 2];
    events[i] = e;
}

static struct event event_next(void)
{
    struct event first = events[0], last = events[--n_events];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < n_events) {
        child += child + 1 < n_events && before(&events[child + 1], &events[child]);
        if (!before(&events[child], &last))
            break;
        events[i] = events[child];
        i = child;
    }
    events[i] = last;
    return first;
}

static bool events_run(void)
{
    bool any = false;

    while (n_events && events[0].at <= world.now) {
        struct event e = event_next();
        if (e.run)
            e.run(e.arg);
        any = true;
    }
    return any;
}

/* ---- clocks */

uint64_t stack_clock(const struct stack *s)
{
    return (s->stopped ? s->stopped_at : world.now) + (uint64_t)s->skew;
}

void stack_clock_jump(struct stack *s, int64_t by)
{
    s->skew += by;
    s->due = world.now;
}

void stack_clock_stop(struct stack *s)
{
    s->stopped = true;
    s->stopped_at = world.now;
}

void stack_clock_go_on(struct stack *s)
{
    s->skew -= (int64_t)(world.now - s->stopped_at);
    s->stopped = false;
    s->due = world.now;
}

/* When its clock will show @deadline. */
static uint64_t world_time(const struct stack *s, uint64_t deadline)
{
    uint64_t at = deadline - (uint64_t)s->skew;

    if (deadline == NEVER || s->stopped)
        return NEVER;
    return deadline < (uint64_t)s->skew && s->skew > 0 ? 0 : at;
}

static uint64_t on_monotonic(void *user)
{
    return stack_clock(user);
}

static uint64_t on_realtime(void *user)
{
    return REALTIME + stack_clock(user);
}

static int32_t on_entropy(void *user, uint8_t into[32])
{
    struct stack *s = user;

    for (int i = 0; i < 4; i++) {
        uint64_t word = rng_next(&s->entropy);
        memcpy(into + 8 * i, &word, 8);
    }
    return 1;
}

static void on_note(void *user, uint32_t link, const char *text, uint32_t len)
{
    struct stack *s = user;
    size_t n = sizeof s->notes - 1 - s->notes_len;

    (void)link;
    n = len < n ? len : n;
    memcpy(s->notes + s->notes_len, text, n);
    s->notes_len += n;
}

/* The wait of a stack ends early at once, and is remembered: the world moves the clock, and comes back. */
static void on_sleep(void *user, uint64_t deadline)
{
    struct stack *s = user;

    s->due = world_time(s, deadline);
    s->slept = true;
}

static int32_t on_early(void *user)
{
    return ((struct stack *)user)->slept;
}

/* ---- stacks */

static void stack_load(struct stack *s, const char *file)
{
    char command[512];
    char copy[] = "/tmp/isthmus-sim-XXXXXX";
    int fd = mkstemp(copy);
    void *library;

    snprintf(command, sizeof command, "cp '%s' %s", file, copy);
    if (fd < 0 || system(command) != 0 || !(library = dlopen(copy, RTLD_NOW | RTLD_LOCAL))) {
        fprintf(stderr, "sim: %s: %s\n", file, dlerror());
        exit(2);
    }
    close(fd);
    unlink(copy);
#define X(name) \
    if (!(*(void **)&s->name = dlsym(library, #name))) { \
        fprintf(stderr, "sim: %s has no " #name "\n", file); \
        exit(2); \
    }
    SIM_CALLS(X)
#undef X
}

void world_load(const char *file, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        stack_load(&world.stacks[i], file);
}

void world_begin(uint64_t seed)
{
    world.seed = seed;
    world.now = BEGAN;

    world.chance = rng_of(seed, 0);
    for (uint32_t i = 0; i < STACKS_MAX; i++) {
        struct stack *s = &world.stacks[i];
        s->index = i;
        s->last = (uint8_t)(1 + i);
        s->due = world.now;
        s->entropy = rng_of(seed, 100 + i);
    }
}

void stack_grant(const struct stack *s, const char *more, char *text, size_t cap)
{
    snprintf(text, cap, "address=10.0.0.%u/24\naddress=fd00::%x/64\n%s", s->last, s->last, more);
}

int32_t stack_start(struct stack *s, uint32_t mtu, uint32_t queue_cap)
{
    char grant[512];
    struct ist_native_host host = { sizeof host, s, on_monotonic, on_realtime, on_entropy, on_note, s->waits ? on_sleep : NULL, on_early };
    struct ist_native_link l = { sizeof l, the_link.kind, mtu, queue_cap, grant };
    int32_t r;

    stack_grant(s, s->index ? "" : "dns=10.0.0.2\ndns=fd00::2\n", grant, sizeof grant);
    if ((r = s->ist_native_open(&host)) != 0 || (r = s->ist_native_link(&l)) != 0)
        return r;
    s->held_before = s->sim_memory_held();
    s->sim_memory_refuse(s->refuse_first, s->refuse_n);
    while ((r = s->ist_start(NULL)) == IST_ENOMEM && s->sim_memory_asked() < s->refuse_first + s->refuse_n)
        if (s->sim_memory_held() != s->held_before)
            broken("stack %u: a start that fails keeps %llu blocks of memory", s->index,
                   (unsigned long long)(s->sim_memory_held() - s->held_before));
    s->up = r == 0;
    return r;
}

void stack_stop(struct stack *s)
{
    s->ist_stop();
    s->up = false;
}

struct ist_address stack_address(const struct stack *s, uint32_t family, uint16_t port)
{
    struct ist_address a = { .family = (uint8_t)family, .port = port };

    if (family == IST_IPV4) {
        memcpy(a.ip, (uint8_t[]){ 10, 0, 0, s->last }, 4);
    } else {
        a.ip[0] = 0xfd;
        a.ip[15] = s->last;
    }
    return a;
}

struct ist_statistics stack_statistics(const struct stack *s)
{
    struct ist_statistics t = { .size = sizeof t };

    if (s->ist_statistics_get(&t) != 0)
        broken("stack %u: no statistics", s->index);
    return t;
}

/* One turn; whether it is worth another look. */
static bool stack_turn(struct stack *s)
{
    if (!s->up || (s->due > world.now && !s->ist_native_pending()))
        return false;
    if (s->waits) {
        s->due = 0;                              /* until on_sleep() says when: it had something to do instead */
        s->ist_wait(NULL, 0, IST_NO_DEADLINE);
        s->slept = false;
    } else {
        s->ist_pump();
        s->due = world_time(s, s->ist_native_deadline());
    }
    return s->due <= world.now || s->ist_native_pending();
}

/* ---- the world */

static uint64_t next_time(void)
{
    uint64_t next = n_events ? events[0].at : NEVER;

    for (uint32_t i = 0; i < world.n_stacks; i++)
        if (world.stacks[i].up && world.stacks[i].due < next)
            next = world.stacks[i].due;
    return next;
}

bool world_step(void)
{
    uint64_t next;
    bool moved = true;

    world.step++;
    for (uint32_t turns = 0; moved; turns++) {
        if (turns == TURNS_MOST)
            broken("the stacks do not come to rest: the clock stands, and %u turns have not been enough", TURNS_MOST);
        moved = events_run();
        for (uint32_t i = 0; i < world.n_stacks; i++)
            moved |= stack_turn(&world.stacks[i]);
        if (world.programs && world.programs()) {
            moved = true;
            turns = 0;
            for (uint32_t i = 0; i < world.n_stacks; i++)      /* their calls may have set a nearer timer */
                world.stacks[i].due = world.now;
        }
        moved |= link_collect();
    }
    next = next_time();
    if (next == NEVER)
        return false;
    world.now = next > world.now ? next : world.now + 1;
    return true;
}

bool world_run(bool (*done)(void), uint64_t until)
{
    while (!done || !done())
        if (world.now >= until || !world_step())
            return false;
    return true;
}
