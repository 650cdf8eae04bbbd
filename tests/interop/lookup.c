/*
 * lookup NODE [SERVICE [4|6|0 [c] [m] [a] [x]]] - what getaddrinfo() gives, a line each; then the canonical name with c.
 * m: AI_V4MAPPED, a: AI_ALL, x: AI_ADDRCONFIG. "reverse ADDRESS" asks getnameinfo(). "twice NODE": again, in the same program.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

static int reverse(const char *address)
{
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *list;
    char host[NI_MAXHOST], service[NI_MAXSERV];
    int r = getaddrinfo(address, "22", &hints, &list);

    if (r == 0) {
        r = getnameinfo(list->ai_addr, list->ai_addrlen, host, sizeof host, service, sizeof service, NI_NAMEREQD);
        freeaddrinfo(list);
    }
    printf("%s %s\n", r ? gai_strerror(r) : host, r ? "" : service);
    return r ? 1 : 0;
}

static int lookup(const char *node, const char *service, int family, const char *flags)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = SOCK_STREAM }, *list;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    int r;

    if (strchr(flags, 'c'))
        hints.ai_flags |= AI_CANONNAME;
    if (strchr(flags, 'm'))
        hints.ai_flags |= AI_V4MAPPED;
    if (strchr(flags, 'a'))
        hints.ai_flags |= AI_ALL;
    if (strchr(flags, 'x'))
        hints.ai_flags |= AI_ADDRCONFIG;
    r = getaddrinfo(node, service, &hints, &list);
    if (r) {
        printf("error %d: %s%s%s\n", r, gai_strerror(r), r == EAI_SYSTEM ? ": " : "", r == EAI_SYSTEM ? strerror(errno) : "");
        return 1;
    }
    for (struct addrinfo *p = list; p; p = p->ai_next) {
        getnameinfo(p->ai_addr, p->ai_addrlen, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
        printf("%s %s\n", host, port);
    }
    if (list->ai_canonname)
        printf("canonical %s\n", list->ai_canonname);
    freeaddrinfo(list);
    return 0;
}

int main(int argc, char **argv)
{
    int family = argc > 3 && *argv[3] == '4' ? AF_INET : argc > 3 && *argv[3] == '6' ? AF_INET6 : AF_UNSPEC;

    if (argc < 2) {
        fprintf(stderr, "usage: lookup NODE [SERVICE [4|6|0 [FLAGS]]]\n");
        return 2;
    }
    if (!strcmp(argv[1], "reverse") && argc == 3)
        return reverse(argv[2]);
    if (!strcmp(argv[1], "twice") && argc == 3)
        return lookup(argv[2], "80", AF_INET, "") | lookup(argv[2], "80", AF_INET, "");
    return lookup(argv[1], argc > 2 ? argv[2] : "80", family, argc > 4 ? argv[4] : "");
}
