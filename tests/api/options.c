/* getsockopt and setsockopt. */
#include <netinet/tcp.h>
#include <sys/time.h>
#include "tap.h"

static int get(int fd, int level, int name)
{
    int v = -12345;
    socklen_t len = sizeof v;
    return getsockopt(fd, level, name, &v, &len) == 0 && len == sizeof v ? v : -12345;
}

static int set(int fd, int level, int name, int v)
{
    return setsockopt(fd, level, name, &v, sizeof v);
}

static void flag(int fd, int level, int name, const char *what)
{
    ok(get(fd, level, name) == 0 && set(fd, level, name, 5) == 0 && get(fd, level, name) != 0 && set(fd, level, name, 0) == 0 &&
        get(fd, level, name) == 0, "%s is off, goes on, goes off", what);
}

static void number(int fd, int level, int name, int v, const char *what)
{
    ok(set(fd, level, name, v) == 0 && get(fd, level, name) == v, "%s is kept", what);
}

int main(void)
{
    struct sockaddr_in a;
    int t = socket(AF_INET, SOCK_STREAM, 0), t6 = socket(AF_INET6, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), l = listener(&a, 5), p[2], v = 1;
    struct timeval tv = { 1, 500000 }, got;
    struct linger on = { 1, 7 }, now;
    socklen_t len;

    ok(get(t, SOL_SOCKET, SO_TYPE) == SOCK_STREAM && get(u, SOL_SOCKET, SO_TYPE) == SOCK_DGRAM, "SO_TYPE");
    ok(get(t, SOL_SOCKET, SO_DOMAIN) == AF_INET && get(t6, SOL_SOCKET, SO_DOMAIN) == AF_INET6, "SO_DOMAIN");
    ok(get(t, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_TCP && get(u, SOL_SOCKET, SO_PROTOCOL) == IPPROTO_UDP, "SO_PROTOCOL");
    ok(get(t, SOL_SOCKET, SO_ACCEPTCONN) == 0 && get(l, SOL_SOCKET, SO_ACCEPTCONN) == 1, "SO_ACCEPTCONN");
    flag(t, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR");
    flag(t, SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE");
    flag(u, SOL_SOCKET, SO_BROADCAST, "SO_BROADCAST");
    flag(t, IPPROTO_TCP, TCP_NODELAY, "TCP_NODELAY");
    flag(t6, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
    number(t, IPPROTO_TCP, TCP_KEEPIDLE, 33, "TCP_KEEPIDLE");
    number(t, IPPROTO_TCP, TCP_KEEPINTVL, 44, "TCP_KEEPINTVL");
    number(t, IPPROTO_TCP, TCP_KEEPCNT, 5, "TCP_KEEPCNT");
    number(t, IPPROTO_IP, IP_TTL, 17, "IP_TTL");
    number(t6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 18, "IPV6_UNICAST_HOPS");
    ok(set(t, IPPROTO_IP, IP_TTL, -1) == 0 && get(t, IPPROTO_IP, IP_TTL) == 64, "IP_TTL -1 is the default, 64");
    ok(get(t, SOL_SOCKET, SO_RCVBUF) > 1000 && get(t, SOL_SOCKET, SO_SNDBUF) > 1000, "SO_RCVBUF and SO_SNDBUF are there");
    ok(set(u, SOL_SOCKET, SO_RCVBUF, 30000) == 0 && get(u, SOL_SOCKET, SO_RCVBUF) >= 30000, "and may be set");
    ok(setsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv) == 0, "SO_RCVTIMEO is set");
    len = sizeof got;
    ok(getsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &got, &len) == 0 && got.tv_sec == 1 && got.tv_usec / 10000 == 50, "and kept");
    len = sizeof got;
    ok(getsockopt(t, SOL_SOCKET, SO_SNDTIMEO, &got, &len) == 0 && got.tv_sec == 0 && got.tv_usec == 0, "SO_SNDTIMEO is 0 at first");
    ok(setsockopt(t, SOL_SOCKET, SO_LINGER, &on, sizeof on) == 0, "SO_LINGER is set");
    len = sizeof now;
    ok(getsockopt(t, SOL_SOCKET, SO_LINGER, &now, &len) == 0 && now.l_onoff == 1 && now.l_linger == 7, "and kept");

    tcp_pair(p);
    ok(get(p[0], IPPROTO_TCP, TCP_MAXSEG) >= 500, "TCP_MAXSEG of a connection");
    ok(set(p[0], IPPROTO_TCP, TCP_NODELAY, 1) == 0 && get(p[0], IPPROTO_TCP, TCP_NODELAY) == 1, "TCP_NODELAY of a connection");

    tv.tv_usec = 1000000;
    fails(setsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv), EDOM, "a million microseconds is EDOM");
    fails(setsockopt(t, SOL_SOCKET, SO_RCVTIMEO, &v, sizeof v), EINVAL, "a short time is EINVAL");
    fails(setsockopt(t, SOL_SOCKET, SO_REUSEADDR, &v, 2), EINVAL, "a short number is EINVAL");
    fails(set(t, IPPROTO_IP, IP_TTL, 256), EINVAL, "IP_TTL 256 is EINVAL");
    fails(set(t, IPPROTO_IP, IP_TTL, 0), EINVAL, "IP_TTL 0 is EINVAL");
    fails(set(t, IPPROTO_TCP, TCP_KEEPIDLE, 0), EINVAL, "TCP_KEEPIDLE 0 is EINVAL");
    fails(set(t, SOL_SOCKET, 12345, 1), ENOPROTOOPT, "an option that does not exist is ENOPROTOOPT");
    fails(set(t, SOL_SOCKET, SO_ERROR, 1), ENOPROTOOPT, "SO_ERROR cannot be set");
    len = sizeof v;
    fails(getsockopt(t, IPPROTO_TCP, 12345, &v, &len), ENOPROTOOPT, "nor read what does not exist");
    len = sizeof v;
    fails(getsockopt(0, SOL_SOCKET, SO_TYPE, &v, &len), ENOTSOCK, "of a file: ENOTSOCK");
    len = sizeof v;
    fails(getsockopt(-1, SOL_SOCKET, SO_TYPE, &v, &len), EBADF, "of nothing: EBADF");
    return done();
}
