/*
 * Listeners: the queue and the backlog, ports in use, and what becomes of connections that nobody accepts.
 */
#include "socket.h"

static char buf[4096];

static ist_handle connecting(struct ist_address to)
{
    ist_handle h = ist_tcp_open(to.family);

    if (h < 0 || ist_socket_connect(h, &to)) abort();
    return h;
}

static void backlog_holds(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 3), c[6], s[6];
    struct ist_address to = local_of(l);
    int n_connected = 0, n_accepted = 0, waiting = -1;

    for (int i = 0; i < 6; i++)
        c[i] = connecting(to);
    settle();
    for (int i = 0; i < 6; i++)
        n_connected += (levels(c[i]) & IST_WRITABLE) != 0;
    ok(n_connected == 3, "a backlog of 3 holds 3 connections, the others wait (%d)", n_connected);
    for (int i = 0; i < 6; i++)
        if (!levels(c[i]))
            waiting = i;
    ok(waiting >= 0 && !(levels(c[waiting]) & IST_FAILED), "those that wait have not failed");
    while (n_accepted < 6 && wait_for(l, IST_READABLE, 10000))
        for (ist_handle h; (h = ist_socket_accept(l, NULL)) > 0; n_accepted++)
            s[n_accepted] = h;
    ok(n_accepted == 6, "as connections are accepted, those that wait come in (%d)", n_accepted);
    ok(ist_socket_listen(l, 5) == 0, "listen again changes the backlog");
    for (int i = 0; i < 6; i++)
        ist_close(c[i]), ist_close(s[i]);
    ist_close(l);
    settle();
}

static void backlog_zero_and_wide(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 0), c = connecting(local_of(l)), many[600];
    int n = 0;

    ok(wait_for(c, IST_WRITABLE, 100) == IST_WRITABLE, "a backlog of 0 holds one");
    ist_close(c), ist_close(l);
    l = listener_on(v4("127.0.0.1", 0), 1000);
    for (int i = 0; i < 600; i++)
        many[i] = connecting(local_of(l));
    settle();
    for (int i = 0; i < 600; i++)
        n += (levels(many[i]) & IST_WRITABLE) != 0;
    ok(n == 600, "a backlog of 1,000 holds 600 connections (%d)", n);
    ist_close(l);
    settle();
    for (n = 0; n < 600 && ist_failure(many[n]) == IST_ECONNRESET; n++)
        ;
    ok(n == 600, "closing the listener resets what was not accepted (%d)", n);
    for (int i = 0; i < 600; i++)
        ist_close(many[i]);
    settle();
}

static void reset_before_accept(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 4), c = connecting(local_of(l)), d = connecting(local_of(l));
    ist_handle s;

    wait_for(c, IST_WRITABLE, 100), wait_for(d, IST_WRITABLE, 100);
    ist_option_set(c, IST_OPTION_LINGER_S, 0);
    ist_close(c);
    settle();
    s = ist_socket_accept(l, NULL);
    ok(s > 0 && ist_socket_accept(l, NULL) == IST_EAGAIN, "a connection that was reset before accept is not given out");
    ist_stream_send(d, "still here", 10);
    settle();
    ok(ist_stream_recv(s, buf, sizeof buf) == 10, "the one behind it is");
    ist_close(s), ist_close(d);
    c = connecting(local_of(l));
    wait_for(c, IST_WRITABLE, 100);
    ist_stream_send(c, "request", 7);
    ist_close(c);
    settle();
    s = ist_socket_accept(l, NULL);
    ok(s > 0 && ist_stream_recv(s, buf, sizeof buf) == 7 && ist_stream_recv(s, buf, sizeof buf) == 0,
       "a connection that was closed before accept is given out, with its data");
    ist_close(s), ist_close(l);
    settle();
}

static void ports_in_use(void)
{
    struct ist_address any = v4("0.0.0.0", 7000), lo = v4("127.0.0.1", 7000), other = v4("10.0.0.1", 7000), six = v6(0, 0, 7000);
    ist_handle l = listener_on(lo, 1), h = ist_tcp_open(IST_IPV4), i = ist_tcp_open(IST_IPV6), c, s;

    ok(ist_socket_bind(h, &lo) == IST_EADDRINUSE && ist_socket_bind(h, &any) == IST_EADDRINUSE,
       "a port that is listened on cannot be bound again, nor with all addresses");
    ok(ist_socket_bind(i, &six) == IST_EADDRINUSE, "nor by an IPv6 socket that speaks IPv4");
    ist_option_set(h, IST_OPTION_REUSE_ADDRESS, 1);
    ok(ist_socket_bind(h, &lo) == IST_EADDRINUSE, "nor with REUSE_ADDRESS");
    ist_option_set(i, IST_OPTION_V6ONLY, 1);
    ok(ist_socket_bind(i, &six) == 0, "a V6ONLY socket does not get in its way");
    ok(ist_socket_bind(h, &other) == 0 && ist_socket_listen(h, 1) == 0, "another address has ports of its own");
    ist_close(h), ist_close(i);

    c = connecting(lo);
    wait_for(l, IST_READABLE, 100);
    s = ist_socket_accept(l, NULL);
    ist_close(s), ist_close(l);     /* the server closes first: TIME-WAIT is on its side */
    settle();
    ist_close(c);
    settle();
    h = ist_tcp_open(IST_IPV4);
    ok(ist_socket_bind(h, &lo) == IST_EADDRINUSE, "a port in TIME-WAIT is in use");
    ist_option_set(h, IST_OPTION_REUSE_ADDRESS, 1);
    ok(ist_socket_bind(h, &lo) == 0 && ist_socket_listen(h, 1) == 0, "but not for REUSE_ADDRESS");
    ist_close(h);

    h = ist_tcp_open(IST_IPV4), i = ist_tcp_open(IST_IPV4);
    lo.port = 7001;
    ist_option_set(h, IST_OPTION_REUSE_ADDRESS, 1), ist_option_set(i, IST_OPTION_REUSE_ADDRESS, 1);
    ok(ist_socket_bind(h, &lo) == 0 && ist_socket_bind(i, &lo) == 0, "two sockets may bind with REUSE_ADDRESS");
    ok(ist_socket_listen(h, 1) == 0 && ist_socket_listen(i, 1) == IST_EADDRINUSE, "but only one of them listens");
    ist_close(h), ist_close(i);
    h = ist_tcp_open(IST_IPV4);
    ok(ist_socket_listen(h, 1) == 0 && local_of(h).port >= 32768, "listen without bind chooses a port");
    ist_close(h);
    pass(120000);
}

static void full_table_keeps_the_queue(void)
{
    ist_handle l = listener_on(v4("127.0.0.1", 0), 4), c = connecting(local_of(l)), more[200], s;
    int n = 0;

    wait_for(l, IST_READABLE, 100);
    while (n < 200 && (more[n] = ist_udp_open(IST_IPV4)) > 0)
        n++;
    /* handles_max is 1,000 here, so the table is filled up with pipes first */
    ok(n == 200 || more[n] == IST_EMFILE, "a table");
    for (ist_handle p[2]; ist_pipe_open(p, 16) == 0; )
        ;
    for (ist_handle h; (h = ist_udp_open(IST_IPV4)) > 0; )
        ;
    ok(ist_socket_accept(l, NULL) == IST_EMFILE, "accept with a full table says EMFILE");
    ist_close(more[0]);
    s = ist_socket_accept(l, NULL);
    ok(s > 0, "and the connection has waited in the queue");
    ist_close(c);
}

static void ephemeral_ports(void)
{
    enum { N = 200 };
    ist_handle l = listener_on(v4("127.0.0.1", 0), N), c[N];
    uint16_t port[N];
    int distinct = 1, steps = 0, within = 1;

    for (int i = 0; i < N; i++) {
        c[i] = connecting(local_of(l));
        port[i] = local_of(c[i]).port;
        within &= port[i] >= 32768 && port[i] < 61000;
        for (int k = 0; k < i; k++)
            distinct &= port[k] != port[i];
        steps += i && (port[i] - port[i - 1] == 1);
    }
    ok(within && distinct, "200 connections to one peer have 200 ports, all ephemeral");
    ok(steps < 5, "they do not follow one another (RFC 6056)");
    for (int i = 0; i < N; i++)
        ist_close(c[i]);
    ist_close(l);
    pass(200000);
}

int main(void)
{
    struct ist_config config = { .size = sizeof config, .handles_max = 1000 };
    uint64_t memory;
    ist_handle c, s;

    instance_start(GRANT, &config);
    connection(&c, &s);
    ist_close(c), ist_close(s);
    pass(120000);
    backlog_zero_and_wide();     /* the largest first: the handle table grows to its size */
    pass(120000);
    memory = memory_now();
    backlog_holds();
    backlog_zero_and_wide();
    reset_before_accept();
    ports_in_use();
    ephemeral_ports();
    nothing_left(memory);
    full_table_keeps_the_queue();
    instance_stop();
    return tap_done();
}
