/*
 * Memory runs out under a query: the n-th allocation fails, for every n of a query with UDP, TCP and a long answer. It ends with
 * addresses or an error, and nothing leaks.
 */
#include "dns_server.h"

void *___interceptor_malloc(size_t size);   /* the sanitizer's own */
void *___interceptor_calloc(size_t n, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);

static uint32_t countdown, n_failed, fail_for;

/* Fails the allocation that ends the countdown, and fail_for - 1 more. */
static int fails(void)
{
    if (!countdown || --countdown >= fail_for) return 0;
    n_failed++;
    return 1;
}

void *malloc(size_t size) { return fails() ? NULL : ___interceptor_malloc(size); }
void *calloc(size_t n, size_t size) { return fails() ? NULL : ___interceptor_calloc(n, size); }

static void settle(void)
{
    for (int i = 0; i < N_SERVERS; i++)
        if (servers[i].stream) hang_up(&servers[i]);
    for (uint64_t end = now + 300 * S; now < end;)
        if (ist_wait(NULL, 0, end) < 0) break;
}

int main(void)
{
    struct ist_statistics before = { .size = sizeof before }, after = { .size = sizeof after };
    static const char *const names[] = { "trunc.test", "big.test", "forty.test", "host-one", "192.0.2.1" };

    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\ndns=127.0.0.1\ndns=::1\nhost=10.9.0.7 host-one\n");
    for (fail_for = 1; fail_for <= 8; fail_for += 7) {
        uint32_t n_told = 0, n_good = 0, n_wrong = 0;
        resolve("trunc.test", 0);
        settle();
        ist_statistics_get(&before);
        for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
            uint32_t last = UINT32_MAX;
            for (uint32_t n = 1; n < 2000 && n_failed != last; n++) {      /* until none failed: all have been tried */
                last = n_failed;
                countdown = n + fail_for - 1;
                int32_t r = resolve(names[i], 0);
                countdown = 0;
                n_good += r > 0;
                n_told += r == IST_ENOMEM || r == IST_ENAMESERVER;
                if (r <= 0 && r != IST_ENOMEM && r != IST_ENAMESERVER) {
                    printf("# %s, allocation %u: %d\n", names[i], n, r);
                    n_wrong++;
                }
            }
        }
        ok(n_failed > 50 && n_good > 5 && n_told > 5 && n_wrong == 0, "%u times no memory, %u in a row: %u queries end with addresses, %u with an error", n_failed, fail_for,
           n_good, n_told);
        settle();
        ok(resolve("big.test", 0) == 4000, "with memory again, names resolve again");
        settle();
        ist_statistics_get(&after);
        ok(after.n_handles == before.n_handles && after.memory_used <= before.memory_used + 4096, "and all of it is back");
    }
    stop();
    return tap_done();
}
