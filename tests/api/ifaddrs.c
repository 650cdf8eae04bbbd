/* getifaddrs. */
#include <ifaddrs.h>
#include <net/if.h>
#include "tap.h"

/* The entry of an interface whose address is @ip of @family; NULL: there is none. */
static struct ifaddrs *find(struct ifaddrs *list, const char *name, int family, const void *ip)
{
    for (; list; list = list->ifa_next) {
        if (strcmp(list->ifa_name, name) != 0 || !list->ifa_addr || list->ifa_addr->sa_family != family)
            continue;
        if (family == AF_INET && memcmp(&((struct sockaddr_in *)(void *)list->ifa_addr)->sin_addr, ip, 4) == 0)
            return list;
        if (family == AF_INET6 && memcmp(&((struct sockaddr_in6 *)(void *)list->ifa_addr)->sin6_addr, ip, 16) == 0)
            return list;
    }
    return NULL;
}

int main(void)
{
    struct in_addr lo4 = { htonl(INADDR_LOOPBACK) }, foreign = { htonl(0x01020304) };
    struct ifaddrs *list, *e;
    int strangers = 0, bindable = 1, global = 0;

    ok(getifaddrs(&list) == 0 && list, "there are interfaces");
    e = find(list, "lo", AF_INET, &lo4);
    ok(e && ((struct sockaddr_in *)(void *)e->ifa_netmask)->sin_addr.s_addr == htonl(0xff000000), "lo has 127.0.0.1/8");
    ok(e && (e->ifa_flags & (IFF_UP | IFF_LOOPBACK | IFF_BROADCAST)) == (IFF_UP | IFF_LOOPBACK), "is up and a loopback, without broadcast");
    e = find(list, "lo", AF_INET6, &tap_loopback6);
    ok(e && ((struct sockaddr_in6 *)(void *)e->ifa_netmask)->sin6_addr.s6_addr[15] == 0xff, "and ::1/128");
    ok(!find(list, "lo", AF_INET, &foreign), "but nobody else's address");
    for (e = list; e; e = e->ifa_next) {
        struct sockaddr_in a;
        int fd;
        strangers += if_nametoindex(e->ifa_name) == 0;
        if (!e->ifa_addr || e->ifa_addr->sa_family != AF_INET)
            continue;
        global += !(e->ifa_flags & IFF_LOOPBACK);
        memcpy(&a, e->ifa_addr, sizeof a);
        fd = socket(AF_INET, SOCK_DGRAM, 0);
        bindable &= a.sin_port == 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
        close(fd);
    }
    ok(strangers == 0, "every name has a number");
    ok(bindable, "every IPv4 address can be bound to");
#ifndef __wasm__
    global = 1;      /* a machine may have none but lo */
#endif
    ok(global > 0, "a link has an address when the call returns");
    freeifaddrs(list);
    freeifaddrs(NULL);
    return done();
}
