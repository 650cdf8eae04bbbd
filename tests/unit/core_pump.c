/* The pump: full links, two links, hosts that cannot wait, early ends of a wait, a new instance, notes, starts and stops. */
#include "core.h"

#include <isthmus/socket.h>

#include "link/link.h"

static const uint8_t them4[4] = { 10, 0, 0, 2 };

static uint32_t n_udp, n_syn, n_rst;

static void see(uint32_t link, const uint8_t *f, uint32_t len)
{
    (void)link;
    (void)len;
    if (f[0] >> 4 != 4) return;
    n_udp += f[9] == 17;
    n_syn += f[9] == 6 && f[33] == 2;
    n_rst += f[9] == 6 && (f[33] & 4);
}

static void start(const char *grant)
{
    n_far = 1;
    far_link(0, IST_LINK_KIND_IP, 1500, grant);
    far[0].on_frame = see;
    n_udp = n_syn = n_rst = 0;
    if (far_start() != 0) abort();
    turns(2);
}

static struct ist_address address(const char *ip, uint16_t port)
{
    struct ist_address a = { .family = IST_IPV4, .port = port };
    unsigned b[4];

    sscanf(ip, "%u.%u.%u.%u", &b[0], &b[1], &b[2], &b[3]);
    for (int i = 0; i < 4; i++)
        a.ip[i] = (uint8_t)b[i];
    return a;
}

static void give_ping(uint32_t link, uint8_t last)
{
    uint8_t p[64] = { 0 }, to[4] = { 10, 0, 0, last };

    p[20] = 8;
    put16(p + 22, ~sum16(p + 20, 44, 0) & 0xffff);
    far_give(link, p, ip4(p, 1, them4, to, 44));
}

static void batching(void)
{
    struct ist_address to = address("10.0.0.2", 9);
    uint8_t byte[1000] = { 0 };
    ist_handle u;

    start("address=10.0.0.1/24\n");
    u = ist_udp_open(IST_IPV4);
    far[0].n_calls = 0;
    for (int i = 0; i < 20; i++)
        ist_datagram_send(u, byte, 1000, &to);
    ok(far[0].n_calls == 0, "20 datagrams wait for a batch");
    turns(1);
    ok(n_udp == 20 && far[0].n_calls == 1, "one exchange takes them all");
    for (int i = 0; i < 200; i++)
        ist_datagram_send(u, byte, 1000, &to);
    ok(n_udp >= 180 && far[0].n_calls <= 9, "a batch that is worth it goes by itself (%u calls)", far[0].n_calls);
    ist_close(u);
    ist_stop();
}

static void full(void)
{
    struct ist_address to = address("10.0.0.2", 9);
    uint8_t byte[1000] = { 0 };
    uint32_t sent = 0, calls;
    struct ist_interest set;
    uint64_t began;
    int32_t r = 0;
    ist_handle u, t;

    start("address=10.0.0.1/24\n");
    u = ist_udp_open(IST_IPV4);
    far[0].takes = 0;
    while (sent < 1000 && (r = ist_datagram_send(u, byte, 1000, &to)) == 1000)
        sent++;
    ok(r == IST_EAGAIN && sent >= 60 && sent < 70, "a link that takes nothing: EAGAIN when the batch is full (%u)", sent);
    calls = far[0].n_calls;
    ist_datagram_send(u, byte, 1000, &to);
    ok(far[0].n_calls == calls, "the host is not bothered again");
    ok(!ist__writable() && !(ist_ready(u) & (int32_t)IST_WRITABLE), "the sender is not writable");
    t = ist_tcp_open(IST_IPV4);
    to.port = 80;
    ok(ist_socket_connect(t, &to) == 0, "TCP connects all the same");
    ok(ist__turn(ist_monotonic() + 100 * MS) >= 0 && n_syn == 0, "its SYN waits");
    far[0].takes = 3;
    turns(3);
    ok(n_udp == 3 && ist__writable(), "the host takes three: writable again");
    far[0].takes = UINT32_MAX;
    turns(4);
    ok(n_udp == sent && n_syn == 1, "it takes all: every datagram is there, and the SYN behind them (%u, %u)", n_udp, n_syn);
    far[0].takes = 0;
    while (ist_datagram_send(u, byte, 1000, &to) == 1000)
        ;
    far[0].takes = UINT32_MAX;
    began = ist_monotonic();
    set = (struct ist_interest){ .handle = u, .want = IST_WRITABLE };
    ok(ist_wait(&set, 1, began + 500 * MS) == 1 && ist_monotonic() == began, "the link moves again: the sender is told at once");
    ist_close(u);
    ist_close(t);
    ist_stop();
}

static void two_links(void)
{
    struct ist_address to;
    uint8_t byte = 0;
    ist_handle u;

    n_far = 2;
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\ngateway=10.0.0.254\n");
    far_link(1, IST_LINK_KIND_IP, 1500, "address=10.1.0.1/24\n");
    if (far_start() != 0) abort();
    turns(2);
    far[0].n_out = far[1].n_out = 0;
    u = ist_udp_open(IST_IPV4);
    to = address("10.1.0.9", 9);
    ist_datagram_send(u, &byte, 1, &to);
    turns(1);
    ok(far[0].n_out == 0 && far[1].n_out == 1, "the second link's subnet goes by the second link");
    to = address("192.0.2.1", 9);
    ist_datagram_send(u, &byte, 1, &to);
    turns(1);
    ok(far[0].n_out == 1 && far[1].n_out == 1, "the world goes by the link with the gateway");
    far[0].takes = 0;
    for (int i = 0; i < 100000; i++) {
        uint8_t kb[1000] = { 0 };
        if (ist_datagram_send(u, kb, 1000, &to) == IST_EAGAIN) break;
    }
    to = address("10.1.0.9", 9);
    far[1].n_out = 0;
    ok(ist_datagram_send(u, &byte, 1, &to) == 1, "a full link does not hold up the other");
    turns(2);
    ok(far[1].n_out == 1, "which sends");
    give_ping(1, 1);
    far[1].in[4 + 16 + 1] = 1;      /* to 10.1.0.1: the sum of the header changes too */
    far[1].in[4 + 10] = 0;
    far[1].in[4 + 11] = 0;
    put16(far[1].in + 4 + 10, ~sum16(far[1].in + 4, 20, 0) & 0xffff);
    ok(ist__turn(ist_monotonic() + 10000 * MS) == 1 && far_clock < 1000000 * MS, "a wait on one link ends for a frame of the other");
    turns(2);
    ok(far[1].n_calls > 2 && (far[1].wanted && far[0].wanted), "both links are listened to");
    far[0].closed = 1;
    turns(4);
    ok(ist__links.at[0]->gone && ist__turn(ist_monotonic() + 5 * MS) >= 0, "one link closes, the other goes on");
    far[1].n_out = 0;
    ok(ist_datagram_send(u, &byte, 1, &to) == 1 && (turns(2), far[1].n_out == 1), "and sends");
    ist_close(u);
    ist_stop();
    n_far = 1;
}

static void early_ends(void)
{
    uint64_t until;

    start("address=10.0.0.1/24\n");
    far_wakes = 1;
    until = ist_monotonic() + 300 * MS;
    ok(ist__turn(until) == IST_EINTR, "the host ends a wait: EINTR");
    ok(ist__turn(ist_monotonic() + 1) == 0, "a deadline passes: 0");
    ok(ist__turn(IST_NO_WAIT) == 0, "no wait: 0");
    ok(ist__turn(IST_NO_DEADLINE) == 1, "no deadline: the housekeeping timer ends it");
    far[0].flags |= IST_LINK_NOWAIT;
    turns(1);
    ok(ist__turn(ist_monotonic() + 300 * MS) == IST_EDEADLK, "a host that cannot wait: EDEADLK");
    ist_stop();
}

static void event_loop(void)
{
    struct ist_address to = address("10.0.0.2", 9);
    uint8_t byte = 0;
    ist_handle u;

    n_far = 1;
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\n");
    far[0].flags |= IST_LINK_NOWAIT;
    far[0].on_frame = see;
    n_udp = 0;
    if (far_start() != 0) abort();
    ist_pump();
    ok(far[0].last_deadline > far_clock && far[0].last_deadline <= far_clock + 1000 * MS, "the pump leaves the nearest deadline with the host");
    u = ist_udp_open(IST_IPV4);
    ist_datagram_send(u, &byte, 1, &to);
    ok(n_udp == 1 && far[0].last_deadline > far_clock, "what a call queues is with the host before the call returns, with a deadline");
    far[0].n_out = 0;
    for (int i = 0; i < 100; i++)
        give_ping(0, 1);
    ist_pump();
    ok(far[0].n_out == 100 && far[0].in_len == 0, "one pump answers all that has arrived");
    far_clock = far[0].last_deadline;
    ist_pump();
    ok(far[0].last_deadline > far_clock, "a pump at the deadline runs the timer and names the next");
    ist_close(u);
    ist_stop();
}

static void renewed(uint32_t exclusive)
{
    struct ist_address to = address("10.0.0.2", 80);
    ist_handle t;

    start("address=10.0.0.1/24\n");
    t = ist_tcp_open(IST_IPV4);
    ist_socket_connect(t, &to);
    turns(2);
    ok(n_syn == 1, "a connection is under way");
    far_instance[1]++;
    far[0].flags |= exclusive;
    turns(3);
    if (exclusive) {
        ok(!(ist_ready(t) & (int32_t)IST_FAILED), "a restore that is the only one keeps it");
    } else {
        ok(ist_ready(t) & (int32_t)IST_FAILED, "a twin drops it");
        ok(ist_failure(t) == IST_ECONNABORTED && n_rst == 0, "with an error, and without a word to the peer");
        ok(ist_configured() == 1, "its address of the grant is back");
    }
    ist_close(t);
    ist_stop();
}

static void notes(void)
{
    char text[5000];

    start("address=10.0.0.1/24\n");
    far_notes[0] = 0;
    ist_note("one\ntwo");
    turns(1);
    ok(strcmp(far_notes, "one\ntwo\n") == 0, "a note goes with the next exchange");
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    far_notes[0] = 0;
    ok(ist_note(text) == 0, "a long note");
    turns(1);
    ok(strlen(far_notes) == sizeof text, "arrives whole");
    ist_stop();
    ok(ist_note("x") == IST_ESTATE, "after the stop there is nobody to tell");
}

static void downs(void)
{
    struct ist_address to = address("10.0.0.2", 9);
    uint8_t byte = 0;
    ist_handle u;

    start("address=10.0.0.1/24\n");
    u = ist_udp_open(IST_IPV4);
    far[0].flags = 0;
    pass(6000);
    ok(ist_datagram_send(u, &byte, 1, &to) == IST_ENETUNREACH, "a link that is down: no way");
    far[0].flags = IST_LINK_UP;
    turns(1);
    ok(ist_datagram_send(u, &byte, 1, &to) == 1, "up again");
    far[0].grant = "address=10.0.0.1/24\n";
    far[0].mtu = far[0].frame_max = 65535;
    far[0].changed = 1;
    turns(2);
    ok(ist__links.at[0]->netif.mtu == 65535 && ist__links.at[0]->cap >= 65539, "a larger MTU at run time finds room");
    ok(n_udp == 1, "what waited in the smaller batch was not lost");
    ist_close(u);
    ist_stop();
}

static void loopback_load(void)
{
    struct ist_address a = address("127.0.0.1", 0);
    uint8_t kb[1024] = { 0 };
    ist_handle from = 0, to;
    uint64_t before;
    int sent = 0;

    start("address=10.0.0.1/24\n");
    to = ist_udp_open(IST_IPV4);
    ist_socket_bind(to, &a);
    ist_socket_local(to, &a);
    from = ist_udp_open(IST_IPV4);
    before = memory_used();
    for (int i = 0; i < 20000; i++)
        sent += ist_datagram_send(from, kb, sizeof kb, &a) == (int32_t)sizeof kb;
    ok(sent == 20000 && memory_used() - before < (4u << 20), "20,000 datagrams to ourselves do not pile up (%u KiB)",
       (unsigned)((memory_used() - before) >> 10));
    turns(2);
    ok(ist_datagram_recv(to, kb, sizeof kb, 0, NULL) == (int32_t)sizeof kb, "and arrive");
    ist_close(from);
    ist_close(to);
    turns(1);
    far[0].n_calls = 0;
    turns(10);
    ok(far[0].n_calls == 10, "one exchange a turn");
    ist_stop();
}

static void starts_and_stops(void)
{
    struct ist_config small = { .size = 4 }, none = { .size = 0 }, vast = { .size = sizeof vast, .batch_cap = 1u << 30 };
    struct ist_statistics s = { .size = sizeof s };

    n_far = 1;
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\n");
    ok(ist_start(&none) == IST_EINVAL && ist_start(&vast) == IST_EINVAL, "a config without a size, or with a vast batch, is refused");
    ok(ist_start(&small) == 0 && ist_start(NULL) == 0, "an older, shorter config; a second start does nothing");
    ist_stop();
    ist_stop();
    ok(ist_wait(NULL, 0, 0) == IST_ESTATE && ist_statistics_get(&s) == IST_ESTATE, "after the stop: ESTATE");
    for (int i = 0; i < 50; i++) {
        far_link(0, i % 2 ? IST_LINK_KIND_IP : IST_LINK_KIND_ETHERNET, 1500, i % 3 ? "" : "address=10.0.0.1/24\n");
        if (far_start() != 0) abort();
        give_ping(0, 1);
        pass(300);
        ist_stop();
    }
    far_link(0, IST_LINK_KIND_IP, 1500, "address=10.0.0.1/24\n");
    far_start();
    ist_statistics_get(&s);
    ok(s.memory_used < 1024, "50 starts and stops leave nothing (%u bytes in use)", (unsigned)s.memory_used);
    give_ping(0, 1);
    turns(3);
    ok(far[0].n_out == 1, "and the 51st answers");
    s.size = sizeof s;
    ist_statistics_get(&s);
    ok(s.frames_received == 1 && s.frames_sent == 1 && s.bytes_received == 64 && s.exchanges > 2, "it is counted");
    ist_stop();
}

int main(void)
{
    batching();
    full();
    two_links();
    early_ends();
    event_loop();
    renewed(0);
    renewed(IST_LINK_EXCLUSIVE);
    notes();
    downs();
    loopback_load();
    starts_and_stops();
    return tap_done();
}
