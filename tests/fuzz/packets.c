/*
 * packets.c - packets from whoever sends them, to a stack with listeners, datagram sockets and a connection of its own
 *
 * Input: options (1 Ethernet, 2 more addresses to be found by itself), then operations, each a byte: its low two bits say which, the others how.
 *   0 the bytes of a frame as they are (Ethernet: bit 2 addresses it to us)
 *   1 2 a TCP segment over IPv4, over IPv6, whose numbers are those of the connection, and off by what the input says
 *   3 the program does something, or time passes
 * The host vouches for checksums, so that none has to be guessed.
 */
#include "../unit/core.h"
#include "fuzz.h"

#include <isthmus/socket.h>
#include <lwip/stats.h>

#include "link/link.h"

#define GRANT "address=10.0.0.1/24\naddress=fd00::1/64\n"

static const uint8_t self4[4] = { 10, 0, 0, 1 }, them4[4] = { 10, 0, 0, 2 }, them_mac[6] = { 2, 0, 0, 0, 0, 9 };
static const uint8_t self6[16] = { 0xfd, [15] = 1 }, them6[16] = { 0xfd, [15] = 2 };
static struct input in;

/* The peer's side of two connections of each family: to our listener (port 7), and from us to port 80. */
static struct flow {
    uint16_t ours, theirs;
    uint32_t seq, ack;
} flows[2][2];

/* What the last input has reached: the seeds have to. */
enum reached { ACCEPTED = 1, CONNECTED = 2, DATA = 4, DATAGRAM = 8, ANSWERED = 16, ENDED = 32, FAILED = 64 };
static uint32_t reached;

static ist_handle client, listener, datagrams, echo[2], accepted[8];     /* listener, datagrams: both families */

/* What we send tells the peer's numbers. */
static void see(uint32_t link, const uint8_t *f, uint32_t len)
{
    const uint8_t *p = far[link].kind == IST_LINK_KIND_ETHERNET ? f + 14 : f, *s;
    uint32_t lead = p == f ? 0 : 14, six, data;
    struct flow *flow;

    if (len < lead + 28 || (p[0] >> 4 == 6 && len < lead + 44))
        return;
    six = p[0] >> 4 == 6;
    reached |= (six ? p[6] == 58 && p[40] != 133 && p[40] != 143 && p[40] != 135 : p[9] == 1) ? ANSWERED : 0;
    if ((six ? p[6] : p[9]) != 6 || len < lead + (six ? 60 : 40))
        return;
    s = p + (six ? 40 : 20);
    flow = &flows[six][s[1] != 7 || s[0]];
    flow->ours = (uint16_t)(s[0] << 8 | s[1]);
    flow->theirs = (uint16_t)(s[2] << 8 | s[3]);
    data = len - lead - (six ? 40 : 20) - 4u * (s[12] >> 4);
    flow->ack = be32(s + 4) + data + ((s[13] & 3) != 0);
    if (s[13] & 0x10)
        flow->seq = be32(s + 8);
}

/* A frame of the link around @len bytes of a packet at @p, which has 14 bytes before it. */
static void give(uint8_t *p, uint32_t len, uint32_t type)
{
    if (far[0].kind == IST_LINK_KIND_ETHERNET)
        p -= 14, len = ether(p, ist__links.at[0]->netif.hwaddr, them_mac, type, len);
    if (len <= far[0].frame_max)
        far_give(0, p, len);
}

static void raw(uint32_t how)
{
    uint8_t f[1600];
    uint32_t n;
    const uint8_t *p = take(&in, take16(&in) % 1600, &n);

    memcpy(f, p, n);
    if (far[0].kind == IST_LINK_KIND_ETHERNET && how & 1 && n >= 14)
        memcpy(f, ist__links.at[0]->netif.hwaddr, 6);
    if (n && n <= far[0].frame_max)
        far_give(0, f, n);
}

/* How: 1 our connection; then what is out of the ordinary: 2 seq, 4 ack, 8 window, 16 options, 32 data. */
static void segment(uint32_t how, uint32_t six)
{
    struct flow *flow = &flows[six][how & 1];
    uint8_t f[1700] = { 0 }, *p = f + 14, *s = p + (six ? 40 : 20);
    uint32_t flags = take8(&in), options = 0, data = 0, n, len;
    const uint8_t *bytes;

    put16(s, flow->theirs);
    put16(s + 2, flow->ours);
    put32(s + 4, flow->seq + (how & 2 ? (uint32_t)(int16_t)take16(&in) : 0));
    put32(s + 8, flow->ack + (how & 4 ? (uint32_t)(int16_t)take16(&in) : 0));
    put16(s + 14, how & 8 ? take16(&in) : 65535);
    if (how & 16) {
        options = take8(&in) % 41;
        bytes = take(&in, options, &n);
        memcpy(s + 20, bytes, n);
        options = (options + 3) & ~3u;
        put16(s + 18, take8(&in));                    /* urgent */
    }
    if (how & 32)
        data = take16(&in) % 1380;
    s[12] = (uint8_t)((20 + options) / 4 << 4);
    s[13] = (uint8_t)flags;
    len = 20 + options + data;
    give(p, six ? ip6(p, 6, 64, them6, self6, len) : ip4(p, 6, them4, self4, len), six ? 0x86dd : 0x800);
}

static void act(uint32_t how)
{
    struct ist_address to = { .family = IST_IPV4, .port = 80, .ip = { 10, 0, 0, 2 } };
    uint8_t bytes[3000] = { 0 };
    ist_handle h = how & 8 ? client : accepted[how >> 4 & 1];
    int32_t n;

    switch (how % 8) {
    case 0: turns(1); break;
    case 1: pass(UINT64_C(1) << 2 * (how >> 3)); break;      /* to 16 s */
    case 2: ist_stream_send(h, bytes, 1 + take8(&in) * 11); break;
    case 3:
        n = ist_stream_recv(h, bytes, sizeof bytes);
        reached |= n > 0 ? DATA : n == 0 ? ENDED : n == IST_EAGAIN ? 0 : FAILED;
        break;
    case 4: ist_stream_shutdown(h, IST_SHUT_WRITE); break;
    case 5:
        for (int i = 0; i < 8; i++)
            if (accepted[i] <= 0)
                accepted[i] = ist_socket_accept(listener, NULL);
        reached |= accepted[0] > 0 ? ACCEPTED : 0;
        break;
    case 6:
        ist_close(h);
        if (h == client) {
            client = ist_tcp_open(IST_IPV4);
            ist_socket_connect(client, &to);
        }
        break;
    default:
        while (ist_datagram_recv(datagrams, bytes, sizeof bytes, 0, NULL) >= 0)
            reached |= DATAGRAM;
        while (ist_datagram_recv(echo[how & 1], bytes, sizeof bytes, 0, NULL) >= 0)
            ;
        ist_datagram_send(datagrams, bytes, 20 + (how & 16) * 100, &to);
    }
}

static void open_all(void)
{
    struct ist_address to = { .family = IST_IPV4, .port = 80, .ip = { 10, 0, 0, 2 } };
    struct ist_address any = { .family = IST_IPV6, .port = 7 };

    listener = ist_tcp_open(IST_IPV6);
    datagrams = ist_udp_open(IST_IPV6);
    must(!ist_socket_bind(listener, &any) && !ist_socket_listen(listener, 4) && !ist_socket_bind(datagrams, &any));
    for (int six = 0; six < 2; six++) {
        struct flow in_flow = { .ours = 7, .theirs = 1000, .seq = 5000 }, out_flow = { .ours = 1, .theirs = 80, .seq = 9000 };
        echo[six] = ist_icmp_open(six ? IST_IPV6 : IST_IPV4);
        flows[six][0] = in_flow;
        flows[six][1] = out_flow;
    }
    client = ist_tcp_open(IST_IPV4);
    ist_socket_connect(client, &to);
    turns(2);
}

static void neighbour(void)
{
    uint8_t f[60];

    memcpy(f + 14, "\0\1\x08\0\6\4\0\2", 8);
    memcpy(f + 22, them_mac, 6);
    memcpy(f + 28, them4, 4);
    memcpy(f + 32, ist__links.at[0]->netif.hwaddr, 6);
    memcpy(f + 38, self4, 4);
    give(f + 14, 28, 0x806);
    turns(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint32_t options;

    in = (struct input){ data, len };
    options = take8(&in);
    reached = 0;
    far_clock = 1000 * MS;
    far_entropy = 1;
    memset(accepted, 0, sizeof accepted);
    far_link(0, options & 1 ? IST_LINK_KIND_ETHERNET : IST_LINK_KIND_IP, 1500, options & 2 ? "address=10.0.0.1/24\n" : GRANT);
    far[0].flags |= IST_LINK_RX_SUMMED;
    far[0].on_frame = see;
    must(far_start() == 0);
    pass(200);
    open_all();
    if (options & 1)
        neighbour();
    for (int i = 0; in.left && i < 400; i++) {
        uint32_t op = take8(&in);
        switch (op & 3) {
        case 0: raw(op >> 2); break;
        case 3: act(op >> 2); break;
        default: segment(op >> 2, (op & 3) - 1);
        }
        if (!(op & 0x80) || (op & 3) == 3)
            turns(2);                    /* so that the answer has gone; else more comes in the same batch */
    }
    turns(2);
    reached |= ((uint32_t)ist_ready(client) & (IST_WRITABLE | IST_FAILED)) == IST_WRITABLE ? CONNECTED : 0;
    must(!ist__links.at[0]->closed);
    ist_stop();
    must(lwip_stats.mem.used == 0);
    return 0;
}

const uint32_t fuzz_rounds = 200;
static struct seed s;

/* @want: what it must reach. @hex: operations. A frame stands in it as 00, or 04 addressed to us, its length and its bytes. */
static void emit(seed_fn seed, const char *name, uint32_t want, uint32_t options, const char *hex)
{
    s.len = 0;
    add8(&s, options);
    add_hex(&s, hex);
    LLVMFuzzerTestOneInput(s.at, s.len);
    must((reached & want) == want);
    seed(name, s.at, s.len);
}

#define FROM4 "0a000002 0a000001 "
#define FROM6 "fd00000000000000 0000000000000002 fd00000000000000 0000000000000001 "

void fuzz_seeds(seed_fn seed)
{
    emit(seed, "an echo request", ANSWERED, 0, "00 001c 4500001c 00010000 40010000" FROM4 "0800 0000 00010001 03");
    emit(seed, "an ipv6 echo request", ANSWERED, 0, "00 0030 60000000 00083a40" FROM6 "8000 0000 00010001 03");
    emit(seed, "a connection that comes, talks and ends", ACCEPTED | DATA | ENDED, 0, "01 02 01 10 17 81 18 0064 03 0f 0b 20 03 01 11 0f 13 01 10 1b 03 01 10");
    emit(seed, "the same over ipv6 with options", ACCEPTED | DATA, 0, "42 02 0c 020405b4 01030307 04020000 00 02 10 17 82 18 0064 03 0f 02 11 03 1b");
    emit(seed, "our connection is accepted and gets data", CONNECTED | DATA, 0, "05 12 2b 20 03 85 10 0400 05 10 2f 05 11 03 33");
    emit(seed, "segments out of order", ACCEPTED | DATA, 0, "01 02 01 10 17 89 10 0064 0064 89 10 00c8 0064 03 81 18 00c8 03 0f");
    emit(seed, "a reset in and out of the window", FAILED, 0, "05 12 0d 04 ff00 0d 04 0010 05 04 03 2f");
    emit(seed, "acknowledgements of what was never sent", CONNECTED, 0, "05 12 2b ff 15 10 7000 15 10 9000 03");
    emit(seed, "a window that closes and opens", CONNECTED, 0, "05 12 2b ff 25 10 0000 c7 c7 25 10 ffff 03 2b ff 03");
    emit(seed, "every option of tcp", ACCEPTED, 0, "41 02 18 020405b4 01030307 0402 080a 00000001 00000000 0505 00 00 00 01 10 17 41 10 0a 050a 00000001 00000009 00");
    emit(seed, "fragments of a datagram", DATAGRAM, 0, "80 0024 45000024 00092000 40110000" FROM4 "03e80007 001c0000 0000000000000000"
                                            "80 0020 45000020 00090002 40110000" FROM4 "0000000000000000 00000000 03 1f");
    emit(seed, "a fragment that says it is from us, until the end", 0, 0, "80 0024 45000024 00092000 40110000 0a000001 ffffffff"
                                                                      "03e80007 001c0000 0000000000000000");
    emit(seed, "ipv6 fragments", DATAGRAM, 0, "80 0040 60000000 00182c40" FROM6 "11000001 00000007 03e80007 00180001 0000000000000000"
                                    "80 0038 60000000 00102c40" FROM6 "11000010 00000007 0000000000000000 03 1f");
    emit(seed, "extension headers", ANSWERED, 0, "00 0040 60000000 00180040" FROM6 "3c00010400000000 3a00010400000000 8000000000010001 03");
    emit(seed, "unreachable and too big", CONNECTED, 0, "05 12 00 0038 45000038 00010000 40010000" FROM4 "0304 0000 00000240"
                                             "4500003c 00010000 40060000 0a000001 0a000002 00010050 00000000 03");
    emit(seed, "ipv6 packet too big", 0, 0, "02 02 02 10 00 0068 60000000 00403a40" FROM6 "0200 0000 00000500"
                                         "60000000 00140640 fd00000000000000 0000000000000001 fd00000000000000 0000000000000002"
                                         "000703e8 00000000 00000000 50100000 00000000 03");
    emit(seed, "a router advertisement", 0, 3, "04 0066 3333000000010200000000 0986dd 60000000 00303aff fe80000000000000 0000000000000009"
                                            "ff02000000000000 0000000000000001 8600 0000 40000708 00000000 00000000"
                                            "030440c0 00000e10 00000e10 00000000 fd00000100000000 0000000000000000 ff");
    emit(seed, "neighbours and arp", ANSWERED, 1, "04 0056 000000000000 020000000009 86dd 60000000 00203aff" FROM6 "8700 0000 00000000"
                                        "fd00000000000000 0000000000000001 0101020000000009"
                                        "04 002a 000000000000 020000000009 0806 0001080006040001 020000000009 0a000002 000000000000 0a000001 03");
    emit(seed, "multicast queries", 0, 0, "00 001c 4500001c 00010000 01020000 0a000002 e0000001 11640000 00000000 03"
                                       "00 0048 60000000 00200001 fe80000000000000 0000000000000009 ff02000000000000 0000000000000001"
                                       "3a000502 00000100 8200 0000 03e80000 0000000000000000 0000000000000000 1f");
}
