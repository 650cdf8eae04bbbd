/*
 * ip_text.c - IP addresses as text, without scopes
 */
#include "ip_text.h"

#include <string.h>

uint32_t ist__ipv4_parse(const char *text, uint8_t ip[4])
{
    uint32_t at = 0;

    for (int i = 0; i < 4; i++) {
        uint32_t value = 0, first = at;
        if (i > 0 && text[at++] != '.') return 0;
        if (i > 0) first = at;
        while (text[at] >= '0' && text[at] <= '9' && at - first < 3) value = value * 10 + (uint32_t)(text[at++] - '0');
        if (at == first || value > 255 || (text[first] == '0' && at - first > 1)) return 0;
        ip[i] = (uint8_t)value;
    }
    return at;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

uint32_t ist__ipv6_parse(const char *text, uint8_t ip[16])
{
    uint32_t at = 0, n = 0, gap = 17;         /* n bytes so far; where the "::" stands */

    memset(ip, 0, 16);
    if (text[0] == ':' && text[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (n < 16) {
        uint32_t value = 0, first = at, v4;
        if (n <= 12 && (n == 12 || gap <= n) && (v4 = ist__ipv4_parse(text + at, ip + n)) > 0) {
            at += v4;
            n += 4;
            break;
        }
        for (; hex_value(text[at]) >= 0 && at - first < 4; at++) value = value << 4 | (uint32_t)hex_value(text[at]);
        if (at == first) {
            if (gap == n) break;              /* "::" at the end */
            return 0;
        }
        ip[n++] = (uint8_t)(value >> 8);
        ip[n++] = (uint8_t)value;
        if (text[at] != ':') break;
        if (text[at + 1] == ':') {
            if (gap <= 16 || n == 16) return 0;
            gap = n;
            at += 2;
        } else if (n < 16) {
            at++;
            if (hex_value(text[at]) < 0) return 0;
        }
    }
    if (gap > 16) return n == 16 ? at : 0;
    if (n > 14) return 0;
    memmove(ip + 16 - (n - gap), ip + gap, n - gap);
    memset(ip + gap, 0, 16 - n);
    return at;
}

char *ist__number_format(char *p, uint32_t value)
{
    if (value >= 10) p = ist__number_format(p, value / 10);
    *p++ = (char)('0' + value % 10);
    return p;
}

char *ist__ipv4_format(char *p, const uint8_t ip[4])
{
    for (int i = 0; i < 4; i++) {
        if (i) *p++ = '.';
        p = ist__number_format(p, ip[i]);
    }
    return p;
}

static char *format_group(char *p, uint32_t value)
{
    int shift = 12;

    while (shift > 0 && value >> shift == 0) shift -= 4;
    for (; shift >= 0; shift -= 4) *p++ = "0123456789abcdef"[value >> shift & 15];
    return p;
}

/* RFC 5952 4.2: the longest run of zero groups, the first of equals, never a single one. Its length; *first is where. */
static int zero_run(const uint16_t group[8], int *first)
{
    int longest = 1;

    for (int i = 0, n; i < 8; i += n + 1) {
        for (n = 0; i + n < 8 && group[i + n] == 0; n++) ;
        if (n > longest) {
            longest = n;
            *first = i;
        }
    }
    return longest > 1 ? longest : 0;
}

char *ist__ipv6_format(char *p, const uint8_t ip[16])
{
    uint16_t group[8];
    int first = 8, run;

    for (int i = 0; i < 8; i++) group[i] = (uint16_t)(ip[2 * i] << 8 | ip[2 * i + 1]);
    run = zero_run(group, &first);
    if (run == 5 && first == 0 && group[5] == 0xffff) {      /* mapped (RFC 5952 5) */
        memcpy(p, "::ffff:", 7);
        return ist__ipv4_format(p + 7, ip + 12);
    }
    for (int i = 0; i < 8; i++) {
        if (run && i == first) {
            *p++ = ':';
            *p++ = ':';
            i += run - 1;
            continue;
        }
        if (i && !(run && i == first + run)) *p++ = ':';
        p = format_group(p, group[i]);
    }
    return p;
}
