/*
 * oracle.c - patterns that tell where a byte belongs, memory that comes back, and the end of a world that broke a promise
 */
#include "oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link.h"

/* TCP gives up after about a quarter of an hour, TIME-WAIT lasts a minute; the clock of a world stands still for an hour. */
#define SETTLE_MOST (150 * 60 * S)

struct report *report;

void broken(const char *format, ...)
{
    va_list args;

    if (!report->failed) {
        va_start(args, format);
        vsnprintf(report->what, sizeof report->what, format, args);
        va_end(args);
        for (uint32_t i = 0; i < world.n_stacks; i++) {
            const struct stack *s = &world.stacks[i];
            size_t n = strlen(report->what);
            if (s->refuse_n)
                snprintf(report->what + n, sizeof report->what - n, " (request %llu of stack %u for memory was refused, %llu in a row)",
                         (unsigned long long)s->refuse_first, i, (unsigned long long)s->refuse_n);
        }
        report->failed = true;
        report->step = world.step;
        report->now = world.now;
        for (uint32_t i = 0; i < world.n_stacks; i++) {
            size_t n = strlen(report->notes);
            snprintf(report->notes + n, sizeof report->notes - n, "%s", world.stacks[i].notes);
        }
    }
    _exit(1);
}

static uint64_t word_of(uint64_t key, uint64_t i)
{
    struct rng r = { key + i * UINT64_C(0xa0761d6478bd642f) };

    return rng_next(&r);
}

static uint8_t byte_of(uint64_t key, uint64_t at)
{
    return (uint8_t)(word_of(key, at / 8) >> at % 8 * 8);
}

void pattern_fill(uint64_t key, uint64_t at, uint8_t *buf, uint32_t len)
{
    for (; len && at % 8; at++, len--)
        *buf++ = byte_of(key, at);
    for (; len >= 8; at += 8, buf += 8, len -= 8) {
        uint64_t word = word_of(key, at / 8);
        memcpy(buf, &word, 8);
    }
    for (; len; at++, len--)
        *buf++ = byte_of(key, at);
}

uint32_t pattern_differs(uint64_t key, uint64_t at, const uint8_t *buf, uint32_t len)
{
    uint8_t expected[4096];
    uint32_t done = 0, n, i;

    while (done < len) {
        n = len - done < sizeof expected ? len - done : (uint32_t)sizeof expected;
        pattern_fill(key, at + done, expected, n);
        if (memcmp(expected, buf + done, n) != 0) {
            for (i = 0; expected[i] == buf[done + i]; i++)
                ;
            return done + i;
        }
        done += n;
    }
    return len;
}

static void handles_open(struct stack *s, uint32_t n)
{
    ist_handle h;

    if (n == 0)
        return;
    h = s->ist_udp_open(IST_IPV4);
    handles_open(s, n - 1);
    s->ist_close(h);
}

void memory_baseline(uint32_t n_handles)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        handles_open(&world.stacks[i], n_handles);
        world.stacks[i].before = stack_statistics(&world.stacks[i]);
    }
}

static bool settled(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        const struct ist_statistics *before = &world.stacks[i].before, now = stack_statistics(&world.stacks[i]);
        if (now.n_tcp > before->n_tcp || now.memory_used > before->memory_used)
            return false;
    }
    return true;
}

void memory_settles(void)
{
    world_run(settled, world.now + SETTLE_MOST);
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        const struct ist_statistics *before = &world.stacks[i].before, now = stack_statistics(&world.stacks[i]);
        if (now.n_handles != before->n_handles)
            broken("stack %u: %u handles, where %u are open", i, now.n_handles, before->n_handles);
        if (now.n_tcp > before->n_tcp)
            broken("stack %u: %u protocol blocks are left of connections that are closed", i, now.n_tcp - before->n_tcp);
        if (now.memory_used > before->memory_used)
            broken("stack %u: memory is not back at its baseline: %llu bytes are left", i,
                   (unsigned long long)(now.memory_used - before->memory_used));
    }
}

void memory_ends(void)
{
    for (uint32_t i = 0; i < world.n_stacks; i++) {
        struct stack *s = &world.stacks[i];
        if (s->up)
            stack_stop(s);
        if (s->sim_memory_held() != s->held_before)
            broken("stack %u: %lld blocks of memory are left after its end", i,
                   (long long)(s->sim_memory_held() - s->held_before));
        s->ist_native_close();
        if (s->sim_memory_held() != 0)
            broken("stack %u: its host keeps %llu blocks of memory", i, (unsigned long long)s->sim_memory_held());
    }
}
