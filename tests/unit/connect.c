/*
 * Happy Eyeballs. The instance talks to itself: its own addresses answer or refuse, what is behind the gateway is silent. Names are
 * host= lines and those of dns_server.h.
 */
#include "dns_server.h"

#include <isthmus/connect.h>

#define MS UINT64_C(1000000)

static ist_handle listeners[2];        /* IPv6, IPv4 */
static ist_handle accepted;

static void listen_on(const char *text, int i)
{
    struct ist_address a;

    ist_address_parse(text, &a);
    a.port = 80;
    listeners[i] = ist_tcp_open(a.family);
    if (ist_option_set(listeners[i], IST_OPTION_REUSE_ADDRESS, 1) < 0 || ist_socket_bind(listeners[i], &a) < 0 || ist_socket_listen(listeners[i], 8) < 0) {
        printf("Bail out! no listener\n");
        exit(1);
    }
}

/* Serves until the handle has a level. */
static uint32_t settle(ist_handle h)
{
    struct ist_interest set[1 + 2 * N_SERVERS] = { { h, IST_READABLE | IST_WRITABLE, 0 } };
    uint64_t began = now;
    uint32_t n_set = 1;

    for (int i = 0; i < N_SERVERS; i++) {
        set[n_set++] = (struct ist_interest){ servers[i].udp, IST_READABLE, 0 };
        set[n_set++] = (struct ist_interest){ servers[i].listener, IST_READABLE, 0 };
    }
    do {
        if (ist_wait(set, n_set, began + 200 * S) < 0) break;
        for (int i = 0; i < N_SERVERS; i++) turn_udp(i);
    } while (!set[0].ready && now < began + 200 * S);
    took = now - began;
    return set[0].ready;
}

/* The address that the name led to, and that bytes pass; port 80. */
static int leads(const char *text, const char *address)
{
    ist_handle h = ist_connect_open(text, 80);
    struct ist_address a = { 0 };
    char got[IST_ADDRESS_MAX] = "";
    uint32_t level;
    int good;

    if (h < 0) return 0;
    level = settle(h);
    if (ist_socket_peer(h, &a) == 0) ist_address_format(&a, got, sizeof got);
    good = level == IST_WRITABLE && !strcmp(got, address) && a.port == 80 && ist_stream_send(h, "hello", 5) == 5 &&
           ist_option_set(h, IST_OPTION_NO_DELAY, 1) == 0;
    for (int i = 0; i < 2; i++) {
        struct ist_interest in = { 0, IST_READABLE, 0 };
        char hello[8] = "";
        accepted = ist_socket_accept(listeners[i], NULL);
        if (accepted < 0) continue;
        in.handle = accepted;
        good &= ist_wait(&in, 1, now + S) == 1 && ist_stream_recv(accepted, hello, 8) == 5 && !strcmp(hello, "hello");
        ist_close(accepted);
    }
    ist_close(h);
    if (!good) printf("# %s: level %u, %s after %u ms\n", text, level, got, (unsigned)(took / MS));
    return good;
}

static void test_addresses(void)
{
    ok(leads("both", "2001:db8:9::1") && took < 50 * MS, "IPv6 first where both answer");
    ok(leads("10.9.0.1", "10.9.0.1") && leads("2001:db8:9::1", "2001:db8:9::1"), "a literal is tried alone");
    ok(leads("silent6", "10.9.0.1") && took >= 250 * MS && took < 300 * MS, "IPv6 is silent: IPv4 after 250 ms");
    ok(leads("turns", "10.9.0.1") && took >= 250 * MS && took < 300 * MS, "the families take turns: two of IPv6 are silent");
    ok(leads("silent44", "10.9.0.1") && took >= 250 * MS && took < 300 * MS, "one family alone: its next one after 250 ms");
    ok(leads("silent3", "10.9.0.1") && took >= 500 * MS && took < 550 * MS, "the third after 500 ms");
    ok(leads("refused6", "10.9.0.1") && took < 50 * MS, "IPv6 is refused: IPv4 at once");
}

static void test_names(void)
{
    ok(leads("near.test", "2001:db8:9::1") && took < 50 * MS, "a name of a name server");
    ok(leads("near-no6.test", "10.9.0.1") && took >= 50 * MS && took < 80 * MS, "AAAA does not come: A after 50 ms");
    ok(leads("near-no4.test", "2001:db8:9::1") && took < 50 * MS, "A does not come: AAAA at once");
}

static int32_t fails(const char *text, uint16_t to)
{
    ist_handle h = ist_connect_open(text, to);
    char c;
    int32_t e;

    if (h < 0) return h;
    uint32_t level = settle(h);
    e = ist_stream_recv(h, &c, 1);
    if (!(level & IST_FAILED) || !(level & IST_HANGUP) || ist_failure(h) != 0 || ist_stream_recv(h, &c, 1) != 0 ||
        ist_stream_send(h, &c, 1) != IST_EPIPE || (ist_ready(h) & (int32_t)IST_FAILED))
        e = 1000;
    ist_close(h);
    return e;
}

static void test_failures(void)
{
    char c;

    ok(fails("both", 81) == IST_ECONNREFUSED && took < 50 * MS, "all refuse: told once, then the end and a broken pipe");
    ok(fails("nx.test", 80) == IST_ENONAME, "a name that does not exist");
    ok(fails("all-servfail.test", 80) == IST_ENAMESERVER, "no name server answers");
    ok(fails("silent6only", 80) == IST_ETIMEDOUT, "nobody answers: in the end a time-out");
    ok(ist_connect_open("both", 0) == IST_EINVAL && ist_connect_open("a..b", 80) == IST_EINVAL, "refused: port 0, not a name");
    ist_handle h = ist_connect_open("silent6only", 80);
    ok(ist_stream_send(h, "x", 1) == IST_EAGAIN && ist_stream_recv(h, &c, 1) == IST_EAGAIN && ist_ready(h) == 0 && ist_failure(h) == 0 &&
       ist_stream_shutdown(h, IST_SHUT_WRITE) == IST_ENOTCONN && ist_option_set(h, IST_OPTION_NO_DELAY, 1) == IST_ENOTCONN, "before it stands there is nothing to send or set");
    isthmus_host_renew(&host);
    ok(settle(h) & IST_FAILED && ist_failure(h) == IST_ECONNABORTED, "a restored instance's attempt fails");
    ist_close(h);
}

static void test_closed(void)
{
    uint32_t n = 0;

    for (uint32_t ms = 0; ms < 600; ms += 40) {
        ist_handle h = ist_connect_open(ms % 80 ? "silent44" : "near-no6.test", 80);
        ist_wait(NULL, 0, now + ms * MS);
        n += ist_close(h) == 0;
        for (int i = 0; i < N_SERVERS; i++) turn_udp(i);
        for (int i = 0; i < 2; i++)
            while ((accepted = ist_socket_accept(listeners[i], NULL)) > 0) ist_close(accepted);
    }
    ok(n == 15, "closed at any moment");
}

int main(void)
{
    struct ist_statistics before = { .size = sizeof before }, after = { .size = sizeof after };

    ok(ist_connect_open("both", 80) == IST_ESTATE, "refused before the stack is started");
    start("address=10.9.0.1/24\naddress=2001:db8:9::1/64\ngateway=10.9.0.254\ngateway=2001:db8:9::fe\ndns=127.0.0.1\ndns=::1\n"
          "host=10.9.0.1 both\nhost=2001:db8:9::1 both\nhost=10.9.0.77 silent3 silent44\nhost=10.9.0.1 silent6 silent3 silent44 refused6\n"
          "host=2001:db8::1 silent6 silent6only turns\nhost=2001:db8::2 silent3 turns\nhost=10.9.0.1 turns\nhost=::1 refused6\n");
    listen_on("2001:db8:9::1", 0);
    listen_on("10.9.0.1", 1);
    ist_statistics_get(&before);
    test_addresses();
    test_names();
    test_closed();
    test_failures();
    for (uint64_t until = now + 300 * S; now < until;)
        if (ist_wait(NULL, 0, until) < 0) break;
    ist_statistics_get(&after);
    ok(after.n_handles == before.n_handles && after.n_tcp == before.n_tcp, "all handles and connections are back");
    ok(ist_connect_open("silent6only", 80) > 0, "one is open when the stack stops");
    stop();
    return tap_done();
}
