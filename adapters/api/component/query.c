/*
 * query.c - asking for a name that a client gives
 */
#include <string.h>
#include <isthmus/resolve.h>
#include "component.h"
#include "query.h"

ist_handle query_open(const char *name, uint32_t len)
{
    char text[IST_NAME_MAX];
    int32_t r;

    if (len > 2 && name[0] == '[' && name[len - 1] == ']' && memchr(name, ':', len)) {
        name++;
        len -= 2;
    }
    if (len >= sizeof text || memchr(name, 0, len))
        return IST_EINVAL;
    memcpy(text, name, len);
    text[len] = 0;
    r = network_start();
    return r < 0 ? r : ist_resolve_open(text, 0);
}
