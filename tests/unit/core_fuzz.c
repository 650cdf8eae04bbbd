/*
 * Malformed and truncated packets of every protocol, at random from a seed: no crash, no assertion, no leak; memory back at its
 * baseline, and the instance still answers. FUZZ_ROUNDS and FUZZ_SEED make it longer or other.
 */
#include "core.h"

#include <isthmus/socket.h>

#include "link/link.h"

static const uint8_t self4[4] = { 10, 0, 0, 1 }, them4[4] = { 10, 0, 0, 2 }, them_mac[6] = { 2, 0, 0, 0, 0, 9 };
static const uint8_t self6[16] = { 0xfd, [15] = 1 }, them6[16] = { 0xfd, [15] = 2 }, router6[16] = { 0xfe, 0x80, [15] = 9 };
static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
static uint64_t seed;
static uint32_t n_echo, tcp_seq, tcp_ack;
static uint16_t tcp_port;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 11) % n;
}

static void see(uint32_t link, const uint8_t *f, uint32_t len)
{
    const uint8_t *p = far[link].kind == IST_LINK_KIND_ETHERNET ? f + 14 : f;

    if (len < 40 || p[0] >> 4 != 4) return;
    n_echo += p[9] == 1 && p[20] == 0;
    if (p[9] == 6 && (p[33] & 2)) {       /* what we must know to hit a connection */
        tcp_ack = be32(p + 24) + 1;
        tcp_port = (uint16_t)(p[20] << 8 | p[21]);
    }
}

static void noise(uint8_t *p, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        p[i] = (uint8_t)rnd(256);
}

/* TCP: flags, options of every sort, numbers in and around the window. */
static uint32_t tcp(uint8_t *s)
{
    uint32_t options = rnd(11) * 4, data = rnd(3) ? rnd(1000) : 0;

    noise(s, 20 + options + data);
    put16(s, rnd(4) ? 80 : rnd(65536));
    put16(s + 2, rnd(8) ? (rnd(2) ? 7 : tcp_port) : rnd(65536));
    put32(s + 4, tcp_seq + rnd(3) * rnd(70000));
    put32(s + 8, tcp_ack + rnd(2) * rnd(3000));
    s[12] = (uint8_t)((rnd(12) ? 5 + options / 4 : rnd(16)) << 4);
    s[13] = (uint8_t)(rnd(3) ? (rnd(2) ? 0x10 : 0x02) : rnd(64));
    for (uint32_t i = 20; i + 3 < 20 + options; i += 4) {
        static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 30 };
        s[i] = kinds[rnd(8)];
        s[i + 1] = (uint8_t)(rnd(3) ? 4 : rnd(256));
    }
    tcp_seq += rnd(3) ? data : 0;
    put16(s + 16, 0);
    return 20 + options + data;
}

static uint32_t udp(uint8_t *s)
{
    static const uint16_t ports[] = { 67, 68, 53, 9, 7, 546, 5353 };
    uint32_t n = 8 + rnd(600);

    noise(s, n);
    put16(s, ports[rnd(7)]);
    put16(s + 2, ports[rnd(7)]);
    put16(s + 4, rnd(6) ? n : rnd(65536));
    if (n > 260) {                        /* DHCP, as far as its cookie */
        s[8] = (uint8_t)(rnd(4) ? 2 : rnd(256));
        memcpy(s + 8 + 236, "\x63\x82\x53\x63", 4);
    }
    put16(s + 6, 0);
    return n;
}

static uint32_t icmp(uint8_t *s)
{
    static const uint8_t types[] = { 0, 3, 4, 5, 8, 11, 12, 13, 17 };
    uint32_t n = 8 + rnd(200);

    noise(s, n);
    s[0] = types[rnd(9)];
    if (n > 40) {
        ip4(s + 8, (uint8_t)(rnd(2) ? 6 : 17), self4, them4, n - 28);
        s[8] = (uint8_t)(rnd(4) ? 0x45 : rnd(256));
    }
    put16(s + 2, 0);
    return n;
}

static uint32_t igmp(uint8_t *s)
{
    noise(s, 8);
    s[0] = (uint8_t)(rnd(2) ? 0x11 : 0x16);
    put16(s + 2, 0);
    return 8 + rnd(2) * rnd(40);
}

static uint32_t icmp6(uint8_t *s)
{
    static const uint8_t types[] = { 1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143 };
    uint32_t n = 8 + rnd(200);

    noise(s, n);
    s[0] = types[rnd(15)];
    s[1] = (uint8_t)(rnd(4) ? 0 : rnd(256));
    if (s[0] >= 133 && s[0] <= 137)       /* options that nearly fit */
        for (uint32_t i = s[0] == 133 ? 8 : s[0] == 134 ? 16 : 24; i + 8 <= n; i += 8u * s[i + 1]) {
            static const uint8_t kinds[] = { 1, 2, 3, 5, 25, 31 };
            s[i] = kinds[rnd(6)];
            s[i + 1] = (uint8_t)(1 + rnd(5));
            if (rnd(20) == 0) s[i + 1] = (uint8_t)rnd(256);
            if (!s[i + 1]) break;
        }
    if (s[0] == 134 && n >= 48) { s[16] = 3; s[17] = 4; s[18] = 64; s[19] = 0xc0; }
    if (s[0] == 2 && n >= 48) {
        put32(s + 4, rnd(3) ? rnd(2000) : rnd(UINT32_MAX));
        ip6(s + 8, 17, 64, self6, them6, n - 48);
    }
    if (rnd(2) && n >= 24) memcpy(s + 8, rnd(2) ? self6 : them6, 16);
    put16(s + 2, 0);
    return n;
}

static void sum_set(uint8_t *s, uint8_t proto, const uint8_t *addresses, uint32_t n_addresses, uint32_t len)
{
    uint32_t at = proto == 6 ? 16 : proto == 17 ? 6 : 2;
    uint16_t sum;

    if (len < at + 2 || rnd(16) == 0) return;      /* now and then it stays wrong */
    sum = proto == 1 || proto == 2 ? (uint16_t)(~sum16(s, len, 0)) : transport_sum(addresses, n_addresses, proto, s, len);
    put16(s + at, sum);
}

static uint32_t packet4(uint8_t *p)
{
    static const uint8_t protos[] = { 6, 6, 17, 1, 2, 99 };
    uint8_t proto = protos[rnd(6)];
    uint32_t n;

    switch (proto) {
    case 6: n = tcp(p + 20); break;
    case 17: n = udp(p + 20); break;
    case 1: n = icmp(p + 20); break;
    case 2: n = igmp(p + 20); break;
    default: n = rnd(100); noise(p + 20, n); break;
    }
    ip4(p, proto, them4, rnd(10) ? self4 : (const uint8_t *)"\xff\xff\xff\xff", n);
    sum_set(p + 20, proto, p + 12, 8, n);
    if (rnd(4) == 0) {                             /* a fragment of it */
        put16(p + 4, rnd(6));
        put16(p + 6, (rnd(2) << 13) | (rnd(4) ? rnd(4) * 8 : rnd(8192)));
    }
    if (rnd(12) == 0) p[0] = (uint8_t)rnd(256);
    if (rnd(12) == 0) put16(p + 2, rnd(2000));
    put16(p + 10, 0);
    put16(p + 10, ~sum16(p, 20, 0) & 0xffff);
    return 20 + n;
}

static uint32_t packet6(uint8_t *p)
{
    static const uint8_t protos[] = { 6, 17, 58, 58, 58, 99 };
    uint8_t proto = protos[rnd(6)], *s = p + 40, *next = p + 6;
    const uint8_t *from = rnd(2) ? router6 : them6;
    uint32_t n, extra = 0;

    ip6(p, proto, rnd(6) ? 255 : 64, from, rnd(3) ? self6 : all_nodes, 0);
    while (rnd(3) == 0 && extra < 200) {           /* extension headers */
        static const uint8_t kinds[] = { 0, 43, 44, 60, 51 };
        uint8_t kind = kinds[rnd(5)];
        noise(s, 8);
        *next = kind;
        s[0] = proto;
        s[1] = (uint8_t)(rnd(4) ? 0 : rnd(256));
        if (kind == 44) {
            put16(s + 2, (rnd(3) ? rnd(4) * 8 : rnd(65536)) | rnd(2));
            put32(s + 4, rnd(6));
        }
        next = s;
        s += 8;
        extra += 8;
    }
    switch (proto) {
    case 6: n = tcp(s); break;
    case 17: n = udp(s); break;
    case 58: n = icmp6(s); break;
    default: n = rnd(100); noise(s, n); break;
    }
    sum_set(s, proto, p + 8, 32, n);
    put16(p + 4, rnd(12) ? extra + n : rnd(2000));
    return 40 + extra + n;
}

static uint32_t arp(uint8_t *p)
{
    noise(p, 28);
    memcpy(p, rnd(8) ? "\0\1\x08\0\6\4\0" : "\0\6\x08\0\7\4\0", 7);
    p[7] = (uint8_t)(1 + rnd(3));
    memcpy(p + 14, rnd(2) ? them4 : self4, 4);
    memcpy(p + 24, self4, 4);
    return 28;
}

static uint8_t f[8192];

static void give_one(void)
{
    uint32_t kind = rnd(8), n, lead = far[0].kind == IST_LINK_KIND_ETHERNET ? 14 : 0, type = 0x800;
    uint8_t *p = f + lead;

    if (kind < 4) n = packet4(p);
    else if (kind < 7) { n = packet6(p); type = 0x86dd; }
    else { n = arp(p); type = 0x806; }
    if (lead) {
        ether(f, ist__links.at[0]->netif.hwaddr, them_mac, rnd(30) ? type : rnd(65536), n);
        if (rnd(20) == 0) f[0] = (uint8_t)rnd(256);
    }
    n += lead;
    if (rnd(6) == 0) n = rnd(n + 1);                                      /* cut */
    if (rnd(6) == 0) f[rnd(n + 1)] ^= (uint8_t)(1u << rnd(8));            /* a bit turned */
    if (n > far[0].frame_max) n = far[0].frame_max;
    far_give(0, f, n);
}

static void ping(void)
{
    uint8_t p[100] = { 0 }, e[120];
    uint32_t n;

    p[20] = 8;
    put16(p + 22, ~sum16(p + 20, 44, 0) & 0xffff);
    n = ip4(p, 1, them4, self4, 44);
    if (far[0].kind == IST_LINK_KIND_IP) {
        far_give(0, p, n);
        return;
    }
    memcpy(e, ist__links.at[0]->netif.hwaddr, 6);
    ether(e + 20, e, them_mac, 0x806, 28);
    memcpy(e + 34, "\0\1\x08\0\6\4\0\1", 8);
    memcpy(e + 42, them_mac, 6);
    memcpy(e + 48, them4, 4);
    memset(e + 52, 0, 6);
    memcpy(e + 58, self4, 4);
    far_give(0, e + 20, 42);
    ether(e, ist__links.at[0]->netif.hwaddr, them_mac, 0x800, n);
    memcpy(e + 14, p, n);
    far_give(0, e, 14 + n);
}

static void round_of(uint32_t kind, const char *grant, uint32_t rounds, const char *name)
{
    struct ist_address any4 = { .family = IST_IPV4, .port = 7 }, to = { .family = IST_IPV4, .port = 80, .ip = { 10, 0, 0, 2 } };
    ist_handle listener, u, icmp4, client = 0;
    uint64_t before, begin;
    uint32_t echoes;

    far_link(0, kind, 1500, grant);
    far[0].on_frame = see;
    if (far_start() != 0) abort();
    pass(500);
    before = memory_used();
    begin = far_clock;
    listener = ist_tcp_open(IST_IPV4);
    u = ist_udp_open(IST_IPV4);
    icmp4 = ist_icmp_open(IST_IPV4);
    if (ist_socket_bind(listener, &any4) || ist_socket_listen(listener, 20) || ist_socket_bind(u, &any4)) abort();
    for (uint32_t i = 0; i < rounds; i++) {
        uint8_t bytes[2000];
        if (i % 64 == 0) {
            if (client > 0) ist_close(client);
            client = ist_tcp_open(IST_IPV4);
            if (client > 0) ist_socket_connect(client, &to);
            turns(1);
        }
        for (uint32_t k = rnd(6); k > 0; k--)
            give_one();
        if (rnd(16)) turns(1);
        else pass(rnd(3000));
        while (ist_datagram_recv(u, bytes, sizeof bytes, 0, NULL) >= 0) ;
        while (ist_datagram_recv(icmp4, bytes, sizeof bytes, 0, NULL) >= 0) ;
        if (client > 0) {
            ist_stream_send(client, bytes, rnd(1000) + 1);
            ist_stream_recv(client, bytes, sizeof bytes);
        }
        ist_handle c = ist_socket_accept(listener, NULL);
        if (c > 0) {
            ist_stream_send(c, bytes, rnd(1000) + 1);
            ist_close(c);
        }
    }
    if (client > 0) ist_close(client);
    ist_close(listener);
    ist_close(u);
    ist_close(icmp4);
    pass(70000000);               /* retransmissions, reassembly, neighbours, the longest life of a router: all of it ages */
    far[0].in_len = 0;
    echoes = n_echo;
    ping();
    turns(3);
    pass(100);
    ok(!ist__links.at[0]->closed && n_echo == echoes + 1, "%s: after %u minutes of garbage it answers an echo", name,
       (unsigned)((far_clock - begin) / (60000 * MS)));
    pass(20000);
    ok(memory_used() <= before + 2048, "%s: memory is back at its baseline (%d bytes over)", name, (int)(memory_used() - before));
    ist_stop();
    far_start();
    turns(2);
    ok(memory_used() < 16384, "%s: a stop gives everything back (%u)", name, (unsigned)memory_used());
    ist_stop();
}

int main(void)
{
    const char *r = getenv("FUZZ_ROUNDS"), *s = getenv("FUZZ_SEED");
    uint32_t rounds = r ? (uint32_t)atoi(r) : 60000;

    seed = s ? (uint64_t)atoll(s) * 2654435761u + 1 : 88172645463325252u;
    printf("# FUZZ_ROUNDS=%u FUZZ_SEED=%s\n", rounds, s ? s : "");
    round_of(IST_LINK_KIND_IP, "address=10.0.0.1/24\naddress=fd00::1/64\n", rounds, "IP");
    round_of(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\naddress=fd00::1/64\n", rounds, "Ethernet");
    round_of(IST_LINK_KIND_ETHERNET, "address=10.0.0.1/24\n", rounds, "Ethernet with autoconfiguration");
    return tap_done();
}
