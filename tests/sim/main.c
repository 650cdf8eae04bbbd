/*
 * sim [--seed N] [--count N] [--jobs N] [--scenario NAME] [--pcap FILE] [--list] [-v] LIBRARY - worlds by their seeds
 *
 * Every seed is a process of its own, forked from one that has loaded the copies of the stack: it begins with fresh stacks, and may
 * crash or hang without harm to the others. Prints a line for each scenario and a summary; for a seed that fails, what broke,
 * when, and how to repeat it. Exits with 1 if any failed. --lies PPM: the link does harm that nobody expects, so that some must.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harm.h"
#include "scenario.h"

#define WALL_MOST    60u     /* s of a seed, on a loaded machine: more, and the stack hangs */
#define SCENARIOS    128u
#define JOBS_MOST    64u

struct scenario {
    char name[32];
    const struct harm *harm;
    void (*run)(void);
};

struct job {
    pid_t pid;
    uint64_t seed;
    const struct scenario *scenario;
    struct report *report;
};

static struct scenario scenarios[SCENARIOS];
static uint32_t n_scenarios;
static struct job jobs[JOBS_MOST];
static struct report sum;
static uint64_t n_run, n_failed, virtual_s;
static const char *only, *pcap, *library;
static int verbose;

/* Every protocol with every harm that it is asked for. */
static void collect(void)
{
    static const struct { uint32_t bit; const char *name; void (*run)(void); } protocols[] = {
        { OVER_TCP, "tcp", tcp_world }, { OVER_TLS, "tls", tls_world }, { OVER_UDP, "udp", udp_world }, { OVER_DNS, "dns", dns_world },
        { OVER_SCARCE, "any", scarce_world }, { OVER_MANY, "tcp", many_world } };

    for (const struct harm *h = harms; h->name; h++)
        for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
            struct scenario *s = &scenarios[n_scenarios];
            if (!(h->protocols & protocols[i].bit))
                continue;
            snprintf(s->name, sizeof s->name, "%s-%s", protocols[i].name, h->name);
            s->harm = h;
            s->run = protocols[i].run;
            n_scenarios += !only || strstr(s->name, only);
        }
}

static void alarmed(int number)
{
    (void)number;
    broken("no end after %u s of the machine's clock", WALL_MOST);
}

/* In the child. */
static void world_of(struct job *j)
{
    report = j->report;
    report->scenario = j->scenario->name;
    world_begin(j->seed);
    signal(SIGALRM, alarmed);
    alarm(WALL_MOST);
    capture_path = pcap;
    harm = j->scenario->harm;
    j->scenario->run();
    report->finished = true;
    report->step = world.step;
    report->now = world.now;
    report->digest = world.digest;
    report->n_frames = the_link.n_sent;
    report->harm.lost = the_link.n_lost;
    report->harm.doubled = the_link.n_doubled;
    report->harm.reordered = the_link.n_reordered;
    report->harm.flipped = the_link.n_flipped;
    report->harm.truncated = the_link.n_truncated;
    report->harm.holed = the_link.n_holed;
    report->harm.refused = the_link.n_refused;
    _exit(0);
}

static void job_start(struct job *j, uint64_t seed)
{
    j->seed = seed;
    j->scenario = &scenarios[seed % n_scenarios];
    memset(j->report, 0, sizeof *j->report);
    fflush(stdout);
    j->pid = fork();
    if (j->pid < 0) {
        perror("sim: fork");
        exit(2);
    }
    if (j->pid == 0)
        world_of(j);
}

static void job_failed(const struct job *j, int status)
{
    const struct report *r = j->report;

    n_failed++;
    if (r->failed)
        printf("FAILED  seed %llu, %s: %s\n", (unsigned long long)j->seed, j->scenario->name, r->what);
    else
        printf("FAILED  seed %llu, %s: the stack died: status 0x%x%s%s\n", (unsigned long long)j->seed, j->scenario->name, (unsigned)status,
               WIFSIGNALED(status) ? ", " : "", WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "");
    if (r->failed)
        printf("        at step %llu, %.6f s of the world\n", (unsigned long long)r->step, (double)(r->now - BEGAN) / 1e9);
    printf("        again: make sim SEED=%llu COUNT=1%s%s   (PCAP=file: its packets)\n", (unsigned long long)j->seed,
           only ? " SCENARIO=" : "", only ? only : "");
    for (const char *line = r->notes; *line;) {
        int n = (int)strcspn(line, "\n");
        printf("        note: %.*s\n", n, line);
        line += n + (line[n] != 0);
    }
}

static void job_end(struct job *j, int status)
{
    const struct report *r = j->report;

    j->pid = 0;
    n_run++;
    sum.n_connections += r->n_connections;
    sum.n_errors += r->n_errors;
    sum.n_bytes += r->n_bytes;
    sum.n_datagrams += r->n_datagrams;
    sum.n_queries += r->n_queries;
    sum.n_tls += r->n_tls;
    sum.n_frames += r->n_frames;
    sum.n_refused += r->n_refused;
    sum.harm.lost += r->harm.lost;
    sum.harm.doubled += r->harm.doubled;
    sum.harm.reordered += r->harm.reordered;
    sum.harm.flipped += r->harm.flipped;
    sum.harm.truncated += r->harm.truncated;
    sum.harm.holed += r->harm.holed;
    sum.harm.refused += r->harm.refused;
    sum.digest = sum.digest ^ r->digest;
    virtual_s += r->finished ? (r->now - BEGAN) / S : 0;
    if (!r->finished || status != 0)
        job_failed(j, status);
    else if (verbose)
        printf("seed %llu, %s: %llu connections, %llu errors, %llu bytes, %llu frames, %llu steps, %llu s, digest %016llx\n",
               (unsigned long long)j->seed, j->scenario->name, (unsigned long long)r->n_connections, (unsigned long long)r->n_errors,
               (unsigned long long)r->n_bytes, (unsigned long long)r->n_frames, (unsigned long long)r->step,
               (unsigned long long)((r->now - BEGAN) / S), (unsigned long long)r->digest);
}

static void wait_one(uint32_t n_jobs)
{
    int status;
    pid_t pid = wait(&status);

    for (uint32_t i = 0; i < n_jobs; i++)
        if (jobs[i].pid == pid)
            job_end(&jobs[i], status);
}

static void run_all(uint64_t seed, uint64_t count, uint32_t n_jobs)
{
    uint32_t busy = 0;

    while (count || busy) {
        for (uint32_t i = 0; i < n_jobs && count; i++)
            if (!jobs[i].pid) {
                job_start(&jobs[i], seed++);
                count--;
                busy++;
            }
        wait_one(n_jobs);
        busy--;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "seed", 1, NULL, 's' }, { "count", 1, NULL, 'c' }, { "jobs", 1, NULL, 'j' }, { "scenario", 1, NULL, 'o' }, { "pcap", 1, NULL, 'p' },
        { "list", 0, NULL, 'l' }, { "lies", 1, NULL, 'L' }, { "every", 0, NULL, 'e' }, { NULL, 0, NULL, 0 } };
    uint64_t seed = 1, count = 100;
    uint32_t n_jobs = 1;
    int c, list = 0;

    while ((c = getopt_long(argc, argv, "v", options, NULL)) != -1)
        switch (c) {
        case 's': seed = strtoull(optarg, NULL, 0); break;
        case 'c': count = strtoull(optarg, NULL, 0); break;
        case 'j': n_jobs = (uint32_t)atoi(optarg); break;
        case 'o': only = *optarg ? optarg : NULL; break;
        case 'p': pcap = *optarg ? optarg : NULL; break;
        case 'l': list = 1; break;
        case 'L': link_lies = (uint32_t)strtoul(optarg, NULL, 0); break;
        case 'e': scarce_every = true; break;
        case 'v': verbose = 1; break;
        default: return 2;
        }
    collect();
    for (uint32_t i = 0; list && i < n_scenarios; i++)
        printf("%-16s %s\n", scenarios[i].name, scenarios[i].harm->what);
    if (list)
        return 0;
    library = argv[optind];
    if (!library || !n_scenarios || n_jobs < 1 || n_jobs > JOBS_MOST) {
        fprintf(stderr, "usage: sim [--seed N] [--count N] [--jobs 1..64] [--scenario NAME] [--pcap FILE] [--list] [-v] LIBRARY\n");
        return 2;
    }
    world_load(library, STACKS_MAX);
    for (uint32_t i = 0; i < n_jobs; i++)
        jobs[i].report = mmap(NULL, sizeof *jobs[i].report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    run_all(seed, count, n_jobs);
    printf("%llu seeds: %llu connections (%llu ends learnt an error), %llu bytes, %llu datagrams, %llu queries, %llu TLS ends, %llu frames, "
           "%llu worlds short of memory, %llu s of the worlds, digest %016llx\n",
           (unsigned long long)n_run, (unsigned long long)sum.n_connections, (unsigned long long)sum.n_errors, (unsigned long long)sum.n_bytes,
           (unsigned long long)sum.n_datagrams, (unsigned long long)sum.n_queries, (unsigned long long)sum.n_tls, (unsigned long long)sum.n_frames,
           (unsigned long long)sum.n_refused, (unsigned long long)virtual_s, (unsigned long long)sum.digest);
    printf("of the frames: %llu lost, %llu doubled, %llu reordered, %llu flipped, %llu truncated, %llu too long, %llu refused\n",
           (unsigned long long)sum.harm.lost, (unsigned long long)sum.harm.doubled, (unsigned long long)sum.harm.reordered,
           (unsigned long long)sum.harm.flipped, (unsigned long long)sum.harm.truncated, (unsigned long long)sum.harm.holed,
           (unsigned long long)sum.harm.refused);
    printf("%llu passed, %llu failed\n", (unsigned long long)(n_run - n_failed), (unsigned long long)n_failed);
    return n_failed != 0;
}
