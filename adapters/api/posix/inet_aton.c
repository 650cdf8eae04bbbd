/*
 * inet_aton.c - IPv4 addresses in all the ways of BSD: "10.1", "0x7f.1", "192.0.2.1" (libc's would draw in strtoul() and stdio)
 */
#include <arpa/inet.h>
#include <stddef.h>

static uint32_t digit_value(char c)
{
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    c |= 32;
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : 16;
}

/* A number as C writes it: decimal, octal after 0, hexadecimal after 0x. Its end; NULL: none, or over 32 bits. */
static const char *number(const char *text, uint64_t *value)
{
    uint32_t base = *text != '0' ? 10 : (text[1] | 32) == 'x' ? 16 : 8, digit;
    const char *first = base == 16 ? text += 2 : text;

    for (*value = 0; (digit = digit_value(*text)) < base; text++)
        if ((*value = *value * base + digit) > UINT32_MAX)
            return NULL;
    return text > first ? text : NULL;
}

int inet_aton(const char *text, struct in_addr *address)
{
    uint64_t all = 0, part;

    for (unsigned n = 0; n < 4; n++) {
        text = number(text, &part);
        if (!text)
            return 0;
        if (*text == 0) {                        /* the last fills what the bytes before it left */
            if (part >> (32 - 8 * n))
                return 0;
            address->s_addr = htonl((uint32_t)(all | part));
            return 1;
        }
        if (*text++ != '.' || part > 255)
            return 0;
        all |= part << (24 - 8 * n);
    }
    return 0;
}
