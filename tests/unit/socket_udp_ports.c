/*
 * Which UDP socket a datagram is for: those on a port, and others whose ports share its chain (patches/lwip-udp-port-chains.patch).
 */
#include "peer.h"

enum { N = 10000, CHAINS = 1024 };

static char buf[64];

static ist_handle reusing(struct ist_address at)
{
    ist_handle h = ist_udp_open(at.family);

    if (h < 0 || ist_option_set(h, IST_OPTION_REUSE_ADDRESS, 1) || ist_option_set(h, IST_OPTION_BROADCAST, 1) || ist_socket_bind(h, &at)) abort();
    return h;
}

/* A datagram of the peer's, from one of its ports to one of ours at 10.0.0.1. */
static void datagram(uint16_t from, uint16_t to)
{
    uint8_t u[9] = { 0 };

    put16(u, from), put16(u + 2, to), put16(u + 4, sizeof u);
    u[8] = 'x';
    peer_send_raw(17, u, sizeof u);
    settle();
}

static int heard(ist_handle h)
{
    int n = 0;

    while (ist_datagram_recv(h, buf, sizeof buf, 0, NULL) == 1)
        n++;
    return n;
}

static void preferred(int backwards)
{
    struct ist_address peer = v4("10.0.0.2", 53);
    struct ist_address at[3] = { v4("0.0.0.0", 5000), v4("10.0.0.1", 5000), v4("10.0.0.1", 5000) };
    ist_handle h[3], neighbour = reusing(v4("0.0.0.0", 5000 + CHAINS));
    struct packet p;

    for (int i = 0; i < 3; i++) {
        int j = backwards ? 2 - i : i;
        h[j] = reusing(at[j]);
        if (j == 2 && ist_socket_connect(h[j], &peer)) abort();
    }
    datagram(53, 5000);
    ok(heard(h[2]) == 1 && !heard(h[1]) && !heard(h[0]), "a datagram of the peer goes to the socket connected to it (opened %s)", backwards ? "first" : "last");
    datagram(54, 5000);
    ok(!heard(h[2]) && heard(h[1]) == 1 && !heard(h[0]), "one of somebody else to the socket with the address");
    datagram(53, 5000 + CHAINS);
    ok(!heard(h[2]) && !heard(h[1]) && !heard(h[0]) && heard(neighbour) == 1, "one to a port of the same chain to the socket on it");
    ist_close(h[1]);
    datagram(54, 5000);
    ok(!heard(h[2]) && heard(h[0]) == 1, "without the socket with the address: to the one of all addresses");
    ist_close(h[0]);
    peer_forget();
    datagram(54, 5000);
    ok(!heard(h[2]) && peer_next(&p) && p.protocol == 1 && p.bytes[20] == 3 && p.bytes[21] == 3, "without that: port unreachable");
    datagram(53, 5000);
    ok(heard(h[2]) == 1, "the connected socket still hears its peer");
    ist_close(h[2]), ist_close(neighbour);
    peer_forget();
}

static void collisions(void)
{
    struct ist_address at = v4("127.0.0.1", 5200), all = v4("0.0.0.0", 5200), next = v4("127.0.0.1", 5200 + CHAINS), six = v6(0, 1, 5200);
    ist_handle h[5];

    for (int i = 0; i < 5; i++)
        h[i] = ist_udp_open(i < 4 ? IST_IPV4 : IST_IPV6);
    ok(ist_socket_bind(h[0], &at) == 0 && ist_socket_bind(h[1], &at) == IST_EADDRINUSE && ist_socket_bind(h[1], &all) == IST_EADDRINUSE,
       "a port is bound once: EADDRINUSE");
    ok(ist_socket_bind(h[2], &next) == 0 && ist_socket_bind(h[4], &six) == 0, "another port of the chain is free, and the port in IPv6");
    ist_close(h[0]);
    ok(ist_socket_bind(h[1], &all) == 0 && ist_socket_bind(h[3], &at) == IST_EADDRINUSE, "closed: free again");
    for (int i = 1; i < 5; i++)
        ist_close(h[i]);
}

static void many(void)
{
    static ist_handle h[N];
    static struct ist_address at[N];
    static uint8_t seen[65536];
    uint32_t twice = 0, wrong = 0, n = 0;
    struct packet p;

    memset(seen, 0, sizeof seen);
    for (uint32_t i = 0; i < N; i++) {
        struct ist_address any = v4("0.0.0.0", 0);
        h[i] = ist_udp_open(IST_IPV4);
        if (h[i] < 0 || ist_socket_bind(h[i], &any)) abort();
        at[i] = local_of(h[i]);
        twice += seen[at[i].port]++;
    }
    ok(!twice, "10,000 sockets have 10,000 ports");
    for (uint32_t i = 0; i < N; i++) {
        uint32_t j = (i * 7919) % N;
        datagram(53, at[j].port);
        if (heard(h[j]) == 1)
            n++;
    }
    for (uint32_t i = 0; i < N; i++)
        wrong += levels(h[i]) != IST_WRITABLE;
    ok(n == N && !wrong, "each hears what is for it, and nothing else");
    for (uint32_t i = 0; i < N; i += 2)
        ist_close(h[i]);
    peer_forget();
    n = 0;
    for (uint32_t i = 0; i < 200; i++) {
        datagram(53, at[i].port);
        n += i & 1 ? heard(h[i]) == 1 : peer_next(&p) && p.protocol == 1;
    }
    ok(n == 200, "when every other is closed, the others hear on, and their ports are unreachable (%u)", n);
    for (uint32_t i = 1; i < N; i += 2)
        ist_close(h[i]);
}

int main(void)
{
    uint64_t memory;

    instance_start(GRANT, NULL);
    many();    /* the table of handles keeps its size */
    peer_forget();
    pass(1000);
    memory = memory_now();
    preferred(0);
    preferred(1);
    collisions();
    many();
    peer_forget();
    nothing_left(memory);
    instance_stop();
    return tap_done();
}
