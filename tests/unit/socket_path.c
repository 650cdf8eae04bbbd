/*
 * The Linux kernel at the end of a path: three network namespaces behind a TUN device, with real routers' ICMP, real loss, and nothing at
 * all. Needs root.
 *
 *     us, TUN 1500 -- near -- 1400 -- mid -- 1300 -- far
 *
 * Far says that it takes segments of 1,460 bytes, so that only the routers can tell what the path takes. Loss is dropped in mid, by nft.
 */
#include "kernel.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <fcntl.h>

static pid_t mid, far;

/* A process that keeps a network namespace. */
static pid_t namespace_make(void)
{
    int ready[2];
    char byte;
    pid_t pid;

    if (pipe(ready) || (pid = fork()) < 0)
        return -1;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        pid = -1;
    close(ready[0]);
    return pid;
}

/* Runs shell commands in the namespace of @pid, 0: near. */
static int run(pid_t pid, const char *text)
{
    static char command[2000];

    if (pid)
        snprintf(command, sizeof command, "nsenter -t %d -n sh -ec '%s'", (int)pid, text);
    else
        snprintf(command, sizeof command, "%s", text);
    return system(command) == 0;
}

#define FORWARD "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; ip link set lo up; "

static int world_make(void)
{
    char name[16], path[64], links[300];

    if ((mid = namespace_make()) < 0 || (far = namespace_make()) < 0 || unshare(CLONE_NEWNET))
        return 0;
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)far);
    kernel_ns = open(path, O_RDONLY | O_CLOEXEC);
    own_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    kernel4 = "10.9.0.2", kernel6 = "fd09::2";
    tun = isthmus_port_tun("isthmus0", name, IST_LINK_KIND_IP, 1500,
                           "address=10.7.0.2/24\ngateway=10.7.0.1\naddress=fd07::2/64\ngateway=fd07::1\n");
    if (!tun || kernel_ns < 0 || own_ns < 0)
        return 0;
    snprintf(links, sizeof links, "ip link add n0 mtu 1400 type veth peer name m0 mtu 1400 netns %d && nsenter -t %d -n "
             "ip link add m1 mtu 1300 type veth peer name f0 mtu 1300 netns %d", (int)mid, (int)mid, (int)far);
    return run(0, links) &&
        run(0, FORWARD "set -e; ip link set isthmus0 up; ip addr add 10.7.0.1/24 dev isthmus0; ip addr add fd07::1/64 dev isthmus0 nodad\n"
               "ip link set n0 up; ip addr add 10.8.0.1/24 dev n0; ip addr add fd08::1/64 dev n0 nodad\n"
               "ip route add default via 10.8.0.2; ip -6 route add default via fd08::2") &&
        run(mid, FORWARD "ip link set m0 up; ip addr add 10.8.0.2/24 dev m0; ip addr add fd08::2/64 dev m0 nodad\n"
                 "ip link set m1 up; ip addr add 10.9.0.1/24 dev m1; ip addr add fd09::1/64 dev m1 nodad\n"
                 "ip route add default via 10.8.0.1; ip -6 route add default via fd08::1\n"
                 "nft add table inet path; nft add chain inet path forward \"{ type filter hook forward priority 0; }\"") &&
        run(far, "ip link set lo up; ip link set f0 up; ip addr add 10.9.0.2/24 dev f0; ip addr add fd09::2/64 dev f0 nodad\n"
                 "ip route add default via 10.9.0.1 advmss 1460; ip -6 route add default via fd09::1 advmss 1440");
}

static void world_end(void)
{
    kill(mid, SIGKILL), kill(far, SIGKILL);
    waitpid(mid, NULL, 0), waitpid(far, NULL, 0);
}

/* What becomes of one TCP packet in a hundred, or of all, in both directions. */
static void lose(const char *rule)
{
    char text[200];

    snprintf(text, sizeof text, "nft flush chain inet path forward; %s%s", *rule ? "nft add rule inet path forward " : "true", rule);
    if (!run(mid, text)) abort();
}

/* How often a router has said that a packet is too big. */
static uint32_t too_big(pid_t pid)
{
    char command[300];
    unsigned v4 = 0, v6 = 0;
    FILE *f;

    snprintf(command, sizeof command, "awk '/^Ip: [0-9]/ { print $19 }' /proc/%d/net/snmp; awk '/Icmp6OutPktTooBigs/ { print $2 }' /proc/%d/net/snmp6",
             (int)pid, (int)pid);
    f = popen(command, "r");
    if (!f || fscanf(f, "%u %u", &v4, &v6) != 2) abort();
    pclose(f);
    return v4 + v6;
}

static void path_mtu(void)
{
    uint32_t near_before = too_big(getpid()), mid_before = too_big(mid);

    bulk(IST_IPV4, 0, 2 << 20, ", a path of 1,300 bytes");
    ok(too_big(getpid()) > near_before && too_big(mid) > mid_before, "IPv4: both routers had to say that a packet is too big");
    near_before = too_big(getpid()), mid_before = too_big(mid);
    bulk(IST_IPV6, 1, 2 << 20, ", a path of 1,300 bytes");
    ok(too_big(getpid()) > near_before && too_big(mid) > mid_before, "IPv6: both routers had to say that a packet is too big");
}

static uint32_t kernel_options(int fd)
{
    struct tcp_info info = { 0 };
    socklen_t len = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? UINT32_MAX : info.tcpi_options;
}

static void loss(void)
{
    lose("meta l4proto tcp numgen random mod 100 lt 1 drop");
    bulk(IST_IPV4, 0, 1 << 20, ", 1 % lost");
    bulk(IST_IPV4, 1, 300000, ", 1 % lost");
    bulk(IST_IPV6, 0, 500000, ", 1 % lost");
    lose("meta l4proto tcp numgen random mod 100 lt 5 drop");
    bulk(IST_IPV6, 1, 60000, ", 5 % lost");
    lose("");
}

/* What the kernel offers and agrees with us on; and when it offers nothing. */
static void options(void)
{
    ist_handle h;
    int fd;

    out(IST_IPV4, &h, &fd);
    ok(kernel_options(fd) == (TCPI_OPT_SACK | TCPI_OPT_WSCALE), "the kernel agrees with us on SACK and window scaling, not on timestamps");
    ist_close(h), close(fd);
    if (!run(far, "for o in sack window_scaling timestamps; do echo 0 >/proc/sys/net/ipv4/tcp_$o; done")) abort();
    lose("meta l4proto tcp numgen random mod 100 lt 1 drop");
    for (int incoming = 0; incoming < 2; incoming++) {
        (incoming ? in : out)(IST_IPV4, &h, &fd);
        ok(kernel_options(fd) == 0, "%s a kernel without SACK, window scaling and timestamps", incoming ? "from" : "to");
        bulk_over(h, fd, 200000, incoming ? "from it, 1 % lost" : "to it, 1 % lost");
    }
    lose("");
    if (!run(far, "for o in sack window_scaling timestamps; do echo 1 >/proc/sys/net/ipv4/tcp_$o; done")) abort();
}

/* We do not read for a while: the kernel's window closes, is probed, and opens again. */
static void slow_reader(uint32_t family)
{
    uint32_t sent = 0, got = 0, total = 3 << 20, wrong = 0;
    ist_handle h;
    int fd;

    in(family, &h, &fd);
    for (int i = 0; i < 1000 && sent < total; i++) {
        for (uint32_t k = 0; k < 50000; k++)
            other[k] = byte_at(sent + k, 3);
        ssize_t n = send(fd, other, total - sent < 50000 ? total - sent : 50000, MSG_NOSIGNAL);
        sent += n > 0 ? (uint32_t)n : 0;
        step();
    }
    ok(sent > 0, "IPv%u: the kernel has sent %u KiB to a reader that stands still", family, sent >> 10);
    for (int still = 0; got < total && still < PATIENCE; still++) {
        for (uint32_t k = 0; k < 50000; k++)
            other[k] = byte_at(sent + k, 3);
        ssize_t m = sent < total ? send(fd, other, total - sent < 50000 ? total - sent : 50000, MSG_NOSIGNAL) : 0;
        sent += m > 0 ? (uint32_t)m : 0;
        int32_t n = ist_stream_recv(h, buf, 30000);
        for (int32_t k = 0; k < n; k++)
            wrong += buf[k] != byte_at(got + (uint32_t)k, 3);
        if (n > 0) got += (uint32_t)n, still = 0;
        step();
    }
    ok(got == total && wrong == 0, "IPv%u: when it reads again it gets all of %u KiB, every byte right", family, total >> 10);
    ist_close(h), close(fd);
}

/* Both sides probe an idle connection, and the other answers; then the path is gone, and both learn it. */
static struct { ist_handle h; int fd; } idle[2];
static uint64_t idle_since;

static void keepalive_begin(void)
{
    int one = 1, count = 3;

    out(IST_IPV4, &idle[0].h, &idle[0].fd);
    in(IST_IPV6, &idle[1].h, &idle[1].fd);
    for (int i = 0; i < 2; i++) {
        setsockopt(idle[i].fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
        setsockopt(idle[i].fd, IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof one);
        setsockopt(idle[i].fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof one);
        setsockopt(idle[i].fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
        ist_option_set(idle[i].h, IST_OPTION_KEEPALIVE_IDLE_S, 1);
        ist_option_set(idle[i].h, IST_OPTION_KEEPALIVE_INTERVAL_S, 1);
        ist_option_set(idle[i].h, IST_OPTION_KEEPALIVE_COUNT, count);
        ist_option_set(idle[i].h, IST_OPTION_KEEPALIVE, 1);
    }
    idle_since = ist_monotonic();
}

static void keepalive_end(void)
{
    while (ist_monotonic() < idle_since + 6000 * MS)
        step();
    for (int i = 0; i < 2; i++)
        ok(levels(idle[i].h) == IST_WRITABLE && recv(idle[i].fd, buf, 1, 0) < 0 && errno == EAGAIN,
           "IPv%d: after 6 s and probes each second the connection stands", i ? 6 : 4);
    lose("drop");
    for (int i = 0; i < 2; i++) {
        int error = 0;
        socklen_t len = sizeof error;
        until(idle[i].h, IST_FAILED);
        ok(ist_failure(idle[i].h) == IST_ETIMEDOUT, "IPv%d: the path is gone: our probes end in ETIMEDOUT", i ? 6 : 4);
        for (int k = 0; k < PATIENCE && !error && getsockopt(idle[i].fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0; k++)
            step();
        ok(error == ETIMEDOUT, "IPv%d: and the kernel's", i ? 6 : 4);
        ist_close(idle[i].h), close(idle[i].fd);
    }
    lose("");
}

static void resets(void)
{
    struct linger now = { .l_onoff = 1 };
    ist_handle h;
    int fd;

    in(IST_IPV6, &h, &fd);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd);
    until(h, IST_FAILED);
    ok(ist_failure(h) == IST_ECONNRESET, "IPv6: the kernel resets an idle connection: ECONNRESET");
    ist_close(h);
    out(IST_IPV6, &h, &fd);
    ist_option_set(h, IST_OPTION_LINGER_S, 0);
    ist_close(h);
    ok(kernel_wait_recv(fd, buf, 64) < 0 && errno == ECONNRESET, "IPv6: we reset one: the kernel reads ECONNRESET");
    close(fd);
}

#define MANY 100     /* each way and family: 400 */
#define EACH 6000

/* Of a connection: how far each direction is. */
static struct one {
    ist_handle h;
    int fd;
    uint32_t ours_sent, theirs_sent, ours_got, theirs_got;
} ones[4 * MANY];

static uint32_t one_moves(struct one *c, uint32_t seed)
{
    uint8_t p[4000];
    uint32_t wrong = 0;
    ssize_t n;

    for (uint32_t k = 0; k < sizeof p; k++)
        p[k] = byte_at(c->ours_sent + k, seed);
    n = c->ours_sent < EACH ? ist_stream_send(c->h, p, sizeof p < EACH - c->ours_sent ? sizeof p : EACH - c->ours_sent) : 0;
    c->ours_sent += n > 0 ? (uint32_t)n : 0;
    for (uint32_t k = 0; k < sizeof p; k++)
        p[k] = byte_at(c->theirs_sent + k, seed + 1);
    n = c->theirs_sent < EACH ? send(c->fd, p, sizeof p < EACH - c->theirs_sent ? sizeof p : EACH - c->theirs_sent, MSG_NOSIGNAL) : 0;
    c->theirs_sent += n > 0 ? (uint32_t)n : 0;
    n = ist_stream_recv(c->h, p, sizeof p);
    for (ssize_t k = 0; k < n; k++)
        wrong += p[k] != byte_at(c->ours_got + (uint32_t)k, seed + 1);
    c->ours_got += n > 0 ? (uint32_t)n : 0;
    n = recv(c->fd, p, sizeof p, 0);
    for (ssize_t k = 0; k < n; k++)
        wrong += p[k] != byte_at(c->theirs_got + (uint32_t)k, seed);
    c->theirs_got += n > 0 ? (uint32_t)n : 0;
    return wrong;
}

/* @n connections begun at once, each way; which end belongs to which is told by the ports. */
static void many_open(uint32_t family, struct one *to_us, struct one *to_kernel)
{
    int k = family == IST_IPV4 ? AF_INET : AF_INET6, l = kernel_socket(k, SOCK_STREAM, 9000), fd;
    struct ist_address any = { .family = (uint8_t)family, .port = 9001 }, to = our_view(family, family == IST_IPV4 ? kernel4 : kernel6, 9000), peer;
    struct sockaddr_storage s;
    socklen_t len = kernel_address(&s, k, k == AF_INET ? "10.7.0.2" : "fd07::2", 9001), size;
    ist_handle listener = ist_tcp_open(family), h;

    ist_option_set(listener, IST_OPTION_REUSE_ADDRESS, 1);
    if (ist_socket_bind(listener, &any) || ist_socket_listen(listener, MANY)) abort();
    for (int i = 0; i < MANY; i++) {
        to_us[i].fd = kernel_socket(k, SOCK_STREAM, 0);
        connect(to_us[i].fd, (struct sockaddr *)&s, len);
        to_kernel[i].h = ist_tcp_open(family);
        if (ist_socket_connect(to_kernel[i].h, &to)) abort();
    }
    for (int left = 2 * MANY, still = 0; left && still < PATIENCE; still++) {
        step();
        while ((h = ist_socket_accept(listener, &peer)) > 0)
            for (int i = 0; i < MANY; i++) {
                struct sockaddr_storage own;
                size = sizeof own;
                getsockname(to_us[i].fd, (struct sockaddr *)&own, &size);
                if (ntohs(((struct sockaddr_in *)&own)->sin_port) == peer.port)    /* the port has the same place in both families */
                    to_us[i].h = h, left--;
            }
        size = sizeof s;
        while ((fd = accept4(l, (struct sockaddr *)&s, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
            for (int i = 0; i < MANY; i++)
                if (ist_socket_local(to_kernel[i].h, &peer) == 0 && peer.port == ntohs(((struct sockaddr_in *)&s)->sin_port))
                    to_kernel[i].fd = fd, left--;
    }
    ist_close(listener), close(l);
}

static void many(void)
{
    uint32_t done = 0, wrong = 0, open = 0;

    memset(ones, 0, sizeof ones);
    many_open(IST_IPV4, ones, ones + MANY);
    many_open(IST_IPV6, ones + 2 * MANY, ones + 3 * MANY);
    for (uint32_t i = 0; i < 4 * MANY; i++)
        open += ones[i].h > 0 && ones[i].fd > 0;
    ok(open == 4 * MANY, "%u connections, both ways and families", open);
    for (int round = 0; open == 4 * MANY && done < 4 * MANY && round < PATIENCE / 10; round++) {
        done = 0;
        for (uint32_t i = 0; i < 4 * MANY; i++) {
            wrong += one_moves(&ones[i], i);
            done += ones[i].ours_got == EACH && ones[i].theirs_got == EACH;
        }
        step();
    }
    ok(done == 4 * MANY && wrong == 0, "each carries %u bytes each way at the same time, every byte right (%u done, %u wrong)", EACH, done, wrong);
    for (uint32_t i = 0; i < 4 * MANY; i++)
        ist_close(ones[i].h), close(ones[i].fd);
}

int main(void)
{
    if (!world_make()) {
        tap_skip("the Linux kernel at the end of a path", "needs root, `ip` (iproute2) and `nft` (nftables), for network namespaces and a TUN device");
        return tap_done();
    }
    if (!world_start())
        return tap_done();
    path_mtu();
    loss();
    options();
    keepalive_begin();
    slow_reader(IST_IPV4);
    slow_reader(IST_IPV6);
    resets();
    many();
    keepalive_end();
    world_stop();
    world_end();
    return tap_done();
}
