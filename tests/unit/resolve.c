/*
 * The whole resolver, against helpful and hostile name servers (dns_server.h).
 */
#include "dns_server.h"

static void test_good(void)
{
    int32_t n = resolve("ok.test", 0);

    ok(n == 2 && took == 0, "a name gives its IPv4 and its IPv6 address");
    ok(n == 2 && found[0].family != found[1].family && found[0].port == 0, "one of each family, without a port");
    ok(servers[0].n_udp == 2 && servers[1].n_udp == 0, "both are asked for at once, of the first server");
    ok(servers[0].ids[0] != servers[0].ids[1] && servers[0].ports[0] != servers[0].ports[1], "with ids and source ports of their own");
    ok(!strcmp(canonical, "ok.test"), "the canonical name is the name");
    ok(gives("ok.test", IST_IPV4, "192.0.2.1") && servers[0].n_udp == 1, "IPv4 alone asks one question");
    ok(gives("ok.test.", IST_IPV6, "2001:db8::1"), "a final dot changes nothing");
    ok(resolve("forty.test", 0) == 80, "forty addresses of each family are all kept");
    ok(resolve("forty.test", IST_IPV4) == 40 && found[0].ip[3] == 0 && found[39].ip[3] == 39, "in the order of the server");
    ok(gives("chain.test", IST_IPV4, "192.0.2.77") && !strcmp(canonical, "Two.test"), "aliases are followed, and the last name is told");
    ok(gives("half.test", IST_IPV4, "192.0.2.1") && !strcmp(canonical, "ok.test"), "an alias that the server leaves open is asked for");
    ok(gives("only4.test", 0, "192.0.2.1") && took == 0, "a name with IPv4 only");
    ok(gives("only6.test", 0, "2001:db8::1"), "a name with IPv6 only");
    ok(resolve("fail6.test", 0) == 2 && found[0].ip[15] == 2 && found[1].ip[3] == 1, "where a server fails for one family the next one is asked for that");
    ok(gives("all-fail6.test", 0, "192.0.2.1") && took == 0, "and where all fail for it the other is given");
}

static void test_negative(void)
{
    ok(resolve("nx.test", 0) == IST_ENONAME && took == 0 && servers[1].n_udp == 0, "NXDOMAIN: the name does not exist, and no other server is asked");
    ok(resolve("nodata.test", 0) == IST_ENODATA, "a name without addresses");
    ok(resolve("only4.test", IST_IPV6) == IST_ENODATA, "a name without an address of that family");
    ok(resolve("all-servfail.test", 0) == IST_ENAMESERVER && took == 0, "all servers fail: no answer, at once");
    ok(resolve("all-loop.test", 0) == IST_ENAMESERVER, "an alias loop is no answer");
    ok(resolve("all-away-1.test", 0) == IST_ENAMESERVER && servers[0].n_udp < 60, "aliases without end are given up");
    ok(resolve("all-silent.test", 0) == IST_ENAMESERVER && took >= 11 * S && took <= 13 * S, "all servers silent: given up after 12 s");
    ok(servers[0].n_udp >= 4 && servers[0].n_udp <= 8 && servers[1].n_udp >= 4, "having asked each several times");
    int fresh = 1;
    for (uint32_t i = 1; i < servers[0].n_udp; i++) fresh &= servers[0].ports[i] != servers[0].ports[i - 1] && servers[0].ids[i] != servers[0].ids[i - 1];
    ok(fresh, "from a new port, with a new id, each time");
}

static void test_for_good(void)
{
    ok(resolve("all-formerr.test", 0) == IST_ENAMEREFUSED && took < S, "when all servers say FORMERR, also without EDNS, asking again is no use");
    ok(resolve("all-notauth.test", 0) == IST_ENAMEREFUSED, "nor when they are not authorized");
    ok(resolve("all-refused.test", 0) == IST_ENAMESERVER && resolve("all-servfail.test", 0) == IST_ENAMESERVER, "REFUSED and SERVFAIL may change");
    ok(gives("notauth.test", IST_IPV4, "192.0.2.2") && took < S, "the other server is asked first");
    ok(gives("badvers.test", IST_IPV4, "192.0.2.1") && took < S, "who knows another version of EDNS is asked without");
}

static void test_next_server(void)
{
    static const char *const at_once[] = { "servfail", "refused", "lame", "loop", "trunc-cut", "trunc-zero", "trunc-wrongname" };
    static const char *const in_time[] = { "silent", "wrongid", "wrongname", "wrongtype", "broken", "garbage", "oversize" };
    char text[64];

    for (uint32_t i = 0; i < sizeof at_once / sizeof *at_once; i++) {
        snprintf(text, sizeof text, "%s.test", at_once[i]);
        ok(gives(text, IST_IPV4, "192.0.2.2") && took < S, "the next server is asked at once: %s", at_once[i]);
    }
    for (uint32_t i = 0; i < sizeof in_time / sizeof *in_time; i++) {
        snprintf(text, sizeof text, "%s.test", in_time[i]);
        ok(gives(text, IST_IPV4, "192.0.2.2") && took >= 2 * S && took < 3 * S, "the next server is asked after 2 s: %s", in_time[i]);
    }
    ok(resolve("all-no6.test", 0) == 1 && took >= 2 * S && took <= 4 * S, "where AAAA is never answered, A alone is given after 3 s");
}

static void test_tcp(void)
{
    ok(gives("trunc.test", IST_IPV4, "192.0.2.1") && servers[0].n_tcp == 1, "a truncated answer is asked for again by TCP");
    ok(resolve("trunc.test", 0) == 2 && servers[0].n_tcp == 2, "so are both");
    ok(resolve("big.test", IST_IPV6) == 2000 && found[1999].ip[14] == 1999 >> 8, "2,000 addresses by TCP, an answer of 56 KB");
    ok(resolve("big.test", 0) == 4000, "and 2,000 more of the other family");
}

static void test_local(void)
{
    static const char *const bad[] = { "", ".", "a..b", ("b\xc3\xbc" "cher.test"), "a b", "1.2.3", "256.1.1.1", "fe80::1%nosuch" };
    char longest[300];

    n_outside = 0;
    ok(resolve("localhost", 0) == 2 && took == 0 && found[0].family == IST_IPV6, "localhost is ::1 and 127.0.0.1");
    ok(gives("LocalHost.", IST_IPV4, "127.0.0.1") && gives("a.b.localhost", IST_IPV6, "::1"), "in any case, with a dot, and below it");
    ok(gives("192.0.2.9", 0, "192.0.2.9") && gives("2001:db8::9", 0, "2001:db8::9") && gives("fe80::1%if0", 0, "fe80::1%if0"), "literals are themselves");
    ok(resolve("192.0.2.9", IST_IPV6) == IST_ENODATA, "but not of the other family");
    ok(resolve("host-one", 0) == 2 && !strcmp(canonical, "Host-One.example"), "a host= line names both, under its first name");
    ok(gives("HOST-ONE.EXAMPLE.", IST_IPV4, "10.9.0.7") && gives("three", 0, "10.9.0.8"), "any of its names, in any case");
    ok(resolve("three", IST_IPV6) == IST_ENODATA, "and it is the last word on them");
    ok(servers[0].n_queries == 0 && servers[1].n_queries == 0 && n_outside == 0, "no server is asked for any of these, and nothing leaves the instance");
    for (uint32_t i = 0; i < sizeof bad / sizeof *bad; i++) ok(ist_resolve_open(bad[i], 0) == IST_EINVAL, "refused as a name: case %u", i + 1);
    memset(longest, 'a', sizeof longest);
    for (int i = 60; i < 254; i += 60) longest[i] = '.';
    longest[254] = 0;
    ok(ist_resolve_open(longest, 0) == IST_EINVAL, "refused: 254 characters");
    longest[253] = 0;
    ok(resolve(longest, IST_IPV4) == 1, "taken: 253 characters");
    longest[253] = '.', longest[254] = 0;
    ok(resolve(longest, IST_IPV4) == 1, "and a final dot");
    ok(ist_resolve_open("ok.test", 5) == IST_EINVAL, "refused: a family that is none");
}

static void test_reverse(void)
{
    struct ist_address a;
    char text[IST_NAME_MAX];

    ist_address_parse("10.9.0.7", &a);
    ok(ist_resolve_reverse(&a, text, sizeof text) == 16 && !strcmp(text, "Host-One.example"), "a host= line names its address");
    ok(ist_resolve_reverse(&a, text, 5) == 16 && !strcmp(text, "Host"), "cut to what fits");
    ist_address_parse("::1", &a);
    ok(ist_resolve_reverse(&a, text, sizeof text) == 9 && !strcmp(text, "localhost"), "the loopback is localhost");
    ist_address_parse("192.0.2.1", &a);
    ok(ist_resolve_reverse(&a, text, sizeof text) == IST_ENONAME, "no other address has a name");
    a.family = 0;
    ok(ist_resolve_reverse(&a, text, sizeof text) == IST_EINVAL, "nor has no address");
}

static void test_search(void)
{
    ok(gives("ok", IST_IPV4, "192.0.2.1") && !strcmp(canonical, "ok.first.test"), "a name without a dot is asked with the first suffix");
    ok(resolve("nx", IST_IPV4) == IST_ENONAME && servers[0].n_queries == 4, "then with the others, then alone");
    ok(resolve("nx.", IST_IPV4) == IST_ENONAME && servers[0].n_queries == 1, "a final dot: alone");
    ok(resolve("nx.test", IST_IPV4) == IST_ENONAME && servers[0].n_queries == 1, "a dot within: alone");
    ok(resolve("nodata", IST_IPV4) == IST_ENODATA, "a name that exists somewhere without an address");
}

static void test_handles(void)
{
    struct ist_interest interest;
    ist_handle query;
    int closed = 0;

    for (uint32_t n_turns = 0; n_turns < 12; n_turns++) {      /* closed at every stage, UDP and TCP */
        query = ist_resolve_open("all-trunc.test", 0);
        for (uint32_t i = 0; i < n_turns; i++) {
            ist_wait(NULL, 0, now + 1000000);
            ist_ready(query);
            for (int k = 0; k < N_SERVERS; k++) turn_udp(k), turn_tcp(k);
        }
        closed += ist_close(query) == 0;
    }
    ok(closed == 12 && resolve("ok.test", 0) == 2, "a query may be closed at any moment");
    query = ist_resolve_open("silent.test", 0);
    ok(ist_resolve_result(query, NULL, 0) == IST_EAGAIN && ist_ready(query) == 0, "an open query is not readable");
    ok(ist_resolve_canonical(query, canonical, 1) == IST_EAGAIN, "and has no canonical name yet");
    interest = (struct ist_interest){ query, IST_READABLE, 0 };
    uint64_t began = now;
    ok(ist_wait(&interest, 1, now + S) == 0 && now >= began + S, "a wait on it ends at its deadline");
    ok(finish(query) == 2, "and it goes on later");
    ist_close(query);
    ok(ist_resolve_result(query, NULL, 0) == IST_EBADF && ist_resolve_canonical(query, NULL, 0) == IST_EBADF, "a closed one is a bad handle");
    ok(ist_resolve_result(servers[0].udp, NULL, 0) == IST_EBADF, "so is a handle of another kind");
    ok(ist_stream_recv(ist_resolve_open("localhost", 0), canonical, 1) == IST_EBADF, "and a query is no stream");
    ist_handle many[64];
    int32_t n_good = 0;
    for (int i = 0; i < 64; i++) many[i] = ist_resolve_open(i % 2 ? "ok.test" : "trunc.test", 0);
    for (int i = 0; i < 64; i++) n_good += finish(many[i]) == 2, ist_close(many[i]);
    ok(n_good == 64, "64 queries at once");
}

static void test_ids(void)
{
    uint32_t n_same = 0, n_steps = 0, ones[16] = { 0 };
    uint16_t last = 0;

    for (uint32_t i = 0; i < 2000; i++) {
        resolve("ok.test", IST_IPV4);
        n_same += servers[0].ids[0] == last;
        n_steps += (uint16_t)(servers[0].ids[0] - last) < 64;
        last = servers[0].ids[0];
        for (int k = 0; k < 16; k++) ones[k] += last >> k & 1;
    }
    int even = 1;
    for (int k = 0; k < 16; k++) even &= ones[k] > 850 && ones[k] < 1150;
    ok(n_same < 4 && n_steps < 20 && even, "over 2,000 queries the ids show no step and no fixed bit");
}

/* Each of these starts an instance of its own. */
static void test_order(void)
{
    static const struct { const char *ours, *first; } cases[] = {
        { "address=10.9.0.1/24\naddress=2001:db8:9::1/64\n", "2001:db8::1" }, { "address=10.9.0.1/24\n", "10.0.0.1" },
        { "address=2001:db8:9::1/64\n", "2001:db8::1" }, { "address=10.9.0.1/24\naddress=fd00:9::1/64\n", "10.0.0.1" },
        { "address=fd00:9::1/64\n", "fd00::1" },
    };
    char grant[300], text[IST_ADDRESS_MAX];

    for (uint32_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(grant, sizeof grant, "%shost=fd00::1 all\nhost=fe80::1 all\nhost=10.0.0.1 all\nhost=2002:a00::1 all\nhost=2001:db8::1 all\n", cases[i].ours);
        start(grant);
        int32_t n = resolve("all", 0);
        if (n > 0) ist_address_format(&found[0], text, sizeof text);
        ok(n == 5 && !strcmp(text, cases[i].first), "%s is tried first, case %u", cases[i].first, i + 1);
        stop();
    }
}

/* Rules 8 and 9: among the same kind the smaller scope, then what is on the link, then as it was. */
static void test_order_last_rules(void)
{
    static const char *const first[] = { "2001:db8:9::7", "2001:db8:1::1", "2001:db8:2::1", "10.9.0.77", "10.1.0.1" };
    char text[IST_ADDRESS_MAX];
    int right = 1;

    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\nhost=10.1.0.1 all\nhost=2001:db8:1::1 all\nhost=10.9.0.77 all\n"
          "host=2001:db8:2::1 all\nhost=2001:db8:9::7 all\n");
    int32_t n = resolve("all", 0);
    for (int32_t i = 0; i < n && i < 5; i++) {
        ist_address_format(&found[i], text, sizeof text);
        right &= !strcmp(text, first[i]) && found[i].port == 0;
    }
    ok(n == 5 && right, "what is on the link comes first, the rest as it was");
    stop();
    start("address=2001:db8:9::1/64\naddress=fe80::9/64\nhost=2001:db8:1::1 all\nhost=fe80::77 all\n");
    ok(resolve("all", 0) == 2 && found[0].ip[0] == 0xfe, "the smaller scope comes first");
    stop();
}

static void test_event_loop(void)
{
    start("address=10.9.0.1/24\ngateway=10.9.0.254\ndns=10.9.0.53\n");
    host.no_wait = 1;
    ist_pump();
    ist_handle query = ist_resolve_open("ok.test", 0);
    uint64_t began = now;
    uint32_t n_pumps = 0;
    for (; ist_ready(query) == 0 && now < began + 60 * S; n_pumps++) {
        if (!isthmus_host_pending(&host) && host.deadline > now) now = host.deadline;
        ist_pump();
    }
    ok(ist_resolve_result(query, found, 1) == IST_ENAMESERVER && now - began >= 11 * S && now - began < 14 * S,
       "on a host that only pumps a query ends in its time");
    ok(n_pumps < 1000 && n_outside >= 6, "having been woken %u times", n_pumps);
    ist_close(query);
    stop();
}

static void test_restore(void)
{
    start("address=10.9.0.1/24\ngateway=10.9.0.254\ndns=10.9.0.53\n");
    ist_handle query = ist_resolve_open("ok.test", 0);
    ist_wait(NULL, 0, now + S);
    isthmus_host_renew(&host);
    ist_wait(NULL, 0, now + S);
    int32_t n = ist_resolve_result(query, found, 1);
    ok(n < 0 && n != IST_EAGAIN && ist_ready(query) == IST_READABLE, "a restored instance's query fails, and says so");
    ok(ist_close(query) == 0, "and closes");
    stop();
}

static void test_scarce(void)
{
    config.handles_max = 6;      /* four are the servers' */
    start("address=10.9.0.1/24\ndns=127.0.0.1\n");
    ok(resolve("ok.test", 0) == IST_ENOMEM, "a query that gets no socket fails");
    ist_handle a = ist_resolve_open("localhost", 0), c = ist_resolve_open("localhost", 0);
    ok(ist_resolve_open("localhost", 0) == IST_EMFILE, "and without a handle there is no query");
    ok(ist_close(a) == 0 && ist_close(c) == 0 && resolve("localhost", 0) == 2, "handles come back");
    config.handles_max = 0;
    stop();
}

static void test_unconfigured(void)
{
    kind = IST_LINK_KIND_ETHERNET;
    start("");
    ok(resolve("ok.test", 0) == IST_ENAMESERVER && took >= S && took <= 8 * S, "where nobody gives an address there is no answer, after a while");
    ok(gives("192.0.2.1", 0, "192.0.2.1") && took == 0 && resolve("localhost", 0) == 2, "but literals and localhost");
    stop();
    start("dns=127.0.0.1\n");
    ist_handle query = ist_resolve_open("ok.test", 0);
    ist_wait(NULL, 0, now + S);
    ok(ist_resolve_result(query, NULL, 0) == IST_EAGAIN, "a query waits for the instance to get an address");
    isthmus_port_set_grant(&port, "address=10.9.0.1/24\ndns=127.0.0.1\n");
    uint64_t changed = now;
    ok(finish(query) == 2 && now - changed < S, "and is asked as soon as it has one");
    ist_close(query);
    stop();
    kind = IST_LINK_KIND_IP;
}

int main(void)
{
    struct ist_statistics before = { .size = sizeof before }, after = { .size = sizeof after };

    ok(ist_resolve_open("ok.test", 0) == IST_ESTATE, "no query before the stack is started");
    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\ngateway=10.9.0.254\ndns=127.0.0.1\ndns=::1\n"
          "host=10.9.0.7 Host-One.example host-one\nhost=fd00::7 host-one\nhost=10.9.0.8 two three\nhost=nonsense four\n");
    resolve("ok.test", 0);
    ist_statistics_get(&before);
    test_good();
    test_negative();
    test_for_good();
    test_next_server();
    test_tcp();
    test_local();
    test_reverse();
    test_handles();
    test_ids();
    for (uint64_t end = now + 300 * S; now < end;) ist_wait(NULL, 0, end);      /* TIME_WAIT is over */
    ist_statistics_get(&after);
    ok(after.n_handles == before.n_handles + 1, "all handles are back, but for the query left open");
    ok(after.memory_used <= before.memory_used + 4096, "and so is the memory");
    ok(ist_resolve_open("silent.test", 0) > 0, "a query is open when the stack stops");
    stop();

    start("address=10.9.0.1/24\nsearch=first.test second.test\nsearch=third.test\ndns=127.0.0.1\n");
    test_search();
    stop();

    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\ngateway=10.9.0.254\ndns=10.9.0.53\ndns=127.0.0.1\n");
    ok(gives("ok.test", IST_IPV4, "192.0.2.1") && took >= 2 * S && n_outside > 0, "a silent server outside, then one that answers");
    ok(resolve("ok.test", 0) == 2 && found[0].family == IST_IPV6, "IPv6 comes first where the instance has an address for it");
    stop();

    start("address=10.9.0.1/24\ndns=127.0.0.1\n");
    ok(resolve("ok.test", 0) == 2 && found[0].family == IST_IPV4, "and last where it has none");
    stop();

    start("address=10.9.0.1/24\n");
    ok(resolve("ok.test", 0) == IST_ENAMESERVER && took == 0, "without a name server there is no answer, at once");
    ok(resolve("localhost", 0) == 2, "but localhost");
    stop();

    start("address=10.9.0.1/24\ndns=10.9.0.1\ndns=127.0.0.1\n");
    ok(gives("ok.test", IST_IPV4, "192.0.2.1") && took < S, "a server where nobody listens is left at once");
    stop();

    test_order();
    test_order_last_rules();
    test_event_loop();
    test_restore();
    test_scarce();
    test_unconfigured();
    no_entropy = 1;
    start("address=10.9.0.1/24\ndns=127.0.0.1\n");
    ok(gives("ok.test", IST_IPV4, "192.0.2.1"), "without entropy names still resolve");
    uint8_t byte;
    ok(ist_random(&byte, 1) == IST_ENOENTROPY, "and there is none indeed");
    test_ids();
    stop();
    return tap_done();
}
