/*
 * The Linux kernel as the peer, over a TUN device in a network namespace of its own. Needs root.
 */
#include "kernel.h"

#include <netinet/ip_icmp.h>

static int world_make(void)
{
    char name[16];
    char command[512];

    if (unshare(CLONE_NEWNET) || !(tun = isthmus_port_tun("isthmus0", name, IST_LINK_KIND_IP, 1500,
        "address=10.7.0.2/24\ngateway=10.7.0.1\naddress=fd07::2/64\ngateway=fd07::1\n")))
        return 0;
    snprintf(command, sizeof command, "ip link set lo up && ip link set %s mtu 1500 up && ip addr add 10.7.0.1/24 dev %s && "
             "ip addr add fd07::1/64 dev %s nodad", name, name, name);
    return system(command) == 0;
}

static void endings(void)
{
    struct linger now = { .l_onoff = 1 };
    ist_handle h;
    int fd, error = 0;
    socklen_t len = sizeof error;

    out(IST_IPV4, &h, &fd);
    send(fd, "before", 6, 0);
    steps(5);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    until(h, IST_FAILED);
    ok(ist_stream_recv(h, buf, 64) == 6 && ist_stream_recv(h, buf, 64) == IST_ECONNRESET, "the kernel resets: its bytes, then ECONNRESET");
    ist_close(h);

    in(IST_IPV4, &h, &fd);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    ok(kernel_wait_recv(fd, other, 64) < 0 && errno == ECONNRESET, "we reset: the kernel reads ECONNRESET");
    close(fd);

    out(IST_IPV4, &h, &fd);
    send(fd, "unread", 6, 0);
    until(h, IST_READABLE);
    ist_close(h);
    ok(kernel_wait_recv(fd, other, 64) < 0 && errno == ECONNRESET, "we close with bytes unread: the kernel reads ECONNRESET");
    close(fd);

    in(IST_IPV4, &h, &fd);
    uint32_t sent = 0, got = 0;
    ist_option_set(h, IST_OPTION_SEND_BUFFER, 1 << 20);
    for (int32_t n; (n = ist_stream_send(h, other, sizeof other)) > 0; )
        sent += (uint32_t)n;
    ist_close(h);
    for (ssize_t n; (n = kernel_wait_recv(fd, buf, sizeof buf)) > 0; )
        got += (uint32_t)n;
    ok(got == sent && sent >= 1 << 20, "we close with %u bytes in flight: the kernel reads them all", sent);
    close(fd);

    struct ist_address to = our_view(IST_IPV4, "10.7.0.1", 1);
    h = ist_tcp_open(IST_IPV4);
    ist_socket_connect(h, &to);
    until(h, IST_FAILED);
    ok(ist_failure(h) == IST_ECONNREFUSED, "the kernel refuses: ECONNREFUSED");
    ist_close(h);
    struct sockaddr_storage s;
    socklen_t size = kernel_address(&s, AF_INET, "10.7.0.2", 2);
    fd = kernel_socket(AF_INET, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&s, size);
    steps(20);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
    ok(error == ECONNREFUSED, "we refuse: the kernel sees ECONNREFUSED");
    close(fd);
}

/* The kernel's reader stops with a small buffer: zero windows and probes. */
static void small_window(void)
{
    ist_handle h;
    int fd, size = 4096;
    uint32_t sent = 0, got = 0;

    out(IST_IPV4, &h, &fd);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    ist_option_set(h, IST_OPTION_SEND_BUFFER, 1 << 20);
    while (sent < 300000) {
        int32_t n = ist_stream_send(h, other, 300000 - sent);
        if (n > 0) sent += (uint32_t)n;
        step();
    }
    for (int i = 0; i < 1200; i++)      /* more than half a second: the first probe */
        step();
    for (ssize_t n; got < sent && (n = kernel_wait_recv(fd, buf, 3000)) > 0; )
        got += (uint32_t)n;
    ok(got == sent, "a slow reader behind a window of a few KiB gets it all");
    ist_close(h), close(fd);
}

static void datagrams(uint32_t family)
{
    int k = family == IST_IPV4 ? AF_INET : AF_INET6, fd = kernel_socket(k, SOCK_DGRAM, 9002);
    const char *theirs = k == AF_INET ? "10.7.0.1" : "fd07::1";
    ist_handle u = ist_udp_open(family);
    struct ist_address to = our_view(family, theirs, 9002);
    struct ist_datagram info;
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    ssize_t n = -1;

    ok(ist_datagram_send(u, other, 8000, &to) == 8000, "IPv%u: a datagram of 8,000 bytes", family);
    for (int i = 0; i < 1000 && (n = recvfrom(fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len)) < 0; i++)
        step();
    ok(n == 8000 && memcmp(buf, other, 8000) == 0, "IPv%u: in fragments, arrives at the kernel", family);
    ok(sendto(fd, other, 60000, 0, (struct sockaddr *)&from, len) == 60000 && until(u, IST_READABLE) &&
       ist_datagram_recv(u, buf, sizeof buf, 0, &info) == 60000 && memcmp(buf, other, 60000) == 0 && info.ttl == 64 && info.link == 1 &&
       memcmp(info.from.ip, to.ip, 16) == 0, "IPv%u: and one of 60,000 comes back, with its sender, hop limit and link", family);
    close(fd);
    ist_socket_connect(u, &to);
    ist_datagram_send(u, "x", 1, NULL);
    until(u, IST_FAILED);
    ok(ist_failure(u) == IST_ECONNREFUSED, "IPv%u: nobody there: ECONNREFUSED", family);
    to = our_view(family, k == AF_INET ? "10.7.0.1" : "fd07::1", 0);
    ist_handle e = ist_icmp_open(family);
    uint8_t request[1008] = { k == AF_INET ? 8 : 128, 0, 0, 0, 0, 0, 0, 5 };
    memcpy(request + 8, other, 1000);
    ok(ist_datagram_send(e, request, sizeof request, &to) == sizeof request && until(e, IST_READABLE) &&
       ist_datagram_recv(e, buf, sizeof buf, 0, &info) == sizeof request && memcmp(buf + 8, other, 1000) == 0,
       "IPv%u: the kernel answers our ping", family);
    ist_close(e), ist_close(u);
}

static void pinged(void)
{
    int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMP);
    uint8_t m[64] = { 8, 0, 0xf7, 0xf8, 0, 0, 0, 7 };   /* the checksum: 0x0800 + 7, inverted */
    struct sockaddr_storage s;
    socklen_t len = kernel_address(&s, AF_INET, "10.7.0.2", 0);
    ssize_t n;
    int found = 0;

    sendto(fd, m, sizeof m, 0, (struct sockaddr *)&s, len);
    for (int i = 0; i < 1000 && !found; i++) {
        step();
        while ((n = recv(fd, buf, sizeof buf, 0)) > 0)
            found |= n == 20 + (ssize_t)sizeof m && buf[20] == 0 && buf[27] == 7;
    }
    ok(found, "we answer the kernel's ping");
    close(fd);
}

int main(void)
{
    if (!world_make()) {
        tap_skip("the Linux kernel over TUN", "needs root and `ip` (iproute2), for a network namespace and a TUN device");
        return tap_done();
    }
    if (!world_start())
        return tap_done();
    bulk(IST_IPV4, 0, 8 << 20, "");
    bulk(IST_IPV4, 1, 8 << 20, "");
    bulk(IST_IPV6, 0, 8 << 20, "");
    bulk(IST_IPV6, 1, 8 << 20, "");
    endings();
    small_window();
    datagrams(IST_IPV4);
    datagrams(IST_IPV6);
    pinged();
    world_stop();
    return tap_done();
}
