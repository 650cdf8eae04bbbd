/*
 * peer.h - the far side of the link, played by the test: IPv4 packets of 10.0.0.2, written and read by hand
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include "socket.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

struct packet {
    uint8_t bytes[2048];
    uint32_t len;
    uint8_t protocol;
    /* TCP and UDP */
    uint16_t from, to;
    /* TCP */
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data;
    uint32_t data_len;
};

static inline uint32_t get16(const uint8_t *b) { return (uint32_t)(b[0] << 8 | b[1]); }
static inline uint32_t get32(const uint8_t *b) { return get16(b) << 16 | get16(b + 2); }
static inline void put16(uint8_t *b, uint32_t v) { b[0] = (uint8_t)(v >> 8); b[1] = (uint8_t)v; }
static inline void put32(uint8_t *b, uint32_t v) { put16(b, v >> 16); put16(b + 2, v); }

static inline uint32_t sum_add(uint32_t sum, const uint8_t *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        sum += i & 1 ? b[i] : (uint32_t)b[i] << 8;
    return sum;
}

static inline uint32_t sum_end(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static inline void peer_send_raw(uint8_t protocol, const uint8_t *payload, uint32_t len)
{
    uint8_t b[4 + 20 + 2048] = { 0 }, *ip = b + 4;

    put32(b, 20 + len);
    ip[0] = 0x45, ip[8] = 64, ip[9] = protocol;
    put16(ip + 2, 20 + len);
    put32(ip + 12, 0x0a000002), put32(ip + 16, 0x0a000001);
    put16(ip + 10, sum_end(sum_add(0, ip, 20)));
    if (len)
        memcpy(ip + 20, payload, len);
    if (far_port->vtable->take(far_port, b, 24 + len) != 24 + len) abort();
}

static inline void peer_send(uint16_t from, uint16_t to, uint8_t flags, uint32_t seq, uint32_t ack, const void *data, uint32_t len)
{
    uint8_t t[20 + 1460] = { 0 };
    uint32_t sum = 0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + 20 + len;

    put16(t, from), put16(t + 2, to), put32(t + 4, seq), put32(t + 8, ack);
    t[12] = 0x50, t[13] = flags;
    put16(t + 14, 65535);
    if (len)
        memcpy(t + 20, data, len);
    put16(t + 16, sum_end(sum_add(sum, t, 20 + len)));
    peer_send_raw(6, t, 20 + len);
}

/* A segment without data from port 80, with another window and with options, a multiple of 4 bytes of them. */
static inline void peer_send_with(uint16_t to, uint8_t flags, uint32_t seq, uint32_t ack, uint32_t window, const uint8_t *options, uint32_t n)
{
    uint8_t t[60] = { 0 };

    put16(t, 80), put16(t + 2, to), put32(t + 4, seq), put32(t + 8, ack);
    t[12] = (uint8_t)((20 + n) / 4 << 4), t[13] = flags;
    put16(t + 14, window);
    if (n)
        memcpy(t + 20, options, n);
    put16(t + 16, sum_end(sum_add(0x0a00 + 0x0002 + 0x0a00 + 0x0001 + 6 + 20 + n, t, 20 + n)));
    peer_send_raw(6, t, 20 + n);
}

/* An ICMP error of the peer about a packet. */
static inline void peer_send_unreachable(uint8_t type, uint8_t code, const struct packet *about)
{
    uint8_t m[8 + 28] = { type, code };

    memcpy(m + 8, about->bytes, 28);
    put16(m + 2, sum_end(sum_add(0, m, sizeof m)));
    peer_send_raw(1, m, sizeof m);
}

/* The next IPv4 packet that the instance has sent; 0 if there is none. Neighbour discovery and the like is passed over. */
static inline int peer_next(struct packet *p)
{
    static uint8_t batch[1 << 20];
    static uint32_t at, len;
    uint32_t n;

    for (;;) {
        if (at == len) {
            at = 0;
            len = far_port->vtable->give(far_port, batch, sizeof batch);
            if (len == 0)
                return 0;
        }
        n = get32(batch + at);
        memset(p, 0, sizeof *p);
        memcpy(p->bytes, batch + at + 4, n);
        at += 4 + n;
        if (p->bytes[0] >> 4 != 4)
            continue;
        p->len = n;
        p->protocol = p->bytes[9];
        p->from = (uint16_t)get16(p->bytes + 20), p->to = (uint16_t)get16(p->bytes + 22);
        if (p->protocol == 6) {
            p->seq = get32(p->bytes + 24), p->ack = get32(p->bytes + 28);
            p->flags = p->bytes[33];
            p->data = p->bytes + 20 + (p->bytes[32] >> 4) * 4;
            p->data_len = n - (uint32_t)(p->data - p->bytes);
        }
        return 1;
    }
}

static inline int peer_next_tcp(struct packet *p)
{
    settle();
    while (peer_next(p))
        if (p->protocol == 6)
            return 1;
    return 0;
}

static inline void peer_forget(void)
{
    struct packet p;

    settle();
    while (peer_next(&p))
        ;
}

/* A connection of the instance to the peer's port 80, whose SYN-ACK has a window and options; the peer's first byte has the number 1001. */
static inline ist_handle peer_accept_with(struct packet *syn, uint32_t window, const uint8_t *options, uint32_t n)
{
    struct ist_address to = v4("10.0.0.2", 80);
    ist_handle h = ist_tcp_open(IST_IPV4);

    peer_forget();
    if (ist_socket_connect(h, &to) || !peer_next_tcp(syn) || syn->flags != SYN) abort();
    peer_send_with(syn->from, SYN | ACK, 1000, syn->seq + 1, window, options, n);
    if (wait_for(h, IST_WRITABLE, 100) != IST_WRITABLE) abort();
    peer_forget();
    return h;
}

static inline ist_handle peer_accept(struct packet *syn)
{
    return peer_accept_with(syn, 65535, NULL, 0);
}

/* What the heap holds when one connection has been and gone: what a first one leaves behind is no leak. */
static inline uint64_t peer_baseline(void)
{
    struct packet syn;

    ist_close(peer_accept(&syn));
    pass(300000);
    peer_forget();
    return memory_now();
}

#endif
