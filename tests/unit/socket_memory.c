/*
 * Memory runs out: the n-th allocation fails, for every n of a life of all kinds of sockets. Calls report it, what was taken still
 * arrives, nothing leaks.
 */
#include "socket.h"

void *___interceptor_malloc(size_t size);   /* the sanitizer's own */
void *malloc(size_t size);

static uint32_t countdown, n_failed, fail_for;

/* Fails the allocation that ends the countdown, and fail_for - 1 more. */
void *malloc(size_t size)
{
    if (countdown && --countdown < fail_for) {
        n_failed++;
        return NULL;
    }
    return ___interceptor_malloc(size);
}

static uint8_t sent_bytes[30000], got_bytes[30000];
static int wrong_error;
static uint32_t n_stood;

/* An allocation failed on the way: these may be told. */
static int allowed(int32_t r)
{
    if (r >= 0 || r == IST_ENOMEM || r == IST_EAGAIN)
        return r >= 0;
    wrong_error = r;
    return 0;
}

/* Tries for a connection. Whether it stood, and yet did not carry every byte. */
static int loses(ist_handle l)
{
    struct ist_address to = local_of(l);
    ist_handle c = ist_tcp_open(IST_IPV4), s = 0;
    uint32_t sent = 0, got = 0;
    int lost;

    if (!allowed(c))
        return 0;
    if (allowed(ist_socket_connect(c, &to)) && wait_for(c, IST_WRITABLE, 100000) == IST_WRITABLE) {
        wait_for(l, IST_READABLE, 100000);
        for (int i = 0; i < 3 && (s = ist_socket_accept(l, NULL)) < 0; i++)
            ;
    }
    for (int i = 0; s > 0 && i < 1000 && got < sizeof sent_bytes; i++) {
        int32_t n = sent < sizeof sent_bytes ? ist_stream_send(c, sent_bytes + sent, sizeof sent_bytes - sent) : 0;
        if (n == IST_ECONNRESET || n == IST_EPIPE)
            break;
        sent += allowed(n) ? (uint32_t)n : 0;
        wait_for(s, IST_READABLE, 1000);
        n = ist_stream_recv(s, got_bytes + got, sizeof got_bytes - got);
        got += allowed(n) ? (uint32_t)n : 0;
    }
    n_stood += s > 0;
    lost = s > 0 && (got != sizeof sent_bytes || memcmp(sent_bytes, got_bytes, got) != 0);
    ist_close(c);
    if (s > 0)
        ist_close(s);
    return lost;
}

static void datagrams(void)
{
    ist_handle u = ist_udp_open(IST_IPV4), e = ist_icmp_open(IST_IPV6), p[2];
    struct ist_address to = v4("127.0.0.1", 5555), self = v6(0, 1, 0);
    uint8_t request[8] = { 128 };

    if (allowed(u)) {
        if (allowed(ist_socket_bind(u, &to)))
            allowed(ist_datagram_send(u, "datagram", 8, &to));
        settle();
        allowed(ist_datagram_recv(u, got_bytes, sizeof got_bytes, 0, NULL));
        ist_close(u);
    }
    if (allowed(e)) {
        allowed(ist_datagram_send(e, request, sizeof request, &self));
        settle();
        allowed(ist_datagram_recv(e, got_bytes, sizeof got_bytes, 0, NULL));
        ist_close(e);
    }
    if (allowed(ist_pipe_open(p, 100)))
        ist_close(p[0]), ist_close(p[1]);
}

static int life(void)
{
    ist_handle l = ist_tcp_open(IST_IPV4);
    int lost = 0;

    if (!allowed(l))
        return 0;
    if (allowed(ist_socket_listen(l, 5)))
        lost = loses(l);
    datagrams();
    ist_close(l);
    return lost;
}

static void every_allocation(uint32_t in_a_row)
{
    uint32_t n = 0, lost = 0;
    uint64_t memory;

    life();
    pass(200000);
    memory = memory_now();
    n_stood = 0;
    do {
        n++;
        n_failed = 0;
        fail_for = in_a_row;
        countdown = n + in_a_row - 1;
        lost += (uint32_t)life();
        countdown = 0;
        pass(200000);
    } while (n_failed && n < 5000);
    ok(n > 30 && n < 5000, "each of %u allocations has failed, %u in a row", n - 1, in_a_row);
    ok(!wrong_error, "no call reported anything but want of memory (%s)", ist_error_text(wrong_error));
    ok(lost == 0 && n_stood > n / 2, "a connection that stood has lost nothing (%u of %u stood)", n_stood, n);
    ok(memory_now() <= memory, "the memory is back at its baseline (%lld over)", (long long)(memory_now() - memory));
}

int main(void)
{
    for (uint32_t i = 0; i < sizeof sent_bytes; i++)
        sent_bytes[i] = (uint8_t)(i * 13 + i / 251);
    instance_start(GRANT, NULL);
    every_allocation(1);
    every_allocation(5);
    instance_stop();
    return tap_done();
}
