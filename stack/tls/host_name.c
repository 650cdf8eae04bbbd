/*
 * host_name.c - names of hosts, and whether a certificate is for one
 */
#include <string.h>
#include "tls/parts.h"

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* a.b.c.d in decimal without leading zeros, up to the end of the text */
static int ipv4_parse(const char *text, uint8_t ip[4])
{
    for (int i = 0; i < 4; i++) {
        uint32_t value = 0, digits = 0;
        while (*text >= '0' && *text <= '9' && digits < 3) {
            if (digits == 1 && value == 0)
                return 0;
            value = value * 10 + (uint32_t)(*text++ - '0');
            digits++;
        }
        if (digits == 0 || value > 255 || *text != (i < 3 ? '.' : '\0'))
            return 0;
        text++;
        ip[i] = (uint8_t)value;
    }
    return 1;
}

/* RFC 4291 2.2, all three forms, without a zone */
static int ipv6_parse(const char *text, uint8_t ip[16])
{
    uint32_t n = 0, gap = 16;      /* bytes so far; where :: stands */

    if (text[0] == ':' && text[1] != ':')
        return 0;
    while (*text && n < 16) {
        uint32_t value = 0, digits = 0;
        if (text[0] == ':' && text[1] == ':') {
            if (gap != 16)
                return 0;
            gap = n;
            text += 2;
            continue;
        }
        if (*text == ':' && (n == 0 || gap == n))
            return 0;
        text += *text == ':';
        if (n <= 12 && ipv4_parse(text, ip + n)) {
            n += 4;
            text += strlen(text);
            break;
        }
        for (; hex_value(*text) >= 0 && digits < 4; digits++)
            value = value << 4 | (uint32_t)hex_value(*text++);
        if (digits == 0 || (*text && *text != ':'))
            return 0;
        ip[n++] = (uint8_t)(value >> 8);
        ip[n++] = (uint8_t)value;
    }
    if (text[0] == ':' && text[1] == ':' && text[2] == '\0' && gap == 16)
        return 0;                  /* eight groups and a :: for none */
    if (*text || (gap == 16) != (n == 16))
        return 0;
    memmove(ip + 16 - (n - gap), ip + gap, n - gap);
    memset(ip + gap, 0, 16 - n);
    return 1;
}

uint32_t ist__host_address(const char *host, uint8_t ip[16])
{
    return ipv4_parse(host, ip) ? 4 : strchr(host, ':') && ipv6_parse(host, ip) ? 16 : 0;
}

static int is_label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

int ist__host_valid(const char *host)
{
    uint8_t ip[16];
    size_t len = strnlen(host, IST_NAME_MAX + 1), label = 0;

    if (len == 0 || len > IST_NAME_MAX)
        return 0;
    if (ist__host_address(host, ip))
        return 1;
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '.' ? label == 0 : !is_label_char(host[i]) || label == 63)
            return 0;
        label = host[i] == '.' ? 0 : label + 1;
    }
    return 1;                      /* one dot at the end is allowed */
}

static int equal_nocase(const char *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint32_t x = (uint8_t)a[i], y = b[i];
        x += x - 'A' < 26 ? 32 : 0;
        y += y - 'A' < 26 ? 32 : 0;
        if (x != y)
            return 0;
    }
    return 1;
}

/* RFC 9525 6.3: the wildcard is the whole first label, stands for one label, and what follows has a dot itself. */
static int pattern_matches(const uint8_t *pattern, size_t len, const char *host, size_t host_len)
{
    if (len > 2 && pattern[0] == '*' && pattern[1] == '.') {
        const char *dot = memchr(host, '.', host_len);
        size_t rest;
        if (!dot || dot == host || !memchr(pattern + 2, '.', len - 2))
            return 0;
        rest = host_len - (size_t)(dot - host);
        return rest == len - 1 && equal_nocase(dot, pattern + 1, rest);
    }
    return len == host_len && equal_nocase(host, pattern, len);
}

int32_t ist_certificate_matches(const struct ist_certificate *certificate, const char *host)
{
    struct ist__der names, value;
    uint8_t ip[16];
    uint32_t ip_len, tag;
    size_t host_len;

    if (!ist__host_valid(host))
        return IST_EINVAL;
    if (!certificate->names)
        return 0;
    names = (struct ist__der){ certificate->names, certificate->names + certificate->names_len };
    ip_len = ist__host_address(host, ip);
    host_len = strlen(host);
    host_len -= host[host_len - 1] == '.';
    while (ist__der_next(&names, &tag, &value)) {
        size_t len = (size_t)(value.end - value.at);
        if (ip_len ? tag == 0x87 && len == ip_len && memcmp(value.at, ip, len) == 0
                   : tag == 0x82 && pattern_matches(value.at, len, host, host_len))
            return 1;
    }
    return 0;
}
