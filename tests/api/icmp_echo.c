/* Ping without being root: a datagram socket of IPPROTO_ICMP or ICMPV6 sends echo requests and hears the replies to them. */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include "tap.h"

struct echo { uint8_t type, code; uint16_t sum, id, seq; char data[24]; };

static void ping(int fd, const struct sockaddr *to, socklen_t len, int request, int reply, const char *name)
{
    struct echo e = { .type = (uint8_t)request, .seq = htons(7), .data = "the quick brown fox" }, r;
    struct timeval tv = { 5, 0 };

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
    ok(sendto(fd, &e, sizeof e, 0, to, len) == sizeof e, "%s: an echo request is sent", name);
    memset(&r, 0, sizeof r);
    ok(recv(fd, &r, sizeof r, 0) == sizeof r && r.type == reply, "%s: a reply comes back", name);
    ok(r.seq == htons(7) && memcmp(r.data, e.data, sizeof r.data) == 0, "%s: with our number and our data", name);
    e.type = 13;
    errno = 0;
    ok(sendto(fd, &e, sizeof e, 0, to, len) == -1 && errno == EINVAL, "%s: anything else is refused", name);
    close(fd);
}

int main(void)
{
    struct sockaddr_in a4 = at4(INADDR_LOOPBACK, 0);
    struct sockaddr_in6 a6 = at6(&tap_loopback6, 0);
    int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

    if (fd < 0 && (errno == EACCES || errno == EPERM)) {
        printf("1..0 # SKIP this machine's net.ipv4.ping_group_range forbids it\n");
        return 0;
    }
    need(fd >= 0, "socket(IPPROTO_ICMP)");
    ping(fd, (struct sockaddr *)&a4, sizeof a4, ICMP_ECHO, ICMP_ECHOREPLY, "IPv4");
    fd = socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6);
    need(fd >= 0, "socket(IPPROTO_ICMPV6)");
    ping(fd, (struct sockaddr *)&a6, sizeof a6, ICMP6_ECHO_REQUEST, ICMP6_ECHO_REPLY, "IPv6");
    fails(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6), EPROTONOSUPPORT, "ICMPv6 over IPv4 is EPROTONOSUPPORT");
    return done();
}
