/*
 * literal.c - struct ist_address as text
 */
#include "ip_text.h"

#include <isthmus/link.h>
#include <isthmus/resolve.h>
#include <isthmus/stack.h>
#include <string.h>

static int is_link_local(const uint8_t ip[16])
{
    return (ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80) || (ip[0] == 0xff && (ip[1] & 15) == 2);
}

/* The index of an interface from its name or number; 0: none. */
static uint32_t parse_scope(const char *text)
{
    struct ist_interface interface;
    uint32_t value = 0;

    for (uint32_t i = 1; i <= IST_LINK_MAX && ist_interface_get(i, &interface) == 0; i++)
        if (strncmp(text, interface.name, sizeof interface.name) == 0) return i;
    for (; *text >= '0' && *text <= '9' && value <= IST_LINK_MAX; text++) value = value * 10 + (uint32_t)(*text - '0');
    return *text == 0 && value <= IST_LINK_MAX ? value : 0;
}

int32_t ist_address_parse(const char *text, struct ist_address *out)
{
    struct ist_address a;
    uint32_t n;

    memset(&a, 0, sizeof a);
    if ((n = ist__ipv4_parse(text, a.ip)) > 0 && text[n] == 0) {
        a.family = IST_IPV4;
    } else {
        if ((n = ist__ipv6_parse(text, a.ip)) == 0) return IST_EINVAL;
        a.family = IST_IPV6;
        if (text[n] == '%') {
            if (!is_link_local(a.ip) || (a.scope = parse_scope(text + n + 1)) == 0) return IST_EINVAL;
        } else if (text[n]) {
            return IST_EINVAL;
        }
    }
    *out = a;
    return 0;
}

int32_t ist_address_format(const struct ist_address *address, char *text, uint32_t cap)
{
    char buf[IST_ADDRESS_MAX], *p = buf;
    struct ist_interface interface;

    if (address->family == IST_IPV4) p = ist__ipv4_format(p, address->ip);
    else if (address->family == IST_IPV6) p = ist__ipv6_format(p, address->ip);
    else return IST_EINVAL;
    if (address->family == IST_IPV6 && address->scope) {
        *p++ = '%';
        if (ist_interface_get(address->scope, &interface) == 0)
            for (const char *c = interface.name; *c && c < interface.name + sizeof interface.name;) *p++ = *c++;
        else
            p = ist__number_format(p, address->scope);
    }
    if ((uint32_t)(p - buf) >= cap) return IST_EMSGSIZE;
    memcpy(text, buf, (size_t)(p - buf));
    text[p - buf] = 0;
    return (int32_t)(p - buf);
}
