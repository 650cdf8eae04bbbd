/*
 * scarce.c - worlds whose memory runs out: the n-th request of a stack gets nothing, for one n after the other
 *
 * A world is run once to count the requests of one stack from its start on, and then again for each n, every time in a process of its
 * own, with the same seed. By default a seed tries a sample; with `scarce_every` all of them.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harm.h"
#include "scenario.h"

#define SAMPLE 40u

bool scarce_every;

/* One world in a process of its own; whether it ended well. Its request @first, and the @n after it, get nothing. */
static bool world_try(void (*run)(void), uint32_t stack, uint64_t first, uint64_t n)
{
    int status;
    pid_t pid = fork();

    if (pid < 0)
        abort();
    if (pid == 0) {
        struct stack *s = &world.stacks[stack];
        s->refuse_first = first;
        s->refuse_n = n;
        mercy.errors_until = NEVER;
        mercy.neighbours = mercy.unreachable = mercy.slow = mercy.no_memory = true;
        alarm(60);
        run();
        report->n_asked = s->sim_memory_asked();
        report->n_refused++;
        _exit(0);
    }
    while (waitpid(pid, &status, 0) != pid)
        ;
    if (status != 0 && !report->failed)
        broken("refusing request %llu of stack %u (%llu in a row) kills the stack: status 0x%x, %s", (unsigned long long)first, stack,
               (unsigned long long)n, (unsigned)status, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an exit");
    return status == 0;
}

void scarce_world(void)
{
    static void (*const runs[])(void) = { tcp_world, tls_world, udp_world, dns_world };
    void (*run)(void) = runs[rng_below(&world.chance, 4)];
    uint32_t stack = (uint32_t)rng_below(&world.chance, 2);
    struct rng r = rng_of(world.seed, 2);
    uint64_t n_asked, stride, in_a_row = rng_half(&r) ? 1 : 1 + rng_skewed(&r, 50);

    if (!world_try(run, stack, 0, 0))
        _exit(1);
    n_asked = report->n_asked;
    stride = scarce_every || n_asked < SAMPLE ? 1 : n_asked / SAMPLE;
    for (uint64_t n = 1 + rng_below(&r, stride); n <= n_asked; n += stride)
        if (!world_try(run, stack, n, in_a_row))
            _exit(1);
}
