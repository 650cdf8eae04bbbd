/*
 * policy.c - a text as a policy: refused with a place inside it, or taken, and then its canonical text is the same policy
 *
 * Input: the text. tests/unit/policy.c contains it too.
 */
#include <isthmus/error.h>
#include <isthmus/policy.h>

#include "fuzz.h"

const uint32_t fuzz_rounds = 2000;

static void check_place(const char *text, size_t len, const struct ist_policy_error *e)
{
    const char *line = text, *end = text + len, *stop;

    must(e->text && e->line >= 1 && e->column >= 1);
    for (uint32_t n = 1; n < e->line; n++) {
        line = memchr(line, '\n', (size_t)(end - line));
        must(line != NULL);
        line++;
    }
    stop = memchr(line, '\n', (size_t)(end - line));
    must(e->column <= (size_t)((stop ? stop : end) - line) + 1);
}

/* The same questions to both. Who knows less hears the same answer or none. */
static void compare(const struct ist_policy *a, const struct ist_policy *b, uint32_t salt)
{
    static const char *const names[] = { "www.example.org", "a.example", "x" }, *const identities[] = { "dns:a", "x" };
    static const struct ist_address addresses[] = {
        { .family = IST_IPV4, .ip = { 10, 1, 2, 3 } }, { .family = IST_IPV4, .ip = { 192, 0, 2, 1 } }, { .family = IST_IPV6, .ip = { [15] = 1 } },
        { .family = IST_IPV6, .ip = { [10] = 0xff, 0xff, 1, 2, 3, 4 } }, { .family = IST_IPV6, .ip = { 0xfe, 0x80, [15] = 9 } },
    };
    static const uint16_t ports[] = { 443, 1, 9, 80, 65535 };

    for (uint32_t i = 0; i < 8; i++, salt = salt * 1664525u + 1013904223u) {
        uint32_t r = salt >> 8;
        struct ist_policy_query q = { .size = sizeof q, .direction = 1 + r % 2, .protocol = 1u << r / 2 % 4, .port = ports[r / 8 % 5], .address = &addresses[r / 40 % 5],
            .names = names, .n_names = r / 200 % 4, .identities = identities, .n_identities = r / 800 % 3 };
        struct ist_policy_reason why;
        int32_t full = ist_policy_match(a, &q, &why), less;
        must((full == IST_POLICY_ALLOW || full == IST_POLICY_DENY) && why.needs == 0);
        must(ist_policy_match(b, &q, NULL) == full);
        if (r & 1u << 16) q.address = NULL;
        if (r & 1u << 17) q.identities = NULL;
        if (r & 1u << 18) q.port = 0;
        if (r & 1u << 19) q.protocol = 0;
        less = ist_policy_match(a, &q, &why);
        must(less == full || less == IST_POLICY_UNDECIDED);
        must((less == IST_POLICY_UNDECIDED) == (why.needs != 0) && ist_policy_match(b, &q, NULL) == less);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct ist_policy_error error = { 0, 0, NULL };
    struct ist_policy *policy, *again;
    const char *text = (const char *)data;
    int32_t e = ist_policy_parse(text, (uint32_t)len, &policy, &error);

    if (e < 0) {
        must(e == IST_EMSGSIZE ? len > IST_POLICY_TEXT_MAX : e == IST_EINVAL);
        if (e == IST_EINVAL) check_place(text, len, &error);
        return 0;
    }
    uint32_t n = (uint32_t)ist_policy_print(policy, NULL, 0), salt = 0;
    char *out = malloc(n + 1), *out_again = malloc(n + 1);
    must(out && out_again && ist_policy_print(policy, out, n + 1) == (int32_t)n && strlen(out) == n);
    must(ist_policy_parse(out, n, &again, NULL) == 0);
    must(ist_policy_print(again, out_again, n + 1) == (int32_t)n && strcmp(out, out_again) == 0);
    for (size_t i = 0; i < len; i++) salt = salt * 31 + data[i];
    compare(policy, again, salt);
    free(out);
    free(out_again);
    ist_policy_free(policy);
    ist_policy_free(again);
    return 0;
}

void fuzz_seeds(seed_fn seed)
{
#define SEED(name, text) seed(name, text, sizeof text - 1)
    SEED("one service by its name", "allow outbound tcp *.example.org:443\ndeny any\n");
    SEED("prefixes", "deny private\nallow 10.0.0.0/8:1-5,7\nallow [2001:db8::/32]:80\nallow ::ffff:1.2.3.4\ndeny fe80::/10\n");
    SEED("identities", "allow inbound tcp any:8443 as dns:a # mutual TLS\nallow inbound udp x as x\r\n");
    SEED("nothing", "# nobody reaches anybody\n\n");
    SEED("refused", "allow any:80-70\n");
}
