/*
 * getifaddrs.c - getifaddrs() and freeifaddrs(); like a first packet it waits for the instance to have an address
 */
#include <stdlib.h>
#include <string.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <isthmus/link.h>
#include "posix.h"

struct entry {
    struct ifaddrs list;                     /* first: what the caller sees */
    char name[IF_NAMESIZE];
    struct sockaddr_storage address, mask, broadcast;
};

static unsigned int flags_of(uint32_t index, const struct ist_interface *it)
{
    unsigned int flags = it->up ? IFF_UP | IFF_RUNNING : 0;

    if (index == 0)
        return flags | IFF_LOOPBACK;
    if (it->kind == IST_LINK_KIND_ETHERNET)
        return flags | IFF_BROADCAST | IFF_MULTICAST;
    return flags | IFF_NOARP | IFF_MULTICAST;
}

static void sockaddr_write(struct sockaddr_storage *out, const struct ist_address *in)
{
    struct ist__fd f = { .domain = in->family == IST_IPV4 ? AF_INET : AF_INET6 };
    socklen_t len = sizeof *out;

    ist__address_to((struct sockaddr *)out, &len, &f, in);
}

static void entry_address(struct entry *e, const struct ist_address *address, uint32_t prefix)
{
    struct ist_address mask = { .family = address->family }, broadcast = *address;

    for (uint32_t bit = 0; bit < (address->family == IST_IPV4 ? 32u : 128u); bit++) {
        uint8_t b = (uint8_t)(0x80 >> bit % 8);
        if (bit < prefix)
            mask.ip[bit / 8] |= b;
        else
            broadcast.ip[bit / 8] |= b;
    }
    sockaddr_write(&e->address, address);
    sockaddr_write(&e->mask, &mask);
    e->list.ifa_addr = (struct sockaddr *)&e->address;
    e->list.ifa_netmask = (struct sockaddr *)&e->mask;
    if (address->family != IST_IPV4 || !(e->list.ifa_flags & IFF_BROADCAST))
        return;
    sockaddr_write(&e->broadcast, &broadcast);
    e->list.ifa_broadaddr = (struct sockaddr *)&e->broadcast;
}

/* The entry of an address; of the interface alone where there is no such. */
static struct entry *entry_new(uint32_t index, const struct ist_interface *it, uint32_t address)
{
    struct entry *e = calloc(1, sizeof *e);

    if (!e)
        return NULL;
    memcpy(e->name, it->name, sizeof it->name);
    e->list.ifa_name = e->name;
    e->list.ifa_flags = flags_of(index, it);
    if (address < it->n_addresses)
        entry_address(e, &it->addresses[address].address, it->addresses[address].prefix);
    return e;
}

static int list_make(struct ifaddrs **out)
{
    struct ifaddrs *first = NULL, **last = &first;
    struct ist_interface it;

    for (uint32_t i = 0; ist_interface_get(i, &it) == 0; i++) {
        uint32_t a = 0;
        do {
            struct entry *e = entry_new(i, &it, a);
            if (!e) {
                freeifaddrs(first);
                return -ENOMEM;
            }
            *last = &e->list;
            last = &e->list.ifa_next;
        } while (++a < it.n_addresses);
    }
    *out = first;
    return 0;
}

int getifaddrs(struct ifaddrs **out)
{
    int r = ist__posix_start();

    if (r == 0)
        r = ist__wait_configured();
    return ist__result(r ? r : list_make(out));
}

void freeifaddrs(struct ifaddrs *list)
{
    while (list) {
        struct ifaddrs *next = list->ifa_next;
        free(list);                          /* the entry begins with it */
        list = next;
    }
}
