/*
 * name_text.c - X.501 names as one line of text
 */
#include <string.h>
#include "tls/parts.h"

struct out {
    char *text;
    uint32_t cap, len;
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->cap)
        o->text[o->len] = c;
    o->len++;
}

static void put_text(struct out *o, const char *s)
{
    while (*s)
        put(o, *s++);
}

static void put_number(struct out *o, uint64_t n)
{
    char digits[20];
    uint32_t i = 0;

    do
        digits[i++] = (char)('0' + n % 10);
    while (n /= 10);
    while (i)
        put(o, digits[--i]);
}

/* The short names that openssl prints too. */
static const struct { uint8_t len, oid[10]; const char *name; } short_names[] = {
    { 3, { 0x55, 4, 3 }, "CN" },  { 3, { 0x55, 4, 4 }, "SN" }, { 3, { 0x55, 4, 5 }, "serialNumber" }, { 3, { 0x55, 4, 6 }, "C" },
    { 3, { 0x55, 4, 7 }, "L" },   { 3, { 0x55, 4, 8 }, "ST" }, { 3, { 0x55, 4, 9 }, "street" },       { 3, { 0x55, 4, 10 }, "O" },
    { 3, { 0x55, 4, 11 }, "OU" }, { 3, { 0x55, 4, 12 }, "title" }, { 3, { 0x55, 4, 42 }, "GN" },
    { 3, { 0x55, 4, 97 }, "organizationIdentifier" },
    { 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 }, "emailAddress" },
    { 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25 }, "DC" },
    { 10, { 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 1 }, "UID" },
};

static int put_oid(struct out *o, const struct ist__der *oid)
{
    size_t len = (size_t)(oid->end - oid->at);
    uint64_t n = 0;
    int first = 1;

    for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
        if (short_names[i].len == len && memcmp(short_names[i].oid, oid->at, len) == 0) {
            put_text(o, short_names[i].name);
            return 1;
        }
    for (const uint8_t *p = oid->at; p < oid->end; p++) {
        if (n >> 56)
            return 0;
        n = n << 7 | (*p & 0x7f);
        if (*p & 0x80)
            continue;
        if (first) {
            uint64_t top = n < 80 ? n / 40 : 2;
            put_number(o, top);
            n -= top * 40;
            first = 0;
        }
        put(o, '.');
        put_number(o, n);
        n = 0;
    }
    return len && !(oid->end[-1] & 0x80);
}

static void put_value(struct out *o, const struct ist__der *value)
{
    static const char hex[] = "0123456789ABCDEF";

    for (const uint8_t *p = value->at; p < value->end; p++) {
        if (*p >= ' ' && *p <= '~') {
            put(o, (char)*p);
            continue;
        }
        put(o, '\\');
        put(o, 'x');
        put(o, hex[*p >> 4]);
        put(o, hex[*p & 15]);
    }
}

int32_t ist_certificate_name_text(const uint8_t *name, uint32_t len, char *text, uint32_t cap)
{
    struct ist__der in = { name, name + len }, list, set, pair, oid, value;
    struct out o = { text, cap, 0 };
    uint32_t tag;

    if (!ist__der_take(&in, IST__DER_SEQUENCE, &list) || in.at != in.end)
        return IST_EINVAL;
    while (list.at < list.end) {
        char mark = '/';
        if (!ist__der_take(&list, IST__DER_SET, &set) || set.at == set.end)
            return IST_EINVAL;
        while (set.at < set.end) {
            if (!ist__der_take(&set, IST__DER_SEQUENCE, &pair) || !ist__der_take(&pair, IST__DER_OID, &oid) ||
                !ist__der_next(&pair, &tag, &value) || pair.at != pair.end)
                return IST_EINVAL;
            put(&o, mark);
            if (!put_oid(&o, &oid))
                return IST_EINVAL;
            put(&o, '=');
            put_value(&o, &value);
            mark = '+';
        }
    }
    if (cap)
        text[o.len < cap ? o.len : cap - 1] = '\0';
    return (int32_t)o.len;
}
