/*
 * name.c - host names: text and wire form
 */
#include "message.h"

#include <isthmus/resolve.h>
#include <string.h>

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static int is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Letters, digits, hyphen (RFC 1123 2.1), and the underscore, which names in use have. */
static int is_name_character(uint8_t c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '_';
}

int32_t ist__name_parse(const char *text, uint8_t wire[IST__NAME_WIRE])
{
    uint32_t at = 0, label = 0;      /* where the label's length byte stands, and its length */
    int numeric = 1;

    for (const char *p = text; *p; p++) {
        uint8_t c = (uint8_t)*p;
        if (c == '.') {
            if (label == 0) return IST_EINVAL;
            if (p[1] == 0) break;
            wire[at] = (uint8_t)label;
            at += label + 1;
            label = 0;
            numeric = 1;
        } else {
            /* a length byte, the label and the final 0 must fit */
            if (!is_name_character(c) || label == 63 || at + label + 3 > IST__NAME_WIRE) return IST_EINVAL;
            wire[at + ++label] = c;
            numeric &= is_digit(c);
        }
    }
    /* "1.2.3" or "010.0.0.1" is a mistyped address; no top-level domain is a number */
    if (label == 0 || numeric) return IST_EINVAL;
    wire[at] = (uint8_t)label;
    at += label + 1;
    wire[at] = 0;
    return (int32_t)(at + 1);
}

int32_t ist__name_format(const uint8_t wire[IST__NAME_WIRE], char *text)
{
    uint32_t n = 0;

    for (const uint8_t *label = wire; *label; label += *label + 1) {
        if (n) text[n++] = '.';
        for (uint32_t i = 1; i <= *label; i++) {
            if (!is_name_character(label[i])) return IST_EPROTO;
            text[n++] = (char)label[i];
        }
    }
    text[n] = 0;
    return (int32_t)n;
}

/* One label of the low or high half of a byte, or of all of it in decimal. */
static uint8_t *put_label(uint8_t *p, uint32_t value, int hex)
{
    uint8_t *length = p++;

    if (!hex && value >= 100) *p++ = (uint8_t)('0' + value / 100);
    if (!hex && value >= 10) *p++ = (uint8_t)('0' + value / 10 % 10);
    *p++ = hex ? (uint8_t)"0123456789abcdef"[value] : (uint8_t)('0' + value % 10);
    *length = (uint8_t)(p - length - 1);
    return p;
}

void ist__name_reverse(const struct ist_address *address, uint8_t wire[IST__NAME_WIRE])
{
    uint8_t *p = wire;

    if (address->family == IST_IPV4) {
        for (int i = 3; i >= 0; i--) p = put_label(p, address->ip[i], 0);
        memcpy(p, "\7in-addr\4arpa", 14);
    } else {
        for (int i = 15; i >= 0; i--) {
            p = put_label(p, address->ip[i] & 15u, 1);
            p = put_label(p, address->ip[i] >> 4, 1);
        }
        memcpy(p, "\3ip6\4arpa", 10);
    }
}

int ist__name_equal(const uint8_t *a, const uint8_t *b)
{
    for (uint32_t i = 0; i < IST__NAME_WIRE;) {
        uint32_t label = a[i];
        if (label != b[i]) return 0;
        if (label == 0) return 1;
        for (i++; label > 0 && i < IST__NAME_WIRE; label--, i++)
            if (lower(a[i]) != lower(b[i])) return 0;
    }
    return 0;
}
