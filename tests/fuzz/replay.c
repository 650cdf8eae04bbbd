/*
 * replay.c - a fuzz target without libFuzzer
 *
 * Without arguments: each seed, then fuzz_rounds damaged ones (or FUZZ_ROUNDS) of each, as TAP. --write FOLDER: the seeds as files, for
 * libFuzzer to begin with. FILE...: these inputs, to see a crash again.
 */
#include "../unit/tap.h"
#include "fuzz.h"

static const char *folder;
static uint64_t state = 88172645463325252u;
static uint32_t n_damaged, rounds;

static uint32_t below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 11) % n;
}

/* An exact copy, so that the sanitizer sees a read past its end. */
static void try(const uint8_t *data, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    if (!copy)
        abort();
    memcpy(copy, data, len);
    LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static void run_seed(const char *name, const void *data, size_t len)
{
    printf("# %s, %zu bytes\n", name, len);
    fflush(stdout);
    try(data, len);
    ok(1, "%s", name);
}

static void damage(const char *name, const void *data, size_t len)
{
    uint8_t *copy = malloc(len + 64);

    if (!copy)
        abort();
    for (uint32_t i = 0; i < rounds && len; i++, n_damaged++) {
        size_t n = len;
        memcpy(copy, data, len);
        for (uint32_t k = 1 + below(5); k; k--)
            switch (below(6)) {
            case 0: copy[below((uint32_t)n)] = (uint8_t)below(256); break;
            case 1: copy[below((uint32_t)n)] ^= (uint8_t)(1u << below(8)); break;
            case 2: copy[below((uint32_t)n)] = below(2) ? 0xff : 0; break;
            case 3: n = 1 + below((uint32_t)n); break;
            case 4: memmove(copy + below((uint32_t)n) / 2, copy + n / 2, n - n / 2); break;
            default:
                if (n > 8 && n + 8 < len + 64) {
                    size_t at = below((uint32_t)n - 8);
                    memmove(copy + at + 8, copy + at, n - at);
                    n += 8;
                }
            }
        try(copy, n);
    }
    free(copy);
    printf("# damaged: %s\n", name);
}

static void write_seed(const char *name, const void *data, size_t len)
{
    char path[512];
    size_t at = (size_t)snprintf(path, sizeof path, "%s/", folder);
    FILE *f;

    for (; *name && at < sizeof path - 1; name++)
        path[at++] = (char)((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') ? *name : '-');
    path[at] = '\0';
    f = fopen(path, "wb");
    if (!f || fwrite(data, 1, len, f) != len || fclose(f)) {
        perror(path);
        exit(1);
    }
}

static void run_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *f = fopen(path, "rb");

    if (!f) {
        perror(path);
        exit(1);
    }
    try(data, fread(data, 1, sizeof data, f));
    fclose(f);
    printf("%s: nothing wrong\n", path);
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("FUZZ_ROUNDS");

    rounds = wanted ? (uint32_t)atoi(wanted) : fuzz_rounds;
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        folder = argv[2];
        fuzz_seeds(write_seed);
        return 0;
    }
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    if (argc > 1)
        return 0;
    fuzz_seeds(run_seed);
    fuzz_seeds(damage);
    ok(n_damaged >= rounds, "%u damaged ones: nothing wrong", n_damaged);
    return tap_done();
}
