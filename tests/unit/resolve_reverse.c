/*
 * The name of an address: host= lines, PTR records, and what nobody is asked about. The servers are those of dns_server.h.
 */
#include "dns_server.h"

/* What the reverse query comes to; the name is in canonical. */
static int32_t reverse(const char *text)
{
    struct ist_address a;
    ist_handle query;
    int32_t n;

    if (ist_address_parse(text, &a) < 0) return IST_EINVAL;
    a.port = 99;
    for (int i = 0; i < N_SERVERS; i++) servers[i].n_udp = servers[i].n_tcp = servers[i].n_queries = 0;
    query = ist_resolve_reverse_open(&a);
    if (query < 0) return query;
    canonical[0] = 0;
    n = finish(query);
    ist_resolve_canonical(query, canonical, sizeof canonical);
    ist_close(query);
    return n;
}

static int names(const char *text, const char *expected)
{
    int32_t n = reverse(text);

    if (n == 1 && !strcmp(canonical, expected)) return 1;
    printf("# %s: %d \"%s\"\n", text, n, canonical);
    return 0;
}

static void test_asked(void)
{
    struct ist_address a;

    ok(names("192.0.2.1", "mail.example.test") && servers[0].n_queries == 1, "the PTR record of an IPv4 address, one question");
    ist_address_parse("192.0.2.1", &a);
    ok(!memcmp(&found[0], &a, sizeof a), "with the address itself, without a port");
    ok(names("::ffff:192.0.2.1", "mail.example.test"), "also of a mapped one");
    ok(names("2001:db8::1", "six.example.test"), "and of an IPv6 address");
    ok(names("192.0.2.3", "sub.example.test"), "through an alias (RFC 2317)");
    ok(reverse("192.0.2.2") == IST_ENODATA, "a record that holds no host name is none");
    ok(reverse("192.0.2.9") == IST_ENONAME, "an address without a name");
    ok(reverse("192.0.2.4") == IST_ENAMESERVER && servers[1].n_queries == 1, "servers that fail, each asked");
    ttl = 60;
    ok(names("192.0.2.1", "mail.example.test") && names("192.0.2.1", "mail.example.test") && servers[0].n_queries == 0, "a name is kept for its TTL");
    ttl = 0;
}

static void test_not_asked(void)
{
    static const char *const here[] = { "0.0.0.0", "127.0.0.9", "169.254.1.1", "::", "fe80::1", "fe80::1%if0" };
    struct ist_address a = { .family = 5 };

    ok(names("10.9.0.7", "Host-One.example") && servers[0].n_queries == 0, "a host= line needs no question");
    ok(names("127.0.0.1", "localhost") && names("::1", "localhost") && servers[0].n_queries == 0, "nor does the loopback");
    for (uint32_t i = 0; i < sizeof here / sizeof *here; i++)
        ok(reverse(here[i]) == IST_ENONAME && servers[0].n_queries == 0, "nobody is asked about %s", here[i]);
    ok(ist_resolve_reverse_open(&a) == IST_EINVAL, "refused: no family");
}

int main(void)
{
    struct ist_statistics before = { .size = sizeof before }, after = { .size = sizeof after };
    struct ist_address a = { .family = IST_IPV4 };

    ok(ist_resolve_reverse_open(&a) == IST_ESTATE, "refused before the stack is started");
    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\ndns=127.0.0.1\ndns=::1\nhost=10.9.0.7 Host-One.example host-one\n");
    ist_statistics_get(&before);
    test_asked();
    test_not_asked();
    ist_statistics_get(&after);
    ok(before.n_handles == after.n_handles, "all handles are back");
    stop();
    return tap_done();
}
