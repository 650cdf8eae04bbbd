/*
 * EDNS, and what of the answers is kept: for how long, how much, and when it is forgotten. The servers are those of dns_server.h.
 */
#include "dns_server.h"

#include <resolve/cache.h>

#define GRANT "address=10.9.0.1/24\naddress=2001:db8:9::1/64\ndns=127.0.0.1\ndns=::1\n"

static void later(uint64_t ns)
{
    for (uint64_t end = now + ns; now < end;)
        if (ist_wait(NULL, 0, end) < 0) break;
}

static uint32_t asked(void)
{
    return servers[0].n_queries + servers[1].n_queries;
}

static void test_edns(void)
{
    static const char *const old[] = { "old", "old-header", "old-notimp" };
    char text[32];

    ok(resolve("ok.test", 0) == 2 && servers[0].n_edns == 2, "a query offers EDNS");
    for (uint32_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text, "%s.test", old[i]);
        ok(gives(text, IST_IPV4, "192.0.2.1") && took < S && servers[0].n_edns == 1 && servers[0].n_udp == 2,
           "a server that does not know it is asked again without, at once: %s", old[i]);
    }
    ok(resolve("all-deaf.test", 0) == 2 && took >= 4 * S && took < 5 * S && servers[0].n_edns == 2 && servers[0].n_udp == 4,
       "where nobody answers to it, the second round is without");
    ok(gives("formerr.test", IST_IPV4, "192.0.2.2") && took < S && servers[0].n_udp == 2, "a server that refuses both is left");
    ok(resolve("all-formerr.test", 0) == IST_ENAMEREFUSED && took < S, "and where all do there is no answer");
    ok(gives("trunc.test", IST_IPV4, "192.0.2.1") && servers[0].n_tcp == 1 && servers[0].n_edns == 1, "TCP does not need it");
}

static void test_kept(void)
{
    ttl = 60;
    ok(resolve("kept.test", 0) == 2 && asked() == 2, "addresses with a TTL");
    ok(resolve("kept.test", 0) == 2 && asked() == 0 && took == 0 && !strcmp(canonical, "kept.test"), "are known the second time");
    ok(gives("KEPT.test.", IST_IPV4, "192.0.2.1") && asked() == 0 && gives("kept.test", IST_IPV6, "2001:db8::1") && asked() == 0,
       "in any case, and each alone");
    ist_handle query = ist_resolve_open("kept.test", 0);
    ok(ist_ready(query) == IST_READABLE && ist_resolve_result(query, NULL, 0) == 2, "as soon as they are asked for");
    ist_close(query);
    later(58 * S);
    ok(resolve("kept.test", 0) == 2 && asked() == 0, "until the TTL is over");
    later(2 * S);
    ok(resolve("kept.test", 0) == 2 && asked() == 2, "and no longer");
    ok(resolve("four.test", IST_IPV4) == 1 && resolve("four.test", 0) == 2 && asked() == 1, "one family is known, the other is asked for");
    ok(resolve("kept-alias.test", 0) == 2 && resolve("kept-alias.test", 0) == 2 && asked() == 0 && !strcmp(canonical, "one.test"), "an alias is kept with its end");
    later(6 * S);
    ok(resolve("kept-alias.test", 0) == 2 && asked() == 2, "as long as the least of its TTLs");
    ok(resolve("forty.test", 0) == 80 && resolve("forty.test", 0) == 80 && asked() == 0, "forty addresses are kept");
    ok(resolve("big.test", IST_IPV4) == 2000 && resolve("big.test", IST_IPV4) == 2000 && asked() > 0, "2,000 are not");
    ttl = UINT32_C(0x7fffffff);
    ok(resolve("long.test", IST_IPV4) == 1, "a TTL of 68 years");
    later(86390 * S);
    ok(resolve("long.test", IST_IPV4) == 1 && asked() == 0, "holds a day");
    later(20 * S);
    ok(resolve("long.test", IST_IPV4) == 1 && asked() == 1, "and no longer");
    ttl = 0;
    ok(resolve("gone.test", 0) == 2 && resolve("gone.test", 0) == 2 && asked() == 2, "a TTL of 0 is not kept");
    ttl = 60;
}

static void test_negative(void)
{
    soa_minimum = 30;
    ok(resolve("kept-nx.test", IST_IPV4) == IST_ENONAME && resolve("kept-nx.test", 0) == IST_ENONAME && asked() == 0 && took == 0,
       "that a name does not exist is kept, for both families");
    ok(resolve("kept-nodata.test", IST_IPV4) == IST_ENODATA && resolve("kept-nodata.test", IST_IPV4) == IST_ENODATA && asked() == 0,
       "that it has no address of a family is kept");
    ok(resolve("kept-nodata.test", 0) == IST_ENODATA && asked() == 1, "for that family");
    later(31 * S);
    ok(resolve("kept-nx.test", 0) == IST_ENONAME && asked() > 0, "as long as the SOA says");
    ok(resolve("nx.test", 0) == IST_ENONAME && resolve("nx.test", 0) == IST_ENONAME && asked() > 0, "without an SOA it is not kept");
    ttl = soa_minimum = 1000000;
    ok(resolve("kept-nx2.test", 0) == IST_ENONAME, "an SOA of eleven days");
    later(3590 * S);
    ok(resolve("kept-nx2.test", 0) == IST_ENONAME && asked() == 0, "counts for an hour");
    later(20 * S);
    ok(resolve("kept-nx2.test", 0) == IST_ENONAME && asked() > 0, "and no longer");
    ttl = 60;
    ok(resolve("all-servfail.test", 0) == IST_ENAMESERVER && resolve("all-servfail.test", 0) == IST_ENAMESERVER && asked() > 0,
       "that no server answers is not kept");
}

static void test_bounded(void)
{
    char text[32];
    uint32_t n_known = 0;

    ttl = 3600;
    resolve("often.test", IST_IPV4);
    for (uint32_t i = 0; i < 3 * IST__CACHE_MAX; i++) {
        snprintf(text, sizeof text, "n%u.test", i);
        resolve(text, IST_IPV4);
        resolve("often.test", IST_IPV4);
    }
    ok(asked() == 0, "what is asked for often stays while 384 other names come and go");
    for (uint32_t i = 0; i < 3 * IST__CACHE_MAX; i++) {
        snprintf(text, sizeof text, "n%u.test", 3 * IST__CACHE_MAX - 1 - i);
        resolve(text, IST_IPV4);
        if (asked()) break;
        n_known++;
    }
    ok(n_known == IST__CACHE_MAX - 1, "the last %u of them are known", IST__CACHE_MAX - 1);
    ttl = 60;
}

static void test_forgotten(void)
{
    resolve("kept.test", 0);
    ok(resolve("kept.test", 0) == 2 && asked() == 0, "known");
    isthmus_port_set_grant(&port, "address=10.9.0.1/24\naddress=2001:db8:9::1/64\ndns=::1\n");
    later(S);
    ok(gives("kept.test", IST_IPV4, "192.0.2.2") && servers[1].n_queries == 1, "with other name servers it is asked for anew");
    isthmus_host_renew(&host);
    later(6 * S);
    stop();
    start(GRANT);
    ok(resolve("kept.test", 0) == 2 && asked() == 2, "so it is after a new start");
    ist_handle query = ist_resolve_open("kept.test", 0);
    ok(ist_ready(query) == IST_READABLE, "known");
    ist_close(query);
    isthmus_host_renew(&host);
    later(S);
    query = ist_resolve_open("kept.test", 0);
    ok(ist_ready(query) == 0, "and after a restore it is not");
    ist_close(query);
}

int main(void)
{
    start(GRANT);
    test_edns();
    test_kept();
    test_negative();
    test_bounded();
    test_forgotten();
    stop();
    start("address=10.9.0.1/24\nsearch=kept-nx.test second.test\ndns=127.0.0.1\n");
    resolve("here", IST_IPV4);
    ok(resolve("here", 0) > 0 && asked() > 0 && resolve("here", 0) > 0 && asked() == 0, "a search suffix that knows nothing is kept too");
    stop();
    return tap_done();
}
