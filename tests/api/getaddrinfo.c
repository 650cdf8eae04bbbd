/*
 * getaddrinfo(), getnameinfo() and the old name calls, as far as they need no name server.
 */
#include "tap.h"

#include <net/if.h>
#include <netdb.h>

static struct addrinfo *list;
static int result;

/* Asks anew; the list is freed before the next. */
static int ask(const char *node, const char *service, int family, int socktype, int protocol, int flags)
{
    struct addrinfo hints = { .ai_flags = flags, .ai_family = family, .ai_socktype = socktype, .ai_protocol = protocol };

    if (list)
        freeaddrinfo(list);
    list = NULL;
    result = getaddrinfo(node, service, &hints, &list);
    if (result)
        list = NULL;
    return result;
}

/* The i-th entry is this address and port. */
static int is(int i, const char *address, int port)
{
    const struct addrinfo *p = list;
    char text[INET6_ADDRSTRLEN] = "?";
    int got = -1;

    for (; p && i > 0; i--)
        p = p->ai_next;
    if (!p)
        return 0;
    if (p->ai_family == AF_INET && p->ai_addrlen == sizeof(struct sockaddr_in)) {
        const struct sockaddr_in *sin = (const void *)p->ai_addr;
        inet_ntop(AF_INET, &sin->sin_addr, text, sizeof text);
        got = ntohs(sin->sin_port);
    } else if (p->ai_family == AF_INET6 && p->ai_addrlen == sizeof(struct sockaddr_in6)) {
        const struct sockaddr_in6 *sin6 = (const void *)p->ai_addr;
        inet_ntop(AF_INET6, &sin6->sin6_addr, text, sizeof text);
        got = ntohs(sin6->sin6_port);
    }
    if (!strcmp(text, address) && got == port && p->ai_addr->sa_family == p->ai_family)
        return 1;
    printf("# got %s port %d\n", text, got);
    return 0;
}

static int length(void)
{
    int n = 0;

    for (const struct addrinfo *p = list; p; p = p->ai_next)
        n++;
    return n;
}

static void literals(void)
{
    char eui[] = "2001:DB8:0:0::1";

    ok(ask("192.0.2.1", "80", AF_UNSPEC, SOCK_STREAM, 0, 0) == 0 && length() == 1 && is(0, "192.0.2.1", 80), "an IPv4 literal and a numeric service");
    ok(list && list->ai_socktype == SOCK_STREAM && list->ai_protocol == IPPROTO_TCP && !list->ai_canonname, "with type and protocol, without a canonical name");
    ok(ask(eui, "443", AF_UNSPEC, SOCK_DGRAM, 0, 0) == 0 && is(0, "2001:db8::1", 443) && list->ai_protocol == IPPROTO_UDP, "an IPv6 literal for UDP");
    ok(ask("127.1", NULL, AF_INET, SOCK_STREAM, 0, 0) == 0 && is(0, "127.0.0.1", 0), "the short forms of inet_aton() are literals too");
    ok(ask("192.0.2.1", "80", AF_UNSPEC, 0, 0, 0) == 0 && list->ai_socktype == SOCK_STREAM && list->ai_next->ai_socktype == SOCK_DGRAM,
       "any type: first a stream, then datagrams");
    ok(ask("192.0.2.1", "80", AF_UNSPEC, 0, IPPROTO_UDP, 0) == 0 && list->ai_socktype == SOCK_DGRAM, "a protocol alone picks the type");
    ok(ask("192.0.2.1", NULL, AF_UNSPEC, SOCK_RAW, IPPROTO_ICMP, 0) == 0 && list->ai_socktype == SOCK_RAW && list->ai_protocol == IPPROTO_ICMP,
       "raw where it is asked for");
    ok(ask("192.0.2.1", NULL, AF_INET, SOCK_STREAM, 0, AI_CANONNAME) == 0 && !strcmp(list->ai_canonname, "192.0.2.1"), "a literal's canonical name is its text");
    ok(ask("192.0.2.1", NULL, AF_INET6, SOCK_STREAM, 0, 0) == EAI_ADDRFAMILY, "an IPv4 literal is no IPv6 address");
    ok(ask("192.0.2.1", NULL, AF_INET6, SOCK_STREAM, 0, AI_V4MAPPED) == 0 && is(0, "::ffff:192.0.2.1", 0), "but a mapped one where that is wanted");
    ok(ask("::1", NULL, AF_INET, SOCK_STREAM, 0, 0) == EAI_ADDRFAMILY, "an IPv6 literal is no IPv4 address");
    ok(ask("fe80::1%lo", NULL, AF_INET6, SOCK_STREAM, 0, 0) == 0 && is(0, "fe80::1", 0), "a scope by name");
    ok(ask("fe80::1%2", NULL, AF_INET6, SOCK_STREAM, 0, 0) == 0 && ((struct sockaddr_in6 *)(void *)list->ai_addr)->sin6_scope_id == 2, "a scope by number");
    ok(ask("fe80::1%nosuch", NULL, AF_INET6, SOCK_STREAM, 0, 0) == EAI_NONAME, "a scope that no interface has");
    ok(ask("::1::", NULL, AF_INET6, SOCK_STREAM, 0, 0) == EAI_NONAME, "a colon in what is no literal");
    ok(ask("localhost", NULL, AF_INET, SOCK_STREAM, 0, AI_NUMERICHOST) == EAI_NONAME, "AI_NUMERICHOST takes no name");
}

static void no_node(void)
{
    ok(ask(NULL, "80", AF_INET, SOCK_STREAM, 0, AI_PASSIVE) == 0 && length() == 1 && is(0, "0.0.0.0", 80), "no node, AI_PASSIVE: the wildcard");
    ok(ask(NULL, "80", AF_INET6, SOCK_STREAM, 0, AI_PASSIVE) == 0 && length() == 1 && is(0, "::", 80), "and that of IPv6");
    ok(ask(NULL, "80", AF_UNSPEC, SOCK_STREAM, 0, AI_PASSIVE) == 0 && length() == 2, "or both");
    ok(ask(NULL, "80", AF_INET, SOCK_STREAM, 0, 0) == 0 && is(0, "127.0.0.1", 80), "no node: the loopback");
    ok(ask(NULL, "80", AF_UNSPEC, SOCK_STREAM, 0, 0) == 0 && length() == 2 && is(0, "::1", 80) && is(1, "127.0.0.1", 80), "of IPv6 first");
    struct addrinfo *p = NULL;
    ok(getaddrinfo("127.0.0.1", "80", NULL, &p) == 0 && p && p->ai_socktype == SOCK_STREAM, "no hints are needed");
    freeaddrinfo(p);
}

static void names(void)
{
    ok(ask("localhost", "80", AF_INET, SOCK_STREAM, 0, AI_CANONNAME) == 0 && is(0, "127.0.0.1", 80) && list->ai_canonname && !strcmp(list->ai_canonname, "localhost"),
       "localhost");
    ok(ask("LOCALHOST", "80", AF_INET, SOCK_STREAM, 0, 0) == 0 && is(0, "127.0.0.1", 80), "in capitals");
    ok(ask("", NULL, AF_INET, SOCK_STREAM, 0, 0) == EAI_NONAME, "the empty name does not exist");
    ok(ask("a b", NULL, AF_INET, SOCK_STREAM, 0, 0) == EAI_NONAME, "nor one with a space");
    char longest[400];
    memset(longest, 'a', sizeof longest);
    for (size_t i = 50; i < sizeof longest; i += 51)
        longest[i] = '.';
    longest[sizeof longest - 1] = 0;
    ok(ask(longest, NULL, AF_INET, SOCK_STREAM, 0, 0) == EAI_NONAME, "nor one of 399 characters");
    struct hostent *h = gethostbyname("localhost");
    ok(h && h->h_addrtype == AF_INET && h->h_length == 4 && !memcmp(h->h_addr_list[0], "\x7f\0\0\1", 4) && !h->h_addr_list[1] && !strcmp(h->h_name, "localhost"),
       "gethostbyname()");
    h = gethostbyname("a b");
    ok(!h && h_errno != 0 && hstrerror(h_errno)[0], "gethostbyname() of nothing sets h_errno");
    h = gethostbyaddr("\x7f\0\0\1", 4, AF_INET);
    ok(h && !strcmp(h->h_name, "localhost") && !memcmp(h->h_addr_list[0], "\x7f\0\0\1", 4), "gethostbyaddr()");
}

static void services(void)
{
    ok(ask("127.0.0.1", "http", AF_UNSPEC, SOCK_STREAM, 0, 0) == 0 && is(0, "127.0.0.1", 80), "a service by name");
    ok(ask("127.0.0.1", "domain", AF_UNSPEC, 0, 0, 0) == 0 && length() == 2 && list->ai_next->ai_protocol == IPPROTO_UDP && is(1, "127.0.0.1", 53), "of both protocols");
    ok(ask("127.0.0.1", "ntp", AF_UNSPEC, 0, 0, 0) == 0 && length() == 1 && list->ai_protocol == IPPROTO_UDP, "of one of them");
    ok(ask("127.0.0.1", "ntp", AF_UNSPEC, SOCK_STREAM, 0, 0) == EAI_SERVICE, "not of the other");
    struct servent *s = getservbyname("https", "tcp");
    ok(s && s->s_port == htons(443) && !strcmp(s->s_proto, "tcp") && !strcmp(s->s_name, "https"), "getservbyname()");
    ok(!getservbyname("nosuch", NULL) && !getservbyname("https", "nosuch"), "getservbyname() of what is not there");
    s = getservbyport(htons(53), "udp");
    ok(s && !strcmp(s->s_name, "domain") && !strcmp(s->s_proto, "udp"), "getservbyport()");
    struct protoent *p = getprotobyname("tcp");
    ok(p && p->p_proto == IPPROTO_TCP && !getprotobyname("nosuch") && getprotobynumber(IPPROTO_UDP), "getprotobyname() and getprotobynumber()");
}

static void refusals(void)
{
    ok(ask(NULL, NULL, AF_UNSPEC, 0, 0, 0) == EAI_NONAME, "neither node nor service");
    ok(ask("127.0.0.1", NULL, AF_UNSPEC, 0, 0, 0x40000000) == EAI_BADFLAGS, "an unknown flag");
    ok(ask(NULL, "80", AF_UNSPEC, 0, 0, AI_CANONNAME) == EAI_BADFLAGS, "AI_CANONNAME without a node");
    ok(ask("127.0.0.1", NULL, 99, 0, 0, 0) == EAI_FAMILY, "a family that is none");
    ok(ask("127.0.0.1", NULL, AF_UNSPEC, 99, 0, 0) == EAI_SOCKTYPE, "a type that is none");
    ok(ask("127.0.0.1", NULL, AF_UNSPEC, SOCK_STREAM, IPPROTO_UDP, 0) == EAI_SOCKTYPE, "a stream over UDP");
    ok(ask("127.0.0.1", "nosuch", AF_UNSPEC, SOCK_STREAM, 0, 0) == EAI_SERVICE, "a service that is none");
    ok(ask("127.0.0.1", "80x", AF_UNSPEC, SOCK_STREAM, 0, 0) == EAI_SERVICE, "a number with something behind it");
    ok(ask("127.0.0.1", "http", AF_UNSPEC, SOCK_STREAM, 0, AI_NUMERICSERV) == EAI_NONAME, "AI_NUMERICSERV takes no name");
    int told = 1;
    for (int e = EAI_OVERFLOW; e < 0; e++)
        told &= gai_strerror(e)[0] != 0;
    ok(told && gai_strerror(-1000)[0], "gai_strerror() has a sentence for each error, and for others");
}

static int name_of(const char *address, int port, int flags, char *host, socklen_t host_cap, char *service, socklen_t service_cap)
{
    struct sockaddr_in sin = at4(0, port);
    struct sockaddr_in6 sin6 = at6(&tap_loopback6, port);

    if (inet_pton(AF_INET, address, &sin.sin_addr) == 1)
        return getnameinfo((struct sockaddr *)&sin, sizeof sin, host, host_cap, service, service_cap, flags);
    inet_pton(AF_INET6, address, &sin6.sin6_addr);
    if (!strncmp(address, "fe80:", 5))
        sin6.sin6_scope_id = 1;
    return getnameinfo((struct sockaddr *)&sin6, sizeof sin6, host, host_cap, service, service_cap, flags);
}

static void name_info(void)
{
    char host[NI_MAXHOST], service[NI_MAXSERV];
    struct sockaddr_in sin = at4(INADDR_LOOPBACK, 80);
    const int numeric = NI_NUMERICHOST | NI_NUMERICSERV;

    ok(name_of("192.0.2.1", 8080, numeric, host, sizeof host, service, sizeof service) == 0 && !strcmp(host, "192.0.2.1") && !strcmp(service, "8080"), "numbers of IPv4");
    ok(name_of("2001:db8::1", 0, numeric, host, sizeof host, service, sizeof service) == 0 && !strcmp(host, "2001:db8::1") && !strcmp(service, "0"), "numbers of IPv6");
    ok(name_of("fe80::1", 1, numeric, host, sizeof host, NULL, 0) == 0 && !strcmp(host, "fe80::1%lo"), "a scope is a name");
    ok(name_of("127.0.0.1", 80, 0, host, sizeof host, service, sizeof service) == 0 && !strcmp(host, "localhost") && !strcmp(service, "http"), "names");
    ok(name_of("127.0.0.1", 53, NI_DGRAM | NI_NUMERICHOST, host, sizeof host, service, sizeof service) == 0 && !strcmp(service, "domain") && !strcmp(host, "127.0.0.1"), "of a datagram service");
    ok(name_of("127.0.0.1", 59999, 0, NULL, 0, service, sizeof service) == 0 && !strcmp(service, "59999"), "a service without a name is a number");
    ok(name_of("127.0.0.1", 80, numeric, host, 9, NULL, 0) == EAI_OVERFLOW, "nine bytes are too few for 127.0.0.1");
    ok(name_of("127.0.0.1", 80, numeric, host, 10, NULL, 0) == 0, "ten are enough");
    ok(name_of("127.0.0.1", 80, numeric, NULL, 0, service, 2) == EAI_OVERFLOW, "two are too few for the service");
    ok(name_of("127.0.0.1", 80, numeric | NI_NAMEREQD, NULL, 0, NULL, 0) == EAI_NONAME, "neither is asked for");
    ok(getnameinfo((struct sockaddr *)&sin, 2, host, sizeof host, NULL, 0, numeric) == EAI_FAMILY, "an address that is cut");
    sin.sin_family = 99;
    ok(getnameinfo((struct sockaddr *)&sin, sizeof sin, host, sizeof host, NULL, 0, numeric) == EAI_FAMILY, "an address of no family");
    ok(name_of("127.0.0.1", 80, 0x40000000, host, sizeof host, NULL, 0) == EAI_BADFLAGS, "an unknown flag of getnameinfo()");
}

static void conversions(void)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr a = { htonl(0xc0000201) };
    struct in6_addr six;

    ok(!strcmp(inet_ntoa(a), "192.0.2.1"), "inet_ntoa()");
    ok(inet_addr("192.0.2.1") == a.s_addr && inet_addr("nonsense") == INADDR_NONE && inet_addr("0x7f.1") == htonl(0x7f000001), "inet_addr()");
    ok(inet_aton("192.513", &a) == 1 && a.s_addr == htonl(0xc0000201) && !inet_aton("1.2.3.4.5", &a), "inet_aton()");
    ok(inet_aton("0300.0x0.2.1", &a) == 1 && a.s_addr == htonl(0xc0000201) && inet_aton("4294967295", &a) == 1 && a.s_addr == 0xffffffff &&
       inet_aton("10.0", &a) == 1 && a.s_addr == htonl(0x0a000000), "inet_aton() reads octal, hexadecimal, and one number for all");
    for (const char *const *t = (const char *const[]){ "", ".", "1.", "1..2", ".1", "256.1", "1.16777216", "1.2.65536", "1.2.3.256", "4294967296", "99999999999999999999",
                                                       "08", "0x", "0xg", "1.2.3.x", "-1", "+1", "a", NULL }; *t; t++)
        ok(!inet_aton(*t, &a), "inet_aton() refuses what is no address");
    ok(inet_network("10.1.2") == 0x0a0102 && inet_network("0x10.010") == 0x1008 && inet_network("256") == INADDR_NONE && inet_network("x") == INADDR_NONE, "inet_network()");
    ok(inet_netof((struct in_addr){ htonl(0xac100203) }) == 0xac10 && inet_lnaof((struct in_addr){ htonl(0xac100203) }) == 0x0203, "inet_netof() and inet_lnaof()");
    ok(inet_makeaddr(10, 0x010203).s_addr == htonl(0x0a010203) && inet_makeaddr(0xac10, 0x0203).s_addr == htonl(0xac100203), "inet_makeaddr()");
    ok(inet_pton(AF_INET, "192.0.2.1", &a) == 1 && inet_pton(AF_INET, "192.0.2", &a) == 0 && inet_pton(AF_INET6, "::ffff:1.2.3.4", &six) == 1, "inet_pton()");
    ok(inet_ntop(AF_INET6, &six, text, sizeof text) == text && !strcmp(text, "::ffff:1.2.3.4"), "inet_ntop() of a mapped address");
    fails(inet_ntop(AF_INET, &a, text, 9) ? 0 : -1, ENOSPC, "inet_ntop() with too little room");
    fails(inet_ntop(99, &a, text, sizeof text) ? 0 : -1, EAFNOSUPPORT, "inet_ntop() of no family");
    ok(inet_pton(AF_INET6, "2001:DB8::1", &six) == 1 && six.s6_addr[0] == 0x20 && six.s6_addr[3] == 0xb8 && six.s6_addr[15] == 1 &&
       inet_pton(AF_INET6, "::", &six) == 1 && six.s6_addr[15] == 0 && inet_pton(AF_INET6, "1:2:3:4:5:6:7::", &six) == 1, "inet_pton() of IPv6");
    for (const char *const *t = (const char *const[]){ "", ":", ":::", ":1", "1:", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "g::",
                                                       "::1.2.3", "::1.2.3.256", "1.2.3.4", "::1%1", "::1 ", NULL }; *t; t++)
        ok(inet_pton(AF_INET6, *t, &six) == 0, "inet_pton() refuses what is no IPv6 address");
    for (const char *const *t = (const char *const[]){ "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "0x1.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.", NULL }; *t; t++)
        ok(inet_pton(AF_INET, *t, &a) == 0, "inet_pton() refuses what is no IPv4 address");
    fails(inet_pton(99, "::", text), EAFNOSUPPORT, "inet_pton() of no family");
}

int main(void)
{
    literals();
    no_node();
    names();
    services();
    refusals();
    name_info();
    conversions();
    if (list)
        freeaddrinfo(list);
    return done();
}
