/*
 * if_name.c - interface names and numbers: lo is 1, link i is 2 + i
 */
#include <stdlib.h>
#include <string.h>
#include <net/if.h>
#include "posix.h"

unsigned int if_nametoindex(const char *name)
{
    struct ist_interface it;
    uint32_t i;

    if (ist__result(ist__posix_start()) < 0)
        return 0;
    for (i = 0; ist_interface_get(i, &it) == 0; i++)
        if (strcmp(it.name, name) == 0)
            return i + 1;
    errno = ENODEV;
    return 0;
}

char *if_indextoname(unsigned int index, char *name)
{
    struct ist_interface it;

    if (ist__result(ist__posix_start()) < 0)
        return NULL;
    if (index == 0 || ist_interface_get(index - 1, &it) != 0) {
        errno = ENXIO;
        return NULL;
    }
    return strcpy(name, it.name);
}

struct if_nameindex *if_nameindex(void)
{
    struct ist_interface it;
    struct if_nameindex *list;
    uint32_t n = 0;

    if (ist__result(ist__posix_start()) < 0)
        return NULL;
    while (ist_interface_get(n, &it) == 0)
        n++;
    /* the names stand behind the list, so that one free() is enough */
    list = calloc(1, (n + 1) * sizeof *list + n * sizeof it.name);
    if (!list) {
        errno = ENOBUFS;
        return NULL;
    }
    for (uint32_t i = 0; i < n; i++) {
        list[i].if_index = i + 1;
        list[i].if_name = (char *)(list + n + 1) + i * sizeof it.name;
        ist_interface_get(i, &it);
        memcpy(list[i].if_name, it.name, sizeof it.name);
    }
    return list;
}

void if_freenameindex(struct if_nameindex *list)
{
    free(list);
}
