/*
 * Handles: generations, the full table, calls on the wrong kind, pipes, and the wait.
 */
#include "socket.h"

static void generations(void)
{
    ist_handle first = ist_tcp_open(IST_IPV4), next;
    int reused = 0;

    ok(first > 0, "a handle is positive");
    ok(ist_close(first) == 0, "a live handle closes");
    ok(ist_close(first) == IST_EBADF, "a closed handle does not close again");
    for (int i = 0; i < 5000; i++) {
        next = ist_tcp_open(IST_IPV4);
        reused |= next == first;
        ist_close(next);
    }
    ok(!reused, "a stale handle is not an object that was made later (5,000 lives)");
    ok(ist_ready(first) == IST_EBADF && ist_failure(first) == IST_EBADF, "a stale handle has no levels and no failure");
    ok(ist_ready(0) == IST_EBADF && ist_ready(-1) == IST_EBADF && ist_ready(INT32_MAX) == IST_EBADF &&
       ist_ready(INT32_MIN) == IST_EBADF, "numbers that never were handles are refused");
}

static void table_full(void)
{
    enum { MOST = 100 };
    ist_handle h[MOST], pipe[2];
    int good = 1;

    for (int i = 0; i < MOST; i++) {
        h[i] = i & 1 ? ist_udp_open(IST_IPV4) : ist_tcp_open(IST_IPV6);
        good &= h[i] > 0;
    }
    ok(good, "handles_max handles can be open at once");
    ok(ist_tcp_open(IST_IPV4) == IST_EMFILE, "the next TCP handle is refused with EMFILE");
    ok(ist_udp_open(IST_IPV4) == IST_EMFILE, "the next UDP handle is refused with EMFILE");
    ok(ist_icmp_open(IST_IPV4) == IST_EMFILE, "the next ICMP handle is refused with EMFILE");
    ok(ist_pipe_open(pipe, 0) == IST_EMFILE, "a pipe is refused with EMFILE");
    ist_close(h[0]);
    ok(ist_pipe_open(pipe, 0) == IST_EMFILE, "a pipe needs room for both of its ends");
    h[0] = ist_udp_open(IST_IPV4);
    ok(h[0] > 0, "after a close there is room again, also after a pipe that did not fit");
    for (int i = 0; i < MOST; i++)
        ist_close(h[i]);
}

static void wrong_kind(void)
{
    ist_handle tcp = ist_tcp_open(IST_IPV4), udp = ist_udp_open(IST_IPV4), pipe[2];
    struct ist_address a = v4("127.0.0.1", 9), out;
    struct ist_datagram info;
    int32_t value;
    char b[4] = "";

    ist_pipe_open(pipe, 0);
    ok(ist_stream_send(udp, b, 1) == IST_EBADF && ist_stream_recv(udp, b, 1) == IST_EBADF &&
       ist_stream_pending(udp) == IST_EBADF && ist_stream_shutdown(udp, IST_SHUT_READ) == IST_EBADF,
       "UDP has no stream calls");
    ok(ist_datagram_send(tcp, b, 1, &a) == IST_EBADF && ist_datagram_recv(tcp, b, 1, 0, &info) == IST_EBADF,
       "TCP has no datagram calls");
    ok(ist_socket_listen(udp, 1) == IST_EBADF && ist_socket_accept(udp, NULL) == IST_EBADF, "UDP does not listen");
    ok(ist_socket_bind(pipe[0], &a) == IST_EBADF && ist_socket_connect(pipe[0], &a) == IST_EBADF &&
       ist_socket_local(pipe[0], &out) == IST_EBADF, "a pipe has no addresses");
    ok(ist_option_get(pipe[0], IST_OPTION_TTL, &value) == IST_ENOTSUP, "a pipe has no options");
    ok(ist_tcp_open(5) == IST_EAFNOSUPPORT && ist_udp_open(0) == IST_EAFNOSUPPORT && ist_icmp_open(9) == IST_EAFNOSUPPORT,
       "another family is refused");
    ok(ist_socket_bind(tcp, NULL) == IST_EINVAL && ist_socket_connect(tcp, NULL) == IST_EINVAL &&
       ist_socket_local(tcp, NULL) == IST_EINVAL && ist_stream_send(pipe[0], NULL, 1) == IST_EINVAL &&
       ist_stream_recv(pipe[0], b, 0) == IST_EINVAL, "missing arguments are refused");
    ok(ist_stream_shutdown(pipe[0], 0) == IST_EINVAL && ist_stream_shutdown(pipe[0], 4) == IST_EINVAL,
       "shutdown of no direction is refused");
    ist_close(tcp), ist_close(udp), ist_close(pipe[0]), ist_close(pipe[1]);
}

static void pipes(void)
{
    ist_handle p[2];
    char b[64];

    ok(ist_pipe_open(p, 16) == 0, "a pipe of 16 bytes opens");
    ok(levels(p[0]) == IST_WRITABLE && ist_stream_recv(p[0], b, 8) == IST_EAGAIN, "an empty pipe is writable only");
    ok(ist_stream_send(p[0], "0123456789abcdefXYZ", 19) == 16, "send takes what fits");
    ok(ist_stream_send(p[0], "X", 1) == IST_EAGAIN && !(levels(p[0]) & IST_WRITABLE), "a full pipe takes no more");
    ok(levels(p[1]) == (IST_READABLE | IST_WRITABLE) && ist_stream_pending(p[1]) == 16, "the other end can be read");
    ok(ist_stream_peek(p[1], b, 4, 10) == 4 && memcmp(b, "abcd", 4) == 0, "peek looks from an offset on");
    ok(ist_stream_recv(p[1], b, 10) == 10 && memcmp(b, "0123456789", 10) == 0, "recv gives the bytes in order");
    ok(ist_stream_send(p[0], "ghijklmn", 8) == 8 && ist_stream_recv(p[1], b, 64) == 14 &&
       memcmp(b, "abcdefghijklmn", 14) == 0, "the ring goes around its end");
    ok(ist_stream_shutdown(p[0], IST_SHUT_WRITE) == 0 && ist_stream_recv(p[1], b, 8) == 0, "half-closed: the peer reads the end");
    ok(ist_stream_send(p[0], "a", 1) == IST_EPIPE, "half-closed: send fails with EPIPE");
    ok(ist_stream_send(p[1], "back", 4) == 4 && ist_stream_recv(p[0], b, 8) == 4, "half-closed: the other direction still works");
    ok(levels(p[1]) == (IST_READABLE | IST_WRITABLE | IST_PEER_CLOSED), "half-closed: PEER_CLOSED, no HANGUP");
    ist_stream_send(p[1], "last", 4);
    ist_close(p[1]);
    ok(ist_stream_recv(p[0], b, 8) == 4 && ist_stream_recv(p[0], b, 8) == 0, "what a closed end sent is still read, then the end");
    ok(levels(p[0]) & IST_HANGUP, "both directions over: HANGUP");
    ist_close(p[0]);
    ist_pipe_open(p, 8);
    ist_stream_shutdown(p[1], IST_SHUT_READ);
    ok(ist_stream_send(p[0], "a", 1) == IST_EPIPE && ist_stream_recv(p[1], b, 1) == 0, "nobody writes to an end that reads no more");
    ist_close(p[0]), ist_close(p[1]);
    ok(ist_pipe_open(NULL, 0) == IST_EINVAL && ist_pipe_open(p, UINT32_MAX) == IST_EINVAL, "a pipe needs an out and a sane size");
}

static void waits(void)
{
    ist_handle p[2];
    struct ist_interest set[3];
    uint64_t before = clock_ns;

    ist_pipe_open(p, 16);
    ok(ist_wait(NULL, 0, before + 50 * MS) == 0 && clock_ns == before + 50 * MS, "a wait for nothing is a sleep");
    set[0] = (struct ist_interest){ .handle = p[0], .want = IST_READABLE };
    set[1] = (struct ist_interest){ .handle = p[1], .want = IST_READABLE | IST_WRITABLE };
    ok(ist_wait(set, 1, clock_ns + 5 * MS) == 0 && set[0].ready == 0, "the deadline ends a wait");
    before = clock_ns;
    ok(ist_wait(set, 2, IST_NO_DEADLINE) == 1 && set[0].ready == 0 && set[1].ready == IST_WRITABLE && clock_ns == before,
       "what is ready ends a wait at once, and is told");
    ist_stream_shutdown(p[1], IST_SHUT_READ | IST_SHUT_WRITE);
    set[1].want = 0;
    ok(ist_wait(set, 2, IST_NO_DEADLINE) == 2 && set[0].ready & IST_HANGUP && set[1].ready & IST_HANGUP,
       "HANGUP is told without being wanted");
    set[2] = (struct ist_interest){ .handle = p[0] + 1000, .want = IST_READABLE };
    ok(ist_wait(set, 3, IST_NO_DEADLINE) == IST_EBADF, "a dead handle in the set is refused");
    ist_close(p[0]), ist_close(p[1]);
}

int main(void)
{
    struct ist_config config = { .size = sizeof config, .handles_max = 100 };

    ok(ist_tcp_open(IST_IPV4) == IST_ESTATE && ist_udp_open(IST_IPV4) == IST_ESTATE && ist_wait(NULL, 0, 0) == IST_ESTATE,
       "before ist_start() there are no sockets");
    instance_start(GRANT, &config);
    generations();
    table_full();
    wrong_kind();
    pipes();
    waits();
    instance_stop();
    return tap_done();
}
