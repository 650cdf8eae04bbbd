/*
 * The Linux kernel as the neighbour, over a TAP device in a network namespace of its own: ARP and neighbour discovery both ways,
 * echo both ways, in fragments too, and addresses from a real dnsmasq by DHCP and router advertisements. Needs root and dnsmasq.
 */
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <isthmus/link.h>
#include <isthmus/stack.h>

#include "../../adapters/host/c/host.h"
#include "../../stack/core/core.h"

#define MS UINT64_C(1000000)

static struct isthmus_host host;
static struct isthmus_port *tap;
static char device[16];
static uint8_t buf[70000];

static int run(const char *format)
{
    char command[512];

    snprintf(command, sizeof command, format, device, device, device);
    return system(command);
}

static int start(const char *grant)
{
    tap = isthmus_port_tun("isthmus0", device, IST_LINK_KIND_ETHERNET, 1500, grant);
    if (!tap) return 0;
    if (run("ip link set lo up; ip link set %s up && ip addr add 10.8.0.1/24 dev %s && ip addr add fd08::1/64 dev %s nodad"))
        return 0;
    isthmus_host_init(&host);
    isthmus_host_add(&host, tap);
    ist_link_host(isthmus_host_exchange, &host);
    return ist_start(NULL) == 0;
}

static void stop(void)
{
    ist_stop();
    isthmus_host_release(&host);
    isthmus_port_release(tap);
}

static void step(void)
{
    ist_wait(NULL, 0, ist_monotonic() + MS);
}

/* The kernel pings us: the answer's length, or -1. */
static ssize_t kernel_ping(int family, const char *to, size_t len)
{
    struct sockaddr_storage s = { .ss_family = (sa_family_t)family };
    int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK, family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
    ssize_t n = -1;

    memset(buf, 'k', len);
    memset(buf, 0, 8);
    buf[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
    if (family == AF_INET) {
        uint32_t sum = 0;
        inet_pton(family, to, &((struct sockaddr_in *)&s)->sin_addr);
        for (size_t i = 0; i < len; i += 2)
            sum += (uint32_t)(buf[i] | buf[i + 1] << 8);
        while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
        buf[2] = (uint8_t)~sum;
        buf[3] = (uint8_t)(~sum >> 8);
    } else {
        inet_pton(family, to, &((struct sockaddr_in6 *)&s)->sin6_addr);
    }
    for (int tries = 0; tries < 3000; tries++) {
        if (tries % 1000 == 0 &&      /* an address that was just given may not be known yet */
            sendto(fd, buf, len, 0, (struct sockaddr *)&s, family == AF_INET ? sizeof (struct sockaddr_in) : sizeof (struct sockaddr_in6)) < 0 &&
            errno != EAGAIN)
            printf("# sendto: %s\n", strerror(errno));
        step();
        n = recv(fd, buf, sizeof buf, 0);
        if (n > 0 && (family == AF_INET ? buf[20] == ICMP_ECHOREPLY : buf[0] == ICMP6_ECHO_REPLY)) break;
        n = -1;
    }
    close(fd);
    return family == AF_INET && n > 0 ? n - 20 : n;
}

/* We ping the kernel. */
static int32_t our_ping(uint32_t family, const char *to, uint32_t len)
{
    struct ist_address a = { .family = (uint8_t)family };
    ist_handle h = ist_icmp_open(family);
    int32_t n = IST_EAGAIN;

    inet_pton(family == IST_IPV4 ? AF_INET : AF_INET6, to, a.ip);
    memset(buf, 'i', len);
    memset(buf, 0, 8);
    buf[0] = family == IST_IPV4 ? 8 : 128;
    n = ist_datagram_send(h, buf, len, &a);
    if (n < 0) printf("# send: %s\n", ist_error_text(n));
    for (int i = 0; i < 3000 && (n = ist_datagram_recv(h, buf, sizeof buf, 0, NULL)) == IST_EAGAIN; i++)
        step();
    ist_close(h);
    return n;
}

static void neighbours(void)
{
    if (!start("address=10.8.0.2/24\naddress=fd08::2/64\n")) abort();
    ok(our_ping(IST_IPV4, "10.8.0.1", 64) == 64, "we find the kernel by ARP, and it answers an echo");
    ok(our_ping(IST_IPV6, "fd08::1", 64) == 64, "by neighbour discovery too");
    ok(our_ping(IST_IPV4, "10.8.0.1", 20000) == 20000, "an echo of 20,000 bytes goes and comes in fragments");
    ok(our_ping(IST_IPV6, "fd08::1", 20000) == 20000, "IPv6 too");
    stop();
    if (!start("address=10.8.0.2/24\naddress=fd08::2/64\n")) abort();
    ok(kernel_ping(AF_INET, "10.8.0.2", 64) == 64, "the kernel finds us by ARP, and we answer an echo");
    ok(kernel_ping(AF_INET6, "fd08::2", 64) == 64, "by neighbour discovery too");
    ok(kernel_ping(AF_INET, "10.8.0.2", 20000) == 20000, "its echo of 20,000 bytes in fragments is answered");
    ok(kernel_ping(AF_INET6, "fd08::2", 20000) == 20000, "IPv6 too");
    stop();
}

static void several(void)
{
    if (!start("address=10.8.0.2/24\naddress=10.8.0.3/24\naddress=fd08::2/64\naddress=fd08::3/64\n")) abort();
    ok(kernel_ping(AF_INET, "10.8.0.3", 64) == 64, "a second IPv4 address answers ARP and echo");
    ok(kernel_ping(AF_INET6, "fd08::3", 64) == 64, "a second IPv6 address too");
    isthmus_port_set_grant(tap, "address=10.8.0.4/24\naddress=fd08::4/64\n");
    ok(kernel_ping(AF_INET, "10.8.0.4", 64) == 64, "after a change of the grant the new address answers");
    ok(kernel_ping(AF_INET6, "fd08::4", 64) == 64, "IPv6 too");
    stop();
}

static pid_t dnsmasq_start(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        char interface[32];
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        snprintf(interface, sizeof interface, "--interface=%s", device);
        execlp("dnsmasq", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--user=root", "--pid-file=", interface,
               "--leasefile-ro", "--no-ping", "--dhcp-range=10.8.0.50,10.8.0.59,1h", "--dhcp-range=::,constructor:isthmus0,ra-only",
               "--enable-ra", "--dhcp-option=option:dns-server,10.8.0.53", "--dhcp-option=option6:dns-server,[fd08::53]", "--ra-param=isthmus0,4", (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* The number of the interface's addresses of @family beyond the link. */
static int addresses(uint32_t family, char *text, size_t cap)
{
    struct ist_interface i;
    int n = 0;

    ist_interface_get(1, &i);
    for (uint32_t k = 0; k < i.n_addresses; k++)
        if (i.addresses[k].address.family == family && i.addresses[k].address.ip[0] != 0xfe) {
            inet_ntop(family == IST_IPV4 ? AF_INET : AF_INET6, i.addresses[k].address.ip, text, (socklen_t)cap);
            n++;
        }
    return n;
}

static void configured(void)
{
    char four[64] = "", six[64] = "";
    struct ist_address server[3];
    int n4 = 0, n6 = 0, n_servers = 0;
    pid_t pid;

    if (!start("hostname=sandbox\n")) abort();
    pid = dnsmasq_start();
    for (int i = 0; i < 15000 && !(n4 && n6); i++) {
        step();
        n4 = addresses(IST_IPV4, four, sizeof four);
        n6 = addresses(IST_IPV6, six, sizeof six);
    }
    ok(n4 == 1 && strncmp(four, "10.8.0.5", 8) == 0, "dnsmasq gives an address by DHCP (%s)", four);
    ok(n6 == 1 && strncmp(six, "fd08:", 5) == 0, "and a prefix by router advertisement (%s)", six);
    ok(ist_configured() == 1, "the instance is configured");
    for (int i = 0; i < 3000 && n_servers < 2; i++) {
        step();
        for (n_servers = 0; n_servers < 3 && ist_name_server((uint32_t)n_servers, &server[n_servers]) == 0; )
            n_servers++;
    }
    ok(n_servers == 2 && server[0].ip[3] == 53 && server[1].ip[15] == 0x53, "a name server of each is known");
    ok(kernel_ping(AF_INET, four, 64) == 64 && kernel_ping(AF_INET6, six, 64) == 64, "both addresses answer");
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    stop();
}

int main(void)
{
    if (unshare(CLONE_NEWNET)) {
        tap_skip("the Linux kernel over TAP", "needs root, for a network namespace");
        return tap_done();
    }
    neighbours();
    several();
    if (system("dnsmasq --version >/dev/null 2>&1") != 0)
        ok(0, "dnsmasq is there: this test needs Debian's dnsmasq-base");
    else
        configured();
    return tap_done();
}
