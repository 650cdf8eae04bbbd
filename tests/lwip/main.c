/*
 * main.c - lwIP's own unit tests against lwIP as we build it: our configuration, our patches, the sanitizers
 *
 * The tests are those of lwIP's source package, untouched. LWIP_TESTS=all runs those of left_out.h as well, to see whether they still fail.
 */
#include <lwip/init.h>
#include <lwip/memp.h>
#include <lwip/stats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip_check.h"

#include "core/test_def.h"
#include "core/test_netif.h"
#include "core/test_pbuf.h"
#include "dhcp/test_dhcp.h"
#include "etharp/test_etharp.h"
#include "ip4/test_ip4.h"
#include "ip6/test_ip6.h"
#include "tcp/test_tcp.h"
#include "tcp/test_tcp_oos.h"
#include "tcp/test_tcp_state.h"
#include "udp/test_udp.h"

#include "left_out.h"

static struct {
    const char *name, *reason;
    int seen;
} left_out[] = {
#define X(name, reason) { #name, reason, 0 },
    LEFT_OUT(X)
#undef X
};
#define N_LEFT_OUT (sizeof left_out / sizeof *left_out)

static int is_left_out(const char *name)
{
    const char *wish = getenv("LWIP_TESTS");

    for (size_t i = 0; i < N_LEFT_OUT; i++)
        if (strcmp(left_out[i].name, name) == 0) {
            left_out[i].seen = 1;
            printf("# left out: %s: %s\n", name, left_out[i].reason);
            return !wish || strcmp(wish, "all") != 0;
        }
    return 0;
}

/* What the suites of lwIP call. */
Suite *create_suite(const char *name, testfunc *tests, size_t n, SFun setup, SFun teardown)
{
    Suite *suite = suite_create(name);

    for (size_t i = 0; i < n; i++) {
        TCase *c;
        if (is_left_out(tests[i]->name))
            continue;
        c = tcase_create(tests[i]->name);
        if (setup || teardown)
            tcase_add_checked_fixture(c, setup, teardown);
        tcase_add_named_test(c, tests[i]);
        suite_add_tcase(suite, c);
    }
    return suite;
}

/* What lwip_init() itself allocates: a group on the loopback. */
static unsigned bytes_before, used_before[MEMP_MAX];

void lwip_check_ensure_no_alloc(unsigned int skip)
{
    if (!(skip & SKIP_HEAP) && lwip_stats.mem.used != bytes_before)
        ck_abort_msg("%u bytes are allocated, %u at the beginning", (unsigned)lwip_stats.mem.used, bytes_before);
    for (int i = 0; i < MEMP_MAX; i++)
        if (!(skip & SKIP_POOL(i)) && lwip_stats.memp[i]->used != used_before[i])
            ck_abort_msg("pool %d has %u entries, %u at the beginning", i, (unsigned)lwip_stats.memp[i]->used, used_before[i]);
}

int main(void)
{
    suite_getter_fn *const suites[] = { ip4_suite, ip6_suite, udp_suite, tcp_suite, tcp_oos_suite, tcp_state_suite, def_suite,
                                        netif_suite, pbuf_suite, etharp_suite, dhcp_suite };
    SRunner *runner;

    lwip_init();
    bytes_before = (unsigned)lwip_stats.mem.used;
    for (int i = 0; i < MEMP_MAX; i++)
        used_before[i] = (unsigned)lwip_stats.memp[i]->used;
    runner = srunner_create(suites[0]());
    for (size_t i = 1; i < sizeof suites / sizeof *suites; i++)
        srunner_add_suite(runner, suites[i]());
    for (size_t i = 0; i < N_LEFT_OUT; i++)
        if (!left_out[i].seen) {
            printf("Bail out! there is no test %s to leave out\n", left_out[i].name);
            return 1;
        }
    fflush(stdout);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    return srunner_ntests_failed(runner) != 0;
}
