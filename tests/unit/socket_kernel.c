/*
 * The Linux kernel as the peer, over a TUN device in a network namespace of its own. Needs root.
 */
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <isthmus/link.h>
#include <isthmus/stack.h>

#include "../../adapters/host/c/host.h"

#define MS UINT64_C(1000000)
#define TOTAL (8u << 20)

static struct isthmus_host host;
static struct isthmus_port *tun;
static uint8_t buf[1 << 20], other[1 << 20];

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

/* Both sides move. */
static void step(void)
{
    ist_wait(NULL, 0, ist_monotonic() + MS / 2);
}

static void steps(int n)
{
    while (n--)
        step();
}

static uint32_t levels(ist_handle h)
{
    int32_t r = ist_ready(h);

    return r < 0 ? 0 : (uint32_t)r;
}

static uint32_t until(ist_handle h, uint32_t want)
{
    for (int i = 0; i < 10000 && !(levels(h) & (want | IST_FAILED)); i++)
        step();
    return levels(h);
}

static socklen_t kernel_address(struct sockaddr_storage *s, int family, const char *text, uint16_t port)
{
    memset(s, 0, sizeof *s);
    s->ss_family = (sa_family_t)family;
    if (family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)s;
        in->sin_port = htons(port);
        inet_pton(AF_INET, text, &in->sin_addr);
        return sizeof *in;
    }
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)s;
    in6->sin6_port = htons(port);
    inet_pton(AF_INET6, text, &in6->sin6_addr);
    return sizeof *in6;
}

static int kernel_socket(int family, int type, uint16_t port)
{
    struct sockaddr_storage s;
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
    socklen_t len = kernel_address(&s, family, family == AF_INET ? "10.7.0.1" : "fd07::1", port);

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (port && bind(fd, (struct sockaddr *)&s, len)) abort();
    if (port && type == SOCK_STREAM && listen(fd, 16)) abort();
    return fd;
}

static struct ist_address our_view(uint32_t family, const char *text, uint16_t port)
{
    struct ist_address a = { .family = (uint8_t)family, .port = port };

    if (inet_pton(family == IST_IPV4 ? AF_INET : AF_INET6, text, a.ip) != 1) abort();
    return a;
}

static ssize_t kernel_wait_recv(int fd, void *to, size_t cap)
{
    ssize_t n = -1;

    for (int i = 0; i < 10000 && (n = recv(fd, to, cap, 0)) < 0 && errno == EAGAIN; i++)
        step();
    return n;
}

/* We connect, the kernel accepts. */
static void out(uint32_t family, ist_handle *h, int *fd)
{
    int k = family == IST_IPV4 ? AF_INET : AF_INET6, l = kernel_socket(k, SOCK_STREAM, 9000);
    struct ist_address to = our_view(family, family == IST_IPV4 ? "10.7.0.1" : "fd07::1", 9000);

    *h = ist_tcp_open(family);
    if (ist_socket_connect(*h, &to)) abort();
    until(*h, IST_WRITABLE);
    for (int i = 0; i < 1000 && (*fd = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0; i++)
        step();
    close(l);
}

/* The kernel connects, we accept. */
static void in(uint32_t family, ist_handle *h, int *fd)
{
    struct ist_address any = { .family = (uint8_t)family, .port = 9001 };
    ist_handle l = ist_tcp_open(family);
    struct sockaddr_storage s;
    int k = family == IST_IPV4 ? AF_INET : AF_INET6;
    socklen_t len = kernel_address(&s, k, k == AF_INET ? "10.7.0.2" : "fd07::2", 9001);

    ist_option_set(l, IST_OPTION_REUSE_ADDRESS, 1);
    if (ist_socket_bind(l, &any) || ist_socket_listen(l, 8)) abort();
    *fd = kernel_socket(k, SOCK_STREAM, 0);
    connect(*fd, (struct sockaddr *)&s, len);
    until(l, IST_READABLE);
    *h = ist_socket_accept(l, NULL);
    ist_close(l);
}

static uint8_t byte_at(uint32_t i, uint32_t seed)
{
    return (uint8_t)((i ^ i >> 8 ^ i >> 16) * 31 + seed);
}

static void bulk(uint32_t family, int incoming)
{
    uint32_t ours_sent = 0, ours_got = 0, theirs_sent = 0, theirs_got = 0, wrong = 0;
    ist_handle h;
    int fd;

    (incoming ? in : out)(family, &h, &fd);
    ok(h > 0 && fd >= 0 && levels(h) == IST_WRITABLE, "IPv%u: a connection to %s", family, incoming ? "us" : "the kernel");
    for (int still = 0; still < 20000 && (ours_got < TOTAL || theirs_got < TOTAL); still++) {
        uint32_t len = TOTAL - ours_sent < 100000 ? TOTAL - ours_sent : 100000;
        for (uint32_t i = 0; i < len; i++)
            buf[i] = byte_at(ours_sent + i, 1);
        int32_t n = len ? ist_stream_send(h, buf, len) : 0;
        ours_sent += n > 0 ? (uint32_t)n : 0;
        len = TOTAL - theirs_sent < 100000 ? TOTAL - theirs_sent : 100000;
        for (uint32_t i = 0; i < len; i++)
            other[i] = byte_at(theirs_sent + i, 2);
        ssize_t m = len ? send(fd, other, len, MSG_NOSIGNAL) : 0;
        theirs_sent += m > 0 ? (uint32_t)m : 0;
        while ((m = recv(fd, other, sizeof other, 0)) > 0) {
            for (ssize_t i = 0; i < m; i++)
                wrong += other[i] != byte_at(theirs_got + (uint32_t)i, 1);
            theirs_got += (uint32_t)m, still = 0;
        }
        while ((n = ist_stream_recv(h, buf, sizeof buf)) > 0) {
            for (int32_t i = 0; i < n; i++)
                wrong += buf[i] != byte_at(ours_got + (uint32_t)i, 2);
            ours_got += (uint32_t)n, still = 0;
        }
        step();
    }
    ok(ours_got == TOTAL && theirs_got == TOTAL && wrong == 0, "IPv%u: 8 MiB each way at once, every byte right (%u, %u, %u wrong)",
       family, ours_got, theirs_got, wrong);
    ist_stream_shutdown(h, IST_SHUT_WRITE);
    ok(kernel_wait_recv(fd, other, 1) == 0, "IPv%u: our half-close ends the kernel's stream", family);
    ok(send(fd, "still open", 10, 0) == 10 && until(h, IST_READABLE) && ist_stream_recv(h, buf, 64) == 10, "IPv%u: it can still send", family);
    close(fd);
    until(h, IST_HANGUP);
    ok(ist_stream_recv(h, buf, 64) == 0 && ist_failure(h) == 0, "IPv%u: and closes: the end, no failure", family);
    ist_close(h);
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
    int32_t r;

    if (!world_make()) {
        tap_skip("the Linux kernel over TUN", "needs root and `ip` (iproute2), for a network namespace and a TUN device");
        return tap_done();
    }
    isthmus_host_init(&host);
    isthmus_host_add(&host, tun);
    ist_link_host(isthmus_host_exchange, &host);
    r = ist_start(NULL);
    if (r) {
        ok(0, "ist_start: %s", ist_error_text(r));
        return tap_done();
    }
    for (uint32_t i = 0; i < sizeof other; i++)
        other[i] = (uint8_t)(i * 7 + i / 256);
    for (int i = 0; i < 10000 && !ist_configured(); i++)
        step();
    steps(2500);     /* duplicate address detection takes a second */
    bulk(IST_IPV4, 0);
    bulk(IST_IPV4, 1);
    bulk(IST_IPV6, 0);
    bulk(IST_IPV6, 1);
    endings();
    small_window();
    datagrams(IST_IPV4);
    datagrams(IST_IPV6);
    pinged();
    ist_stop();
    isthmus_port_release(tun);
    isthmus_host_release(&host);
    return tap_done();
}
