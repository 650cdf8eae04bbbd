/* IPv6, and IPv6 sockets that speak IPv4. */
#include "tap.h"

static struct in6_addr mapped(void)
{
    struct in6_addr a;
    memset(&a, 0, sizeof a);
    a.s6_addr[10] = a.s6_addr[11] = 0xff;
    a.s6_addr[12] = 127;
    a.s6_addr[15] = 1;
    return a;
}

static int listener6(struct sockaddr_in6 *a, int only)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    socklen_t len = sizeof *a;

    *a = at6(&in6addr_any, 0);
    need(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only) == 0, "IPV6_V6ONLY");
    need(bind(fd, (struct sockaddr *)a, sizeof *a) == 0 && listen(fd, 5) == 0, "bind and listen");
    need(getsockname(fd, (struct sockaddr *)a, &len) == 0 && len == sizeof *a, "getsockname");
    return fd;
}

int main(void)
{
    struct in6_addr m = mapped();
    struct sockaddr_in6 a, peer, to;
    struct sockaddr_in v4;
    socklen_t len = sizeof peer;
    int both = listener6(&a, 0), only, c, s, u, w, zero = 0;
    char byte;

    c = socket(AF_INET6, SOCK_STREAM, 0);
    to = at6(&tap_loopback6, ntohs(a.sin6_port));
    ok(connect(c, (struct sockaddr *)&to, sizeof to) == 0, "::1 reaches a listener on ::");
    s = accept(both, (struct sockaddr *)&peer, &len);
    ok(len == sizeof peer && memcmp(&peer.sin6_addr, &tap_loopback6, 16) == 0, "the peer is ::1");
    close(c);
    close(s);

    c = socket(AF_INET, SOCK_STREAM, 0);
    v4 = at4(INADDR_LOOPBACK, ntohs(a.sin6_port));
    ok(connect(c, (struct sockaddr *)&v4, sizeof v4) == 0, "127.0.0.1 reaches it too");
    len = sizeof peer;
    s = accept(both, (struct sockaddr *)&peer, &len);
    ok(s >= 0 && memcmp(&peer.sin6_addr, &m, 16) == 0, "the peer is ::ffff:127.0.0.1");
    len = sizeof peer;
    ok(getsockname(s, (struct sockaddr *)&peer, &len) == 0 && memcmp(&peer.sin6_addr, &m, 16) == 0, "so is the own address");
    ok(send(c, "x", 1, 0) == 1 && recv(s, &byte, 1, 0) == 1, "and bytes pass");
    close(c);
    close(s);

    c = socket(AF_INET6, SOCK_STREAM, 0);
    to = at6(&m, ntohs(a.sin6_port));
    ok(connect(c, (struct sockaddr *)&to, sizeof to) == 0, "an IPv6 socket reaches ::ffff:127.0.0.1");
    close(c);

    only = listener6(&a, 1);
    c = socket(AF_INET, SOCK_STREAM, 0);
    v4 = at4(INADDR_LOOPBACK, ntohs(a.sin6_port));
    fails(connect(c, (struct sockaddr *)&v4, sizeof v4), ECONNREFUSED, "IPV6_V6ONLY keeps IPv4 out");
    fails(setsockopt(only, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero), EINVAL, "and cannot be changed after bind");

    u = socket(AF_INET6, SOCK_DGRAM, 0);
    a = at6(&in6addr_any, 0);
    len = sizeof a;
    need(bind(u, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(u, (struct sockaddr *)&a, &len) == 0, "bind");
    w = socket(AF_INET, SOCK_DGRAM, 0);
    v4 = at4(INADDR_LOOPBACK, ntohs(a.sin6_port));
    ok(sendto(w, "x", 1, 0, (struct sockaddr *)&v4, sizeof v4) == 1, "UDP from IPv4");
    len = sizeof peer;
    ok(recvfrom(u, &byte, 1, 0, (struct sockaddr *)&peer, &len) == 1 && memcmp(&peer.sin6_addr, &m, 16) == 0, "reaches an IPv6 socket, mapped");
    ok(sendto(u, "y", 1, 0, (struct sockaddr *)&peer, len) == 1 && recv(w, &byte, 1, 0) == 1 && byte == 'y', "and the answer comes back");
    return done();
}
