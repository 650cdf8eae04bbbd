/*
 * TCP between two sockets of one instance, over its loopback: each state and event of a stream.
 */
#include "socket.h"

static ist_handle a, b;   /* the connecting and the accepted end */
static char buf[65536];

static void both_close(void)
{
    ist_close(a);
    ist_close(b);
    settle();
}

static void opening(void)
{
    ist_handle h = ist_tcp_open(IST_IPV4), l;
    struct ist_address at, peer, none = v4("0.0.0.0", 0);

    ok(ist_stream_send(h, "a", 1) == IST_ENOTCONN && ist_stream_recv(h, buf, 1) == IST_ENOTCONN &&
       ist_stream_shutdown(h, IST_SHUT_WRITE) == IST_ENOTCONN && ist_socket_peer(h, &peer) == IST_ENOTCONN,
       "never connected: send, recv, shutdown and peer say ENOTCONN");
    ok(levels(h) & IST_HANGUP, "never connected: HANGUP");
    at = local_of(h);
    ok(same_address(&at, &none), "never bound: the local address is 0.0.0.0:0");
    l = listener_on(v4("127.0.0.1", 0), 4);
    at = local_of(l);
    ok(at.port >= 32768 && at.port < 61000, "port 0 binds to an ephemeral port");
    ok(ist_socket_connect(h, &at) == 0, "connect starts");
    if (event_loop)
        ok(levels(h) == IST_WRITABLE, "each call makes its exchange: to ourselves it stands when connect returns");
    else
        ok(levels(h) == 0 && ist_socket_connect(h, &at) == IST_EALREADY && ist_stream_send(h, "a", 1) == IST_EAGAIN &&
           ist_stream_recv(h, buf, 1) == IST_EAGAIN, "connecting: no level, connect says EALREADY, send and recv EAGAIN");
    ok(wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE, "connected: WRITABLE without FAILED");
    ok(ist_socket_connect(h, &at) == IST_EISCONN && ist_socket_listen(h, 1) == IST_ESTATE,
       "connected: connect says EISCONN, listen ESTATE");
    ok(ist_stream_send(h, "early", 5) == 5, "data can be sent before accept");
    settle();
    b = ist_socket_accept(l, &peer);
    at = local_of(h);
    ok(b > 0 && same_address(&peer, &at), "accept gives the peer's address");
    ok(ist_socket_accept(l, NULL) == IST_EAGAIN, "an empty queue says EAGAIN");
    ok(ist_stream_recv(b, buf, 8) == 5 && memcmp(buf, "early", 5) == 0, "data from before accept is there");
    at = local_of(l);
    ok(ist_socket_peer(h, &peer) == 0 && same_address(&peer, &at), "peer() tells where connect went");
    ok(ist_stream_send(l, "a", 1) == IST_ENOTCONN && ist_stream_recv(l, buf, 1) == IST_ENOTCONN &&
       ist_socket_connect(l, &at) == IST_ESTATE && ist_socket_accept(h, NULL) == IST_ESTATE,
       "a listener is no stream, a stream no listener");
    ist_close(h), ist_close(l), ist_close(b);
    settle();
}

static void refused(void)
{
    ist_handle h = ist_tcp_open(IST_IPV4), l;
    struct ist_address to = v4("127.0.0.1", 1), at;

    ist_socket_connect(h, &to);
    ok(wait_for(h, IST_WRITABLE, 1000) & IST_FAILED, "nobody listens: FAILED");
    ok(ist_failure(h) == IST_ECONNREFUSED && ist_failure(h) == 0, "nobody listens: ECONNREFUSED, once");
    ok(ist_stream_send(h, "a", 1) == IST_ENOTCONN, "after a refusal the handle is not connected");
    l = listener_on(v4("127.0.0.1", 0), 1);
    at = local_of(l);
    ok(ist_socket_connect(h, &at) == 0 && wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE,
       "after a refusal the same handle can connect elsewhere");
    ist_close(h), ist_close(l);
    settle();
}

static void dissolved(void)
{
    struct ist_address none = { .family = 0 }, at, now;
    ist_handle l, c;

    connection(&a, &b);
    ist_stream_send(b, "unread", 6);
    settle();
    ok(ist_socket_connect(a, &none) == 0 && ist_failure(a) == IST_ECONNRESET, "a connection is dissolved: ECONNRESET here");
    settle();
    ok(ist_stream_recv(b, buf, 64) == IST_ECONNRESET, "and there");
    ok(ist_stream_recv(a, buf, 64) == IST_ENOTCONN, "what had come is gone");
    both_close();
    l = listener_on(v4("127.0.0.1", 0), 4);
    at = local_of(l);
    c = ist_tcp_open(IST_IPV4);
    ist_socket_connect(c, &at);
    settle();
    ok(ist_socket_connect(l, &none) == 0 && ist_failure(l) == 0, "a listener is dissolved");
    settle();
    ok(ist_stream_recv(c, buf, 64) == IST_ECONNRESET, "those that waited for accept are reset");
    now = local_of(l);
    ok(now.port == at.port && ist_socket_listen(l, 4) == 0 && ist_socket_connect(c, &none) == 0 && ist_socket_connect(c, &at) == 0 &&
       wait_for(l, IST_READABLE, 1000) & IST_READABLE, "it has kept its port, and may listen there again");
    ist_close(c), ist_close(l);
    settle();
}

static void addresses(void)
{
    ist_handle h = ist_tcp_open(IST_IPV4), six = ist_tcp_open(IST_IPV6);
    struct ist_address x;

    x = v6(0, 1, 80);
    ok(ist_socket_connect(h, &x) == IST_EAFNOSUPPORT && ist_socket_bind(h, &x) == IST_EAFNOSUPPORT, "IPv6 on an IPv4 socket is refused");
    x = v4("127.0.0.1", 80);
    ok(ist_socket_connect(six, &x) == IST_EAFNOSUPPORT, "plain IPv4 on an IPv6 socket is refused");
    x = v4("127.0.0.1", 0);
    ok(ist_socket_connect(h, &x) == IST_EADDRNOTAVAIL, "port 0 cannot be connected to");
    x = v4("224.0.0.1", 80);
    ok(ist_socket_connect(h, &x) == IST_ENETUNREACH, "a group cannot be connected to");
    x = v4("10.9.9.9", 80);
    ok(ist_socket_bind(h, &x) == IST_EADDRNOTAVAIL, "bind to an address of somebody else is refused");
    ok(ist_option_set(six, IST_OPTION_V6ONLY, 1) == 0, "V6ONLY can be set before bind");
    x = mapped("127.0.0.1", 80);
    ok(ist_socket_connect(six, &x) == IST_EAFNOSUPPORT, "V6ONLY: a v4-mapped address is refused");
    x = v4("10.0.0.1", 8080);
    ok(ist_socket_bind(h, &x) == 0 && ist_socket_bind(h, &x) == IST_EINVAL, "a socket binds once");
    ist_close(h), ist_close(six);
}

static void unspecified_is_self(void)
{
    ist_handle l = listener_on(v4("0.0.0.0", 0), 1), h = ist_tcp_open(IST_IPV4);
    struct ist_address to = v4("0.0.0.0", local_of(l).port);

    ok(ist_socket_connect(h, &to) == 0 && wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE, "0.0.0.0 means this instance");
    ist_close(h), ist_close(l);
    l = listener_on(v4("10.0.0.1", 0), 1);
    h = ist_tcp_open(IST_IPV4);
    to = v4("10.0.0.1", local_of(l).port);
    ok(ist_socket_connect(h, &to) == 0 && wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE, "an address of a link reaches this instance");
    ist_close(h);
    h = ist_tcp_open(IST_IPV4);
    to.ip[0] = 127, to.ip[1] = to.ip[2] = 0;
    ist_socket_connect(h, &to);
    wait_for(h, IST_WRITABLE, 1000);
    ok(ist_failure(h) == IST_ECONNREFUSED, "a listener honours its address");
    ist_close(h), ist_close(l);
    settle();
}

static void dual_stack(void)
{
    ist_handle l = listener_on(v6(0, 0, 0), 4), h = ist_tcp_open(IST_IPV4);
    uint16_t port = local_of(l).port;
    struct ist_address to = v4("127.0.0.1", port), x, want;

    ist_socket_connect(h, &to);
    wait_for(l, IST_READABLE, 1000);
    b = ist_socket_accept(l, &x);
    want = mapped("127.0.0.1", local_of(h).port);
    ok(b > 0 && same_address(&x, &want), "an IPv6 listener speaks IPv4, and reports the peer v4-mapped");
    x = local_of(b), want = mapped("127.0.0.1", port);
    ok(same_address(&x, &want), "and its own address too");
    ist_close(h), ist_close(b);
    h = ist_tcp_open(IST_IPV6), to = mapped("127.0.0.1", port);
    ist_socket_connect(h, &to);
    ok(wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE && ist_socket_peer(h, &x) == 0 && same_address(&x, &to),
       "an IPv6 socket connects to a v4-mapped address");
    ist_close(h);
    h = ist_tcp_open(IST_IPV6), to = v6(0, 1, port);
    ist_socket_connect(h, &to);
    ok(wait_for(h, IST_WRITABLE, 1000) == IST_WRITABLE, "the same listener speaks IPv6");
    ist_close(h), ist_close(l);
    settle();
    l = ist_tcp_open(IST_IPV6), x = v6(0, 0, port);
    ist_option_set(l, IST_OPTION_V6ONLY, 1), ist_option_set(l, IST_OPTION_REUSE_ADDRESS, 1);
    ok(ist_socket_bind(l, &x) == 0 && ist_socket_listen(l, 1) == 0, "a V6ONLY listener");
    h = ist_tcp_open(IST_IPV4), to = v4("127.0.0.1", port);
    ist_socket_connect(h, &to);
    wait_for(h, IST_WRITABLE, 1000);
    ok(ist_failure(h) == IST_ECONNREFUSED, "V6ONLY: IPv4 is refused");
    ist_close(h);
    h = listener_on(v4("0.0.0.0", port + 1), 1);
    ist_close(h), ist_close(l);
    settle();
}

static void streaming(void)
{
    int32_t n;

    connection(&a, &b);
    ok(levels(a) == IST_WRITABLE && ist_stream_recv(a, buf, 1) == IST_EAGAIN && ist_stream_pending(a) == 0,
       "a fresh connection is writable, and has nothing to read");
    ok(ist_stream_send(a, "hello, ", 7) == 7 && ist_stream_send(a, "world", 5) == 5, "send takes bytes");
    ok(wait_for(b, IST_READABLE, 1000) == IST_READABLE, "they arrive");
    pass(500);
    ok(ist_stream_pending(b) == 12, "pending counts them");
    ok(ist_stream_peek(b, buf, 5, 7) == 5 && memcmp(buf, "world", 5) == 0, "peek from an offset, across packets");
    ok(ist_stream_peek(b, buf, 5, 12) == IST_EAGAIN, "peek past what is there says EAGAIN");
    ok(ist_stream_recv(b, buf, 3) == 3 && ist_stream_recv(b, buf + 3, 64) == 9 && memcmp(buf, "hello, world", 12) == 0,
       "recv gives them in order, in any pieces");
    for (n = 0; ist_stream_send(a, buf, sizeof buf) > 0; n++)
        settle();
    ok(n > 1 && !(levels(a) & IST_WRITABLE), "a reader that stops fills the window and the send buffer, then send says EAGAIN");
    while (ist_stream_recv(b, buf, sizeof buf) > 0)
        settle();
    ok(wait_for(a, IST_WRITABLE, 10000) == IST_WRITABLE, "when it reads again, the sender becomes writable");
    both_close();
}

static void half_close(void)
{
    connection(&a, &b);
    ist_stream_send(a, "request", 7);
    ok(ist_stream_shutdown(a, IST_SHUT_WRITE) == 0 && ist_stream_shutdown(a, IST_SHUT_WRITE) == 0, "shutdown for writing, twice");
    ok(ist_stream_send(a, "x", 1) == IST_EPIPE && levels(a) & IST_WRITABLE, "then send says EPIPE");
    settle();
    ok(levels(b) == (IST_READABLE | IST_WRITABLE | IST_PEER_CLOSED), "the peer sees PEER_CLOSED");
    ok(ist_stream_recv(b, buf, 64) == 7 && ist_stream_recv(b, buf, 64) == 0 && ist_stream_recv(b, buf, 64) == 0 &&
       ist_stream_pending(b) == 0, "it reads the data, then the end, again and again");
    ok(ist_stream_send(b, "answer", 6) == 6, "it can still answer");
    settle();
    ok(ist_stream_recv(a, buf, 64) == 6 && ist_stream_recv(a, buf, 64) == IST_EAGAIN, "and the answer is read");
    ist_stream_shutdown(b, IST_SHUT_WRITE);
    settle();
    ok(levels(a) & IST_HANGUP && levels(b) & IST_HANGUP, "both directions over: HANGUP on both sides");
    ok(ist_stream_recv(a, buf, 64) == 0 && ist_failure(a) == 0 && ist_failure(b) == 0, "and no failure");
    pass(120000);
    ok(ist_stream_recv(a, buf, 64) == 0 && ist_stream_send(a, "x", 1) == IST_EPIPE && levels(a) & IST_HANGUP,
       "the handle is the same after TIME-WAIT");
    both_close();
}

static void read_shutdown(void)
{
    connection(&a, &b);
    ist_stream_send(a, "unread", 6);
    settle();
    ok(ist_stream_shutdown(b, IST_SHUT_READ) == 0 && ist_stream_recv(b, buf, 8) == 0, "shutdown for reading: recv gives the end");
    for (int i = 0; i < 100; i++) {
        ist_stream_send(a, buf, sizeof buf);
        settle();
    }
    ok(levels(a) & IST_WRITABLE && !(levels(a) & IST_FAILED), "what comes is dropped, and does not stop the sender");
    ok(ist_stream_send(b, "x", 1) == 1, "the other direction works");
    both_close();
}

static void peer_closes(void)
{
    connection(&a, &b);
    ist_stream_send(a, "last words", 10);
    ist_close(a);
    settle();
    ok(ist_stream_recv(b, buf, 64) == 10 && ist_stream_recv(b, buf, 64) == 0, "close delivers what was sent, then the end");
    ok(ist_stream_send(b, "too late", 8) == 8, "a send after the peer's close is taken");
    settle();
    ok(levels(b) & IST_FAILED && ist_stream_recv(b, buf, 64) == 0, "and answered with a reset: reading still tells the end");
    ok(ist_failure(b) == IST_EPIPE && ist_stream_send(b, "x", 1) == IST_EPIPE, "the error is EPIPE, and so is sending");
    ist_close(b);
    settle();
}

static void close_in_flight(void)
{
    uint32_t sent = 0, got = 0, wrong = 0;
    int32_t n;

    connection(&a, &b);
    for (;;) {
        for (uint32_t i = 0; i < sizeof buf; i++)
            buf[i] = (char)((sent + i) * 7 % 251);
        n = ist_stream_send(a, buf, sizeof buf);
        if (n <= 0)
            break;
        sent += (uint32_t)n;
    }
    ist_close(a);
    while (got < sent + 1) {
        n = ist_stream_recv(b, buf, 1000);
        if (n == IST_EAGAIN && wait_for(b, IST_READABLE, 60000))
            continue;
        if (n <= 0)
            break;
        for (int32_t i = 0; i < n; i++)
            wrong += buf[i] != (char)((got + (uint32_t)i) * 7 % 251);
        got += (uint32_t)n;
    }
    ok(n == 0 && got == sent && wrong == 0, "close with %u bytes in flight: every byte arrives, then the end", sent);
    ist_close(b);
    settle();
}

static void resets(void)
{
    connection(&a, &b);
    ist_stream_send(a, "unread", 6);
    settle();
    ist_close(b);
    settle();
    ok(ist_failure(a) == IST_ECONNRESET, "close with unread data resets");
    ist_close(a);

    connection(&a, &b);
    ist_stream_send(b, "before", 6);
    settle();
    ok(ist_option_set(b, IST_OPTION_LINGER_S, 0) == 0, "LINGER_S 0 can be set");
    ist_close(b);
    settle();
    ok((levels(a) & (IST_FAILED | IST_HANGUP | IST_READABLE | IST_WRITABLE)) ==
       (IST_FAILED | IST_HANGUP | IST_READABLE | IST_WRITABLE), "LINGER_S 0: close resets, and the peer has every level");
    ok(ist_stream_recv(a, buf, 64) == 6 && ist_stream_recv(a, buf, 64) == IST_ECONNRESET && ist_stream_recv(a, buf, 64) == 0,
       "data from before a reset is read first, then ECONNRESET, then the end");
    ist_close(a);

    connection(&a, &b);
    ist_option_set(b, IST_OPTION_LINGER_S, 0);
    ist_close(b);
    settle();
    ok(ist_stream_send(a, "x", 1) == IST_ECONNRESET && ist_stream_send(a, "x", 1) == IST_EPIPE, "send reports the reset once, then EPIPE");
    ist_close(a);
    settle();
}

static void all(int on_an_event_loop)
{
    uint64_t memory;

    event_loop = on_an_event_loop;
    printf("# on %s\n", event_loop ? "an event loop" : "a host that waits");
    instance_start(GRANT, NULL);
    connection(&a, &b);
    both_close();
    pass(120000);
    memory = memory_now();
    opening();
    refused();
    dissolved();
    addresses();
    unspecified_is_self();
    dual_stack();
    streaming();
    half_close();
    read_shutdown();
    peer_closes();
    close_in_flight();
    resets();
    nothing_left(memory);
    instance_stop();
}

int main(void)
{
    all(0);
    all(1);
    return tap_done();
}
