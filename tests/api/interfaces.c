/* Interface names and numbers. */
#include <net/if.h>
#include "tap.h"

int main(void)
{
    char name[IF_NAMESIZE];
    struct if_nameindex *list = if_nameindex();
    int lo = 0;

    ok(if_nametoindex("lo") == 1, "lo is number 1");
    ok(if_indextoname(1, name) && strcmp(name, "lo") == 0, "number 1 is lo");
    ok(if_nametoindex("nowhere9") == 0 && errno == ENODEV, "a name that does not exist is ENODEV");
    ok(if_indextoname(999, name) == NULL && errno == ENXIO, "a number that does not exist is ENXIO");
    for (struct if_nameindex *i = list; i && i->if_index; i++)
        lo += strcmp(i->if_name, "lo") == 0;
    ok(lo == 1, "the list of all has one lo");
    if_freenameindex(list);
    return done();
}
