/*
 * run.c - runs the list of checks, on a host that waits and on one that does not
 */
#include "guest.h"

#include <string.h>

int32_t result;
uint32_t told;
uint64_t began;

static const struct check *const groups[] = { grant_checks, frame_checks, layout_checks, wait_checks, close_checks };

static struct {
    uint32_t group, check, number;
    int step;
    int failed;                     /* expectations of this check */
    int waiting;                    /* suspended until ist_pump() */
    uint32_t flags[L_COUNT];        /* as last reported */
    int closed[L_COUNT], called[L_COUNT];
    int was_closed, was_called;     /* before the last call, as was_instance */
    uint8_t instance[16], was_instance[16];
    uint32_t injected[L_COUNT];     /* frames that the far side has sent so far */
    uint32_t id;                    /* of the last request */
} course;

/* ---- notes -------------------------------------------------------------------------------------------------------- */

static void say(const char *text)
{
    uint32_t room = sizeof g->note - g->x.note_len, len = (uint32_t)strlen(text);

    if (len > room)
        len = room;
    memcpy(g->note + g->x.note_len, text, len);
    g->x.note_len += len;
}

static void say_number(uint32_t n)
{
    char digits[11], *d = digits + sizeof digits - 1;

    *d = 0;
    do
        *--d = (char)('0' + n % 10);
    while (n /= 10);
    say(d);
}

/* A note goes out with a call for nothing else, which must leave no trace: on link 0, as the commands do. */
static void say_line(const char *a, uint32_t n, const char *b, const char *c)
{
    struct ist_link saved = g->x;

    prepare(L_SERVICE, 0);
    g->x.note = at(g->note);
    say(a);
    if (n)
        say_number(n);
    say(b);
    say(c);
    say("\n");
    call_at(at(&g->x));
    g->x = saved;
}

void expect_at(int holds, const char *file, int line, const char *what)
{
    const char *name = strrchr(file, '/');

    if (holds)
        return;
    course.failed++;
    say_line("# ", 0, name ? name + 1 : file, " does not hold:");
    say_line("#   line ", (uint32_t)line, ": ", what);
}

/* ---- calls -------------------------------------------------------------------------------------------------------- */

void prepare(uint32_t link, uint32_t rx_cap)
{
    memset(&g->x, 0, sizeof g->x);
    g->x.magic = IST_LINK_MAGIC;
    g->x.version = IST_LINK_VERSION;
    g->x.size = sizeof g->x;
    g->x.link = link;
    g->x.rx = at(g->rx);
    g->x.rx_cap = rx_cap;
}

int32_t call(void)
{
    uint32_t link = g->x.link;

    result = call_at(at(&g->x));
    memcpy(course.was_instance, course.instance, 16);
    memcpy(course.instance, g->x.instance, 16);
    if (link < L_COUNT && (result == 0 || result == IST_LINK_CLOSED)) {
        told = course.flags[link];
        course.flags[link] = g->x.flags;
        course.was_closed = course.closed[link];
        course.closed[link] = result == IST_LINK_CLOSED;
        course.was_called = course.called[link];
        course.called[link] = 1;
    }
    return result;
}

int32_t call_on(uint32_t link, uint32_t rx_cap)
{
    prepare(link, rx_cap);
    return call();
}

int wait_ms(uint32_t ms)
{
    uint64_t now = g->far.monotonic;

    far(FAR_ECHO, 0, 0, 0, 0); /* learn the time */
    now = g->far.monotonic > now ? g->far.monotonic : now;
    began = now;
    g->x.deadline = ms == FAR_ANY ? IST_LINK_NO_DEADLINE : now + ms * UINT64_C(1000000);
    return WAIT;
}

int wait_on(uint32_t link, uint32_t rx_cap, uint32_t ms)
{
    prepare(link, rx_cap);
    return wait_ms(ms);
}

int in_time(void)
{
    return g->x.monotonic < g->x.deadline;
}

/* ---- frames ------------------------------------------------------------------------------------------------------- */

static void put_length(uint8_t *to, uint32_t len)
{
    to[0] = (uint8_t)(len >> 24);
    to[1] = (uint8_t)(len >> 16);
    to[2] = (uint8_t)(len >> 8);
    to[3] = (uint8_t)len;
}

uint32_t fill_frames(uint32_t count, uint32_t len)
{
    uint8_t *to = g->tx;

    for (uint32_t i = 0; i < count; i++, to += 4 + len) {
        put_length(to, len);
        for (uint32_t k = 0; k < len; k++)
            to[4 + k] = (uint8_t)(17 * i + k);
    }
    g->x.tx = at(g->tx);
    g->x.tx_len = (uint32_t)(to - g->tx);
    return g->x.tx_len;
}

uint32_t received(uint32_t link, uint32_t len)
{
    const uint8_t *from = g->rx, *end = g->rx + g->x.rx_len;
    uint8_t head[4];
    uint32_t n = 0;

    put_length(head, len);
    for (; from < end; from += 4 + len, n++) {
        uint8_t first = (uint8_t)(31 * course.injected[link]++);

        if ((uint32_t)(end - from) < 4 + len || !same(from, head, 4))
            return 0;
        for (uint32_t k = 0; k < len; k++)
            if (from[4 + k] != (uint8_t)(first + k))
                return 0;
    }
    return n;
}

uint32_t sum_of(uint32_t sum, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

uint32_t same(const void *a, const void *b, uint32_t len)
{
    const uint8_t *p = a, *q = b;

    while (len && *p++ == *q++)
        len--;
    return len == 0;
}

/* ---- the far side ------------------------------------------------------------------------------------------------- */

const uint32_t *far(uint32_t op, uint32_t link, uint32_t a, uint32_t b, uint32_t ms)
{
    static uint32_t words[FAR_WORDS];
    uint32_t arguments[4] = { link, a, b, ms };
    struct ist_link *y = &g->far;

    memset(y, 0, sizeof *y);
    y->magic = IST_LINK_MAGIC;
    y->version = IST_LINK_VERSION;
    y->size = sizeof *y;
    y->link = L_SERVICE;
    y->tx = at(g->request);
    y->tx_len = 4 + 5 + sizeof arguments;
    y->rx = at(g->answer);
    y->rx_cap = sizeof g->answer;
    put_length(g->request, 5 + sizeof arguments);
    course.id++;
    memcpy(g->request + 4, &course.id, 4);
    g->request[8] = (uint8_t)op;
    memcpy(g->request + 9, arguments, sizeof arguments);
    memset(words, 0xff, sizeof words);
    expect(call_at(at(y)) == 0);
    expect(y->tx_taken == y->tx_len);
    expect(y->rx_len == 4 + 5 + sizeof words && same(g->answer + 4, g->request + 4, 5)); /* the id and op that were sent */
    if (y->rx_len == 4 + 5 + sizeof words)
        memcpy(words, g->answer + 9, sizeof words);
    memcpy(course.instance, y->instance, 16);
    return words;
}

void skip_frames(uint32_t link, uint32_t count)
{
    course.injected[link] += count;
}

void expect_arrived(uint32_t link, uint32_t frames, uint32_t bytes, uint32_t sum)
{
    const uint32_t *count = far(FAR_COUNT, link, 0, 0, FAR_NOW);

    expect(count[0] == frames);
    expect(count[1] == bytes);
    expect(count[2] == sum);
}

/* ---- the course --------------------------------------------------------------------------------------------------- */

/* Whether an exchange that could not wait has told something that ends a wait. */
static int is_news(void)
{
    const uint32_t lasting = IST_LINK_UP | IST_LINK_GRANT_CHANGED;

    return (result != 0 && !course.was_closed) || g->x.rx_len || g->x.ready ||
           (course.was_called && (g->x.flags & lasting) != (told & lasting)) || !same(g->x.instance, course.was_instance, 16);
}

/* The exchange of a wait. Returns 0 when it goes on after ist_pump(). */
static int wait_done(void)
{
    call();
    return !(g->x.flags & IST_LINK_NOWAIT) || result < IST_LINK_CLOSED || is_news() || g->x.monotonic >= g->x.deadline;
}

/* The same wait's second half: what was not taken, and no deadline. */
static void wait_again(void)
{
    uint64_t deadline = g->x.deadline;
    uint32_t taken = g->x.tx_taken, before = told;

    g->x.tx += taken;
    g->x.tx_len -= taken;
    g->x.deadline = IST_LINK_NO_WAIT;
    call();
    g->x.tx -= taken;
    g->x.tx_len += taken;
    g->x.tx_taken += taken;
    g->x.deadline = deadline;
    told = before;
}

static const struct check *current(void)
{
    while (course.group < sizeof groups / sizeof groups[0]) {
        const struct check *check = &groups[course.group][course.check];

        if (check->name)
            return check;
        course.group++;
        course.check = 0;
    }
    return NULL;
}

static void finish(const struct check *check)
{
    say_line(course.failed ? "not ok " : "ok ", ++course.number, " - ", check->name);
    course.failed = 0;
    course.step = 0;
    course.check++;
}

/* Goes on until the list is through, or the host must be returned to. */
static void advance(void)
{
    const struct check *check;

    while ((check = current()) != NULL) {
        if (check->step(course.step++) == DONE) {
            finish(check);
            continue;
        }
        if (!wait_done()) {
            if (g->x.link != L_SERVICE)
                far(FAR_ECHO, 0, 0, 0, FAR_NOW); /* with deadline 0, which leaves the wait's as it is */
            course.waiting = 1;
            return;
        }
    }
    say_line("1..", course.number, "", "");
    say_line("# end", 0, "", "");
}

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

/* What a host calls first. On one that can wait it returns when all is done. */
void run(void);
EXPORT(run) void run(void)
{
    advance();
}

/* What a host that cannot wait calls when a wait would have ended. */
void ist_pump(void);
EXPORT(ist_pump) void ist_pump(void)
{
    if (!course.waiting)
        return;
    course.waiting = 0;
    wait_again();
    advance();
}
